//! Limits how many wrong MFA codes may be entered, so that guessing a code takes very long. A code
//! has only six digits, and AWS accepts several codes at any given time.
//!
//! Attempts are counted in three ways: for each person and MFA device, for each device across all
//! people, and for each client address. The first limit alone is not enough, because several people
//! can guess, and because an IdP can send a different NameID at each login.
//!
//! For each limit, there are as many slots as wrong codes are allowed. Slots are records in the
//! store. Each attempt occupies one slot of each limit. Simultaneous attempts are therefore all
//! counted, and no counter needs to be decremented. The record in a slot contains the nonce of the
//! attempt.
//!
//! A correct code frees all slots of the person and device, even those of attempts that are still
//! waiting for AWS. Another attempt may then occupy such a slot; the nonce shows which attempt the
//! slot belongs to. In the other two limits, a correct code frees only the slots of the same
//! person's attempts with the same device. Otherwise, each correct code of one person would give
//! another person more guesses.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use smallvec::SmallVec;

use crate::aws::sts::MfaSerial;
use crate::crypto;
use crate::saml::PersonKey;
use crate::store::{Key, Kind, Octets, Operation, Outcome, Store, StoreError};

/// The time for which a wrong code counts toward the maximum.
const LIFETIME: Duration = Duration::from_mins(15);

/// What a limit on wrong codes applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaLimit {
    /// One person and MFA device.
    Person,
    /// One MFA device, across all people.
    Device,
    /// One client address, across all people and devices.
    Address,
}

impl fmt::Display for MfaLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "from this person for the device",
            Self::Device => "for the device",
            Self::Address => "from this address",
        })
    }
}

impl MfaLimit {
    const ALL: [Self; 3] = [Self::Person, Self::Device, Self::Address];

    /// The maximum number of wrong codes. One person alone cannot reach the maximum of a device and
    /// thereby lock others out, because the person's own maximum is lower. A whole company can share
    /// one address.
    fn most(self) -> u8 {
        match self {
            Self::Person => 5,
            Self::Device => 10,
            Self::Address => 30,
        }
    }
}

/// Who enters a code, for which MFA device, and from where.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodeEntry<'a> {
    pub person: PersonKey,
    pub serial: &'a MfaSerial,
    /// The address under which the client counts for limits, if there is one.
    pub address: Option<IpAddr>,
}

impl CodeEntry<'_> {
    /// The slots of this limit; `None` if the limit does not apply.
    fn slots(self, limit: MfaLimit) -> Option<impl Iterator<Item = Key>> {
        let (person, serial) = (self.person.octets(), self.serial.as_str().as_bytes());
        let address = self.address.map(|address| address.to_string());
        let address = address.as_ref().map(String::as_bytes);
        let of = match limit {
            MfaLimit::Person => {
                crypto::derive_of("rolecall mfa attempts of person", [person, serial])
            }
            MfaLimit::Device => crypto::derive_of("rolecall mfa attempts of device", [serial]),
            MfaLimit::Address => crypto::derive_of("rolecall mfa attempts of address", [address?]),
        };
        let slot = move |slot: u8| {
            let name = crypto::derive_of("rolecall mfa attempt", [&of[..], &[slot]]);
            Key::new(Kind::MfaAttempt, name)
        };
        Some((0..limit.most()).map(slot))
    }
}

/// An MFA attempt. It counts as a wrong code until it is undone or the code turns out to be
/// correct.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// A slot of each limit that applies.
    slots: SmallVec<[Key; 3]>,
    nonce: [u8; 16],
}

/// Whether a code may be sent to AWS.
#[derive(Debug)]
pub(super) enum MayTry {
    /// The attempt has been counted.
    Yes(Attempt),
    /// All slots of this limit are occupied.
    No(MfaLimit),
}

/// The MFA attempts recorded in this store.
#[derive(Clone, Copy, Debug)]
pub(super) struct MfaAttempts<'a>(pub(super) &'a Store);

