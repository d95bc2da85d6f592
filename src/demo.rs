//! The embedded parts: an identity provider, an STS, a sign-in endpoint and a console page.
//!
//! `rolecall demo` runs them beside the broker, so that a newcomer sees everything without an IdP
//! and without an AWS account. Tests use the same parts as the strict AWS and the bendable IdP.

pub mod credentials;
pub mod idp;
pub mod people;
pub mod role;
pub mod shelf;
pub mod sts;
