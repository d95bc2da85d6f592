//! The SAML endpoints: the ACS, single logout and our metadata.

pub mod acs;
pub mod metadata;
pub mod slo;
