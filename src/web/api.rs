//! The JSON API: the same as the pages, for programs.

pub mod console;
pub mod credentials;
mod login_required;
mod role_body;
pub mod roles;
pub mod tools;
