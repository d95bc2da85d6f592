//! The cookies, logins in progress, and the records of arrivals, sessions, assertions and logouts.
//! All records that contain secrets are sealed.

pub mod arrival;
pub mod assertion;
mod cookies;
pub mod logout;
pub mod next;
pub mod pending;
mod program_keys;
pub mod slots;
pub mod used;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::serde::{ts_microseconds, ts_microseconds_option};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use crate::aws::attribute::{AwsAttributes, RoleSessionName, SourceIdentity};
use crate::aws::sts::REDEEMABLE_FOR;
use crate::crypto;
use crate::grant::facts::{Attributes, Facts};
use crate::saml::idp::EntityKey;
use crate::saml::{AuthnContexts, Login, NameId, Person, PersonKey};
use crate::store::sealed::{self, SealError, Sealed};
use crate::store::{Key, Kind, Operation, Store, StoreError};

pub use arrival::Arrival;
pub use assertion::{Assertion, AssertionField, AssertionKey};
pub use cookies::{Browser, BrowserKey};
pub use next::{Action, Next};
pub use pending::Pending;
pub use program_keys::ProgramKeys;
pub use slots::Slots;

/// An assertion that expires within this time is not sent to STS, because it could expire during
/// the call.
const REDEEMABLE_MARGIN: TimeDelta = TimeDelta::seconds(10);

/// Why a record of this module cannot be stored or read, or why a person may not sign in now.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The store is unavailable or full, or did not respond in time.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The person exceeds `limits.logins_per_minute` or, when the store is nearly full, the limit
    /// on renewals.
    #[error("this person signs in too often")]
    TooOften {
        /// The number of seconds after which the person may try again.
        retry_after_seconds: u64,
    },
    /// OpenSSL could not generate random bytes.
    #[error("the random number generator failed")]
    Random(#[from] openssl::error::ErrorStack),
}

impl SessionError {
    /// The stable code in API responses and audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::Full) => "store_full",
            Self::Store(StoreError::NoMarks) => "no_room_for_marks",
            Self::TooOften { .. } => "too_many_logins",
            Self::Store(_) | Self::Seal(_) | Self::Random(_) => "store_unavailable",
        }
    }
}

