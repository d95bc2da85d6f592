//! Helpers that the tests share: the application under test, third-party programs, and a user agent
//! that needs no browser.

#![allow(dead_code, reason = "each test binary uses only part of it")]

pub mod app;
pub mod canary;
pub mod capture;
pub mod key_pair;
pub mod output;
pub mod partners;
pub mod patience;
pub mod saml;
pub mod second_opinion;
pub mod server;
pub mod user_agent;
