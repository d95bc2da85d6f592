//! The middleware through which every request passes.

mod connection;
mod guard;
mod load_shedding;
mod prefetch;
mod rate_limit;
mod request_log;
mod same_origin;

pub use connection::with_connection;
pub use guard::guarded;
pub use load_shedding::Load;
pub use request_log::with_request_facts;
