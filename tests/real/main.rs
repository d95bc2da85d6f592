//! Tests with real partners: third-party programs such as identity providers, an STS and the AWS
//! CLI.
//!
//! `make test` installs the partners. If a partner is missing, its tests fail.

#[path = "../support/mod.rs"]
mod support;

mod broker;
mod documents;
mod formats;
mod metadata;
mod partners;
mod shutdown;
mod sts;
mod trail;
mod user_agent;
