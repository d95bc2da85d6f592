//! Requirements that a person must meet before using a grant.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::RoleRequest;
use crate::aws::attribute::TagValue;
use crate::aws::sts::TokenCode;
use crate::grant::Grant;
use crate::printable::printable;
use crate::session::Session;

/// The maximum length of a reason, in characters. A reason must fit in the value of a session tag.
const REASON_MAXIMUM: usize = TagValue::LENGTH_MAXIMUM;

/// The Hangul fillers: invisible characters that Unicode classifies as letters.
const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// Something that the person must do before credentials are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Requirement {
    /// Sign in again at the identity provider, because the last sign-in was too long ago, or its
    /// time is unknown or in the future.
    #[error("a fresh sign-in is needed")]
    FreshLogin,
    /// Enter a reason of at most 256 characters.
    #[error("a reason is needed")]
    Reason,
    /// Enter the six digits that the MFA device shows.
    #[error("an MFA code is needed")]
    MfaCode,
}

impl Requirement {
    /// All requirements of a grant, in the order in which the person must meet them.
    pub fn of(grant: &Grant) -> Vec<Self> {
        let asks = [
            grant.fresh_login_seconds.map(|_| Self::FreshLogin),
            grant.reason.as_ref().map(|_| Self::Reason),
            grant.mfa_serial().map(|_| Self::MfaCode),
        ];
        asks.into_iter().flatten().collect()
    }

    /// The stable code in API responses and audit lines.
    pub fn code(self) -> &'static str {
        match self {
            Self::FreshLogin => "fresh_login_required",
            Self::Reason => "reason_required",
            Self::MfaCode => "mfa_code_required",
        }
    }
}

/// The reason and the MFA code that the person supplied. Each is `None` if the grant does not
/// require it.
pub struct Supplied {
    /// The reason, on one line.
    pub reason: Option<String>,
    pub code: Option<TokenCode>,
}

impl Supplied {
    /// Reads the reason and the code from the request, or returns the first requirement that is not
    /// met. The fresh sign-in is checked first, because a reason or code entered before the sign-in
    /// would be lost. `skew` is how far an identity provider's clock may be off.
    pub fn of(
        grant: &Grant,
        session: &Session,
        request: &RoleRequest,
        now: DateTime<Utc>,
        skew: TimeDelta,
    ) -> Result<Self, Requirement> {
        if let Some(seconds) = grant.fresh_login_seconds {
            let since = now - TimeDelta::seconds(seconds.into());
            // Our clock may have been set back since the sign-in.
            let fresh = since..=now + skew;
            if signed_in_at(session, skew).is_none_or(|at| !fresh.contains(&at)) {
                return Err(Requirement::FreshLogin);
            }
        }
        let reason = match &grant.reason {
            Some(_) => Some(reason(request).ok_or(Requirement::Reason)?),
            None => None,
        };
        let code = match grant.mfa_serial() {
            Some(_) => {
                let code = request.token_code.as_deref().map(str::trim);
                let code = code.and_then(|code| code.parse().ok());
                Some(code.ok_or(Requirement::MfaCode)?)
            }
            None => None,
        };
        Ok(Self { reason, code })
    }
}

/// When the person signed in at the identity provider; `None` if that is unknown. A sign-in cannot
/// be later than our session, so a later time only shows that the clocks differ. If they differ by
/// more than `skew`, the time proves nothing, not even after it has passed.
fn signed_in_at(session: &Session, skew: TimeDelta) -> Option<DateTime<Utc>> {
    let at = session.authenticated_at?;
    (at <= session.began_at + skew).then(|| at.min(session.began_at))
}

/// The reason, with each run of white space replaced by a single space. `None` if it is missing, is
/// too long, contains unprintable characters, or contains no letter or digit. A filler does not
/// count as a letter.
pub fn reason(request: &RoleRequest) -> Option<String> {
    let words: Vec<&str> = request.reason.as_deref()?.split_whitespace().collect();
    let reason = words.join(" ");
    let length = reason.chars().count();
    let is_word = |c: char| c.is_alphanumeric() && !FILLERS.contains(&c);
    let is_readable = printable(&reason, REASON_MAXIMUM) == reason && reason.chars().any(is_word);
    ((1..=REASON_MAXIMUM).contains(&length) && is_readable).then_some(reason)
}
