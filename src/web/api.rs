//! The JSON API: roles, credentials, console sign-ins and the tools, for programs.

pub mod console;
pub mod credentials;
mod login_required;
mod role_body;
pub mod roles;
pub mod tools;
