//! rolecall: a self-hosted SAML sign-in broker for AWS.
//!
//! A person signs in at their company's identity provider (IdP). rolecall, the SAML service
//! provider (SP), verifies the IdP's response and shows the AWS roles that this person may use.
//! When the person chooses a role, rolecall calls STS and provides temporary credentials or a
//! console sign-in.
//!
//! Modules use only modules to their right or on lower lines:
//!
//! ```text
//! main → cli → demo → server → routes → web
//! signin   desk
//! state → session, audit → store
//! saml → config → oidc → grant → aws
//! logs   clock   crypto   printable   causes
//! ```
//!
//! | module | purpose |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`server`] | the running service: listeners, reloads, housekeeping, shutdown |
//! | [`routes`] | the table of all URLs |
//! | [`web`] | the surfaces (pages, API, SAML, documents, health), without protocol logic |
//! | [`signin`] | logins, with or without an AuthnRequest from us, and the end of sessions |
//! | [`desk`] | the only path to credentials, console sign-ins and AWS tools |
//! | [`state`], [`session`], [`store`], [`audit`] | the state that reloads do not replace |
//! | [`config`] | the configuration, and the report of all mistakes in it |
//! | [`saml`] | the service provider: verification, checks, requests, metadata |
//! | [`grant`], [`oidc`] | grants, and the issuer for AssumeRoleWithWebIdentity |
//! | [`aws`] | ARNs, SAML attributes, STS, console sign-in, text formats |
//! | [`clock`], [`crypto`] | the system time; random bytes and digests |
//! | [`logs`] | the queue in front of the log |
//! | [`printable`], [`causes`] | text for logs and terminals |
//! | [`tally`] | counts of what unauthenticated clients cause, by address |
//! | [`demo`] | the embedded IdP, STS and sign-in endpoint |
//!
//! [`saml`] and [`aws`] do not use each other, and do not depend on HTTP requests to rolecall. For
//! details, see `docs/architecture.md`.

/// `second_opinion` is shared with the integration tests, so it refers to this crate as `rolecall`.
/// This alias makes the name available to the unit tests.
#[cfg(test)]
extern crate self as rolecall;

#[cfg(test)]
#[allow(dead_code, reason = "each test binary uses only part of this module")]
#[path = "../tests/support/second_opinion.rs"]
mod second_opinion;

pub mod audit;
pub mod aws;
pub mod causes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod demo;
pub mod desk;
pub mod grant;
pub mod logs;
pub mod oidc;
pub mod printable;
pub mod routes;
pub mod saml;
pub mod server;
pub mod session;
pub mod signin;
pub mod state;
pub mod store;
pub mod tally;
pub mod web;
