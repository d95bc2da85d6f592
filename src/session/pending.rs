//! A login in progress: our AuthnRequest, and the browser that started the login.
//!
//! Anybody may start a login, so a login in progress has no record in the store: nobody can fill
//! the store with logins, and no flood of new logins can end those of other people. The login *is*
//! its RelayState, which the browser takes to the IdP and back. The IdP's response arrives without
//! our cookies, so the RelayState contains everything that the ACS must know. The program's key
//! authenticates it, so nobody else can make or change one. A response is accepted once, because
//! the ACS marks the request as used ([`RequestKey::marking_as_used`]) when it has verified the
//! message.
//!
//! What follows the login is kept in cookies: see [`super::slots`].

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use serde::{Deserialize, Serialize};

use super::SessionError;
use super::cookies::BrowserKey;
use super::program_keys::{ProgramKey, ProgramKeys};
use crate::crypto;
use crate::saml::idp::{EntityKey, IdKey};
use crate::saml::request::RESPONSE_DEADLINE;
use crate::store::{Key, Kind, Operation};

/// How long a person may take to sign in at the IdP.
pub const TIME_TO_LIVE: Duration =
    Duration::from_secs(RESPONSE_DEADLINE.num_seconds().unsigned_abs());
/// How long the mark of a used request is kept, from the time at which a response is accepted. By
/// then, the login has expired. The margin allows for a clock that is set back.
const MARKED: Duration = TIME_TO_LIVE.saturating_add(Duration::from_mins(1));

const VERSION: u8 = 1;
/// The RelayState without its tag: version, time, IdP, flags, browser, epoch and nonce.
const CONTENT: usize = 1 + 4 + 8 + 1 + 12 + 8 + 8;
const TAG: usize = 16;

/// The flags in a RelayState.
const ANEW: u8 = 1;
const RENEWAL: u8 = 1 << 1;
const FOLLOWED: u8 = 1 << 2;

/// The IdP that a login in progress was sent to: digests of its configured ID and of the entity ID
/// that it had then. The configured ID may later refer to another entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedIdp {
    /// The digest of the configured ID.
    pub id: IdKey,
    /// The first bytes of the digest of the entity ID.
    entity: [u8; 4],
}

impl AskedIdp {
    /// The IdP with this configured ID and this entity ID.
    pub fn new(id: IdKey, entity: EntityKey) -> Self {
        let mut short = [0; 4];
        short.copy_from_slice(&entity.octets()[..4]);
        Self { id, entity: short }
    }

    /// Whether the IdP had this entity ID when the login began.
    pub fn had(self, entity: EntityKey) -> bool {
        self == Self::new(self.id, entity)
    }
}

/// A login in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// When we sent the AuthnRequest, in whole seconds.
    pub asked_at: DateTime<Utc>,
    /// The IdP that we sent the AuthnRequest to.
    pub idp: AskedIdp,
    /// The browser that started the login.
    pub browser: BrowserKey,
    /// Whether the person must sign in again for this login, even if our configuration does not
    /// require this.
    pub anew: bool,
    /// Whether the browser had a session when the login began. If so, the login is accepted even
    /// when the store has no room for new people.
    pub is_renewal: bool,
    /// Whether something other than the portal follows the login. The browser keeps it in a slot.
    pub is_followed: bool,
    /// Distinguishes logins that begin in the same browser within the same second.
    pub nonce: [u8; 8],
}

/// The facts about a login that is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewLogin {
    /// The current time.
    pub now: DateTime<Utc>,
    /// See [`Pending::idp`].
    pub idp: AskedIdp,
    /// See [`Pending::browser`].
    pub browser: BrowserKey,
    /// See [`Pending::anew`].
    pub anew: bool,
    /// See [`Pending::is_renewal`].
    pub is_renewal: bool,
    /// See [`Pending::is_followed`].
    pub is_followed: bool,
}

/// What the browser takes to the IdP for a login.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The RelayState: 78 characters. At most 80 are allowed (saml-bindings 3.4.3, 3.5.3).
    pub relay_state: String,
    /// The AuthnRequest.
    pub request: RequestKey,
}

/// A login in progress that was read from a RelayState.
#[derive(Clone, Debug)]
pub struct InProgress {
    /// The login.
    pub pending: Pending,
    /// The AuthnRequest.
    pub request: RequestKey,
}

/// The bytes from which the ID of a login's AuthnRequest is made. They are derived from the login
/// with the program's key, so nobody can choose or guess them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestKey([u8; 32]);

impl RequestKey {
    /// The ID of the AuthnRequest: an NCName with 256 bits (saml-core 1.3.4).
    pub fn id(&self) -> String {
        crate::saml::request::id_of(&self.0)
    }

    /// The bytes.
    pub fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the operation that marks the request as used, unless it is already marked. The mark
    /// expires only after the login has.
    pub fn marking_as_used(&self) -> Operation {
        let key = Key::new(Kind::Replay, crypto::derive("rolecall request", &self.0));
        Operation::put_if_absent(key, [], MARKED)
    }
}

