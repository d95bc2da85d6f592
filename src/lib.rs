//! rolecall: a self-hosted SAML sign-in broker for AWS.
//!
//! A person signs in at their company's identity provider (IdP); rolecall, the SAML service
//! provider (SP), verifies the IdP's POST, shows the AWS roles this person may use, calls STS,
//! and hands over temporary credentials or a console sign-in.
//!
//! Dependencies point downwards:
//!
//! ```text
//! main → cli → server → routes → web → {signin, desk} → state → {session, audit, store}
//!                                                   → {config, saml, grant, oidc, aws} → {clock, crypto}
//! ```
//!
//! [`saml`] and [`aws`] know nothing of HTTP, cookies, templates or each other. [`signin`] owns a login
//! from our request to the session, and [`desk`] is the only way to what AWS gives. [`web`] knows all of
//! them and holds no protocol logic. `docs/architecture.md` is the long version.

/// The tests share the second opinion on every accepted message, which names this crate.
#[cfg(test)]
extern crate self as rolecall;

#[cfg(test)]
#[allow(dead_code, reason = "every test binary uses a part of it")]
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
