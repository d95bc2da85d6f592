//! The ops URLs, for the machine and its monitoring.

pub mod health;