/// A signed-in person's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The person who is signed in.
    pub person: Person,
    /// The digest of the entity ID that the IdP had at sign-in. It is stored because the IdP's
    /// configured ID may later refer to another entity.
    pub entity: EntityKey,
    /// Whether the IdP had to authenticate the person again for this login, because our
    /// AuthnRequest or the configuration required it.
    pub requested_force_authn: bool,
    /// The complete NameID, including its qualifiers and format, for a LogoutRequest.
    pub name_id: NameId,
    /// The SessionIndex, which identifies the session at the IdP.
    pub session_index: Option<String>,
    /// When the session began: the time at which its SAML response was verified.
    #[serde(with = "ts_microseconds")]
    pub began_at: DateTime<Utc>,
    /// When the person last signed in at the IdP (AuthnInstant), if the assertion contains it.
    #[serde(with = "ts_microseconds_option")]
    pub authenticated_at: Option<DateTime<Utc>>,
    /// The authentication context classes, which describe how the person signed in at the IdP.
    pub authn_contexts: AuthnContexts,
    /// The values of the attributes that the configured grants and tools use, by attribute name.
    pub attributes: Attributes,
    /// The AWS attributes in the assertion.
    pub aws: AwsAttributes,
    /// The assertion, if [`Sessions::with_assertion`] has loaded it from its separate record.
    #[serde(skip)]
    pub assertion: Option<Assertion>,
    /// The secret with which the assertion's record can be found and opened.
    pub assertion_key: AssertionKey,
    /// When STS stops accepting the assertion.
    #[serde(with = "ts_microseconds")]
    pub redeemable_until: DateTime<Utc>,
    /// The session ends at this time at the latest.
    #[serde(with = "ts_microseconds")]
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// Creates the session for this login at `entity`. The session ends `max_age` after `now`, or
    /// earlier if the IdP's session ends earlier. The session keeps the AWS attributes and, of all
    /// other attributes, only those with a name in `wanted`.
    pub fn new(
        login: Login,
        entity: EntityKey,
        assertion_key: AssertionKey,
        now: DateTime<Utc>,
        max_age: TimeDelta,
        wanted: &BTreeSet<String>,
    ) -> Self {
        let limit = now + max_age;
        let redeemable = (now + REDEEMABLE_FOR).min(login.not_on_or_after);
        let by_issuance = login.issued_at.checked_add_signed(REDEEMABLE_FOR);
        let attributes = kept(&login, wanted);
        let mut aws = AwsAttributes::read(login.attribute_pairs());
        for name in &login.left_out {
            aws.leave_out(name);
        }
        Self {
            person: login.person,
            entity,
            requested_force_authn: login.requested_force_authn,
            name_id: login.name_id,
            session_index: login.session_index,
            began_at: now,
            authenticated_at: login.authenticated_at,
            authn_contexts: login.authn_contexts,
            attributes,
            aws,
            assertion: None,
            assertion_key,
            redeemable_until: by_issuance.map_or(redeemable, |at| at.min(redeemable)),
            expires_at: login
                .session_not_on_or_after
                .map_or(limit, |end| end.min(limit)),
        }
    }

    /// The facts about the person, as input for the conditions and templates of grants.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            idp: &self.person.idp,
            name_id: &self.person.name_id,
            session_name: self.aws.session_name.as_ref().map(RoleSessionName::as_str),
            source_identity: self
                .aws
                .source_identity
                .as_ref()
                .map(SourceIdentity::as_str),
            attributes: &self.attributes,
        }
    }

    /// The digest by which the person is recognized at another login. `None` if the NameID
    /// changes at each login, and no attribute identifies the person.
    pub fn recognizable_key(&self) -> Option<PersonKey> {
        let is_unknown = self.person.stable_id.is_none() && self.name_id.is_transient();
        (!is_unknown).then(|| self.person.key())
    }

    /// When the session ends if the maximum age is now `max_age`. The maximum age may have changed
    /// since the session began.
    pub fn ends_at(&self, max_age: TimeDelta) -> DateTime<Utc> {
        self.expires_at.min(self.began_at + max_age)
    }

    /// Whether STS accepts the assertion at `now` and for as long as a call takes.
    pub fn is_redeemable(&self, now: DateTime<Utc>) -> bool {
        now + REDEEMABLE_MARGIN < self.redeemable_until
    }
}

/// The login's attributes with a name in `wanted`. If the assertion contains several attributes
/// with the same name, their values are combined.
fn kept(login: &Login, wanted: &BTreeSet<String>) -> Attributes {
    let mut kept = Attributes::new();
    for (name, values) in login.attribute_pairs() {
        if wanted.contains(name) {
            let values = values.iter().cloned();
            kept.entry(name.to_owned()).or_default().extend(values);
        }
    }
    kept
}

/// The secret in a session's cookie. Only with this secret can the session's record be found and
/// opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionToken(#[serde(serialize_with = "into_sealed_record")] SecretString);

/// Serializes a secret. This is safe only in a record that will be sealed.
fn into_sealed_record<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// A session that is ready to begin: its token, and its record, sealed with the token.
///
/// A session is prepared when its login is verified, and then waits for the browser. The session
/// can begin without its record being opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepared {
    token: SessionToken,
    record: Sealed,
    session_index: Option<String>,
    #[serde(with = "ts_microseconds")]
    began_at: DateTime<Utc>,
    #[serde(with = "ts_microseconds")]
    expires_at: DateTime<Utc>,
}

impl Prepared {
    /// The store operation that begins the session.
    pub fn beginning(&self, now: DateTime<Utc>) -> Operation {
        let time_to_live = until(self.expires_at, now);
        Operation::put(self.token.key(), self.record.clone(), time_to_live)
    }

    /// The token for the session cookie, once the session has begun.
    pub fn into_token(self) -> SessionToken {
        self.token
    }

