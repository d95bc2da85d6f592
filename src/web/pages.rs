//! The pages that people see in a browser, and the code that these pages share.

pub mod ask;
pub mod behind;
pub mod console;
pub mod credentials;
pub mod go;
pub mod link;
pub mod login;
pub mod logout;
pub mod me;
pub mod portal;
pub mod roles;
pub mod several;
pub mod sign_in;
pub mod static_files;
pub mod through_idp;
pub mod tools;
pub mod used;
