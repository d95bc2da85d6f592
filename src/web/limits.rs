//! Limits on single requests, on each client and on the service as a whole.

mod bodies;
mod rate_limiter;
mod shed_counters;

pub use crate::tally::counted_address;
pub(in crate::web) use bodies::Share;
pub use bodies::{BODIES_BYTES, Bodies};
#[cfg(test)]
pub(in crate::web) use bodies::{CROWD, CROWD_BYTES};
pub use rate_limiter::{RateLimiter, TooOften};
pub use shed_counters::ShedCounters;

/// The maximum number of roles in one request. Each role needs at least one STS call.
pub const MAX_ROLES: usize = 20;