impl MfaAttempts<'_> {
    /// Counts an attempt before its code is sent to AWS.
    pub(super) async fn begin(self, entry: CodeEntry<'_>) -> Result<MayTry, StoreError> {
        let mut attempt = Attempt {
            slots: SmallVec::new(),
            // Without random bytes, the attempt cannot be counted, so it must not be made.
            nonce: crypto::random().map_err(|_| StoreError::Unavailable)?,
        };
        for limit in MfaLimit::ALL {
            let Some(slots) = entry.slots(limit) else {
                continue;
            };
            let Some(slot) = self.occupy(slots, attempt.nonce).await? else {
                self.take_back(attempt).await?;
                return Ok(MayTry::No(limit));
            };
            attempt.slots.push(slot);
        }
        Ok(MayTry::Yes(attempt))
    }

    /// Occupies the first free slot; `None` if there is none.
    async fn occupy(
        self,
        slots: impl Iterator<Item = Key>,
        nonce: [u8; 16],
    ) -> Result<Option<Key>, StoreError> {
        for slot in slots {
            if self.0.put_if_absent(slot, nonce, LIFETIME).await? {
                return Ok(Some(slot));
            }
        }
        Ok(None)
    }

    /// Undoes an attempt that failed for a reason other than the code.
    pub(super) async fn take_back(self, attempt: Attempt) -> Result<(), StoreError> {
        for slot in attempt.slots {
            let holder = self.0.get(slot).await?;
            if holder.is_some_and(|holder| *holder == attempt.nonce) {
                self.0.take(slot).await?;
            }
        }
        Ok(())
    }

    /// Undoes an attempt with a correct code, and frees all slots of the person and device. The wrong
    /// codes that the person has entered for the device no longer count toward the other limits.
    pub(super) async fn succeeded(
        self,
        attempt: Attempt,
        entry: CodeEntry<'_>,
    ) -> Result<(), StoreError> {
        self.take_back(attempt).await?;
        let own = self.take_all(entry.slots(MfaLimit::Person)).await?;
        for limit in [MfaLimit::Device, MfaLimit::Address] {
            for slot in entry.slots(limit).into_iter().flatten() {
                let holder = self.0.get(slot).await?;
                if holder.is_some_and(|holder| own.contains(&holder)) {
                    self.0.take(slot).await?;
                }
            }
        }
        Ok(())
    }

    /// Frees these slots, and returns the nonces of the attempts that occupied them.
    async fn take_all(
        self,
        slots: Option<impl Iterator<Item = Key>>,
    ) -> Result<Vec<Octets>, StoreError> {
        let slots = slots.into_iter().flatten();
        let taken = self.0.all(slots.map(Operation::Take)).await?;
        Ok(taken.into_iter().filter_map(Outcome::record).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::Person;

    const ADDRESS: &str = "192.0.2.1";

    fn person(name_id: &str) -> PersonKey {
        Person::with_name_id("corp", name_id).key()
    }

    fn device(name: &str) -> MfaSerial {
        let serial = format!("arn:aws:iam::111111111111:mfa/{name}");
        serial.parse().expect("a serial")
    }

    fn entry<'a>(name_id: &str, serial: &'a MfaSerial) -> CodeEntry<'a> {
        CodeEntry {
            person: person(name_id),
            serial,
            address: ADDRESS.parse().ok(),
        }
    }

    /// Begins an attempt, or returns the limit that is reached.
    async fn begin(store: &Store, entry: CodeEntry<'_>) -> Result<Attempt, MfaLimit> {
        match MfaAttempts(store).begin(entry).await.expect("the store") {
            MayTry::Yes(attempt) => Ok(attempt),
            MayTry::No(limit) => Err(limit),
        }
    }

    #[actix_web::test]
    async fn attempts_without_a_wrong_code_are_not_counted() {
        let store = Store::default();
        let attempts = MfaAttempts(&store);
        let serial = device("x");
        let alice = entry("alice", &serial);
        for _ in 0..2 * MfaLimit::Address.most() {
            let attempt = begin(&store, alice).await.expect("a slot");
            attempts.take_back(attempt).await.unwrap();
        }
        let mut last = None;
        for _ in 0..MfaLimit::Person.most() {
            last = Some(begin(&store, alice).await.expect("a slot"));
        }
        assert_eq!(begin(&store, alice).await.unwrap_err(), MfaLimit::Person);
        let last = last.expect("an attempt");
        attempts.succeeded(last, alice).await.unwrap();
        begin(&store, alice).await.expect("a slot");
    }

    #[actix_web::test]
    async fn a_slot_taken_by_another_attempt_is_not_freed() {
        let store = Store::default();
        let attempts = MfaAttempts(&store);
        let serial = device("x");
        let alice = entry("alice", &serial);
        let slow = begin(&store, alice).await.expect("a slot");
        let right = begin(&store, alice).await.expect("another slot");
        attempts.succeeded(right, alice).await.unwrap();
        let wrong = begin(&store, alice).await.expect("the first slot");
        assert_eq!(slow.slots[0], wrong.slots[0]);
        attempts.take_back(slow).await.unwrap();
        for _ in 1..MfaLimit::Person.most() {
            begin(&store, alice).await.expect("a slot");
        }
        assert_eq!(begin(&store, alice).await.unwrap_err(), MfaLimit::Person);
    }

    #[actix_web::test]
    async fn each_person_and_device_has_separate_mfa_attempts() {
        let store = Store::default();
        let (x, y) = (device("x"), device("y"));
        for _ in 0..MfaLimit::Person.most() {
            begin(&store, entry("alice", &x)).await.expect("a slot");
        }
        begin(&store, entry("bob", &x)).await.expect("a slot");
        begin(&store, entry("alice", &y)).await.expect("a slot");
        let alice = begin(&store, entry("alice", &x)).await;
        assert_eq!(alice.unwrap_err(), MfaLimit::Person);
    }

    #[actix_web::test]
    async fn the_attempts_of_all_people_count_for_a_device() {
        let store = Store::default();
        let serial = device("x");
        let mut last = None;
        for number in 0..MfaLimit::Device.most() {
            let entry = entry(&format!("_{number}"), &serial);
            last = Some((begin(&store, entry).await.expect("a slot"), entry));
        }
        let full = begin(&store, entry("another", &serial)).await;
        assert_eq!(full.unwrap_err(), MfaLimit::Device);
        // A correct code frees only the slots of its own person.
        let (attempt, right) = last.expect("an attempt");
        let attempts = MfaAttempts(&store);
        attempts.succeeded(attempt, right).await.unwrap();
        begin(&store, entry("another", &serial))
            .await
            .expect("a slot");
        let full = begin(&store, entry("another", &serial)).await;
        assert_eq!(full.unwrap_err(), MfaLimit::Device);
    }

    /// Somebody who has the device cannot use up the attempts of others by entering wrong codes
    /// between right ones.
    #[actix_web::test]
    async fn a_correct_code_also_frees_the_slots_of_the_persons_wrong_codes() {
        let store = Store::default();
        let serial = device("x");
        let alice = entry("alice", &serial);
        for _ in 0..2 * MfaLimit::Address.most() {
            for _ in 1..MfaLimit::Person.most() {
                begin(&store, alice).await.expect("a slot");
            }
            let right = begin(&store, alice).await.expect("a slot");
            MfaAttempts(&store).succeeded(right, alice).await.unwrap();
        }
        for _ in 0..MfaLimit::Person.most() {
            begin(&store, entry("bob", &serial)).await.expect("a slot");
        }
    }

    #[actix_web::test]
    async fn the_attempts_from_an_address_count_for_all_devices() {
        let store = Store::default();
        for number in 0..MfaLimit::Address.most() {
            let serial = device(&number.to_string());
            begin(&store, entry("alice", &serial))
                .await
                .expect("a slot");
        }
        let serial = device("another");
        let alice = entry("alice", &serial);
        assert_eq!(begin(&store, alice).await.unwrap_err(), MfaLimit::Address);
        // An attempt that is not made occupies no slot of the other limits.
        for address in [
            "192.0.2.2",
            "192.0.2.3",
            "192.0.2.4",
            "192.0.2.5",
            "192.0.2.6",
        ] {
            let elsewhere = CodeEntry {
                address: address.parse().ok(),
                ..alice
            };
            begin(&store, elsewhere).await.expect("a slot");
        }
        let unknown = CodeEntry {
            address: None,
            ..entry("bob", &serial)
        };
        begin(&store, unknown).await.expect("a slot");
    }
}
