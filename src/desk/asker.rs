//! Who makes a request to the desk, and where the request comes from.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use super::{DeskRules, Rights};
use crate::audit::{Origin, Who};
use crate::session::{Session, SessionError, SessionToken};
use crate::state::State;

/// The person who makes a request, and the request's origin. Audit lines contain both.
pub struct Asker<'a> {
    session: &'a Session,
    /// The token of the session, with which its record can be found.
    token: Option<&'a SessionToken>,
    origin: Origin<'a>,
    address: Option<IpAddr>,
    /// The cached rights, with the rules under which they were computed.
    rights: OnceLock<(Arc<DeskRules>, Arc<Rights>)>,
}

impl<'a> Asker<'a> {
    /// Combines the person's `session`, which was loaded with `token`, with the `origin` of their
    /// request. `address` is the address under which the client counts for limits, if there is one.
    pub fn new(
        session: &'a Session,
        token: Option<&'a SessionToken>,
        origin: Origin<'a>,
        address: Option<IpAddr>,
    ) -> Self {
        Self {
            session,
            token,
            origin,
            address,
            rights: OnceLock::new(),
        }
    }

    pub(super) fn session(&self) -> &'a Session {
        self.session
    }

    /// Whether the session is still in the store. Without a token, it cannot be.
    pub(super) async fn is_signed_in(&self, state: &State) -> Result<bool, SessionError> {
        match self.token {
            Some(token) => state.sessions.stands(token, self.session).await,
            None => Ok(false),
        }
    }

    pub(super) fn origin(&self) -> &Origin<'a> {
        &self.origin
    }

    /// The address under which the client counts for limits, if there is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    pub(super) fn who(&self) -> Who {
        Who::from(&self.session.person)
    }

    /// The person's rights under `rules`. The rights are cached only for the first rules passed to
    /// this method.
    pub(super) fn rights(&self, rules: &Arc<DeskRules>) -> Arc<Rights> {
        let work_out = || Arc::new(rules.rights(self.session));
        let first = || (Arc::clone(rules), work_out());
        let (of, rights) = self.rights.get_or_init(first);
        if Arc::ptr_eq(of, rules) {
            Arc::clone(rights)
        } else {
            work_out()
        }
    }
}
