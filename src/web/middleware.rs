//! What every request goes through.

mod headers;
mod origin;
mod request_id;

pub use headers::SecurityHeaders;
pub use origin::same_origin;
pub use request_id::{RequestId, with_request_id};
