//! The desk: the only module that issues credentials, signs people in to the AWS console and calls
//! AWS on their behalf.
//!
//! A caller passes in the person's session, the person's request, and the origin of the HTTP
//! request. The desk determines the person's rights, makes the decision, calls AWS and writes the
//! audit line. Only then does it return the credentials, the sign-in URL or the result of the AWS
//! tool.
//! The desk does not depend on pages, cookies or HTTP requests, so every surface can use it.
//!
//! # The desk cannot be bypassed
//!
//! Other modules can read the rules, but cannot access the AWS clients, the IAM users or the token
//! issuer in them:
//!
//! ```
//! fn by_the_desk(rules: &rolecall::desk::DeskRules, granted: &rolecall::desk::Granted) {
//!     let _ = (rules.digest(), &granted.role);
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(rules: &rolecall::desk::DeskRules) {
//!     let _ = &rules.issuer;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(rules: &rolecall::desk::DeskRules) {
//!     let _ = &rules.sts;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(rules: &rolecall::desk::DeskRules) {
//!     let _ = &rules.signin;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! fn past_the_desk(rules: &rolecall::desk::DeskRules) {
//!     let _ = &rules.users;
//! }
//! ```
//!
//! A `Desk` does not expose the rules that it uses:
//!
//! ```compile_fail,E0616
//! fn past_the_desk(desk: &rolecall::desk::Desk<'_>) {
//!     let _ = &desk.rules;
//! }
//! ```
//!
//! No other module can construct a `Decision`, a `Recorded` (the proof that an audit line was
//! written) or a `Granted`:
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

mod asker;
mod calling;
mod decision;
mod error;
mod granted;
mod mfa_attempts;
mod newest;
mod request;
mod requirement;
mod rights;
mod rules;
mod tool;
mod trail;
mod users;

use std::sync::Arc;
use std::time::Duration;

pub use self::asker::Asker;
pub use self::error::{DeskError, Giver};
pub use self::granted::{Granted, Hub};
pub use self::mfa_attempts::MfaLimit;
pub use self::newest::Newest;
pub use self::request::RoleRequest;
pub use self::requirement::Requirement;
pub use self::rights::Rights;
pub use self::rules::{DeskRules, DeskRulesError, Durations};
pub use self::tool::Tool;
pub use self::trail::MAX_ARN;

use self::calling::Calling;
use self::decision::{ConsoleDecision, Decision};
use self::mfa_attempts::MfaAttempts;
use self::newest::Basis;
use self::trail::Recorded;
use crate::audit::{AuditError, Event};
use crate::aws::signin::SigninUrl;
use crate::aws::sts::CallerIdentity;
use crate::state::State;

/// The timeout for the call in [`Desk::seen_as`].
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// Handles one request under `rules`. If a reload replaces the rules while AWS is being called, the
/// result is returned only if the new rules lead to the same decision.
pub struct Desk<'a> {
    rules: Arc<DeskRules>,
    state: &'a State,
    newest: &'a dyn Newest,
}

impl<'a> Desk<'a> {
    /// Prepares to handle a request under `rules`. `newest` supplies the rules after a reload.
    pub fn new(rules: Arc<DeskRules>, state: &'a State, newest: &'a dyn Newest) -> Self {
        Self {
            rules,
            state,
            newest,
        }
    }

    /// The person's rights under the rules of this request, computed once per request.
    pub fn rights(&self, asker: &Asker<'_>) -> Arc<Rights> {
        asker.rights(&self.rules)
    }

