//! The SAML endpoints, which receive messages from identity providers.

pub mod acs;
pub mod metadata;
pub mod slo;
