//! Limits how many wrong MFA codes a person may enter, so that nobody can guess a code. A code has
//! only six digits, and AWS accepts several codes at any given time.
//!
//! For each person and MFA device, there are five slots, which are records in the store. Each
//! attempt occupies one slot. Simultaneous attempts are therefore all counted, and no counter needs
//! to be decremented. The record in a slot contains the nonce of the attempt. A correct code frees
//! all five slots, even those of attempts that are still waiting for AWS. Another attempt may then
//! occupy such a slot; the nonce shows which attempt the slot belongs to.

use std::time::Duration;

use crate::aws::sts::MfaSerial;
use crate::crypto;
use crate::saml::Person;
use crate::store::{Key, Kind, Operation, Store, StoreError};

/// The maximum number of wrong codes for one person and MFA device.
const MOST: u8 = 5;
/// The time for which a wrong code counts toward the maximum.
const LIFETIME: Duration = Duration::from_mins(15);

/// The MFA attempts recorded in this store.
#[derive(Clone, Copy, Debug)]
pub(super) struct MfaAttempts<'a>(pub(super) &'a Store);

/// An MFA attempt. It counts as a wrong code until it is undone or the code turns out to be
/// correct.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    slot: Key,
    nonce: [u8; 16],
}

impl MfaAttempts<'_> {
    /// Counts an attempt before its code is sent to AWS. Returns `None` if all slots are occupied.
    pub(super) async fn begin(
        self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<Option<Attempt>, StoreError> {
        // Without random bytes, the attempt cannot be counted, so it must not be made.
        let nonce = crypto::random().map_err(|_| StoreError::Unavailable)?;
        for slot in slots(person, serial) {
            if self.0.put_if_absent(slot, nonce, LIFETIME).await? {
                return Ok(Some(Attempt { slot, nonce }));
            }
        }
        Ok(None)
    }

    /// Undoes an attempt that failed for a reason other than the code.
    pub(super) async fn take_back(self, attempt: Attempt) -> Result<(), StoreError> {
        let Attempt { slot, nonce } = attempt;
        match self.0.get(slot).await? {
            Some(holder) if *holder == nonce => self.0.take(slot).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Frees all slots of the person and device after a correct code.
    pub(super) async fn forget(
        self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<(), StoreError> {
        let slots = slots(person, serial).map(Operation::Take);
        self.0.all(slots).await.map(drop)
    }
}

fn slots(person: &Person, serial: &MfaSerial) -> impl Iterator<Item = Key> {
    let name = |slot: u8| {
        let (idp, name_id) = (person.idp.as_bytes(), person.name_id.as_bytes());
        let parts = [idp, name_id, serial.as_str().as_bytes(), &[slot]];
        crypto::derive_of("rolecall mfa attempt", parts)
    };
    (0..MOST).map(move |slot| Key::new(Kind::MfaAttempt, name(slot)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> (Person, MfaSerial) {
        let person = Person {
            idp: "corp".to_owned(),
            name_id: "alice".to_owned(),
        };
        let serial = "arn:aws:iam::111111111111:mfa/x".parse();
        (person, serial.expect("a serial"))
    }

    #[actix_web::test]
    async fn attempts_without_a_wrong_code_are_not_counted() {
        let store = Store::default();
        let attempts = MfaAttempts(&store);
        let (person, serial) = alice();
        for _ in 0..2 * MOST {
            let attempt = attempts.begin(&person, &serial).await.unwrap();
            attempts.take_back(attempt.expect("a slot")).await.unwrap();
        }
        for _ in 0..MOST {
            assert!(attempts.begin(&person, &serial).await.unwrap().is_some());
        }
        assert!(attempts.begin(&person, &serial).await.unwrap().is_none());
        attempts.forget(&person, &serial).await.unwrap();
        assert!(attempts.begin(&person, &serial).await.unwrap().is_some());
    }

    #[actix_web::test]
    async fn a_slot_taken_by_another_attempt_is_not_freed() {
        let store = Store::default();
        let attempts = MfaAttempts(&store);
        let (person, serial) = alice();
        let begin = async || attempts.begin(&person, &serial).await.unwrap();
        let slow = begin().await.expect("a slot");
        attempts.forget(&person, &serial).await.unwrap();
        let wrong = begin().await.expect("the same slot");
        assert_eq!(slow.slot, wrong.slot);
        attempts.take_back(slow).await.unwrap();
        for _ in 1..MOST {
            assert!(begin().await.is_some());
        }
        assert!(begin().await.is_none());
    }

    #[actix_web::test]
    async fn each_person_and_device_has_separate_mfa_attempts() {
        let store = Store::default();
        let attempts = MfaAttempts(&store);
        let (alice, serial) = alice();
        for _ in 0..MOST {
            attempts.begin(&alice, &serial).await.unwrap();
        }
        let bob = Person {
            name_id: "bob".to_owned(),
            ..alice.clone()
        };
        let other = "arn:aws:iam::111111111111:mfa/y".parse().expect("a serial");
        assert!(attempts.begin(&bob, &serial).await.unwrap().is_some());
        assert!(attempts.begin(&alice, &other).await.unwrap().is_some());
        assert!(attempts.begin(&alice, &serial).await.unwrap().is_none());
    }
}
