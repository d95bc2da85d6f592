//! Tests of the verification pipeline. Most of the messages differ from a good one in one respect.
//!
//! Usually, the tests' own IdP signs a message after the change, so that the message is not refused
//! just because of its signature.

pub mod bench;
mod corpus;
mod encryption;
mod good;
mod idps;
mod load;
mod markup;
mod names;
mod profile;
mod signature;
mod structure;
mod white_space;
mod wrapping;
