//! rolecall: a self-hosted SAML sign-in broker for AWS.
//!
//! A person signs in at their company's identity provider (IdP). rolecall, the SAML service
//! provider (SP), verifies the IdP's POST, shows the AWS roles that this person may use, calls STS,
//! and provides temporary credentials or a console sign-in.
//!
//! Dependencies point from left to right:
//!
//! ```text
//! main → cli → server → routes → web → {signin, desk} → state → {session, audit, store}
//!                                                   → {config, saml, grant, oidc, aws} → {clock, crypto}
//! ```
//!
//! [`saml`] and [`aws`] do not handle web requests, cookies or templates, and do not depend on each
//! other. [`signin`] handles a login from the AuthnRequest to the session. Everything that AWS
//! issues goes through [`desk`]. [`web`] depends on all of them and contains no protocol logic.
//! `docs/architecture.md` has the details.

/// The unit tests share `second_opinion` with the integration tests, so it refers to this crate by
/// name.
#[cfg(test)]
extern crate self as rolecall;

#[cfg(test)]
#[allow(dead_code, reason = "each test binary uses only part of it")]
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
pub mod oidc;
pub mod printable;
pub mod routes;
pub mod saml;
pub mod server;
pub mod session;
pub mod signin;
pub mod state;
pub mod store;
pub mod web;
