//! STS error: why an STS call failed.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;

use super::refusal::{MESSAGE_MAXIMUM, StsRefusal, bounded};
use super::{ASSERTION_MAXIMUM, limit};
use crate::aws::duration::SessionDuration;
use crate::causes::causes;

/// The reason that is reported if a connection or an attempt times out.
const NO_RESPONSE: &str = "no response in time";

/// Why an STS call failed (STS API reference, "Errors" of each operation and "Common errors").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StsError {
    /// The assertion or token has expired, or the assertion was issued more than five minutes ago.
    #[error("the assertion or token has expired: {0}")]
    ExpiredToken(StsRefusal),
    /// AWS does not accept the assertion or token. For example, the assertion's signature does not
    /// match the metadata of the SAML provider in IAM, or the assertion's RoleSessionName or
    /// SourceIdentity is invalid.
    #[error("AWS does not accept the assertion or token: {0}")]
    InvalidIdentityToken(StsRefusal),
    /// AWS rejected a claim in the assertion or token.
    #[error("AWS rejected a claim in the assertion or token: {0}")]
    IdpRejectedClaim(StsRefusal),
    /// AWS could not get the keys of the token's issuer in any of our three attempts.
    #[error("AWS cannot reach the issuer: {0}")]
    IssuerUnreachable(StsRefusal),
    /// The encoded message is invalid, or comes from an account to which the credentials do not
    /// belong.
    #[error("the message cannot be decoded: {0}")]
    InvalidAuthorizationMessage(StsRefusal),
    /// A policy, such as the role's trust policy, does not allow the request, or AWS does not
    /// accept the MFA code.
    #[error("access denied: {0}")]
    AccessDenied(StsRefusal),
    /// A parameter is invalid. If the parameter is `DurationSeconds`, STS refused every duration
    /// that was tried.
    #[error("the request is not valid: {0}")]
    Validation(StsRefusal),
    /// The session policy is malformed.
    #[error("the session policy is malformed: {0}")]
    MalformedPolicyDocument(StsRefusal),
    /// The session policies and tags together are too large.
    #[error("session policies and tags are too large: {0}")]
    PackedPolicyTooLarge(StsRefusal),
    /// STS is not activated for the account in the Region.
    #[error("STS is not activated in the region: {0}")]
    RegionDisabled(StsRefusal),
    /// STS throttled every attempt.
    #[error("STS throttled the request: {0}")]
    Throttled(StsRefusal),
    /// STS had an internal error in every attempt.
    #[error("STS is unavailable: {0}")]
    Unavailable(StsRefusal),
    /// Every attempt failed to connect or timed out, or the request could not be built.
    #[error("STS cannot be reached: {reason}")]
    Unreachable {
        /// The cause, for the administrator.
        reason: String,
    },
    /// STS sent an error for which there is no other variant, or a response that is incomplete or
    /// unreadable.
    #[error("unexpected response from STS ({code}): {refusal}")]
    Unexpected {
        /// The error code from AWS, or `http_` and the status if there is no code, or `incomplete`
        /// if a required field of a successful response is missing or invalid.
        code: String,
        /// The message and the request ID.
        refusal: StsRefusal,
    },
    /// The request had to be signed with our own credentials, but they could not be loaded.
    #[error("rolecall's own AWS credentials could not be loaded: {reason}")]
    NoIdentity {
        /// The cause, for the administrator.
        reason: String,
    },
    /// STS does not accept the credentials used to sign the request.
    #[error("AWS does not accept the credentials used to sign the request: {0}")]
    IdentityRefused(StsRefusal),
    /// The keys that are configured for an IAM user belong to a different principal. They were not
    /// used to request credentials.
    #[error("the keys configured for {expected} belong to {found}")]
    OtherIdentity {
        /// The ARN in the configuration.
        expected: String,
        /// The ARN that STS reported.
        found: String,
    },
    /// The assertion is longer than STS accepts. It was not sent.
    #[error("the assertion has {characters} characters; STS accepts at most {ASSERTION_MAXIMUM}")]
    AssertionTooLong {
        /// The length of the assertion in base64, in characters.
        characters: usize,
    },
}

impl StsError {
    /// The request ID from STS, if the response contained one.
    pub fn request_id(&self) -> Option<&str> {
        self.refusal()
            .and_then(|refusal| refusal.request_id.as_deref())
    }

