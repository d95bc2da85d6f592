//! What every request goes through.

mod guard;
mod headers;
mod load;
mod origin;
mod rate;
mod request_id;

pub use guard::guarded;
pub use headers::SecurityHeaders;
pub use load::Load;
pub use request_id::{RequestId, with_request_id};
