//! For the machine and its monitoring.

pub mod health;
