//! The desk: the only way to credentials, a sign-in to the console, and AWS's tools.
//!
//! A page or a program passes on the person, the origin and the role. The desk works out what the person
//! has, decides, calls AWS, and writes the audit line. Only then does it hand out what AWS gave. It knows
//! nothing of pages, cookies or requests, so every surface can use it.
//!
//! # Nothing goes past it
//!
//! Whoever has the terms can read what people may have, and cannot call AWS with them:
//!
//! ```
//! fn by_the_desk(terms: &rolecall::desk::Terms, granted: &rolecall::desk::Granted) {
//!     let _ = (terms.digest(), &granted.role);
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(terms: &rolecall::desk::Terms) {
//!     let _ = &terms.issuer;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(terms: &rolecall::desk::Terms) {
//!     let _ = &terms.sts;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(terms: &rolecall::desk::Terms) {
//!     let _ = &terms.signin;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(terms: &rolecall::desk::Terms) {
//!     let _ = &terms.users;
//! }
//! ```
//!
//! Nor does the desk give them away:
//!
//! ```compile_fail,E0616
//! fn past_the_desk(desk: &rolecall::desk::Desk<'_>) {
//!     let _ = &desk.terms;
//! }
//! ```
//!
//! Nobody calls AWS without a visit, and nobody else says that a line was written:
//!
//! ```compile_fail,E0603
//! use rolecall::desk::decision::Decision;
//! ```
//!
//! ```compile_fail,E0603
//! use rolecall::desk::trail::Recorded;
//! ```
//!
//! ```compile_fail,E0451
//! use rolecall::desk::Granted;
//!
//! fn unrecorded(granted: Granted, other: Granted) -> Granted {
//!     Granted { role: granted.role.clone(), ..other }
//! }
//! ```

mod asked;
mod asker;
mod calling;
mod decision;
mod error;
mod granted;
mod mfa_attempts;
mod newest;
mod request;
mod rights;
mod terms;
mod tool;
mod trail;
mod users;

use std::sync::Arc;
use std::time::Duration;

pub use self::asked::Asks;
pub use self::asker::Asker;
pub use self::error::{DeskError, Giver};
pub use self::granted::{Granted, Hub};
pub use self::newest::Newest;
pub use self::request::RoleRequest;
pub use self::rights::Rights;
pub use self::terms::{Durations, Terms, TermsError};
pub use self::tool::Tool;
pub use self::trail::MAX_ARN;

use self::calling::Calling;
use self::decision::{ConsoleDecision, Decision};
use self::mfa_attempts::MfaAttempts;
use self::newest::Standing;
use self::trail::Recorded;
use crate::audit::{AuditError, Event};
use crate::aws::signin::SigninUrl;
use crate::aws::sts::CallerIdentity;
use crate::session::Session;
use crate::state::State;

/// How long AWS may take to say who somebody is.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// One visit. It begins under `terms`; before anything is handed out, the newest terms are checked.
pub struct Desk<'a> {
    terms: Arc<Terms>,
    state: &'a State,
    newest: &'a dyn Newest,
}

impl<'a> Desk<'a> {
    /// A visit that begins under `terms`.
    pub fn new(terms: Arc<Terms>, state: &'a State, newest: &'a dyn Newest) -> Self {
        Self {
            terms,
            state,
            newest,
        }
    }

    /// What the person has. It is worked out once in a visit.
    pub fn rights(&self, asker: &Asker<'_>) -> Arc<Rights> {
        asker.rights(&self.terms)
    }

    /// Gets credentials for a role.
    pub async fn credentials(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
    ) -> Result<Granted, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let decide = |standing: &Standing| standing.matter(session, request, now).decide();
        let call = async |terms: &Terms, decision: &Decision| {
            self.calling(terms, session).obtain(decision).await
        };
        let (standing, settled) = self.settle(asker, decide, call).await;
        match settled {
            Ok((decision, obtained)) => {
                let role = trail::issued(&standing, request, &decision, &obtained);
                let recorded = self.record(asker, &standing, &Event::CredentialsIssued(role))?;
                Ok(Granted::new(decision, obtained, recorded))
            }
            Err(error) => Err(self.refused(asker, &standing, request, "credentials", error)),
        }
    }

    /// Signs in to the console with a role; `destination` is the page to open there.
    pub async fn console(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
        destination: Option<&str>,
    ) -> Result<SigninUrl, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let decide = |standing: &Standing| {
            let matter = standing.matter(session, request, now);
            matter.decide_console(destination)
        };
        let call = async |terms: &Terms, decision: &ConsoleDecision| {
            self.calling(terms, session).sign_in(decision).await
        };
        let (standing, settled) = self.settle(asker, decide, call).await;
        match settled {
            Ok((decision, (obtained, url))) => {
                let role = trail::issued(&standing, request, &decision.role, &obtained);
                self.record(asker, &standing, &Event::ConsoleOpened(role))?;
                Ok(url)
            }
            Err(error) => Err(self.refused(asker, &standing, request, "console", error)),
        }
    }

    /// Asks AWS something with a role. There is a line of it whatever comes of it, unless the person has to
    /// sign in or to answer something first.
    pub async fn tool(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
        tool: Tool<'_>,
    ) -> Result<String, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let request = &request.for_a_question();
        let decide = |standing: &Standing| standing.matter(session, request, now).decide_tool();
        let call = async |terms: &Terms, decision: &Decision| {
            self.calling(terms, session).ask(decision, &tool).await
        };
        let (standing, settled) = self.settle(asker, decide, call).await;
        let answer = settled.map(|(_, answer)| answer);
        if answer.as_ref().is_err_and(|error| !error.is_refusal()) {
            return answer;
        }
        let event = trail::tool_used(asker, &standing, request, &tool, answer.as_ref().err());
        self.record(asker, &standing, &event)?;
        answer
    }

    /// Who credentials are for AWS. Nothing waits long for it, and nothing hangs on it.
    pub async fn seen_as(&self, granted: &Granted) -> Option<CallerIdentity> {
        let Granted { role, issued, .. } = granted;
        let sts = &self.terms.sts;
        let asked = sts.caller_identity(&issued.credentials, role.partition);
        tokio::time::timeout(SEEN_WITHIN, asked).await.ok()?.ok()
    }

    fn calling<'c>(&'c self, terms: &'c Terms, session: &'c Session) -> Calling<'c> {
        Calling {
            terms,
            session,
            attempts: MfaAttempts(&self.state.store),
            now: self.state.clock.now(),
        }
    }

    /// Writes an audit line, with the terms by which it was decided.
    fn record(
        &self,
        asker: &Asker<'_>,
        standing: &Standing,
        event: &Event,
    ) -> Result<Recorded, AuditError> {
        trail::record(self.state, event, asker, standing)
    }

    /// Writes the line of a refusal, where it is one; an error of that comes first.
    fn refused(
        &self,
        asker: &Asker<'_>,
        standing: &Standing,
        request: &RoleRequest,
        action: &'static str,
        error: DeskError,
    ) -> DeskError {
        if !error.is_refusal() {
            return error;
        }
        let event = trail::refused(asker, standing, request, action, &error);
        match self.record(asker, standing, &event) {
            Ok(_) => error,
            Err(unwritten) => unwritten.into(),
        }
    }
}

#[cfg(test)]
mod tests;
