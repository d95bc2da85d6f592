//! The ops URLs, for monitoring. Only the internal listener serves them.

pub mod health;
