//! How much a request may ask for, and how much there may be of everything at a time.

pub mod bodies;
pub mod rate_limiter;
pub mod shed_counters;

/// The most roles at once: each is a call of STS.
pub const MAX_ROLES: usize = 20;
/// The longest ARN of a refused role that is kept, in characters.
pub const MAX_ARN: usize = 256;
