//! Who makes a request to the desk, and where the request comes from.

use std::sync::{Arc, OnceLock};

use super::{DeskRules, Rights};
use crate::audit::{Origin, Who};
use crate::session::Session;

/// The person who makes a request, and the request's origin. Audit lines contain both.
pub struct Asker<'a> {
    session: &'a Session,
    origin: Origin<'a>,
    /// The cached rights, with the rules under which they were computed.
    rights: OnceLock<(Arc<DeskRules>, Arc<Rights>)>,
}

impl<'a> Asker<'a> {
    /// Combines the person's `session` with the `origin` of their request.
    pub fn new(session: &'a Session, origin: Origin<'a>) -> Self {
        Self {
            session,
            origin,
            rights: OnceLock::new(),
        }
    }

    pub(super) fn session(&self) -> &'a Session {
        self.session
    }

    pub(super) fn origin(&self) -> &Origin<'a> {
        &self.origin
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
