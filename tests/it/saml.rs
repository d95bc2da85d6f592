//! Tests of the verification pipeline with messages that each differ from a good one in one
//! respect.
//!
//! After the change, the tests' own IdP usually signs the message again, because the message would
//! otherwise be refused only for its signature.

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
