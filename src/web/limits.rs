//! Limits: how much one request may ask for, and how much the service handles at a time.

mod bodies;
mod rate_limiter;
mod shed_counters;

#[cfg(test)]
pub(in crate::web) use bodies::CROWD_BYTES;
pub(in crate::web) use bodies::Share;
pub use bodies::{BODIES_BYTES, Bodies};
pub use rate_limiter::{RateLimiter, TooOften};
pub use shed_counters::ShedCounters;

/// The most roles in one request: each is an STS call.
pub const MAX_ROLES: usize = 20;