    /// Creates a token and seals the session's record with it.
    pub fn new(session: &Session) -> Result<Self, SessionError> {
        let token = SessionToken(SecretString::from(crypto::random_token()?));
        Ok(Self {
            record: sealed::seal(token.expose(), LABEL, session)?,
            token,
            session_index: session.session_index.clone(),
            began_at: session.began_at,
            expires_at: session.expires_at,
        })
    }
}

impl SessionToken {
    /// Reads a token from a cookie's value. Returns `None` if the value is malformed.
    pub fn from_cookie(value: &str) -> Option<Self> {
        is_token(value).then(|| Self(SecretString::from(value)))
    }

    /// The session's name in audit lines. The name is the same for all requests in the session, and
    /// the token cannot be derived from it.
    pub fn audit_name(&self) -> String {
        let mut name = crypto::derive_text("rolecall session in audit", self.expose().as_bytes());
        name.truncate(16);
        name
    }

    fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The key of the session's record in the store.
    pub fn key(&self) -> Key {
        Key::new(Kind::Session, sealed::name(self.expose()))
    }
}

fn is_token(value: &str) -> bool {
    value.len() == 43
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

const LABEL: &str = "session";

/// The sessions in the store, and their cookies.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Store,
    secure: bool,
}

impl Sessions {
    /// Provides access to the sessions in `store`. `secure` means that the public URL uses HTTPS,
    /// so cookies are marked `Secure`.
    pub fn new(store: Store, secure: bool) -> Self {
        Self { store, secure }
    }

    /// Whether a prepared session is over, because it has expired or the IdP has ended it.
    pub async fn is_over(
        &self,
        prepared: &Prepared,
        person: &Person,
        now: DateTime<Utc>,
    ) -> Result<bool, SessionError> {
        let index = prepared.session_index.as_deref();
        let is_over = prepared.expires_at <= now;
        Ok(is_over || self.is_logged_out(person, index, prepared.began_at).await?)
    }

    /// Loads the session with this token. Returns `None` if there is no such session or it has
    /// ended.
    pub async fn load(
        &self,
        token: &SessionToken,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, SessionError> {
        let Some(session) = self.record(token).await? else {
            return Ok(None);
        };
        let Session {
            person,
            session_index,
            began_at,
            ..
        } = &session;
        let index = session_index.as_deref();
        if self.is_logged_out(person, index, *began_at).await? {
            self.end(token, &session).await?;
            return Ok(None);
        }
        Ok((session.expires_at > now).then_some(session))
    }

    async fn record(&self, token: &SessionToken) -> Result<Option<Session>, SessionError> {
        let record = self.store.get(token.key()).await?;
        Ok(sealed::open(token.expose(), LABEL, record.as_deref()).record())
    }

    /// Whether the store contains a session's record for this token. The record is not opened.
    pub async fn know(&self, token: &SessionToken) -> Result<bool, SessionError> {
        Ok(self.store.get(token.key()).await?.is_some())
    }

    /// Whether the store still contains this session, and the IdP has not ended it. The session's
    /// time is not checked.
    pub async fn stands(
        &self,
        token: &SessionToken,
        session: &Session,
    ) -> Result<bool, SessionError> {
        let index = session.session_index.as_deref();
        let is_logged_out = self.is_logged_out(&session.person, index, session.began_at);
        Ok(self.know(token).await? && !is_logged_out.await?)
    }

    /// Removes the records of a session and its assertion. It is not an error if only the
    /// assertion's record cannot be removed, because nobody can open this record anymore.
    pub async fn end(&self, token: &SessionToken, session: &Session) -> Result<(), SessionError> {
        let keys = [token.key(), session.assertion_key.record()];
        let mut outcomes = self.store.each(keys.map(Operation::Take)).await.into_iter();
        outcomes.next().transpose()?;
        if let Some(Err(error)) = outcomes.next() {
            tracing::warn!(%error, "the record of an ended session's assertion could not be removed; it will expire by itself");
        }
        Ok(())
    }
}

/// The time from `now` to `end`; zero if `end` has passed.
fn until(end: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (end - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests;
