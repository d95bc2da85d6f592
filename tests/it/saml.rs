//! The verification pipeline against messages that differ from a good one in one respect.
//!
//! The test's own IdP signs each message again after the change, unless the signature is what the
//! test is about; otherwise every test would test only the signature.

pub mod bench;
mod corpus;
mod encryption;
mod good;
mod idps;
mod load;
mod markup;
mod profile;
mod signature;
mod structure;
mod wrapping;