    /// Obtains the requested credentials, and returns them once the audit line has been written.
    pub async fn credentials(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
    ) -> Result<Granted, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let decide = |basis: &Basis| basis.matter(session, request, now).decide();
        let call = async |rules: &DeskRules, decision: &Decision| {
            self.calling(rules, asker).obtain(decision).await
        };
        let (basis, settled) = self.settle(asker, decide, call).await;
        match settled {
            Ok((decision, obtained)) => {
                let role = trail::issued(&basis, request, &decision, &obtained);
                let event = Event::CredentialsIssued(role);
                let recorded = self.record(asker, &basis, &event).await?;
                Ok(Granted::new(decision, obtained, recorded))
            }
            Err(error) => {
                let refused = self.refused(asker, &basis, request, "credentials", error);
                Err(refused.await)
            }
        }
    }

    /// Returns a URL that signs the person in to the AWS console with the requested credentials.
    /// `destination` is the console page to open.
    pub async fn console(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
        destination: Option<&str>,
    ) -> Result<SigninUrl, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let decide = |basis: &Basis| {
            let matter = basis.matter(session, request, now);
            matter.decide_console(destination)
        };
        let call = async |rules: &DeskRules, decision: &ConsoleDecision| {
            self.calling(rules, asker).sign_in(decision).await
        };
        let (basis, settled) = self.settle(asker, decide, call).await;
        match settled {
            Ok((decision, (obtained, url))) => {
                let role = trail::issued(&basis, request, &decision.role, &obtained);
                let event = Event::ConsoleOpened(role);
                self.record(asker, &basis, &event).await?;
                Ok(url)
            }
            Err(error) => {
                let refused = self.refused(asker, &basis, request, "console", error);
                Err(refused.await)
            }
        }
    }

    /// Calls an AWS tool with a role's credentials. No audit line is written if the person must
    /// first sign in again or supply a reason or an MFA code. Otherwise, one is written whether the
    /// request succeeds or fails.
    pub async fn tool(
        &self,
        asker: &Asker<'_>,
        request: &RoleRequest,
        tool: Tool<'_>,
    ) -> Result<String, DeskError> {
        let (session, now) = (asker.session(), self.state.clock.now());
        let request = &request.for_a_question();
        let decide = |basis: &Basis| basis.matter(session, request, now).decide_tool();
        let call = async |rules: &DeskRules, decision: &Decision| {
            self.calling(rules, asker).ask(decision, &tool).await
        };
        let (basis, settled) = self.settle(asker, decide, call).await;
        let response = settled.map(|(_, response)| response);
        if response.as_ref().is_err_and(|error| !error.is_refusal()) {
            return response;
        }
        let event = trail::tool_used(asker, &basis, request, &tool, response.as_ref().err());
        self.record(asker, &basis, &event).await?;
        response
    }

    /// The identity that AWS reports for the credentials. The identity is only informational, so
    /// this method waits at most `SEEN_WITHIN`, and returns `None` on any error.
    pub async fn seen_as(&self, granted: &Granted) -> Option<CallerIdentity> {
        let Granted { role, issued, .. } = granted;
        let sts = &self.rules.sts;
        let asked = sts.caller_identity(&issued.credentials, role.partition);
        tokio::time::timeout(SEEN_WITHIN, asked).await.ok()?.ok()
    }

    fn calling<'c>(&'c self, rules: &'c DeskRules, asker: &'c Asker<'_>) -> Calling<'c> {
        Calling {
            rules,
            session: asker.session(),
            attempts: MfaAttempts(&self.state.store),
            address: asker.address(),
            now: self.state.clock.now(),
        }
    }

    async fn record(
        &self,
        asker: &Asker<'_>,
        basis: &Basis,
        event: &Event,
    ) -> Result<Recorded, AuditError> {
        trail::record(self.state, event, asker, basis).await
    }

    /// Writes the audit line if `error` is a refusal. Returns `error`, or the audit error if the
    /// line cannot be written.
    async fn refused(
        &self,
        asker: &Asker<'_>,
        basis: &Basis,
        request: &RoleRequest,
        action: &'static str,
        error: DeskError,
    ) -> DeskError {
        if !error.is_refusal() {
            return error;
        }
        let event = trail::refused(asker, basis, request, action, &error);
        match self.record(asker, basis, &event).await {
            Ok(_) => error,
            Err(unwritten) => unwritten.into(),
        }
    }
}

#[cfg(test)]
mod tests;
