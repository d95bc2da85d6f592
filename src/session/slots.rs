//! Slots: cookies in which a browser keeps what follows its logins in progress, such as the form to
//! submit again.
//!
//! A browser has at most four slots, so that no page can fill its cookies by opening windows:
//! proxies refuse requests with more than about 8 kB of headers, and would lock the browser out. A
//! new login replaces the oldest slot. Content that was replaced or that does not fit is lost; the
//! person is then asked for it again after the login.
//!
//! The content is encrypted with a key that is derived from the program's key, the login's request
//! and the browser. So it can be neither read nor changed, and it works only in this browser and
//! for this login.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use super::SessionError;
use super::cookies::Browser;
use super::next::Next;
use super::pending::RequestKey;
use super::program_keys::{ProgramKey, ProgramKeys};
use crate::store::sealed;

/// The number of slots. This is also the number of logins in one browser that may be in progress at
/// the same time without losing what follows them.
pub const SLOTS: usize = 4;
/// The maximum length of a slot's value, in bytes. With their names, four such values and rolecall's
/// other cookies take less than 4 kB.
const MAX_VALUE: usize = 900;
/// The maximum size of the content before compression, in bytes. Larger content would not fit.
const MAX_CONTENT: usize = 16 * 1024;
/// The number of bytes that identify a slot's request.
const NAME: usize = 8;

const LABEL: &str = "slot";

/// The slots of a browser, as it sent them.
#[derive(Clone, Debug, Default)]
pub struct Slots([Option<Slot>; SLOTS]);

/// A slot with content.
#[derive(Clone, Debug)]
struct Slot {
    /// The position in the order in which the slots were filled.
    age: u32,
    /// The first bytes of the request's key.
    request: [u8; NAME],
    sealed: Vec<u8>,
}

/// A slot that is about to be filled.
#[derive(Clone, Debug)]
pub struct FilledSlot {
    /// The slot's number: 0 to `SLOTS - 1`.
    pub number: usize,
    /// The value of the slot's cookie.
    pub value: String,
}

/// What followed a login, and the slot that it was in.
#[derive(Clone, Debug)]
pub struct Found {
    /// The slot's number.
    pub number: usize,
    /// What follows the login.
    pub next: Next,
}

/// A login that a slot belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The login's AuthnRequest.
    pub request: &'a RequestKey,
    /// The browser that started the login.
    pub browser: &'a Browser,
}

impl Slots {
    /// Reads the slots. `cookie` returns the value of the cookie of the slot with this number.
    /// Anything that cannot be a slot's value is ignored.
    pub fn read<'c>(cookie: impl Fn(usize) -> Option<&'c str>) -> Self {
        Self(std::array::from_fn(|number| {
            cookie(number).and_then(Slot::read)
        }))
    }

    /// The numbers of the slots that have content.
    pub fn used(&self) -> impl Iterator<Item = usize> {
        let slots = self.0.iter().enumerate();
        slots.filter_map(|(number, slot)| slot.is_some().then_some(number))
    }

    /// Keeps what follows a login: in an empty slot or, if there is none, in the oldest one. Returns
    /// `None` if the content is too large.
    pub fn keep(
        &self,
        keys: &ProgramKeys,
        owner: Owner<'_>,
        next: &Next,
    ) -> Result<Option<FilledSlot>, SessionError> {
        let Some(content) = packed(next) else {
            return Ok(None);
        };
        let secret = secret(keys.newest(), owner)?;
        let newest = self.0.iter().flatten().map(|slot| slot.age).max();
        let slot = Slot {
            age: newest.map_or(0, |age| age.saturating_add(1)),
            request: name(owner.request),
            sealed: sealed::seal_octets(&secret, LABEL, &content)?.to_vec(),
        };
        let value = slot.value();
        Ok((value.len() <= MAX_VALUE).then(|| FilledSlot {
            number: self.to_fill(owner.request),
            value,
        }))
    }

    /// The slot to fill. Tabs that are opened together do not see each other's slots, so the choice
    /// between empty slots is random: it depends on the request.
    fn to_fill(&self, request: &RequestKey) -> usize {
        let empty: Vec<_> = (0..SLOTS).filter(|slot| self.0[*slot].is_none()).collect();
        if !empty.is_empty() {
            return empty[usize::from(request.octets()[31]) % empty.len()];
        }
        let age = |number: &usize| self.0[*number].as_ref().map(|slot| slot.age);
        (0..SLOTS).min_by_key(age).unwrap_or_default()
    }

    /// Finds what follows a login.
    pub fn find(
        &self,
        keys: &ProgramKeys,
        owner: Owner<'_>,
    ) -> Result<Option<Found>, SessionError> {
        for (number, slot) in self.0.iter().enumerate() {
            let slot = slot.as_ref();
            let Some(slot) = slot.filter(|slot| slot.request == name(owner.request)) else {
                continue;
            };
            for key in keys.all() {
                let secret = secret(key, owner)?;
                let content = sealed::open_octets(&secret, LABEL, &slot.sealed);
                if let Some(next) = content.and_then(|content| unpacked(&content)) {
                    return Ok(Some(Found { number, next }));
                }
            }
        }
        Ok(None)
    }
}

impl Slot {
    fn read(value: &str) -> Option<Self> {
        if value.len() > MAX_VALUE {
            return None;
        }
        let octets = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (age, rest) = octets.split_first_chunk()?;
        let (request, sealed) = rest.split_first_chunk()?;
        Some(Self {
            age: u32::from_be_bytes(*age),
            request: *request,
            sealed: sealed.to_vec(),
        })
    }

    fn value(&self) -> String {
        let octets = [&self.age.to_be_bytes()[..], &self.request, &self.sealed].concat();
        URL_SAFE_NO_PAD.encode(octets)
    }
}

fn name(request: &RequestKey) -> [u8; NAME] {
    let mut name = [0; NAME];
    name.copy_from_slice(&request.octets()[..NAME]);
    name
}

fn secret(key: ProgramKey<'_>, owner: Owner<'_>) -> Result<Zeroizing<String>, ErrorStack> {
    let identity = owner.browser.expose().as_bytes();
    let owner = Zeroizing::new([owner.request.octets(), identity].concat());
    key.secret("rolecall slot", &owner)
}

/// Serializes and compresses; `None` if the content is too large or cannot be serialized.
fn packed(next: &Next) -> Option<Vec<u8>> {
    let plain = postcard::to_stdvec(next).ok()?;
    if plain.len() > MAX_CONTENT {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain).ok()?;
    encoder.finish().ok()
}

fn unpacked(content: &[u8]) -> Option<Next> {
    let most = u64::try_from(MAX_CONTENT).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let mut decoder = DeflateDecoder::new(content).take(most);
    decoder.read_to_end(&mut plain).ok()?;
    postcard::from_bytes(&plain).ok()
}

#[cfg(test)]
mod tests;
