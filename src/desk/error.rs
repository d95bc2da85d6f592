//! Why there are no credentials, no console and no answer.

use thiserror::Error;

use super::Asks;
use crate::audit::AuditError;
use crate::aws::duration::SessionDuration;
use crate::aws::entitlement::NotEntitled;
use crate::aws::partition::Partition;
use crate::aws::signin::{DestinationError, SigninError};
use crate::aws::sts::StsError;
use crate::grant::ToldError;
use crate::store::StoreError;

/// Why there are no credentials or no console.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The assertion is too old: by our clock, or by what STS says.
    #[error("the assertion can no longer be redeemed{}", .0.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
    Stale(Option<StsError>),
    /// The sign-in no longer meets the configuration, or it is not known whether it does.
    #[error("the sign-in no longer meets the configuration, or that cannot be checked now")]
    SignInOutdated,
    /// Not a role of this session.
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// Outside what the configuration allows.
    #[error(
        "the duration must be between {} and {max} seconds",
        SessionDuration::MINIMUM.seconds()
    )]
    Duration {
        /// The most, in seconds.
        max: u32,
    },
    /// The grant wants something of the person first.
    #[error(transparent)]
    Asks(#[from] Asks),
    /// The person has typed too many wrong codes.
    #[error("too many wrong codes of the MFA device")]
    TooManyCodes,
    /// AWS finds the code of the MFA device wrong.
    #[error(transparent)]
    MfaCode(StsError),
    /// What AWS has to be told is not there, or not as AWS takes it.
    #[error("what AWS has to be told: {0}")]
    Told(#[from] ToldError),
    /// STS refused to answer a question.
    #[error(transparent)]
    Tool(StsError),
    /// The configuration lets the person ask AWS nothing.
    #[error("the person may not use AWS's tools")]
    NoTools,
    /// AWS answers such questions to roles only.
    #[error("AWS answers roles only")]
    ToolRole,
    /// A token could not be made.
    #[error("a token could not be made: {0}")]
    Token(String),
    /// The grant has a session policy of its own.
    #[error("the grant has a session policy of its own")]
    PolicyFixed,
    /// The role is in a partition that is not served here.
    #[error("the partition {0} is not served here")]
    Partition(Partition),
    /// AWS signs nobody in to the console with such credentials.
    #[error("such credentials open no console")]
    NoConsole,
    /// There is no session policy of this id.
    #[error("there is no such session policy")]
    Policy,
    /// Not a page of the role's console.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// STS refused what the assertion asks for.
    #[error(transparent)]
    Sts(StsError),
    /// STS refused what a grant asks for.
    #[error("{1}")]
    Granting(Giver, StsError),
    /// The sign-in endpoint refused, after STS had given credentials.
    #[error("{error}")]
    Signin {
        /// The reason.
        error: SigninError,
        /// STS's ID of the request that gave them.
        sts_request_id: Option<String>,
    },
    /// The configuration was changed again and again while AWS was asked.
    #[error("the configuration changed while AWS was asked")]
    Changing,
    /// The session ended while AWS was asked.
    #[error("the session is over")]
    SessionOver,
    /// The codes of MFA devices cannot be counted.
    #[error("codes of MFA devices cannot be counted: {0}")]
    Attempts(StoreError),
    /// The audit line cannot be written: nothing is handed out.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl DeskError {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale(None) | Self::SignInOutdated => "login_required",
            Self::NotEntitled(_) => "not_entitled",
            Self::Duration { .. } => "invalid_duration",
            Self::Asks(asks) => asks.code(),
            Self::MfaCode(_) => "mfa_code_refused",
            Self::TooManyCodes => "too_many_mfa_codes",
            Self::Told(_) => "grant_incomplete",
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

    /// Whether it is a refusal, of which there is an audit line. An assertion that we find too old is
    /// none, nor is a sign-in that no longer meets the configuration, nor what a grant wants first: the person
    /// goes on after a new sign-in, or after an answer. One that STS finds too old is, though the person goes on as well: one of the clocks is
    /// wrong, and only this line tells.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Stale(None) | Self::SignInOutdated | Self::Asks(_)
        )
    }

    /// Whether the person goes on by themselves: after a new sign-in, or after an answer.
    pub fn goes_on(&self) -> bool {
        self.wants_sign_in() || matches!(self, Self::Asks(_) | Self::MfaCode(_))
    }

    /// Whether an ordinary new sign-in, without ForceAuthn, helps.
    pub fn wants_sign_in(&self) -> bool {
        matches!(self, Self::Stale(_) | Self::SignInOutdated)
    }

    /// STS's request ID, where it gave one.
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

/// Who gives the credentials of a grant: what has to be set up in AWS differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A role that trusts us, our issuer or a hub.
    Role,
    /// An IAM user whose keys we have.
    User,
    /// The organisation, for a root user.
    Organization,
}
