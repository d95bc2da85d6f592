//! Handles a reload while AWS is being called: what is issued follows the rules in effect at the
//! end.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decision::{Decided, Matter};
use super::{Asker, Desk, DeskError, DeskRules, Requirement, Rights, RoleRequest};
use crate::session::Session;

/// How many times AWS is called for one request, each time under different rules.
const ATTEMPTS: usize = 3;

/// The source of the current rules.
pub trait Newest {
    /// The current rules for this session.
    ///
    /// # Errors
    /// The session is over, or its sign-in is no longer accepted.
    fn desk_rules(&self, session: &Session) -> Result<Arc<DeskRules>, DeskError>;

    /// Checks whether the current rules accept this session, before anything is decided.
    fn admits(&self, session: &Session) -> Result<(), DeskError> {
        self.desk_rules(session).map(drop)
    }
}

/// The rules at a given time, and the person's rights under them.
pub(super) struct Standing {
    pub rules: Arc<DeskRules>,
    pub rights: Arc<Rights>,
}

impl Standing {
    fn new(asker: &Asker<'_>, rules: Arc<DeskRules>) -> Self {
        Self {
            rights: asker.rights(&rules),
            rules,
        }
    }

    /// The request, to be decided under these rules.
    pub fn matter<'a>(
        &'a self,
        session: &'a Session,
        request: &'a RoleRequest,
        now: DateTime<Utc>,
    ) -> Matter<'a> {
        Matter {
            rules: &self.rules,
            rights: &self.rights,
            session,
            request,
            now,
        }
    }
}

impl Desk<'_> {
    /// Decides and calls AWS. If the rules have changed by the time AWS answers, it decides again.
    /// It keeps AWS's answer only if the decision and the AWS clients are the same.
    ///
    /// Also returns the rules of the last decision, for the audit line.
    pub(super) async fn settle<D: Decided, T>(
        &self,
        asker: &Asker<'_>,
        decide: impl Fn(&Standing) -> Result<D, DeskError>,
        execute: impl AsyncFn(&DeskRules, &D) -> Result<T, DeskError>,
    ) -> (Standing, Result<(D, T), DeskError>) {
        let mut standing = Standing::new(asker, Arc::clone(&self.rules));
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
            let outcome = execute(&standing.rules, &decision).await?;
            let newest = self.newest.desk_rules(asker.session())?;
            if newest.digest() == standing.rules.digest() {
                return Ok((decision, outcome));
            }
            let same_clients = newest.has_clients_of(&standing.rules);
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