    /// Whether the error concerns the request: STS refused it, or would refuse it if it were sent.
    /// Other errors concern STS, the token's issuer or the signer's credentials, and the same
    /// request may succeed later.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Throttled(_)
                | Self::Unavailable(_)
                | Self::Unreachable { .. }
                | Self::Unexpected { .. }
                | Self::NoIdentity { .. }
                | Self::IdentityRefused(_)
                | Self::OtherIdentity { .. }
                | Self::IssuerUnreachable(_)
        )
    }

    /// A stable name for API responses and audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ExpiredToken(_) => "sts_expired_token",
            Self::InvalidIdentityToken(_) => "sts_invalid_identity_token",
            Self::IdpRejectedClaim(_) => "sts_idp_rejected_claim",
            Self::IssuerUnreachable(_) => "sts_issuer_unreachable",
            Self::InvalidAuthorizationMessage(_) => "sts_invalid_authorization_message",
            Self::AccessDenied(_) => "sts_access_denied",
            Self::Validation(_) => "sts_validation_error",
            Self::MalformedPolicyDocument(_) => "sts_malformed_policy_document",
            Self::PackedPolicyTooLarge(_) => "sts_packed_policy_too_large",
            Self::RegionDisabled(_) => "sts_region_disabled",
            Self::Throttled(_) => "sts_throttled",
            Self::Unavailable(_) => "sts_unavailable",
            Self::Unreachable { .. } => "sts_unreachable",
            Self::Unexpected { .. } => "sts_unexpected",
            Self::AssertionTooLong { .. } => "sts_assertion_too_long",
            Self::NoIdentity { .. } => "sts_no_identity",
            Self::IdentityRefused(_) => "sts_identity_refused",
            Self::OtherIdentity { .. } => "sts_other_identity",
        }
    }

    /// The message, usually from AWS, or `None` if it is missing or empty.
    pub fn aws_message(&self) -> Option<&str> {
        let message = self.refusal().map(|refusal| refusal.message.as_str());
        message.filter(|message| !message.is_empty())
    }

    /// Whether STS refused the request because of its duration.
    pub fn is_about_duration(&self) -> bool {
        match self {
            Self::Validation(refusal) => limit::is_about_duration(&refusal.message),
            _ => false,
        }
    }

    /// Whether STS refused the request because its duration is too long for role chaining.
    pub fn is_about_chaining(&self) -> bool {
        match self {
            Self::Validation(refusal) => {
                limit::is_about_duration(&refusal.message)
                    && refusal.message.contains("role chaining")
            }
            _ => false,
        }
    }

    /// Whether STS refused the request because it did not accept the MFA code.
    pub fn is_about_mfa(&self) -> bool {
        match self {
            Self::AccessDenied(refusal) | Self::Validation(refusal) => {
                refusal.message.contains("MultiFactorAuthentication failed")
            }
            _ => false,
        }
    }

    /// A shorter duration that STS may accept, if STS refused the request because of `duration`.
    pub(super) fn shorter_than(&self, duration: SessionDuration) -> Option<SessionDuration> {
        match self {
            Self::Validation(refusal) => limit::shorter(duration, &refusal.message),
            _ => None,
        }
    }

    /// The error for a successful response in which a required field is missing or invalid.
    pub(super) fn incomplete(refusal: StsRefusal) -> Self {
        Self::Unexpected {
            code: "incomplete".to_owned(),
            refusal,
        }
    }

    /// The error for a request that could not be built.
    pub(super) fn not_sent(error: &dyn std::error::Error) -> Self {
        Self::Unreachable {
            reason: bounded(&causes(error), MESSAGE_MAXIMUM),
        }
    }

    /// Converts an SDK error. `secret` is the secret that the request contained and that must not
    /// appear in messages.
    pub(super) fn from_sdk<E>(error: SdkError<E, HttpResponse>, secret: &str) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + RequestId + 'static,
    {
        match error {
            SdkError::ServiceError(response) => {
                let status = response.raw().status().as_u16();
                let error = response.err();
                let refusal = StsRefusal::new(
                    error.message().unwrap_or_default(),
                    error.request_id(),
                    secret,
                );
                Self::from_response(status, error.code(), refusal)
            }
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                let message = "the response could not be read".to_owned();
                Self::from_response(
                    status,
                    None,
                    StsRefusal {
                        message,
                        request_id: None,
                    },
                )
            }
            SdkError::TimeoutError(_) => Self::Unreachable {
                reason: NO_RESPONSE.to_owned(),
            },
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Unreachable {
                reason: NO_RESPONSE.to_owned(),
            },
            other => {
                let reason = bounded(&causes(&other), MESSAGE_MAXIMUM);
                if is_about_credentials(&other) {
                    Self::NoIdentity { reason }
                } else {
                    Self::Unreachable { reason }
                }
            }
        }
    }

    /// Adjusts the error of a signed request: an error about credentials concerns those used to
    /// sign the request, not an assertion.
    pub(super) fn of_signed(self) -> Self {
        match self {
            Self::ExpiredToken(refusal) => Self::IdentityRefused(refusal),
            Self::Unexpected { code, refusal } => match code.as_str() {
                "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "MissingAuthenticationToken"
                | "IncompleteSignature"
                | "InvalidSignatureException" => Self::IdentityRefused(refusal),
                _ => Self::Unexpected { code, refusal },
            },
            other => other,
        }
    }

    fn from_response(status: u16, code: Option<&str>, refusal: StsRefusal) -> Self {
        match code {
            Some("ExpiredTokenException" | "ExpiredToken") => Self::ExpiredToken(refusal),
            Some("InvalidIdentityToken" | "InvalidIdentityTokenException") => {
                Self::InvalidIdentityToken(refusal)
            }
            Some("IDPRejectedClaim" | "IDPRejectedClaimException") => {
                Self::IdpRejectedClaim(refusal)
            }
            Some("IDPCommunicationError" | "IDPCommunicationErrorException") => {
                Self::IssuerUnreachable(refusal)
            }
            Some("InvalidAuthorizationMessage" | "InvalidAuthorizationMessageException") => {
                Self::InvalidAuthorizationMessage(refusal)
            }
            Some("AccessDenied" | "AccessDeniedException") => Self::AccessDenied(refusal),
            Some("ValidationError" | "ValidationException" | "InvalidParameterValue") => {
                Self::Validation(refusal)
            }
            Some("MalformedPolicyDocument" | "MalformedPolicyDocumentException") => {
                Self::MalformedPolicyDocument(refusal)
            }
            Some("PackedPolicyTooLarge" | "PackedPolicyTooLargeException") => {
                Self::PackedPolicyTooLarge(refusal)
            }
            Some("RegionDisabledException" | "RegionDisabled") => Self::RegionDisabled(refusal),
            Some(
                "Throttling"
                | "ThrottlingException"
                | "ThrottledException"
                | "RequestThrottled"
                | "RequestLimitExceeded"
                | "TooManyRequestsException"
                | "SlowDown",
            ) => Self::Throttled(refusal),
            _ if status == 429 => Self::Throttled(refusal),
            _ if status >= 500 => Self::Unavailable(refusal),
            code => {
                let code = code.map_or_else(|| format!("http_{status}"), |code| bounded(code, 100));
                Self::Unexpected { code, refusal }
            }
        }
    }

    fn refusal(&self) -> Option<&StsRefusal> {
        match self {
            Self::ExpiredToken(refusal)
            | Self::InvalidIdentityToken(refusal)
            | Self::IdpRejectedClaim(refusal)
            | Self::IssuerUnreachable(refusal)
            | Self::InvalidAuthorizationMessage(refusal)
            | Self::AccessDenied(refusal)
            | Self::Validation(refusal)
            | Self::MalformedPolicyDocument(refusal)
            | Self::PackedPolicyTooLarge(refusal)
            | Self::RegionDisabled(refusal)
            | Self::Throttled(refusal)
            | Self::Unavailable(refusal)
            | Self::IdentityRefused(refusal)
            | Self::Unexpected { refusal, .. } => Some(refusal),
            Self::Unreachable { .. }
            | Self::AssertionTooLong { .. }
            | Self::NoIdentity { .. }
            | Self::OtherIdentity { .. } => None,
        }
    }
}

