//! The ops URLs, for the local machine and for monitoring.

pub mod health;