impl Pending {
    /// Begins a login.
    pub fn new(login: NewLogin) -> Result<Self, SessionError> {
        let seconds = login.now.timestamp();
        Ok(Self {
            asked_at: DateTime::from_timestamp(seconds, 0).unwrap_or(login.now),
            idp: login.idp,
            browser: login.browser,
            anew: login.anew,
            is_renewal: login.is_renewal,
            is_followed: login.is_followed,
            nonce: crypto::random()?,
        })
    }

    /// Makes the RelayState and the ID of the AuthnRequest.
    pub fn sent(&self, keys: &ProgramKeys) -> Result<Sent, SessionError> {
        let (key, content) = (keys.newest(), self.content());
        let octets = [&content[..], &tag(key, &content)?].concat();
        Ok(Sent {
            relay_state: URL_SAFE_NO_PAD.encode(octets),
            request: request(key, &content)?,
        })
    }

    /// Reads a RelayState. Returns `None` if the program did not make it, for example because an
    /// IdP made it for a login of its own, or because it is from before a restart.
    pub fn read(keys: &ProgramKeys, relay_state: &str) -> Result<Option<InProgress>, SessionError> {
        let octets = URL_SAFE_NO_PAD.decode(relay_state).ok();
        let octets: Option<[u8; CONTENT + TAG]> = octets.and_then(|all| all.try_into().ok());
        let Some((content, tag)) = octets.as_ref().and_then(|all| all.split_first_chunk()) else {
            return Ok(None);
        };
        for key in keys.all() {
            if is_tag(key, content, tag)? {
                let request = request(key, content)?;
                let pending = Self::of_content(content);
                return Ok(pending.map(|pending| InProgress { pending, request }));
            }
        }
        Ok(None)
    }

    /// Whether the person has taken longer than [`RESPONSE_DEADLINE`].
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now > self.asked_at + RESPONSE_DEADLINE
    }

    fn content(&self) -> [u8; CONTENT] {
        let seconds = u32::try_from(self.asked_at.timestamp()).unwrap_or_default();
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let mut content = Content::default();
        content.push([VERSION]);
        content.push(seconds.to_be_bytes());
        content.push(*self.idp.id.octets());
        content.push(self.idp.entity);
        content.push([flag(self.anew, ANEW)
            | flag(self.is_renewal, RENEWAL)
            | flag(self.is_followed, FOLLOWED)]);
        content.push(*self.browser.octets());
        // Reserved for the epoch of a store that several nodes share.
        content.push([0; 8]);
        content.push(self.nonce);
        content.octets
    }

    /// Reads authenticated content; `None` if it has another version.
    fn of_content(content: &[u8; CONTENT]) -> Option<Self> {
        let mut rest = &content[..];
        if next::<1>(&mut rest)? != [VERSION] {
            return None;
        }
        let seconds = u32::from_be_bytes(next(&mut rest)?);
        let idp = AskedIdp {
            id: IdKey::from_octets(next(&mut rest)?),
            entity: next(&mut rest)?,
        };
        let [flags] = next(&mut rest)?;
        let browser = BrowserKey::from_octets(next(&mut rest)?);
        let _epoch: [u8; 8] = next(&mut rest)?;
        Some(Self {
            asked_at: DateTime::from_timestamp(seconds.into(), 0)?,
            idp,
            browser,
            anew: flags & ANEW != 0,
            is_renewal: flags & RENEWAL != 0,
            is_followed: flags & FOLLOWED != 0,
            nonce: next(&mut rest)?,
        })
    }
}

/// Content that is being written.
struct Content {
    octets: [u8; CONTENT],
    written: usize,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            octets: [0; CONTENT],
            written: 0,
        }
    }
}

impl Content {
    fn push<const N: usize>(&mut self, octets: [u8; N]) {
        self.octets[self.written..][..N].copy_from_slice(&octets);
        self.written += N;
    }
}

/// Takes the next `N` bytes.
fn next<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (octets, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*octets)
}

fn tag(key: ProgramKey<'_>, content: &[u8; CONTENT]) -> Result<[u8; TAG], ErrorStack> {
    let mac = key.mac("rolecall relay state", content)?;
    let mut tag = [0; TAG];
    tag.copy_from_slice(&mac[..TAG]);
    Ok(tag)
}

fn is_tag(
    key: ProgramKey<'_>,
    content: &[u8; CONTENT],
    received: &[u8],
) -> Result<bool, ErrorStack> {
    let expected = tag(key, content)?;
    let received = received.try_into();
    Ok(received.is_ok_and(|received| crypto::are_equal(&expected, received)))
}

fn request(key: ProgramKey<'_>, content: &[u8; CONTENT]) -> Result<RequestKey, ErrorStack> {
    Ok(RequestKey(key.mac("rolecall request ID", content)?))
}
