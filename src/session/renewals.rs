//! Renewals where there is no room for anybody new.
//!
//! Who is signed in needs a new assertion all day, and has the last of the room for it. Logins that are
//! begun and never finished take of that room too, so that one person may not begin as many as they
//! like.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::crypto;
use crate::saml::Person;
use crate::store::Name;

/// A person has five tabs that need a new assertion at once, and then one a minute.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(5).expect("more than none");
const A_MINUTE: NonZeroU32 = NonZeroU32::new(1).expect("more than none");

/// How often each person does.
#[derive(Clone, Debug)]
pub(super) struct Renewals {
    by_person: Arc<DefaultKeyedRateLimiter<Name>>,
}

impl Renewals {
    pub(super) fn new() -> Self {
        let quota = Quota::per_minute(A_MINUTE).allow_burst(AT_ONCE);
        Self {
            by_person: Arc::new(RateLimiter::keyed(quota)),
        }
    }

    /// Counts one, and tells whether it is one too many.
    pub(super) fn is_too_often(&self, person: &Person) -> bool {
        let name = [&*person.idp, &person.name_id].join("\0");
        let name = crypto::derive("rolecall renewals", name.as_bytes());
        self.by_person.check_key(&name).is_err()
    }

    /// Forgets who has not been there for some minutes.
    pub(super) fn tidy(&self) {
        self.by_person.retain_recent();
    }
}
