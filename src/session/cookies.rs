//! The cookies that contain the session's token, identify a browser during a login, or remember the
//! last IdP.

use actix_web::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret as _, SecretString};

use serde::{Deserialize, Serialize};

use super::pending;
use super::slots::{FilledSlot, SLOTS};
use super::{SessionError, SessionToken, Sessions, arrival, is_token};
use crate::crypto;

/// The names of the cookies for the slots.
const SLOT_NAMES: [&str; SLOTS] = [
    "rolecall-next-1",
    "rolecall-next-2",
    "rolecall-next-3",
    "rolecall-next-4",
];
/// The same names if the public URL uses HTTPS.
const SECURE_SLOT_NAMES: [&str; SLOTS] = [
    "__Host-rolecall-next-1",
    "__Host-rolecall-next-2",
    "__Host-rolecall-next-3",
    "__Host-rolecall-next-4",
];

impl Sessions {
    /// The name of the session cookie. If the public URL uses HTTPS, the name has the prefix
    /// `__Host-`. Browsers accept such a cookie only over HTTPS, with `Path=/` and without a Domain
    /// attribute (RFC 6265bis 4.1.3).
    pub fn cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall"
        } else {
            "rolecall"
        }
    }

    /// The name of the cookie that binds a login in progress to its browser.
    pub fn login_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-login"
        } else {
            "rolecall-login"
        }
    }

    /// The name of the cookie that binds an IdP-initiated login to the browser that posted the
    /// response. This cookie is separate from the login cookie, so that an IdP-initiated login
    /// cannot interfere with a login in progress.
    pub fn arrival_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-arrival"
        } else {
            "rolecall-arrival"
        }
    }

    /// The names of the cookies for the slots (see [`super::slots`]).
    pub fn slot_cookie_names(&self) -> [&'static str; SLOTS] {
        if self.secure {
            SECURE_SLOT_NAMES
        } else {
            SLOT_NAMES
        }
    }

    /// The name of the cookie that remembers the IdP of the last login. The cookie does not
    /// identify the person.
    pub fn idp_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-idp"
        } else {
            "rolecall-idp"
        }
    }

    /// Builds the session cookie with this token.
    pub fn cookie(&self, token: &SessionToken) -> Cookie<'static> {
        self.build(self.cookie_name(), token.expose().to_owned())
    }

    /// Builds the cookie that removes the session cookie.
    pub fn removal(&self) -> Cookie<'static> {
        self.removing(self.cookie_name())
    }

    /// Builds the cookies that remove the session cookie, the login cookie and the arrival cookie.
    pub fn removals(&self) -> [Cookie<'static>; 3] {
        let names = [
            self.cookie_name(),
            self.login_cookie_name(),
            self.arrival_cookie_name(),
        ];
        names.map(|name| self.removing(name))
    }

    fn removing(&self, name: &'static str) -> Cookie<'static> {
        let mut cookie = self.build(name, String::new());
        cookie.make_removal();
        cookie
    }

    /// Builds the login cookie for this browser.
    pub fn login_cookie(&self, browser: &Browser) -> Cookie<'static> {
        self.build(
            self.login_cookie_name(),
            browser.0.expose_secret().to_owned(),
        )
    }

    /// Builds the arrival cookie for a browser that posted the response of an IdP-initiated login.
    pub fn arrival_cookie(&self, browser: &Browser) -> Cookie<'static> {
        self.build(
            self.arrival_cookie_name(),
            browser.0.expose_secret().to_owned(),
        )
    }

    /// Builds the cookie that fills a slot. It expires when the login cannot be finished anymore.
    pub fn slot_cookie(&self, slot: FilledSlot) -> Option<Cookie<'static>> {
        let name = self.slot_cookie_names().get(slot.number).copied()?;
        let mut cookie = self.build(name, slot.value);
        let lifetime = pending::TIME_TO_LIVE + arrival::TIME_TO_LIVE;
        cookie.set_max_age(actix_web::cookie::time::Duration::try_from(lifetime).ok());
        Some(cookie)
    }

    /// Builds the cookie that empties a slot.
    pub fn slot_removal(&self, number: usize) -> Option<Cookie<'static>> {
        let name = self.slot_cookie_names().get(number).copied()?;
        Some(self.removing(name))
    }

    /// Builds the cookie that stores the configured ID of an IdP for 180 days.
    pub fn idp_cookie(&self, id: &str) -> Cookie<'static> {
        let mut cookie = self.build(self.idp_cookie_name(), id.to_owned());
        cookie.set_max_age(actix_web::cookie::time::Duration::days(180));
        cookie
    }

    /// With `SameSite=Lax`, browsers do not send the cookie with a POST that another site forged,
    /// but they send it with the GET that ends a login.
    fn build(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// The identity of a browser during a login: the random value of its login or arrival cookie.
#[derive(Clone, Debug)]
pub struct Browser(SecretString);

impl Browser {
    /// Creates a random identity. The browser does not have a cookie with this value yet.
    pub fn new() -> Result<Self, SessionError> {
        Ok(Self(SecretString::from(crypto::random_token()?)))
    }

    /// Reads the identity from a cookie's value. Returns `None` if the value is malformed.
    pub fn from_cookie(value: &str) -> Option<Self> {
        is_token(value).then(|| Self(SecretString::from(value)))
    }

    /// A digest of the identity, for RelayStates and records.
    pub fn key(&self) -> BrowserKey {
        let digest = crypto::derive("rolecall browser", self.expose().as_bytes());
        let mut key = [0; BrowserKey::OCTETS];
        key.copy_from_slice(&digest[..BrowserKey::OCTETS]);
        BrowserKey(key)
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A digest of a browser's identity. Neither the identity nor another one with the same digest can
/// be computed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserKey([u8; BrowserKey::OCTETS]);

impl BrowserKey {
    const OCTETS: usize = 12;

    /// Restores a digest from its bytes.
    pub fn from_octets(octets: [u8; 12]) -> Self {
        Self(octets)
    }

    /// The digest's bytes.
    pub fn octets(&self) -> &[u8; 12] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn over_https_cookies_use_the_host_prefix_and_secure() {
        let sessions = Sessions::new(Store::default(), true);
        let browser = Browser::new().unwrap();
        let token = SessionToken(SecretString::from(crypto::random_token().unwrap()));
        for cookie in [
            sessions.cookie(&token),
            sessions.login_cookie(&browser),
            sessions.arrival_cookie(&browser),
            sessions.idp_cookie("corp"),
            sessions.removal(),
        ] {
            let text = cookie.to_string();
            assert!(text.starts_with("__Host-rolecall"), "{text}");
            for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
                assert!(text.contains(part), "{text}");
            }
            assert!(!text.contains("Domain"), "{text}");
        }
    }
}
