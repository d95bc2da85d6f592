//! What a grant wants of the person before it gives anything.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::RoleRequest;
use crate::aws::attribute::TagValue;
use crate::aws::sts::TokenCode;
use crate::config::Saml;
use crate::grant::Grant;
use crate::printable::printable;
use crate::session::Session;

/// The longest reason, in characters: as long as a tag's value.
const REASON_MAXIMUM: usize = TagValue::LENGTH_MAXIMUM;

/// How far an identity provider's clock may be ahead at the most (`saml.clock_skew_seconds`).
const SKEW: TimeDelta = TimeDelta::seconds(Saml::MAX_CLOCK_SKEW_SECONDS as i64);
/// Letters that nobody sees (Unicode, Hangul fillers).
const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// Something that the person has to do first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Asks {
    /// Sign in at the identity provider again: the last time is too long ago, or not known.
    #[error("a fresh sign-in is needed")]
    FreshLogin,
    /// Say why, in at most 256 characters.
    #[error("a reason is needed")]
    Reason,
    /// Type what the MFA device shows: six digits.
    #[error("the code of an MFA device is needed")]
    MfaCode,
}

impl Asks {
    /// All that a grant wants, in the order in which it is asked for.
    pub fn of(grant: &Grant) -> Vec<Self> {
        let asks = [
            grant.fresh_login_seconds.map(|_| Self::FreshLogin),
            grant.reason.as_ref().map(|_| Self::Reason),
            grant.mfa_serial().map(|_| Self::MfaCode),
        ];
        asks.into_iter().flatten().collect()
    }

    /// A stable name: in the API's answers and in audit lines.
    pub fn code(self) -> &'static str {
        match self {
            Self::FreshLogin => "fresh_login_required",
            Self::Reason => "reason_required",
            Self::MfaCode => "mfa_code_required",
        }
    }
}

/// What the person did.
pub struct Asked {
    /// Why, on one line.
    pub reason: Option<String>,
    /// What the MFA device shows.
    pub code: Option<TokenCode>,
}

impl Asked {
    /// What a request says, or the first thing that is lacking. The sign-in comes first: what was
    /// typed before it would be lost on the way.
    pub fn of(
        grant: &Grant,
        session: &Session,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Self, Asks> {
        if let Some(seconds) = grant.fresh_login_seconds {
            let since = now - TimeDelta::seconds(seconds.into());
            // One that is still to come is not known to be fresh.
            let is_fresh = |at| since <= at && at <= now + SKEW;
            if !session.authenticated_at.is_some_and(is_fresh) {
                return Err(Asks::FreshLogin);
            }
        }
        let reason = match &grant.reason {
            Some(_) => Some(reason(request).ok_or(Asks::Reason)?),
            None => None,
        };
        let code = match grant.mfa_serial() {
            Some(_) => {
                let code = request.token_code.as_deref().map(str::trim);
                let code = code.and_then(|code| code.parse().ok());
                Some(code.ok_or(Asks::MfaCode)?)
            }
            None => None,
        };
        Ok(Self { reason, code })
    }
}

/// The reason, with single spaces for what else is white.
pub fn reason(request: &RoleRequest) -> Option<String> {
    let words: Vec<&str> = request.reason.as_deref()?.split_whitespace().collect();
    let reason = words.join(" ");
    let length = reason.chars().count();
    let is_word = |c: char| c.is_alphanumeric() && !FILLERS.contains(&c);
    let is_readable = printable(&reason, REASON_MAXIMUM) == reason && reason.chars().any(is_word);
    ((1..=REASON_MAXIMUM).contains(&length) && is_readable).then_some(reason)
}
