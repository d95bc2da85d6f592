//! The ID of a request: on its log line, its audit lines and its error page.

use std::io::Write as _;
use std::ops::Deref;

use crate::crypto;

/// The request's ID: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// A new one. Without random bytes there is no signing in either; the ID is then the same for all.
    pub fn new() -> Self {
        let number = u64::from_be_bytes(crypto::random::<8>().unwrap_or_default());
        let mut id = Self::default();
        // The digits fit.
        let _ = write!(&mut id.0[..], "{number:016x}");
        id
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self([b'0'; 16])
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
