//! Tests with a real browser.

#[path = "../support/mod.rs"]
mod support;

mod ahead;
mod chromium;
mod demo;
mod errors;
mod guises;
mod look;
mod markup;
mod other_site;
mod portal;
mod simplesamlphp;
