//! Tests of the verification pipeline with messages that each differ from a good one in one
//! respect.
//!
//! After the change, the tests' own IdP signs each message again, unless the test is about the
//! signature. Otherwise every test would test only the signature.

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
