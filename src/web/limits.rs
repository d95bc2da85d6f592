//! How much a request may ask for, and how much there may be of everything at a time.

mod bodies;
mod rate_limiter;
mod shed_counters;

#[cfg(test)]
pub(in crate::web) use bodies::CROWD_BYTES;
pub(in crate::web) use bodies::Share;
pub use bodies::{BODIES_BYTES, Bodies};
pub use rate_limiter::{RateLimiter, TooOften};
pub use shed_counters::ShedCounters;

/// The most roles at once: each is a call of STS.
pub const MAX_ROLES: usize = 20;