/// Whether the request failed because our own credentials could not be loaded.
fn is_about_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.any(<dyn std::error::Error>::is::<CredentialsError>)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(message: &str) -> StsRefusal {
        StsRefusal {
            message: message.to_owned(),
            request_id: Some("id-1".to_owned()),
        }
    }

    fn each() -> Vec<StsError> {
        let refusal = || refusal("AWS's message");
        vec![
            StsError::ExpiredToken(refusal()),
            StsError::InvalidIdentityToken(refusal()),
            StsError::IdpRejectedClaim(refusal()),
            StsError::AccessDenied(refusal()),
            StsError::Validation(refusal()),
            StsError::MalformedPolicyDocument(refusal()),
            StsError::PackedPolicyTooLarge(refusal()),
            StsError::RegionDisabled(refusal()),
            StsError::Throttled(refusal()),
            StsError::Unavailable(refusal()),
            StsError::Unexpected {
                code: "Odd".to_owned(),
                refusal: refusal(),
            },
            StsError::Unreachable {
                reason: "refused".to_owned(),
            },
            StsError::AssertionTooLong {
                characters: ASSERTION_MAXIMUM + 1,
            },
            StsError::NoIdentity {
                reason: "none".to_owned(),
            },
            StsError::IdentityRefused(refusal()),
            StsError::OtherIdentity {
                expected: "arn:aws:iam::111111111111:user/a".to_owned(),
                found: "arn:aws:iam::111111111111:user/b".to_owned(),
            },
            StsError::IssuerUnreachable(refusal()),
            StsError::InvalidAuthorizationMessage(refusal()),
        ]
    }

    #[test]
    fn every_error_has_its_own_code_and_includes_the_message_from_aws() {
        let mut codes: Vec<&str> = each().iter().map(StsError::code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), each().len());
        for error in each() {
            assert!(error.code().starts_with("sts_"), "{error}");
            let answered = error.refusal().is_some();
            let words = answered.then_some("AWS's message");
            assert_eq!(error.aws_message(), words, "{error}");
            assert_eq!(error.request_id(), answered.then_some("id-1"), "{error}");
        }
    }
}
