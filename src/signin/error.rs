//! Errors that occur during sign-in and sign-out.

use openssl::error::ErrorStack;
use thiserror::Error;

use super::Over;
use crate::audit::AuditError;
use crate::saml::Refusal;
use crate::saml::binding::MessageError;
use crate::saml::idp::Unavailable;
use crate::session::SessionError;
use crate::store::StoreError;

/// Why a sign-in or a sign-out failed.
#[derive(Debug, Error)]
pub enum SignInError {
    /// The SAML response or the one-time code was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A verified SAML response was refused because it was used before or is too old. If the person
    /// that it is about is signed in, the browser goes to the portal instead of showing the error.
    #[error("{refusal}")]
    Used {
        /// Why the response was refused.
        refusal: Refusal,
        /// The encrypted notice for `/login/used`.
        notice: String,
    },
    /// A LogoutRequest or LogoutResponse was refused.
    #[error("{0}")]
    LogoutRefused(Refusal),
    /// The record of this login cannot be opened, so the person must sign in again.
    #[error("the record of this login cannot be opened")]
    Again,
    /// The session is over because its IdP was removed or replaced.
    #[error(transparent)]
    Over(#[from] Over),
    /// No IdP with this ID is configured.
    #[error("no such identity provider")]
    UnknownIdp,
    /// No usable metadata of the IdP is available.
    #[error(transparent)]
    IdpUnavailable(#[from] Unavailable),
    /// The store or the random number generator failed, a record could not be sealed, or the person
    /// has signed in too often.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The audit line could not be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A message to the IdP could not be built.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl SignInError {
    /// The stable code in API responses and audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::Used { refusal, .. } | Self::LogoutRefused(refusal) => {
                refusal.name()
            }
            Self::Again => "unknown_login",
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
    /// Returns `self`, because the first error is the one to report. `recorded` is the result of
    /// writing the audit line about `self`. If the line could not be written, this is only logged.
    pub(super) fn even_if(self, recorded: Result<(), Self>) -> Self {
        if let Err(error) = recorded {
            tracing::error!(%error, refusal = self.code(), "the audit line for a refusal could not be written");
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
