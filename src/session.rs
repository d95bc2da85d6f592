//! Sessions and logins in progress: their cookies, and their sealed records.

pub mod arrival;
pub mod assertion;
mod cookies;
pub mod logout;
mod often;
pub mod pending;

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::serde::{ts_microseconds, ts_microseconds_option};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use crate::aws::attribute::{AwsAttributes, RoleSessionName, SourceIdentity};
use crate::crypto;
use crate::grant::facts::{Attributes, Facts};
use crate::saml::{Login, NameId, Person};
use crate::store::sealed::{self, SealError, Sealed};
use crate::store::{Key, Kind, MemoryStore, StoreError};

pub use arrival::Arrival;
pub use assertion::{Assertion, AssertionKey};
pub use cookies::Browser;
use often::Often;
pub use pending::{Action, Pending};

/// How long after its issuance STS redeems an assertion.
const REDEEMABLE_FOR: TimeDelta = TimeDelta::minutes(5);
/// What the way to STS may take: an assertion with less than this left is not sent.
const REDEEMABLE_MARGIN: TimeDelta = TimeDelta::seconds(10);

/// A session or a login in progress cannot be kept.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The store is down.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// One person signs in without end.
    #[error("this person signs in too often")]
    TooOften {
        /// When they may again, in seconds.
        retry_after_seconds: u64,
    },
    /// No random bytes.
    #[error("the random number generator failed")]
    Random(#[from] openssl::error::ErrorStack),
}

/// A signed-in person's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// The subject in full, as it goes into a LogoutRequest.
    pub name_id: NameId,
    /// The IdP's name for its session.
    pub session_index: Option<String>,
    /// When it began.
    #[serde(with = "ts_microseconds")]
    pub began_at: DateTime<Utc>,
    /// When the person last signed in at the IdP, where it says so.
    #[serde(with = "ts_microseconds_option")]
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How the person signed in there.
    pub authn_context: Option<String>,
    /// The attributes that grants look at, by Name.
    pub attributes: Attributes,
    /// What the IdP said about AWS.
    pub aws: AwsAttributes,
    /// The assertion. It is a record of its own: see [`Sessions::with_assertion`].
    #[serde(skip)]
    pub assertion: Option<Assertion>,
    /// The way to that record.
    pub assertion_key: AssertionKey,
    /// Until when STS redeems it.
    #[serde(with = "ts_microseconds")]
    pub redeemable_until: DateTime<Utc>,
    /// When the session ends.
    #[serde(with = "ts_microseconds")]
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// The session of this login: it ends `max_age` from `now`, or when the IdP's does. Of the
    /// attributes that are not AWS's it keeps the `wanted` ones.
    pub fn new(
        login: Login,
        assertion_key: AssertionKey,
        now: DateTime<Utc>,
        max_age: TimeDelta,
        wanted: &BTreeSet<String>,
    ) -> Self {
        let limit = now + max_age;
        let redeemable = (now + REDEEMABLE_FOR).min(login.not_on_or_after);
        let by_issuance = login.issued_at.checked_add_signed(REDEEMABLE_FOR);
        let attributes = kept(&login, wanted);
        let aws = AwsAttributes::read(login.attribute_pairs());
        Self {
            person: login.person,
            name_id: login.name_id,
            session_index: login.session_index,
            began_at: now,
            authenticated_at: login.authenticated_at,
            authn_context: login.authn_context,
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

    /// What grants are told of the person.
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

    /// Whether STS still takes the assertion at `now`.
    pub fn is_redeemable(&self, now: DateTime<Utc>) -> bool {
        now + REDEEMABLE_MARGIN < self.redeemable_until
    }
}

/// What an IdP says in two attributes of one Name counts together.
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

/// The secret in a session's cookie: the only way to its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionToken(#[serde(serialize_with = "into_sealed_record")] SecretString);

/// A secret in a record, which is sealed.
fn into_sealed_record<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// A session that may begin: its record, and the token that will open it.
///
/// It is made where the login is, and may wait; so whoever lets it begin need not open it.
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
    /// Seals the record of a session.
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
    /// The token that a browser sent.
    pub fn from_cookie(value: &str) -> Option<Self> {
        is_token(value).then(|| Self(SecretString::from(value)))
    }

    /// The session's name in audit lines: the same for all of its requests, and of no use for
    /// finding its record.
    pub fn audit_name(&self) -> String {
        let mut name = crypto::derive_text("rolecall session in audit", self.expose().as_bytes());
        name.truncate(16);
        name
    }

    fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn key(&self) -> Key {
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

/// Where sessions are kept.
#[derive(Clone)]
pub struct Sessions {
    store: MemoryStore,
    often: Often,
    secure: bool,
}

impl Sessions {
    /// Sessions in `store`; `secure` when people reach us over HTTPS.
    pub fn new(store: MemoryStore, secure: bool) -> Self {
        Self {
            store,
            often: Often::new(None),
            secure,
        }
    }

    /// The same, with so many logins a minute of one person, and as many at once.
    #[must_use]
    pub fn limited(self, logins_per_minute: Option<NonZeroU32>) -> Self {
        Self {
            often: Often::new(logins_per_minute),
            ..self
        }
    }

    /// Whether a session is over before it has begun, by its own end or by its IdP's word.
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

    /// Lets a session begin, and returns its token; `None` if it has begun already.
    pub async fn begin(
        &self,
        prepared: Prepared,
        now: DateTime<Utc>,
    ) -> Result<Option<SessionToken>, SessionError> {
        let Prepared { token, record, .. } = prepared;
        let time_to_live = until(prepared.expires_at, now);
        let is_new = self
            .store
            .put_if_absent(token.key(), record, time_to_live)
            .await?;
        Ok(is_new.then_some(token))
    }

    /// The session of a token, unless it has ended.
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
            self.end(token).await?;
            return Ok(None);
        }
        Ok((session.expires_at > now).then_some(session))
    }

    async fn record(&self, token: &SessionToken) -> Result<Option<Session>, SessionError> {
        let record = self.store.get(token.key()).await?;
        let session = record.map(|record| sealed::open(token.expose(), LABEL, &record));
        Ok(session.transpose()?)
    }

    /// Whether somebody more may sign in: people who are signed in are not put out for it.
    pub fn have_room(&self) -> Result<(), SessionError> {
        let has_room = self.store.has_room();
        has_room.then_some(()).ok_or(StoreError::Full.into())
    }

    /// Whether this person may sign in once more: not as often as they like, and least of all where the
    /// last of the room is used.
    pub fn admit(&self, person: &Person) -> Result<(), SessionError> {
        self.often.login(person)?;
        if self.store.has_room() {
            Ok(())
        } else {
            self.often.renewal(person)
        }
    }

    /// Forgets what is over.
    pub fn tidy(&self) {
        self.store.tidy();
        self.often.tidy();
    }

    /// Takes back a session that has just begun, and leaves its assertion to who else may have
    /// it.
    pub async fn withdraw(&self, token: &SessionToken) -> Result<(), SessionError> {
        self.store.take(token.key()).await?;
        Ok(())
    }

    /// Whether there is a record for this token, whatever it says.
    pub async fn know(&self, token: &SessionToken) -> Result<bool, SessionError> {
        Ok(self.store.get(token.key()).await?.is_some())
    }

    /// Ends a session.
    pub async fn end(&self, token: &SessionToken) -> Result<(), SessionError> {
        if let Some(record) = self.store.take(token.key()).await? {
            let session: Session = sealed::open(token.expose(), LABEL, &record)?;
            self.forget_assertion(&session).await?;
        }
        Ok(())
    }
}

