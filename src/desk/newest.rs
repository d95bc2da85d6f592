//! Handles a reload that happens while AWS is being called. The desk returns a result from AWS only
//! if the newest rules lead to the same decision as the rules before the call.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decision::{Decided, Matter};
use super::granted::FromAws;
use super::{Asker, Desk, DeskError, DeskRules, Requirement, Rights, RoleRequest};
use crate::session::Session;

/// The maximum number of decisions that are executed for one request. Each is made under newer
/// rules than the one before.
const ATTEMPTS: usize = 3;

/// The source of the current rules.
pub trait Newest {
    /// The current rules for this session.
    ///
    /// # Errors
    /// The session is over, or its sign-in no longer meets the sign-in rules or cannot be checked
    /// against them.
    fn desk_rules(&self, session: &Session) -> Result<Arc<DeskRules>, DeskError>;

    /// Checks the session and its sign-in before anything is decided.
    fn admits(&self, session: &Session) -> Result<(), DeskError> {
        self.desk_rules(session).map(drop)
    }
}

/// The rules that a decision is based on, and the person's rights under them.
pub(super) struct Basis {
    pub rules: Arc<DeskRules>,
    pub rights: Arc<Rights>,
}

impl Basis {
    fn new(asker: &Asker<'_>, rules: Arc<DeskRules>) -> Self {
        Self {
            rights: asker.rights(&rules),
            rules,
        }
    }

    /// Everything that the decision about `request` is based on.
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
    /// Decides and calls AWS. If the rules have changed by the time AWS responds, decides again. If
    /// the new decision and the AWS clients are the same as before, returns the result from AWS.
    /// Otherwise calls AWS again, unless the new decision is an error or uses an MFA code.
    ///
    /// The returned `Basis` contains the rules of the last decision, for the audit line.
    pub(super) async fn settle<D: Decided, T: FromAws>(
        &self,
        asker: &Asker<'_>,
        decide: impl Fn(&Basis) -> Result<D, DeskError>,
        execute: impl AsyncFn(&DeskRules, &D) -> Result<T, DeskError>,
    ) -> (Basis, Result<(D, T), DeskError>) {
        let mut basis = Basis::new(asker, Arc::clone(&self.rules));
        if let Err(error) = self.newest.admits(asker.session()) {
            return (basis, Err(error));
        }
        let settled = self.follow(asker, &mut basis, decide, execute).await;
        (basis, settled)
    }

    async fn follow<D: Decided, T: FromAws>(
        &self,
        asker: &Asker<'_>,
        basis: &mut Basis,
        decide: impl Fn(&Basis) -> Result<D, DeskError>,
        execute: impl AsyncFn(&DeskRules, &D) -> Result<T, DeskError>,
    ) -> Result<(D, T), DeskError> {
        let mut decision = decide(basis)?;
        for _ in 0..ATTEMPTS {
            let outcome = execute(&basis.rules, &decision).await?;
            let newest = self.rules_after(asker, &outcome).await?;
            if newest.digest() == basis.rules.digest() {
                return Ok((decision, outcome));
            }
            let same_clients = newest.has_clients_of(&basis.rules);
            *basis = Basis::new(asker, newest);
            let anew = decide(basis)?;
            if anew == decision && same_clients {
                return Ok((decision, outcome));
            }
            if anew.uses_code() {
                // The code may have been sent to AWS, which accepts each code only once, so the
                // person must enter a new one.
                return Err(Requirement::MfaCode.into());
            }
            decision = anew;
        }
        Err(DeskError::Changing)
    }

    /// The current rules, once AWS has responded. If the session has ended in the meantime, nothing
    /// may be handed out: the person signed out, the IdP ended the session, or its time is over.
    async fn rules_after<T: FromAws>(
        &self,
        asker: &Asker<'_>,
        outcome: &T,
    ) -> Result<Arc<DeskRules>, DeskError> {
        let ended = || DeskError::SessionEnded {
            sts_request_id: outcome.sts_request_id().map(str::to_owned),
        };
        let is_signed_in = asker.is_signed_in(self.state).await;
        if !is_signed_in.map_err(DeskError::Session)? {
            return Err(ended());
        }
        let newest = self.newest.desk_rules(asker.session());
        newest.map_err(|error| match error {
            DeskError::SessionOver => ended(),
            other => other,
        })
    }
}
