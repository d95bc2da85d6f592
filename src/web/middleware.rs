//! What every request goes through.

mod headers;
mod load;
mod origin;
mod rate;
mod request_id;

pub use headers::SecurityHeaders;
pub use load::BUSY;
pub use load::{Load, not_too_much};
pub use origin::same_origin;
pub use rate::not_too_often;
pub use request_id::{RequestId, with_request_id};
