//! How often one person signs in.
//!
//! Each login takes room, whether or not anybody comes for it, and whoever is signed in at the IdP gets
//! as many good responses as they like. So one person does not sign in without end; and where there is
//! no room for anybody new, the last of it is for people who are signed in and need a new assertion,
//! and nobody uses that up alone.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::SessionError;
use crate::crypto;
use crate::saml::Person;
use crate::store::Name;

/// Five tabs that need a new assertion at once, and then one a minute.
const RENEWALS_AT_ONCE: NonZeroU32 = NonZeroU32::new(5).expect("more than none");
const RENEWALS_A_MINUTE: NonZeroU32 = NonZeroU32::new(1).expect("more than none");

/// Who signed in lately.
#[derive(Clone, Debug)]
pub(super) struct Often {
    logins: Option<Arc<DefaultKeyedRateLimiter<Name>>>,
    renewals: Arc<DefaultKeyedRateLimiter<Name>>,
}

impl Often {
    /// With so many logins a minute of one person, and as many at once; without, any number of them.
    pub(super) fn new(logins_per_minute: Option<NonZeroU32>) -> Self {
        let logins = logins_per_minute.map(Quota::per_minute);
        let renewals = Quota::per_minute(RENEWALS_A_MINUTE).allow_burst(RENEWALS_AT_ONCE);
        Self {
            logins: logins.map(|quota| Arc::new(RateLimiter::keyed(quota))),
            renewals: Arc::new(RateLimiter::keyed(renewals)),
        }
    }

    /// Counts a login, and refuses one too many.
    pub(super) fn login(&self, person: &Person) -> Result<(), SessionError> {
        match &self.logins {
            Some(limiter) => count(limiter, person),
            None => Ok(()),
        }
    }

    /// Counts a new assertion where there is no room, and refuses one too many.
    pub(super) fn renewal(&self, person: &Person) -> Result<(), SessionError> {
        count(&self.renewals, person)
    }

    /// Forgets who has not been there for some minutes.
    pub(super) fn tidy(&self) {
        if let Some(logins) = &self.logins {
            logins.retain_recent();
        }
        self.renewals.retain_recent();
    }
}

fn count(limiter: &DefaultKeyedRateLimiter<Name>, person: &Person) -> Result<(), SessionError> {
    let name = crypto::derive_of("rolecall logins", [&*person.idp, &person.name_id]);
    limiter.check_key(&name).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        SessionError::TooOften {
            retry_after_seconds: wait.as_secs() + 1,
        }
    })
}
