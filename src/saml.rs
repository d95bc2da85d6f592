//! The SAML service provider. This is how a response becomes a login:
//!
//! ```text
//! form field ─► response   decode, parse once, apply the policy, verify and read the same tree
//!            ─► check      the profile's rules: status, times, audience, subject
//!            ─► Login      who signed in
//! ```
//!
//! This module does not depend on cookies, AWS or HTTP requests to rolecall. The checks that need
//! the store are in `signin`: whether the assertion has been used, and whether the login is in
//! progress.

pub mod binding;
pub mod check;
pub mod encryption;
pub mod explanation;
pub mod idp;
pub mod inspection;
pub mod key;
pub mod login;
pub mod logout;
pub mod metadata;
pub mod person;
pub mod policy;
pub mod provider;
pub mod reading;
mod refusal;
pub mod request;
pub mod response;
pub mod signature;
pub mod summary;
pub mod trust;
pub mod xml;

pub use idp::IdentityProvider;
pub use login::{Attribute, AuthnContexts, Login, NameId};
pub use person::{Person, PersonKey, StableId};
pub use provider::{SentRequest, ServiceProvider, file_mistakes};
pub use refusal::Refusal;
pub use trust::{Trust, TrustError};
