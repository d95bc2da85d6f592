//! Used responses: see [`crate::session::used`].

use chrono::{DateTime, Utc};

use super::{SignIn, SignInError};
use crate::saml::{Person, Refusal};
use crate::session::Session;
use crate::session::used::{Because, Used};

impl SignIn<'_> {
    /// Adds a notice about the person to the refusal of a verified response, if the response was
    /// refused because it was used before or is too old. If the notice cannot be made, returns the
    /// refusal as it is.
    pub(super) fn with_notice(
        &self,
        error: SignInError,
        person: &Person,
        asked_at: Option<DateTime<Utc>>,
    ) -> SignInError {
        let SignInError::Refused(refusal) = error else {
            return error;
        };
        let because = Because::of(&refusal);
        let used = because.map(|because| Used {
            person: person.key(),
            because,
            asked_at,
            at: self.now(),
        });
        match used.map(|used| used.notice(&self.state.keys)) {
            Some(Ok(notice)) => SignInError::Used { refusal, notice },
            Some(Err(error)) => {
                tracing::warn!(%error, "the notice about a used response could not be made");
                refusal.into()
            }
            None => refusal.into(),
        }
    }

    /// Reads the notice about a used response. Succeeds if the person that the response is about is
    /// signed in, and has signed in since the response's login began: a session from before that
    /// shows that this login failed, and the person must learn why. The refusal of the response has
    /// its audit line already, so there is none here.
    pub async fn has_signed_in(&self, notice: &str) -> Result<(), SignInError> {
        let used = Used::read(&self.state.keys, notice, self.now())?;
        let used = used.ok_or(Refusal::UnknownLogin)?;
        let session = self.session_so_far().await?;
        let is_later = |session: &Session| used.asked_at.is_none_or(|at| at <= session.began_at);
        let is_same = |session: &Session| session.person.key() == used.person;
        if session.is_some_and(|session| is_same(&session) && is_later(&session)) {
            Ok(())
        } else {
            Err(used.because.refusal().into())
        }
    }
}
