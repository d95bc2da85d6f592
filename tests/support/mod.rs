//! Helpers that the tests share. They start rolecall and third-party programs, send requests as a
//! browser would, and read the responses.

#![allow(dead_code, reason = "each test binary uses only part of it")]

pub mod app;
pub mod canary;
pub mod capture;
pub mod key_pair;
pub mod output;
pub mod partners;
pub mod patience;
pub mod program;
pub mod roles;
pub mod saml;
pub mod second_opinion;
pub mod server;
pub mod siege;
pub mod stalled;
pub mod user_agent;
