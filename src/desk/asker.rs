//! The person who makes a request, and where it comes from.

use std::sync::{Arc, OnceLock};

use super::{Rights, Terms};
use crate::audit::{Origin, Who};
use crate::session::Session;

/// A person at the desk, and what an audit line says of them.
pub struct Asker<'a> {
    session: &'a Session,
    origin: Origin<'a>,
    /// What the person has, under which terms.
    rights: OnceLock<(Arc<Terms>, Arc<Rights>)>,
}

impl<'a> Asker<'a> {
    /// The person of a session, whose request comes from there.
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

    /// What the person has. Only other terms are a reason to work it out again.
    pub(super) fn rights(&self, terms: &Arc<Terms>) -> Arc<Rights> {
        let work_out = || Arc::new(terms.rights(self.session));
        let first = || (Arc::clone(terms), work_out());
        let (of, rights) = self.rights.get_or_init(first);
        if Arc::ptr_eq(of, terms) {
            Arc::clone(rights)
        } else {
            work_out()
        }
    }
}
