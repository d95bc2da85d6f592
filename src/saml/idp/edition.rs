//! Which edition of a metadata document is newer, and how long an edition may be used.
//!
//! A signature does not say when a document was current. Anyone who can answer in place of the
//! publisher could therefore send last month's signed document, with a key that has been withdrawn
//! since.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use crate::config::{self, Limit};

/// What a document says about its own age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edition {
    /// The `creationInstant` of the document's `PublicationInfo`.
    pub created: Option<DateTime<Utc>>,
    /// The earliest `validUntil` that applies to the identity provider.
    pub valid_until: Option<DateTime<Utc>>,
}

/// Why an edition cannot be used, although the document is good otherwise.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EditionError {
    /// The metadata must expire, but does not.
    #[error(
        "the metadata has no validUntil, but metadata_require_valid_until or \
         metadata_max_validity_days requires one"
    )]
    NoValidUntil,
    /// The metadata is valid for longer than is allowed.
    #[error(
        "the metadata is valid until {until}, which is more than {days} days from now \
         (metadata_max_validity_days)"
    )]
    ValidTooLong {
        /// The metadata's validUntil.
        until: DateTime<Utc>,
        /// `metadata_max_validity_days`.
        days: u32,
    },
    /// A signed document is older than one that was accepted before.
    #[error(
        "the signed document is older than one that was accepted before: its {what} is {this}, and \
         that one's was {newest}"
    )]
    Older {
        /// The attribute that was compared: `creationInstant` or `validUntil`.
        what: &'static str,
        /// The value in this document.
        this: DateTime<Utc>,
        /// The value in the newest document so far.
        newest: DateTime<Utc>,
    },
    /// A signed document does not say how old it is, unlike one that was accepted before.
    #[error(
        "the signed document has no {0}, unlike one that was accepted before, so it may be an older \
         one"
    )]
    Undated(&'static str),
}

/// How long metadata may be valid: `metadata_require_valid_until` and `metadata_max_validity_days`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// Whether the metadata must have a validUntil.
    pub required: bool,
    /// How many days the validUntil may be away. A limit also requires a validUntil.
    pub max_days: Limit,
}

impl Validity {
    /// The settings of a configured identity provider.
    pub fn of(idp: &config::Idp) -> Self {
        Self {
            required: idp.metadata_require_valid_until,
            max_days: idp.metadata_max_validity_days,
        }
    }

    /// Checks how long metadata with this edition is valid from `now`.
    pub fn check(self, edition: Edition, now: DateTime<Utc>) -> Result<(), EditionError> {
        let Some(until) = edition.valid_until else {
            let may_lack = !self.required && self.max_days.is_none();
            return may_lack.then_some(()).ok_or(EditionError::NoValidUntil);
        };
        match self.max_days {
            Some(days) if until - now > TimeDelta::days(days.get().into()) => {
                let days = days.get();
                Err(EditionError::ValidTooLong { until, days })
            }
            _ => Ok(()),
        }
    }

    /// When a document that is valid for too long may be used: as soon as its validUntil is near
    /// enough. `None` if it never may.
    pub fn may_be_used_from(self, error: EditionError) -> Option<DateTime<Utc>> {
        match error {
            EditionError::ValidTooLong { until, days } => {
                until.checked_sub_signed(TimeDelta::days(days.into()))
            }
            _ => None,
        }
    }
}

impl Edition {
    /// Checks that this edition is not older than `newest`. The `creationInstant` decides if both
    /// documents have one. Otherwise, the `validUntil` decides, which moves on with each edition of
    /// a publisher that renews its documents. A document without the time that `newest` has is
    /// refused, because leaving the time out would otherwise make any document new.
    pub fn check_not_older(self, newest: Self) -> Result<(), EditionError> {
        match (newest.created, self.created) {
            (Some(newest), Some(this)) => not_before("creationInstant", this, newest),
            (Some(_), None) => Err(EditionError::Undated("creationInstant")),
            (None, _) => match (newest.valid_until, self.valid_until) {
                (Some(newest), Some(this)) => not_before("validUntil", this, newest),
                (Some(_), None) => Err(EditionError::Undated("validUntil")),
                (None, _) => Ok(()),
            },
        }
    }
}

fn not_before(
    what: &'static str,
    this: DateTime<Utc>,
    newest: DateTime<Utc>,
) -> Result<(), EditionError> {
    if this < newest {
        Err(EditionError::Older { what, this, newest })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn edition(created: Option<i64>, valid_until: Option<i64>) -> Edition {
        Edition {
            created: created.map(day),
            valid_until: valid_until.map(day),
        }
    }

    #[test]
    fn the_creation_instant_decides_and_otherwise_the_end_of_validity() {
        for (newest, this, is_older) in [
            ((Some(5), Some(9)), (Some(4), Some(99)), true),
            ((Some(5), Some(9)), (Some(5), Some(8)), false),
            ((Some(5), Some(9)), (Some(6), None), false),
            ((Some(5), None), (None, Some(99)), true),
            ((None, Some(9)), (None, Some(8)), true),
            ((None, Some(9)), (None, Some(9)), false),
            ((None, Some(9)), (Some(1), Some(8)), true),
            ((None, Some(9)), (None, None), true),
            ((None, Some(9)), (Some(99), None), true),
            ((None, None), (None, None), false),
            ((None, None), (Some(1), Some(1)), false),
        ] {
            let this = edition(this.0, this.1);
            let checked = this.check_not_older(edition(newest.0, newest.1));
            assert_eq!(checked.is_err(), is_older, "{newest:?} {this:?}");
        }
    }

    #[test]
    fn a_maximum_also_requires_an_end() {
        let validity = |required, max_days| Validity {
            required,
            max_days: NonZeroU32::new(max_days),
        };
        let (none, until) = (edition(None, None), |end| edition(None, Some(end)));
        for (validity, edition, is_good) in [
            (validity(false, 0), none, true),
            (validity(true, 0), none, false),
            (validity(false, 14), none, false),
            (validity(true, 0), until(9999), true),
            (validity(false, 14), until(15), true),
            (validity(false, 14), until(16), false),
            (validity(false, 14), until(-1), true),
        ] {
            let checked = validity.check(edition, day(1));
            assert_eq!(checked.is_ok(), is_good, "{validity:?} {edition:?}");
        }
    }
}
