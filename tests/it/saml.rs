//! Tests of the verification pipeline. Most of the messages differ from a good one in one respect.
//!
//! Usually, the tests' own IdP signs a message after the change. Otherwise, the message would be
//! refused only for its signature.

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
