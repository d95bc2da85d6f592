//! The verification pipeline against messages that differ from a good one in one thing.
//!
//! Each message is signed again after it was changed, by the test's own IdP, unless the
//! signature is what the test is about: otherwise every test would only test the signature.

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
