//! Signs people in and out: from our AuthnRequest, or an unsolicited response, to the end of the
//! session.
//!
//! ```text
//! begin ──► the IdP ──► response ──► arrival ──► finish ──► session ──► sign_out, or the IdP's logout
//! ```
//!
//! If a step of a login or logout fails, the store operations of that step are undone
//! (`signin/undo.rs`), and the original error is returned. This module does not depend on pages or
//! forms: a surface reads the request, passes its values to this module and shows the result.

mod arriving;
mod begin;
mod ended;
mod error;
mod finish;
mod limit;
mod logout;
mod response;
mod standing;
mod undo;
mod used;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::begin::{StartedLogin, ToIdp};
use self::ended::Ended;
pub use self::error::SignInError;
pub use self::finish::{Finished, Following, Outcome};
pub use self::logout::{IdpLogout, SignedOut};
pub use self::response::{Arrived, PostedResponse};
pub use self::standing::Over;
use crate::audit::{Event, Origin, Who};
use crate::config::{Config, Limit};
use crate::grant::{Condition, Grant, Grants};
use crate::saml::{Person, ServiceProvider};
use crate::session::{Browser, SessionToken, Slots};
use crate::state::State;

/// The sign-in rules: the part of the configuration that applies to signing in.
#[derive(Debug)]
pub struct SignInRules {
    /// The service provider and its IdPs.
    pub saml: ServiceProvider,
    /// The configured grants, which provide roles or sessions beyond the assertion.
    pub grants: Arc<Grants>,
    /// The names of the attributes that sessions keep in addition to the AWS attributes.
    pub attributes: BTreeSet<String>,
    /// The maximum age of a session, measured from the sign-in.
    pub session_max_age: TimeDelta,
    /// The maximum number of logins per person and minute.
    pub logins_per_minute: Limit,
    /// The maximum number of audit lines per minute about refusals of one kind from one address.
    pub refusals_per_minute: Limit,
    /// The sessions that reloads have ended.
    ended: Ended,
}

impl SignInRules {
    /// Builds the sign-in rules from `config`, and from `saml` and `grants`, which were built from
    /// the same configuration.
    pub fn new(config: &Config, saml: ServiceProvider, grants: Arc<Grants>) -> Self {
        Self {
            saml,
            grants,
            attributes: attributes(config),
            session_max_age: TimeDelta::seconds(i64::from(config.session.max_age_seconds)),
            logins_per_minute: config.limits.logins_per_minute,
            refusals_per_minute: config.by_address(config.limits.refusals_per_minute),
            ended: Ended::default(),
        }
    }

    /// Builds the rules that replace `before` at `now`. Sessions that have ended under earlier
    /// rules stay ended.
    pub fn renewed(
        config: &Config,
        saml: ServiceProvider,
        grants: Arc<Grants>,
        before: &Self,
        now: DateTime<Utc>,
    ) -> Self {
        let new = Self::new(config, saml, grants);
        let ended = before.ended.and(before, &new, now);
        Self { ended, ..new }
    }
}

/// The names of the attributes that grants use in conditions and templates, and that tools use in
/// conditions. Sessions keep only these attributes and the AWS attributes.
fn attributes(config: &Config) -> BTreeSet<String> {
    let of_grants = config.grants.iter().flat_map(Grant::attributes);
    let of_tools = config.tools.iter().flat_map(|tools| &tools.when);
    let of_tools = of_tools.map(Condition::attribute);
    of_grants.chain(of_tools).map(str::to_owned).collect()
}

/// The browser that sent a request, with the request's origin and cookies.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The origin of the request, for audit lines.
    pub origin: Origin<'a>,
    /// The token in the session cookie, if the browser sent one.
    pub token: Option<&'a SessionToken>,
    /// The identity in the login cookie, if the browser sent one.
    pub browser: Option<&'a Browser>,
    /// The identity in the arrival cookie, if the browser sent one. A browser gets this cookie when
    /// it posts the response of an IdP-initiated login.
    pub carrier: Option<&'a Browser>,
    /// The slots that the browser sent.
    pub slots: &'a Slots,
}

/// The sign-in operations for one request, under the rules that were in effect when the request
/// arrived.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    state: &'a State,
    rules: &'a SignInRules,
    visitor: Visitor<'a>,
}

impl<'a> SignIn<'a> {
    /// Creates the sign-in operations for the request from `visitor`.
    pub fn new(state: &'a State, rules: &'a SignInRules, visitor: Visitor<'a>) -> Self {
        Self {
            state,
            rules,
            visitor,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// Writes an audit line about `person`, with the audit name of the browser's session.
    async fn record(&self, event: &Event, person: &Person) -> Result<(), SignInError> {
        self.record_in(event, &Who::from(person), self.visitor.token)
            .await
    }

    /// Writes an audit line about a refusal, unless the client's address has caused too many lines
    /// of its kind within this minute. If an IdP has signed the message, the line is always
    /// written, because only that IdP's people can cause it.
    async fn record_refusal(
        &self,
        event: &Event,
        who: &Who,
        is_signed: bool,
    ) -> Result<(), SignInError> {
        let (state, now, origin) = (self.state, self.now(), self.visitor.origin);
        if let Some(beyond) = state.refusals.due(now) {
            let (event, nobody) = (Event::RefusalsUnwritten(beyond), Who::default());
            let origin = origin.of_nobody();
            let summary = state.audit.record(now, &event, &nobody, &origin);
            if let Err(error) = summary.await {
                tracing::error!(%error, ?event, "the count of refusals could not be written");
            }
        }
        let limit = self.rules.refusals_per_minute.filter(|_| !is_signed);
        let is_beyond = limit
            .zip(event.refusal())
            .is_some_and(|(limit, kind)| !state.refusals.admit(now, origin.ip, kind, limit));
        if is_beyond {
            return Ok(());
        }
        self.record_in(event, who, None).await
    }

    /// Writes an audit line about `who`, with the audit name of the session to which `token`
    /// belongs.
    async fn record_in(
        &self,
        event: &Event,
        who: &Who,
        token: Option<&SessionToken>,
    ) -> Result<(), SignInError> {
        let session = token.map(SessionToken::audit_name);
        let origin = self.visitor.origin.in_session(session.as_deref());
        let recorded = self.state.audit.record(self.now(), event, who, &origin);
        Ok(recorded.await?)
    }
}

#[cfg(test)]
mod tests;
