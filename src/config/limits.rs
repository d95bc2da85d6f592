use std::num::NonZeroU32;

use super::kind::limit;
use super::reader::{Reader, Reported};

/// A limit; `None` means no limit.
pub type Limit = Option<NonZeroU32>;

/// `[limits]`: the resources that one client, and all clients together, may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of requests per minute from one IPv4 address or one IPv6 /64; also the
    /// burst size.
    pub requests_per_minute: Limit,
    /// The maximum number of logins by one person within one minute, which begins with the first of
    /// these logins.
    pub logins_per_minute: Limit,
    /// The maximum number of audit lines per minute about refused logins and logouts from one IPv4
    /// address or one IPv6 /64, for each check that fails. Further ones are only counted. Lines
    /// about messages that the identity provider has signed are always written.
    pub refusals_per_minute: Limit,
    /// The maximum size of a request body with an identity provider's message, in bytes.
    pub body_bytes: Limit,
    /// The maximum number of concurrent connections.
    pub connections: Limit,
    /// The maximum number of connections of one IPv4 address or one IPv6 /64 that have been waiting
    /// for more than a second for their client: for the TLS handshake, for a request's head or
    /// body, or for the client to read a response.
    pub unfinished_per_address: Limit,
    /// How long a client may take to send a request head, or to complete a TLS handshake, in
    /// seconds.
    pub header_seconds: Limit,
    /// How long a request may wait to be processed before it is refused, in milliseconds.
    pub waiting_milliseconds: Limit,
    /// The maximum memory for sessions, assertions, and verified logins that wait for their browser
    /// to come back, in megabytes of 1,048,576 bytes.
    pub session_megabytes: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: NonZeroU32::new(3_000),
            logins_per_minute: NonZeroU32::new(60),
            refusals_per_minute: NonZeroU32::new(10),
            body_bytes: NonZeroU32::new(256 * 1024),
            connections: NonZeroU32::new(4_096),
            unfinished_per_address: NonZeroU32::new(64),
            header_seconds: NonZeroU32::new(10),
            waiting_milliseconds: NonZeroU32::new(250),
            session_megabytes: NonZeroU32::new(1_024),
        }
    }
}

impl Limits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let requests_per_minute =
            reader.optional("requests_per_minute", &limit("requests", 1_000_000));
        let logins_per_minute = reader.optional("logins_per_minute", &limit("logins", 1_000_000));
        let refusals_per_minute =
            reader.optional("refusals_per_minute", &limit("audit lines", 1_000_000));
        let body_bytes = reader.optional("body_bytes", &limit("bytes", 16 * 1024 * 1024));
        let connections = reader.optional("connections", &limit("connections", 1_000_000));
        let unfinished_per_address =
            reader.optional("unfinished_per_address", &limit("connections", 1_000_000));
        let header_seconds = reader.optional("header_seconds", &limit("seconds", 300));
        let waiting_milliseconds =
            reader.optional("waiting_milliseconds", &limit("milliseconds", 60_000));
        let session_megabytes =
            reader.optional("session_megabytes", &limit("megabytes", 1_024 * 1_024));
        Ok(Self {
            requests_per_minute: requests_per_minute?.unwrap_or(default.requests_per_minute),
            logins_per_minute: logins_per_minute?.unwrap_or(default.logins_per_minute),
            refusals_per_minute: refusals_per_minute?.unwrap_or(default.refusals_per_minute),
            body_bytes: body_bytes?.unwrap_or(default.body_bytes),
            connections: connections?.unwrap_or(default.connections),
            unfinished_per_address: unfinished_per_address?
                .unwrap_or(default.unfinished_per_address),
            header_seconds: header_seconds?.unwrap_or(default.header_seconds),
            waiting_milliseconds: waiting_milliseconds?.unwrap_or(default.waiting_milliseconds),
            session_megabytes: session_megabytes?.unwrap_or(default.session_megabytes),
        })
    }
}
