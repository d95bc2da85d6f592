//! The JSON API for programs: roles, credentials, console sign-ins and the AWS tools.

pub mod console;
pub mod credentials;
mod login_required;
mod role_body;
pub mod roles;
pub mod tools;
