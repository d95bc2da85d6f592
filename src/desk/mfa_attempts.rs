//! How many wrong codes of MFA devices somebody has typed lately. A code has six digits, and AWS takes
//! several at a time.
//!
//! Each attempt takes one of a few slots, which are records of the store: so all nodes count together,
//! many attempts at once are many, and nothing has to be counted down. A slot holds its attempt's nonce: a
//! right code frees all slots, and another attempt may have taken this one since.

use std::time::Duration;

use crate::aws::sts::MfaSerial;
use crate::crypto;
use crate::saml::Person;
use crate::store::{Key, Kind, Operation, Store, StoreError};

/// How many codes somebody may type before one is right.
const MOST: u8 = 5;
/// How long an attempt counts.
const LIFETIME: Duration = Duration::from_mins(15);

/// The attempts at the codes of MFA devices.
#[derive(Clone, Copy, Debug)]
pub(super) struct MfaAttempts<'a>(pub(super) &'a Store);

/// An attempt that counts as a wrong code until it is known to be something else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    slot: Key,
    nonce: [u8; 16],
}

impl MfaAttempts<'_> {
    /// Counts an attempt before it is made; none, if there were too many.
    pub(super) async fn begin(
        self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<Option<Attempt>, StoreError> {
        // Without random bytes nothing is counted, and so nothing is tried.
        let nonce = crypto::random().map_err(|_| StoreError::Unavailable)?;
        for slot in slots(person, serial) {
            if self.0.put_if_absent(slot, nonce, LIFETIME).await? {
                return Ok(Some(Attempt { slot, nonce }));
            }
        }
        Ok(None)
    }

    /// The code was not found wrong: something else failed.
    pub(super) async fn take_back(self, attempt: Attempt) -> Result<(), StoreError> {
        let Attempt { slot, nonce } = attempt;
        match self.0.get(slot).await? {
            Some(holder) if *holder == nonce => self.0.take(slot).await.map(drop),
            _ => Ok(()),
        }
    }

    /// The code was right.
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
    async fn what_was_no_wrong_code_is_not_counted() {
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
    async fn what_another_attempt_has_is_not_freed() {
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
    async fn each_person_and_device_has_attempts_of_its_own() {
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
