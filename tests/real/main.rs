//! Tests with real partners: identity providers, an STS and the AWS CLI that other people wrote.
//!
//! `make test` installs them; a missing one is a failure.

#[path = "../support/mod.rs"]
mod support;

mod broker;
mod formats;
mod metadata;
mod partners;
mod sts;
mod user_agent;
