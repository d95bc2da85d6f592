//! Signing in: takes a login from our AuthnRequest to the session, and ends the session.
//!
//! ```text
//! begin ──► the IdP ──► answer ──► arrival ──► finish ──► session ──► sign_out, or the IdP's logout
//! ```
//!
//! A step that fails takes back what it wrote ([`undo`]) and returns the first error. Nothing here
//! knows pages or forms: a surface passes in what it read and shows the result.

mod answer;
mod begin;
mod ended;
mod error;
mod finish;
mod limit;
mod logout;
mod standing;
mod undo;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::answer::{Answer, Arrived};
pub use self::begin::{StartedLogin, ToIdp};
use self::ended::Ended;
pub use self::error::SignInError;
pub use self::finish::{Finished, Outcome};
pub use self::logout::{IdpLogout, SignedOut};
pub use self::standing::Over;
use crate::audit::{Event, Origin, Who};
use crate::config::{Config, Limit};
use crate::grant::{Condition, Grant, Grants};
use crate::saml::{Person, ServiceProvider};
use crate::session::{Browser, SessionToken};
use crate::state::State;

/// The sign-in rules: what the configuration says about signing in.
#[derive(Debug)]
pub struct SignInRules {
    /// The service provider and its IdPs.
    pub saml: ServiceProvider,
    /// Rules that give roles or sessions beyond the assertion.
    pub grants: Arc<Grants>,
    /// The names of the attributes that sessions keep.
    pub attributes: BTreeSet<String>,
    /// How long a session lasts at most, from the sign-in.
    pub max_age: TimeDelta,
    /// How many logins one person may make per minute.
    pub logins_per_minute: Limit,
    /// Sessions that earlier sign-in rules have ended.
    ended: Ended,
}

impl SignInRules {
    /// The sign-in rules of `config`, with `saml` and `grants` built from it.
    pub fn new(config: &Config, saml: ServiceProvider, grants: Arc<Grants>) -> Self {
        Self {
            saml,
            grants,
            attributes: attributes(config),
            max_age: TimeDelta::seconds(i64::from(config.session.max_age_seconds)),
            logins_per_minute: config.limits.logins_per_minute,
            ended: Ended::default(),
        }
    }

    /// Rules that replace `before` from `now` on: sessions that are over stay over.
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

/// The names of the attributes that grants and tools look at. Sessions do not keep any others.
fn attributes(config: &Config) -> BTreeSet<String> {
    let of_grants = config.grants.iter().flat_map(Grant::attributes);
    let of_tools = config.tools.iter().flat_map(|tools| &tools.when);
    let of_tools = of_tools.map(Condition::attribute);
    of_grants.chain(of_tools).map(str::to_owned).collect()
}

/// A browser that makes a request, and what it brings.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Where the request comes from, for audit lines.
    pub origin: Origin<'a>,
    /// The token of the browser's session, if it has one.
    pub token: Option<&'a SessionToken>,
    /// The identity in its login cookie, if it has started a login here.
    pub browser: Option<&'a Browser>,
    /// The identity in its arrival cookie, if it has brought a login that the IdP started.
    pub carrier: Option<&'a Browser>,
}

/// Signing in for one request, under the rules that were in effect when it came.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    state: &'a State,
    rules: &'a SignInRules,
    visitor: Visitor<'a>,
}

impl<'a> SignIn<'a> {
    /// Signing in for one request.
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

    /// Writes an audit line about `person`, in the browser's session.
    fn record(&self, event: &Event, person: &Person) -> Result<(), SignInError> {
        self.record_in(event, &Who::from(person), self.visitor.token)
    }

    /// Writes an audit line about `who`, in the session of `token`.
    fn record_in(
        &self,
        event: &Event,
        who: &Who,
        token: Option<&SessionToken>,
    ) -> Result<(), SignInError> {
        let session = token.map(SessionToken::audit_name);
        let origin = self.visitor.origin.in_session(session.as_deref());
        Ok(self.state.audit.record(self.now(), event, who, &origin)?)
    }
}

#[cfg(test)]
mod tests;
