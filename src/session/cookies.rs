//! The cookies: of sessions, of browsers that sign in, and of the last IdP.

use actix_web::cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret as _, SecretString};

use super::{SessionError, SessionToken, Sessions, is_token};
use crate::crypto;

impl Sessions {
    /// The name of the session cookie. With its prefix, browsers insist on HTTPS, `Path=/` and no
    /// Domain (RFC 6265bis 4.1.3).
    pub fn cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall"
        } else {
            "rolecall"
        }
    }

    /// The name of the cookie that ties a login in progress to its browser.
    pub fn login_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-login"
        } else {
            "rolecall-login"
        }
    }

    /// The name of the cookie that ties a login started by the IdP to the browser that brought it.
    /// It is a separate cookie, so that such a login cannot disturb one in progress.
    pub fn arrival_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-arrival"
        } else {
            "rolecall-arrival"
        }
    }

    /// The name of the cookie that remembers the IdP of the last login. It identifies no person.
    pub fn idp_cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-rolecall-idp"
        } else {
            "rolecall-idp"
        }
    }

    /// The session cookie with this token.
    pub fn cookie(&self, token: &SessionToken) -> Cookie<'static> {
        self.build(self.cookie_name(), token.expose().to_owned())
    }

    /// The cookie that removes the session cookie.
    pub fn removal(&self) -> Cookie<'static> {
        self.removing(self.cookie_name())
    }

    /// The cookies that remove everything that could sign a browser in.
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

    /// The login cookie of a browser that signs in.
    pub fn login_cookie(&self, browser: &Browser) -> Cookie<'static> {
        self.build(
            self.login_cookie_name(),
            browser.0.expose_secret().to_owned(),
        )
    }

    /// The arrival cookie of a browser that brought a login started by the IdP.
    pub fn arrival_cookie(&self, browser: &Browser) -> Cookie<'static> {
        self.build(
            self.arrival_cookie_name(),
            browser.0.expose_secret().to_owned(),
        )
    }

    /// The cookie that remembers the IdP with this configured ID for 180 days.
    pub fn idp_cookie(&self, id: &str) -> Cookie<'static> {
        let mut cookie = self.build(self.idp_cookie_name(), id.to_owned());
        cookie.set_max_age(actix_web::cookie::time::Duration::days(180));
        cookie
    }

    /// `SameSite=Lax`: the way back from the IdP ends with a GET, which carries the cookie, and a
    /// forged POST does not carry it.
    fn build(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// A browser that signs in, identified by a random cookie.
#[derive(Clone, Debug)]
pub struct Browser(SecretString);

impl Browser {
    /// A new browser, which does not have its cookie yet.
    pub fn new() -> Result<Self, SessionError> {
        Ok(Self(SecretString::from(crypto::random_token()?)))
    }

    /// The browser that sent this cookie, if the cookie is well formed.
    pub fn from_cookie(value: &str) -> Option<Self> {
        is_token(value).then(|| Self(SecretString::from(value)))
    }

    /// The fingerprint of the cookie that records keep, which does not reveal the cookie.
    pub fn fingerprint(&self) -> String {
        crypto::derive_text("rolecall browser", self.0.expose_secret().as_bytes())
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
