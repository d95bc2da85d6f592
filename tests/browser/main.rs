//! Tests with a real browser.

#[path = "../support/mod.rs"]
mod support;

mod chromium;
mod demo;
mod guises;
mod portal;
mod simplesamlphp;
