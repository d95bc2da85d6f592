//! Handles a reload while AWS is being called: what is issued follows the terms in effect at the
//! end.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decision::{Decided, Matter};
use super::{Asker, Desk, DeskError, DeskRules, Requirement, Rights, RoleRequest};
use crate::session::Session;

/// How many times AWS is called for one request, each time under different terms.
const ATTEMPTS: usize = 3;

/// The source of the current terms.
pub trait Newest {
    /// The current terms for this session.
    ///
    /// # Errors
    /// The session is over, or its sign-in is no longer accepted.
    fn terms(&self, session: &Session) -> Result<Arc<DeskRules>, DeskError>;

    /// Checks whether the current terms accept this session, before anything is decided.
    fn admits(&self, session: &Session) -> Result<(), DeskError> {
        self.terms(session).map(drop)
    }
}

/// The terms at a given time, and the person's rights under them.
pub(super) struct Standing {
    pub terms: Arc<DeskRules>,
    pub rights: Arc<Rights>,
}

impl Standing {
    fn new(asker: &Asker<'_>, terms: Arc<DeskRules>) -> Self {
        Self {
            rights: asker.rights(&terms),
            terms,
        }
    }

    /// The request, to be decided under these terms.
    pub fn matter<'a>(
        &'a self,
        session: &'a Session,
        request: &'a RoleRequest,
        now: DateTime<Utc>,
    ) -> Matter<'a> {
        Matter {
            terms: &self.terms,
            rights: &self.rights,
            session,
            request,
            now,
        }
    }
}

impl Desk<'_> {
    /// Decides and calls AWS. If the terms have changed by the time AWS answers, it decides again.
    /// It keeps AWS's answer only if the decision and the AWS clients are the same.
    ///
    /// Also returns the terms of the last decision, for the audit line.
    pub(super) async fn settle<D: Decided, T>(
        &self,
        asker: &Asker<'_>,
        decide: impl Fn(&Standing) -> Result<D, DeskError>,
        execute: impl AsyncFn(&DeskRules, &D) -> Result<T, DeskError>,
    ) -> (Standing, Result<(D, T), DeskError>) {
        let mut standing = Standing::new(asker, Arc::clone(&self.terms));
        if let Err(error) = self.newest.admits(asker.session()) {
            return (standing, Err(error));
        }
        let settled = self.follow(asker, &mut standing, decide, execute).await;
        (standing, settled)
    }

    async fn follow<D: Decided, T>(
        &self,
        asker: &Asker<'_>,
        standing: &mut Standing,
        decide: impl Fn(&Standing) -> Result<D, DeskError>,
        execute: impl AsyncFn(&DeskRules, &D) -> Result<T, DeskError>,
    ) -> Result<(D, T), DeskError> {
        let mut decision = decide(standing)?;
        for _ in 0..ATTEMPTS {
            let outcome = execute(&standing.terms, &decision).await?;
            let newest = self.newest.terms(asker.session())?;
            if newest.digest() == standing.terms.digest() {
                return Ok((decision, outcome));
            }
            let same_clients = newest.has_clients_of(&standing.terms);
            *standing = Standing::new(asker, newest);
            let anew = decide(standing)?;
            if anew == decision && same_clients {
                return Ok((decision, outcome));
            }
            if anew.uses_code() {
                // AWS accepts a code only once.
                return Err(Requirement::MfaCode.into());
            }
            decision = anew;
        }
        Err(DeskError::Changing)
    }
}
