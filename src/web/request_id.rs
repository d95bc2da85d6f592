//! The request ID, which appears in the log, in audit lines and in responses.

use std::io::Write as _;
use std::ops::Deref;

use crate::crypto;

/// A request's ID: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// Creates a random ID. If the random number generator fails, the ID consists of zeros. In this
    /// case, nobody can sign in, because sign-ins also need random numbers.
    pub fn new() -> Self {
        let number = u64::from_be_bytes(crypto::random::<8>().unwrap_or_default());
        let mut id = Self::default();
        // Writing cannot fail, because 16 digits fit.
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