/// The time from `now` to `end`, for the store.
fn until(end: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (end - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "the assertion"
    const FIELD: &str = "dGhlIGFzc2VydGlvbg==";

    fn login(now: DateTime<Utc>) -> Login {
        Login {
            person: Person {
                idp: "corp".to_owned(),
                name_id: "alice".to_owned(),
            },
            name_id: NameId::default(),
            session_index: None,
            authenticated_at: None,
            authn_context: None,
            attributes: Vec::new(),
            assertion_id: "_1".to_owned(),
            issued_at: now,
            not_on_or_after: now + TimeDelta::hours(1),
            session_not_on_or_after: None,
        }
    }

    async fn begun(sessions: &Sessions, session: &Session, now: DateTime<Utc>) -> SessionToken {
        let prepared = Prepared::new(session).unwrap();
        let token = sessions.begin(prepared, now).await.unwrap();
        token.expect("a new session")
    }

    fn session(login: Login, now: DateTime<Utc>) -> Session {
        Session::new(
            login,
            AssertionKey::new().unwrap(),
            now,
            TimeDelta::hours(8),
            &BTreeSet::from(["groups".to_owned()]),
        )
    }

    #[test]
    fn an_assertion_is_redeemed_within_five_minutes_of_its_issuance_and_its_own_validity() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let last = TimeDelta::minutes(5) - REDEEMABLE_MARGIN;
        let fresh = session(login(now), now);
        assert!(fresh.is_redeemable(now + last - TimeDelta::seconds(1)));
        assert!(!fresh.is_redeemable(now + last));
        // Issued two minutes before it arrived.
        let issued_at = now - TimeDelta::minutes(2);
        let old = session(
            Login {
                issued_at,
                ..login(now)
            },
            now,
        );
        assert!(old.is_redeemable(now + last - TimeDelta::seconds(121)));
        assert!(!old.is_redeemable(now + last - TimeDelta::minutes(2)));
        // Valid for one minute.
        let not_on_or_after = now + TimeDelta::minutes(1);
        let short = session(
            Login {
                not_on_or_after,
                ..login(now)
            },
            now,
        );
        assert!(short.is_redeemable(now + TimeDelta::seconds(49)));
        assert!(!short.is_redeemable(now + TimeDelta::seconds(50)));
        // An IdP whose clock is ahead does not make it good for longer.
        let issued_at = now + TimeDelta::minutes(1);
        let ahead = session(
            Login {
                issued_at,
                ..login(now)
            },
            now,
        );
        assert!(!ahead.is_redeemable(now + last));
    }

    #[test]
    fn a_session_ends_with_its_age_or_with_the_idps() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        assert_eq!(
            session(login(now), now).expires_at,
            now + TimeDelta::hours(8)
        );
        for (hours, ends_after) in [(2, 2), (20, 8)] {
            let end = Some(now + TimeDelta::hours(hours));
            let login = Login {
                session_not_on_or_after: end,
                ..login(now)
            };
            assert_eq!(
                session(login, now).expires_at,
                now + TimeDelta::hours(ends_after)
            );
        }
    }

    #[actix_web::test]
    async fn the_store_holds_no_assertion_and_no_token() {
        let store = MemoryStore::default();
        let sessions = Sessions::new(store.clone(), true);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let kept = session(login(now), now);
        sessions
            .keep_assertion(&kept, (FIELD, b"the assertion"), now)
            .await
            .unwrap();
        let token = begun(&sessions, &kept, now).await;
        let records = [token.key(), kept.assertion_key.record()];
        for key in records {
            let record = store.get(key).await.unwrap().unwrap();
            for text in ["the assertion", FIELD, "alice", "corp", token.expose()] {
                let found = memchr::memmem::find(&record, text.as_bytes());
                assert!(found.is_none(), "{text}");
            }
        }
        let loaded = sessions.load(&token, now).await.unwrap().unwrap();
        assert!(loaded.assertion.is_none());
        assert_eq!(loaded.person, kept.person);
        let loaded = sessions.with_assertion(loaded).await.unwrap();
        let Some(Assertion::Whole(field)) = loaded.assertion else {
            panic!("it is there")
        };
        assert_eq!(field.expose_secret(), FIELD);
        sessions.end(&token).await.unwrap();
        for key in records {
            assert!(store.get(key).await.unwrap().is_none());
        }
    }

    #[actix_web::test]
    async fn a_session_begins_once() {
        let sessions = Sessions::new(MemoryStore::default(), true);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let prepared = Prepared::new(&session(login(now), now)).unwrap();
        let begin = || sessions.begin(prepared.clone(), now);
        let token = begin().await.unwrap().expect("it begins");
        assert!(begin().await.unwrap().is_none());
        let loaded = sessions.load(&token, now).await.unwrap();
        assert!(loaded.is_some(), "the second time took nothing away");
    }

    #[actix_web::test]
    async fn a_logout_of_very_many_sessions_is_one_of_all() {
        let sessions = Sessions::new(MemoryStore::default(), true);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let kept = session(login(now), now);
        let indexes = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
        for (count, is_over) in [(31, false), (32, true)] {
            let token = begun(&sessions, &kept, now).await;
            let indexes = indexes(count);
            let ended = sessions.log_out(&kept.person, &indexes, now);
            ended.await.unwrap();
            let loaded = sessions.load(&token, now).await.unwrap();
            assert_eq!(loaded.is_none(), is_over, "{count}");
            // What is over takes no room.
            assert_eq!(sessions.know(&token).await.unwrap(), !is_over);
        }
    }

    #[actix_web::test]
    async fn an_assertion_is_gone_when_it_cannot_be_redeemed() {
        let store = MemoryStore::default();
        let sessions = Sessions::new(store.clone(), true);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let kept = Session {
            redeemable_until: now + TimeDelta::milliseconds(20),
            ..session(login(now), now)
        };
        sessions
            .keep_assertion(&kept, (FIELD, b"the assertion"), now)
            .await
            .unwrap();
        let token = begun(&sessions, &kept, now).await;
        let look = async {
            loop {
                let loaded = sessions.load(&token, now).await.unwrap().unwrap();
                let loaded = sessions.with_assertion(loaded).await.unwrap();
                if loaded.assertion.is_none() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_mins(1), look).await;
        gone.expect("it is gone in the end");
    }
}
