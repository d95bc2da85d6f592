//! How many wrong codes of MFA devices somebody has typed lately. A code has six digits, and AWS takes
//! several at a time.

use std::time::Duration;

use moka::sync::Cache;

use crate::aws::sts::MfaSerial;
use crate::saml::Person;
use crate::store::StoreError;

/// How many codes somebody may type before one is right.
const MOST: u32 = 5;
/// How long that counts, from the last one on.
const LIFETIME: Duration = Duration::from_mins(15);
/// How many people's are kept.
const KEPT: u64 = 100_000;

/// The codes that were typed.
#[derive(Debug)]
pub struct MfaAttempts(Cache<String, u32>);

impl Default for MfaAttempts {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(KEPT).time_to_live(LIFETIME);
        Self(cache.build())
    }
}

#[expect(
    clippy::unused_async,
    reason = "a store that several processes share has to be waited for, and may be down"
)]
impl MfaAttempts {
    /// Counts a code before it is tried, so that many at once are many; false if there were too many.
    pub(super) async fn count(
        &self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<bool, StoreError> {
        let counted = self
            .0
            .entry(key(person, serial))
            .and_upsert_with(|known| known.map_or(1, |known| known.into_value().saturating_add(1)));
        Ok(counted.into_value() <= MOST)
    }

    /// The code was not found wrong: something else failed.
    pub(super) async fn take_back(
        &self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<(), StoreError> {
        let counted = self.0.entry(key(person, serial));
        counted
            .and_upsert_with(|known| known.map_or(0, |known| known.into_value().saturating_sub(1)));
        Ok(())
    }

    /// The code was right.
    pub(super) async fn forget(
        &self,
        person: &Person,
        serial: &MfaSerial,
    ) -> Result<(), StoreError> {
        self.0.invalidate(&key(person, serial));
        Ok(())
    }
}

fn key(person: &Person, serial: &MfaSerial) -> String {
    format!("{}\0{}\0{serial}", person.idp, person.name_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_no_wrong_code_is_not_counted() {
        let attempts = MfaAttempts::default();
        let person = Person {
            idp: "corp".to_owned(),
            name_id: "ada".to_owned(),
        };
        let serial = "arn:aws:iam::111111111111:mfa/x".parse().expect("a serial");
        for _ in 0..2 * MOST {
            assert!(attempts.count(&person, &serial).await.unwrap());
            attempts.take_back(&person, &serial).await.unwrap();
        }
        for _ in 0..MOST {
            assert!(attempts.count(&person, &serial).await.unwrap());
        }
        assert!(!attempts.count(&person, &serial).await.unwrap());
    }
}
