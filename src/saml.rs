//! The SAML service provider.
//!
//! ```text
//! form field ─► response   decode, parse once, apply the policy, verify and read the same tree
//!            ─► check      the profile's rules: status, times, audience, subject
//!            ─► Login      who signed in
//! ```
//!
//! This module does not depend on the HTTP server, cookies or AWS. The checks for replay and for
//! the login in progress need the store, so the caller runs them, after all others.

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
pub use login::{Attribute, AuthnContexts, Login, NameId, Person};
pub use provider::{SentRequest, ServiceProvider, file_mistakes};
pub use refusal::Refusal;
pub use trust::{Trust, TrustError};
