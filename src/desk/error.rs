//! The errors of the desk: why it issues no credentials, opens no console or answers no question.

use thiserror::Error;

use super::Requirement;
use crate::audit::AuditError;
use crate::aws::duration::SessionDuration;
use crate::aws::entitlement::NotEntitled;
use crate::aws::partition::Partition;
use crate::aws::signin::{DestinationError, SigninError};
use crate::aws::sts::StsError;
use crate::grant::SessionParametersError;
use crate::store::StoreError;

/// Why the desk issues no credentials, opens no console or answers no question.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The assertion is too old, by our clock or according to STS.
    #[error("the assertion can no longer be redeemed{}", .0.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
    Stale(Option<StsError>),
    /// The sign-in no longer meets the configuration, or it is unknown whether it does.
    #[error("the sign-in no longer meets the configuration, or that cannot be checked now")]
    SignInOutdated,
    /// The person does not have this role.
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// The duration is outside the configured range.
    #[error(
        "the duration must be between {} and {max} seconds",
        SessionDuration::MINIMUM.seconds()
    )]
    Duration {
        /// The maximum, in seconds.
        max: u32,
    },
    /// The grant requires something of the person first.
    #[error(transparent)]
    Requires(#[from] Requirement),
    /// The person has typed too many wrong MFA codes.
    #[error("too many wrong MFA codes")]
    TooManyCodes,
    /// AWS rejected the MFA code.
    #[error(transparent)]
    MfaCode(StsError),
    /// Something that AWS must be sent is missing or malformed.
    #[error("the grant is incomplete: {0}")]
    SessionParameters(#[from] SessionParametersError),
    /// STS refused to answer a tool's question.
    #[error(transparent)]
    Tool(StsError),
    /// The configuration gives the person no access to AWS's tools.
    #[error("the person may not use AWS's tools")]
    NoTools,
    /// AWS answers such questions only for roles.
    #[error("AWS answers such questions only for roles")]
    ToolRole,
    /// The OpenID Connect token could not be created.
    #[error("the token could not be created: {0}")]
    Token(String),
    /// The grant has a fixed session policy, so none can be chosen.
    #[error("the grant has its own session policy")]
    PolicyFixed,
    /// The role is in a partition that the configuration does not serve.
    #[error("the partition {0} is not served here")]
    Partition(Partition),
    /// AWS accepts no console sign-in with such credentials.
    #[error("these credentials cannot open the console")]
    NoConsole,
    /// There is no session policy with this ID.
    #[error("there is no such session policy")]
    Policy,
    /// The destination is not a page of the role's console.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// STS refused the call with the assertion.
    #[error(transparent)]
    Sts(StsError),
    /// STS refused the call for a grant.
    #[error("{1}")]
    Granting(Giver, StsError),
    /// The sign-in endpoint refused, after STS had issued credentials.
    #[error("{error}")]
    Signin {
        /// The sign-in endpoint's error.
        error: SigninError,
        /// STS's ID of the request that issued the credentials.
        sts_request_id: Option<String>,
    },
    /// The configuration kept changing while AWS was called.
    #[error("the configuration kept changing while AWS was called")]
    Changing,
    /// The session ended while AWS was called.
    #[error("the session is over")]
    SessionOver,
    /// MFA attempts cannot be counted, so none is allowed.
    #[error("MFA attempts cannot be counted: {0}")]
    Attempts(StoreError),
    /// The audit line cannot be written, so nothing is issued.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl DeskError {
    /// The stable name that API answers and audit lines use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale(None) | Self::SignInOutdated => "login_required",
            Self::NotEntitled(_) => "not_entitled",
            Self::Duration { .. } => "invalid_duration",
            Self::Requires(asks) => asks.code(),
            Self::MfaCode(_) => "mfa_code_refused",
            Self::TooManyCodes => "too_many_mfa_codes",
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
            Self::Attempts(_) => "store_unavailable",
            Self::Audit(_) => "audit_unavailable",
        }
    }

    /// Whether this is a refusal, which leaves an audit line.
    ///
    /// It is none if we find the assertion too old, if the sign-in no longer meets the
    /// configuration, or if the grant requires something first: the person continues after a new
    /// sign-in or an answer. It is one if STS finds the assertion too old, although the person
    /// continues then as well. In that case one of the clocks is wrong, and only this line shows
    /// it.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Stale(None) | Self::SignInOutdated | Self::Requires(_)
        )
    }

    /// Whether the person can continue without help, after a new sign-in or an answer.
    pub fn goes_on(&self) -> bool {
        self.wants_sign_in() || matches!(self, Self::Requires(_) | Self::MfaCode(_))
    }

    /// Whether an ordinary new sign-in, without ForceAuthn, helps.
    pub fn wants_sign_in(&self) -> bool {
        matches!(self, Self::Stale(_) | Self::SignInOutdated)
    }

    /// STS's request ID, if STS returned one.
    pub fn sts_request_id(&self) -> Option<&str> {
        match self {
            Self::Stale(Some(error))
            | Self::Sts(error)
            | Self::Granting(_, error)
            | Self::Tool(error)
            | Self::MfaCode(error) => error.request_id(),
            Self::Signin { sts_request_id, .. } => sts_request_id.as_deref(),
            _ => None,
        }
    }
}

/// Who gives the credentials of a grant. What must be set up in AWS depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A role that trusts us, our issuer or a hub.
    Role,
    /// A configured IAM user, with its long-term keys.
    User,
    /// The organization, for a root user.
    Organization,
}
