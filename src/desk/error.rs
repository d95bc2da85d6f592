//! Why the desk refuses a request or cannot fulfill it.

use thiserror::Error;

use super::{MfaLimit, Requirement};
use crate::audit::AuditError;
use crate::aws::duration::SessionDuration;
use crate::aws::entitlement::NotEntitled;
use crate::aws::partition::Partition;
use crate::aws::signin::{DestinationError, SigninError};
use crate::aws::sts::StsError;
use crate::grant::SessionParametersError;
use crate::session::SessionError;
use crate::store::StoreError;

/// Why the desk did not issue credentials, open the console or return a tool's result.
#[derive(Debug, Error)]
pub enum DeskError {
    /// `None`: the assertion is too old according to our clock, or no longer stored. `Some`: it is
    /// too old according to STS.
    #[error("the assertion can no longer be redeemed{}", .0.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
    Stale(Option<StsError>),
    /// The sign-in no longer meets the sign-in rules, or cannot be checked against them because the
    /// IdP's metadata is not available.
    #[error("the sign-in no longer meets the sign-in rules, or cannot be checked against them now")]
    SignInOutdated,
    /// No entitlement of the person matches the request. Also returned if several match, and the
    /// request specifies no source (a SAML provider or grant).
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// The requested duration is below 15 minutes or above the maximum.
    #[error(
        "the duration must be between {} and {max} seconds",
        SessionDuration::MINIMUM.seconds()
    )]
    Duration {
        /// The maximum, in seconds.
        max: u32,
    },
    /// The person must first meet a requirement of the grant.
    #[error(transparent)]
    Requires(#[from] Requirement),
    /// Too many attempts within 15 minutes already count as wrong: the person's attempts with this
    /// MFA device, everybody's attempts with it, or all attempts from the client's address.
    #[error("too many wrong MFA codes {0}")]
    TooManyCodes(MfaLimit),
    /// AWS rejected the MFA code.
    #[error(transparent)]
    MfaCode(StsError),
    /// A parameter that must be sent to AWS is missing or malformed.
    #[error("the grant is incomplete: {0}")]
    SessionParameters(#[from] SessionParametersError),
    /// The STS call for a tool failed.
    #[error(transparent)]
    Tool(StsError),
    /// The configuration does not allow the person to use AWS tools.
    #[error("the person may not use AWS tools")]
    NoTools,
    /// AWS tools can be called only with a role, not with a user or root session.
    #[error("AWS tools can be used only with a role")]
    ToolRole,
    /// The OpenID Connect token could not be created.
    #[error("the token could not be created: {0}")]
    Token(String),
    /// The grant has its own session policy or accepts none, so the person cannot choose one.
    #[error("no session policy can be chosen for this grant")]
    PolicyFixed,
    /// The role, IAM user or root user is in a partition that is not configured.
    #[error("the partition {0} is not configured here")]
    Partition(Partition),
    /// AWS does not accept these credentials for a console sign-in.
    #[error("these credentials cannot open the console")]
    NoConsole,
    /// There is no session policy with this ID.
    #[error("there is no such session policy")]
    Policy,
    /// The destination is invalid, or the partition has no public console.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The STS call with the assertion failed, or the assertion is too long for the call.
    #[error(transparent)]
    Sts(StsError),
    /// The STS call for a grant failed.
    #[error("{1}")]
    Granting(Giver, StsError),
    /// The request to the sign-in endpoint failed after STS had issued credentials.
    #[error("{error}")]
    Signin {
        /// Why the sign-in URL could not be created.
        error: SigninError,
        /// The ID of the STS request that issued the credentials.
        sts_request_id: Option<String>,
    },
    /// The configuration changed during every attempt to call AWS.
    #[error("the configuration kept changing while AWS was being called")]
    Changing,
    /// The session ended before AWS was called.
    #[error("the session is over")]
    SessionOver,
    /// The session ended while AWS was being called: the person signed out or signed in again, the
    /// IdP or a reload ended the session, or its time was over. The result was discarded.
    #[error("the session ended while AWS was being called, so the result was discarded")]
    SessionEnded {
        /// The ID of the STS request that issued credentials.
        sts_request_id: Option<String>,
    },
    /// AWS has responded, but the store does not say whether the session still exists.
    #[error("it is unknown whether the session still exists: {0}")]
    Session(SessionError),
    /// MFA attempts cannot be counted, so none is allowed.
    #[error("MFA attempts cannot be counted: {0}")]
    Attempts(StoreError),
    /// The audit line cannot be written. This error replaces the result or the refusal.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl DeskError {
    /// The stable code in API responses and audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale(None) | Self::SignInOutdated => "login_required",
            Self::NotEntitled(_) => "not_entitled",
            Self::Duration { .. } => "invalid_duration",
            Self::Requires(asks) => asks.code(),
            Self::MfaCode(_) => "mfa_code_refused",
            Self::TooManyCodes(_) => "too_many_mfa_codes",
            Self::SessionParameters(_) => "grant_incomplete",
            Self::NoTools => "not_found",
            Self::ToolRole => "not_a_role",
            Self::Token(_) => "internal",
            Self::PolicyFixed => "policy_fixed",
            Self::Policy => "invalid_policy",
            Self::NoConsole | Self::Destination(DestinationError::NoConsole(_)) => "no_console",
            Self::Partition(_) => "partition_not_served",
            Self::Destination(_) => "invalid_destination",
            Self::Stale(Some(error))
            | Self::Sts(error)
            | Self::Granting(_, error)
            | Self::Tool(error) => error.code(),
            Self::Signin { error, .. } => error.code(),
            Self::Changing => "configuration_changed",
            Self::SessionOver => "not_signed_in",
            Self::SessionEnded { .. } => "session_ended",
            Self::Session(_) | Self::Attempts(_) => "store_unavailable",
            Self::Audit(_) => "audit_unavailable",
        }
    }

    /// Whether this error is a refusal, for which an audit line is written.
    ///
    /// The error is not a refusal if the assertion is too old according to our clock or no longer
    /// stored, if the sign-in no longer meets the sign-in rules, or if a requirement of the grant
    /// is not met. In these cases the person can continue after signing in again or meeting the
    /// requirement.
    ///
    /// If the assertion is too old only according to STS, signing in again helps too, but the error
    /// is a refusal: one of the clocks must be wrong, and only the audit line shows that.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Stale(None) | Self::SignInOutdated | Self::Requires(_)
        )
    }

    /// Whether the person can continue without help, by signing in again or by entering a reason or
    /// an MFA code.
    pub fn goes_on(&self) -> bool {
        self.wants_sign_in() || matches!(self, Self::Requires(_) | Self::MfaCode(_))
    }

    /// Whether signing in again, without ForceAuthn, can resolve the error.
    pub fn wants_sign_in(&self) -> bool {
        matches!(self, Self::Stale(_) | Self::SignInOutdated)
    }

    /// The request ID from STS, if STS returned one.
    pub fn sts_request_id(&self) -> Option<&str> {
        match self {
            Self::Stale(Some(error))
            | Self::Sts(error)
            | Self::Granting(_, error)
            | Self::Tool(error)
            | Self::MfaCode(error) => error.request_id(),
            Self::Signin { sts_request_id, .. } | Self::SessionEnded { sts_request_id } => {
                sts_request_id.as_deref()
            }
            _ => None,
        }
    }
}

/// Where a grant's credentials come from. The source determines what must be set up in AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A role that rolecall assumes: with its own identity, with a token from its issuer, or with a
    /// hub's credentials.
    Role,
    /// A configured IAM user, with its long-term keys.
    User,
    /// The AWS organization, for a session as an account's root user.
    Organization,
}
