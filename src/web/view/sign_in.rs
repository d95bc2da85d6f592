//! The pages for signing in and out: the page on which people choose an IdP, and the pages on the
//! way to the IdP and back.

use askama::Template;

use super::frame::{Frame, HiddenField};
use crate::web::assets;

/// The result of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// The person was signed out only here; the IdP was not notified.
    Here,
    /// The person was signed out both here and at the IdP.
    Everywhere,
    /// The person was signed out here; the IdP was notified but did not confirm the logout.
    Partly,
}

impl SignedOut {
    const ALL: [Self; 3] = [Self::Here, Self::Everywhere, Self::Partly];

    /// The value of the `signed-out` parameter.
    fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Everywhere => "everywhere",
            Self::Partly => "partly",
        }
    }

    /// Reads the value of the `signed-out` parameter.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.word() == word)
    }

    /// The link to the sign-in page that shows this result: `/?signed-out=…`.
    pub fn href(self) -> String {
        format!("/?signed-out={}", self.word())
    }
}

/// The page on which people choose an identity provider.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The identity providers to choose from.
    pub idps: Vec<IdpLink>,
    /// Whether people can find their identity provider by e-mail address.
    pub asks_for_email: bool,
    /// The result of the sign-out, if the person has just signed out.
    pub signed_out: Option<SignedOut>,
}

/// A link to sign in with an identity provider.
#[derive(Debug)]
pub struct IdpLink {
    /// The configured name of the identity provider.
    pub name: String,
    /// The target of the link: `/login?idp=…`.
    pub href: String,
    /// Whether the last sign-in with this browser used this identity provider.
    pub is_last: bool,
}

impl ReplaceSessionPage {
    fn lede(&self) -> String {
        let (current, new) = (self.current.as_str(), self.new.as_str());
        let values = [("current", current.into()), ("new", new.into())];
        self.frame.texts.with("replace-lede", &values)
    }
}

/// The page that asks the person to request something again after a login.
#[derive(Debug, Template)]
#[template(path = "ask_again.html")]
pub struct AskAgainPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the text that says why the request was not repeated.
    pub lede: &'static str,
}

/// The page with a form that repeats a request after a login.
#[derive(Debug, Template)]
#[template(path = "continue.html")]
pub struct ContinuePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The path to which the form is posted.
    pub action: String,
    /// The hidden fields of the form.
    pub fields: Vec<HiddenField>,
}

/// The page that sends a SAML message to an IdP with the HTTP-POST binding.
#[derive(Debug, Template)]
#[template(path = "to_idp.html")]
pub struct ToIdpPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The configured name of the IdP.
    pub idp: String,
    /// The ID of the text that explains why the message is sent.
    pub purpose: &'static str,
    /// The IdP's URL to which the form is posted.
    pub action: String,
    /// The hidden fields of the form.
    pub fields: Vec<HiddenField>,
}

/// The page that asks whether an IdP-initiated login may replace another person's session.
#[derive(Debug, Template)]
#[template(path = "replace_session.html")]
pub struct ReplaceSessionPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub current: String,
    /// The name of the person in the new login.
    pub new: String,
    /// The one-time code of the new login.
    pub code: String,
}
