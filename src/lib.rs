//! rolecall: a self-hosted SAML sign-in broker for AWS.
//!
//! A person signs in at their company's identity provider (IdP); rolecall, the SAML service
//! provider (SP), verifies the IdP's POST, shows the AWS roles this person may use, calls STS,
//! and hands over temporary credentials or a console sign-in.
//!
//! The data goes one way, and so do the dependencies:
//!
//! ```text
//! main → cli → server → routes → web → broker → {session, audit} → {saml, aws} → {config, clock}
//! ```
//!
//! [`saml`] and [`aws`] know nothing of HTTP, cookies, templates or each other; [`web`] knows
//! all of them and holds no protocol logic. `docs/architecture.md` is the long version.

pub mod audit;
pub mod aws;
pub mod broker;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod demo;
pub mod routes;
pub mod saml;
pub mod server;
pub mod session;
pub mod store;
pub mod web;
