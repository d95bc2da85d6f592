//! What identity providers send people to us with, and we to them.

pub mod acs;
pub mod metadata;
pub mod slo;
