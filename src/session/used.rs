//! Used responses. If a person goes back in the browser or reloads a page, the browser may post a
//! SAML response again. The response is refused, but if the same person is signed in, there is no
//! need for an error: the browser goes to the portal.
//!
//! The browser posts the response without our cookies, so the ACS cannot know who is signed in. It
//! redirects the browser to `/login/used` with an encrypted notice, which names the person by a
//! digest. The notice gives no access: it only decides between the portal, which the person could
//! open anyway, and the error.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::serde::{ts_seconds, ts_seconds_option};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::program_keys::ProgramKeys;
use super::{SessionError, arrival};
use crate::saml::{PersonKey, Refusal};
use crate::store::sealed;

/// How long a notice is valid, in seconds: long enough for a redirect.
const VALID_FOR: Duration = arrival::TIME_TO_LIVE;

const LABEL: &str = "used response";

/// A verified response that was refused because it was used before or is too old.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Used {
    /// The digest of the person that the response is about.
    pub person: PersonKey,
    /// Why the response was refused.
    pub because: Because,
    /// When we sent the request that the response is for; `None` if the login was IdP-initiated. A
    /// session that began before this time did not begin with this response or a later one.
    #[serde(with = "ts_seconds_option")]
    pub asked_at: Option<DateTime<Utc>>,
    /// When the response was refused.
    #[serde(with = "ts_seconds")]
    pub at: DateTime<Utc>,
}

/// Why a used response was refused. The page that shows the error needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Because {
    /// The response or another one for the same request was used.
    Replay,
    /// The login is over.
    UnknownLogin,
    /// The response is too old.
    TooLate,
}

impl Because {
    /// The reason in this refusal; `None` if a used response is not refused for this reason.
    pub fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Replay => Some(Self::Replay),
            Refusal::UnknownLogin => Some(Self::UnknownLogin),
            Refusal::IssuedTooLongAgo | Refusal::Expired | Refusal::ConfirmationExpired => {
                Some(Self::TooLate)
            }
            _ => None,
        }
    }

    /// A refusal that leads to the same text on pages as the original one.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Replay => Refusal::Replay,
            Self::UnknownLogin => Refusal::UnknownLogin,
            Self::TooLate => Refusal::IssuedTooLongAgo,
        }
    }
}

impl Used {
    /// Encrypts the notice for a URL.
    pub fn notice(&self, keys: &ProgramKeys) -> Result<String, SessionError> {
        let secret = keys.newest().secret(LABEL, &[])?;
        let sealed = sealed::seal(&secret, LABEL, self)?;
        Ok(URL_SAFE_NO_PAD.encode(&*sealed))
    }

    /// Reads a notice; `None` if the program did not make it, or if it has expired.
    pub fn read(
        keys: &ProgramKeys,
        notice: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, SessionError> {
        let Ok(octets) = URL_SAFE_NO_PAD.decode(notice) else {
            return Ok(None);
        };
        for key in keys.all() {
            let secret = key.secret(LABEL, &[])?;
            let used: Option<Self> = sealed::open(&secret, LABEL, Some(&octets)).record();
            if used.is_some() {
                return Ok(used.filter(|used| used.is_valid(now)));
            }
        }
        Ok(None)
    }

    fn is_valid(&self, now: DateTime<Utc>) -> bool {
        let valid_for = TimeDelta::from_std(VALID_FOR).unwrap_or_default();
        now <= self.at + valid_for
    }
}
