//! AWS: ARNs and roles, STS, console sign-in, and the text formats for credentials.
//!
//! SAML messages, rolecall's sessions and HTTP requests to rolecall are handled elsewhere.

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
