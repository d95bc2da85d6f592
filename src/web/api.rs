//! The JSON API, which makes the functions of the pages available to programs.

pub mod console;
pub mod credentials;
mod login_required;
mod role_body;
pub mod roles;
pub mod tools;
