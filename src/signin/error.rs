//! Why a login or a logout does not go on.

use openssl::error::ErrorStack;
use thiserror::Error;

use super::Over;
use crate::audit::AuditError;
use crate::saml::Refusal;
use crate::saml::binding::MessageError;
use crate::saml::idp::Unavailable;
use crate::session::SessionError;
use crate::store::StoreError;

/// Why a login or a logout does not go on.
#[derive(Debug, Error)]
pub enum SignInError {
    /// A SAML message was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A logout message was refused.
    #[error("{0}")]
    LogoutRefused(Refusal),
    /// The record of this login cannot be opened, and counts as none: the person goes through this IdP
    /// again, if it is known which.
    #[error("the record of this login cannot be opened")]
    Again {
        /// The IdP's configured id.
        idp: Option<String>,
    },
    /// The session is over, because its IdP is.
    #[error(transparent)]
    Over(#[from] Over),
    /// The IdP of this name is not configured.
    #[error("no such identity provider")]
    UnknownIdp,
    /// The IdP has no metadata that may be used.
    #[error(transparent)]
    IdpUnavailable(#[from] Unavailable),
    /// The store or a seal.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The audit trail.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A message to the IdP.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl SignInError {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::LogoutRefused(refusal) => refusal.name(),
            Self::Again { .. } => "unknown_login",
            Self::Over(over) => over.code(),
            Self::UnknownIdp => "unknown_idp",
            Self::IdpUnavailable(_) => "idp_unavailable",
            Self::Session(error) => error.code(),
            Self::Audit(_) => "audit_unavailable",
            Self::Message(_) => "internal",
        }
    }
}

impl SignInError {
    /// The same, whatever became of its audit line: the first error is the one that is told.
    pub(super) fn even_if(self, recorded: Result<(), Self>) -> Self {
        if let Err(error) = recorded {
            tracing::error!(%error, refusal = self.code(), "the audit line of a refusal could not be written");
        }
        self
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        SessionError::from(error).into()
    }
}

impl From<ErrorStack> for SignInError {
    fn from(error: ErrorStack) -> Self {
        SessionError::from(error).into()
    }
}
