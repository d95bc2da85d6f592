//! The JSON API, which offers programs what the pages offer people.

pub mod console;
pub mod credentials;
mod login_required;
mod role_body;
pub mod roles;
pub mod tools;
