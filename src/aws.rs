//! AWS: roles and their names, STS, the console's sign-in, and the texts that carry credentials.
//!
//! Knows nothing of HTTP requests to rolecall, of sessions or of SAML messages.

pub mod arn;
pub mod attribute;
pub mod authorization;
pub mod credentials;
pub mod duration;
pub mod entitlement;
pub mod format;
pub mod partition;
pub mod region;
pub mod session_policy;
pub mod signin;
pub mod sts;

#[cfg(test)]
mod fake_server;
#[cfg(test)]
mod test_log;
