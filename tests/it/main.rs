//! Tests in process: the verification pipeline, and the whole application over HTTP.

#[path = "../support/second_opinion.rs"]
mod second_opinion;

mod saml;
