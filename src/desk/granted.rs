//! The credentials that the desk issues.

use super::decision::Decision;
use super::trail::Recorded;
use crate::aws::arn::RoleArn;
use crate::aws::entitlement::Role;
use crate::aws::signin::SigninUrl;
use crate::aws::sts::Issued;
use crate::grant::SessionParameters;

/// Issued credentials, with the role or user that they are for. Only the desk can create a
/// `Granted`, and only after it has written the audit line.
#[derive(Debug)]
pub struct Granted {
    /// The role, IAM user or root user, and the SAML provider or grant that provides it.
    pub role: Role,
    /// The credentials and the metadata that STS returned.
    pub issued: Issued,
    /// The parameters that describe the person. Either we sent them to STS, or the assertion
    /// contained them.
    pub parameters: SessionParameters,
    /// Whether the lifetime is shorter than the requested or default lifetime. The role, the grant,
    /// role chaining or the assertion's `SessionNotOnOrAfter` can limit it.
    pub is_shortened: bool,
    /// The hub that was used, if the grant is a chain.
    pub hub: Option<Hub>,
    _recorded: Recorded,
}

/// The role that a chain started from. Its credentials never leave the desk.
#[derive(Debug)]
pub struct Hub {
    /// The ARN of the hub role.
    pub arn: RoleArn,
    pub(super) issued: Issued,
}

/// Credentials that AWS has issued, but for which no audit line has been written yet.
pub(super) struct Obtained {
    pub issued: Issued,
    pub hub: Option<Hub>,
}

/// A result of calls to AWS, which may have to be discarded.
pub(super) trait FromAws {
    /// The ID of the STS request that issued credentials for the person, if there are any.
    fn sts_request_id(&self) -> Option<&str>;
}

impl FromAws for Obtained {
    fn sts_request_id(&self) -> Option<&str> {
        self.issued.request_id.as_deref()
    }
}

impl FromAws for (Obtained, SigninUrl) {
    fn sts_request_id(&self) -> Option<&str> {
        self.0.sts_request_id()
    }
}

/// The response of an AWS tool. The person gets no credentials.
impl FromAws for String {
    fn sts_request_id(&self) -> Option<&str> {
        None
    }
}

impl Hub {
    /// The ID of the STS request that issued the hub's credentials, if STS returned one.
    pub fn sts_request_id(&self) -> Option<&str> {
        self.issued.request_id.as_deref()
    }
}

impl Granted {
    pub(super) fn new(decision: Decision, obtained: Obtained, recorded: Recorded) -> Self {
        let Obtained { issued, hub } = obtained;
        Self {
            is_shortened: issued.duration_seconds < decision.wanted.seconds(),
            role: decision.role,
            parameters: decision.call.parameters,
            issued,
            hub,
            _recorded: recorded,
        }
    }

    /// Credentials with a shortened lifetime, for page tests.
    #[cfg(test)]
    pub(crate) fn shortened(role: Role, issued: Issued, parameters: SessionParameters) -> Self {
        Self {
            role,
            issued,
            parameters,
            is_shortened: true,
            hub: None,
            _recorded: Recorded::not_really(),
        }
    }
}
