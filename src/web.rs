//! The surfaces, which turn requests into calls to the other modules, and results into responses.
//!
//! Each surface is a module: `pages`, `api`, `saml`, `documents` and `ops`. The code that they
//! share is next to them. `middleware` runs before and after the handler of every request. None of
//! this code contains protocol logic.

pub mod api;
mod app;
pub mod assets;
pub mod bad_request;
pub mod body;
pub mod brand;
pub mod client;
pub mod compression;
pub mod connection;
pub mod context;
mod cookie;
pub mod documents;
pub mod endpoint;
pub mod error;
pub mod error_response;
pub mod form;
pub mod limits;
mod local_page;
pub mod middleware;
pub mod ops;
pub mod pages;
mod redirect;
mod request;
mod request_id;
pub mod rules;
pub mod saml;
pub mod security_headers;
mod set_cookie;
pub mod surface;
pub mod texts;
mod to_idp;
mod tools;
pub mod view;

#[cfg(test)]
pub(crate) mod tests;

pub use app::{App, Reloaded};
pub use request_id::RequestId;
