//! The pages before there is a session: the sign-in page, and those on the way to the IdP and back.

use askama::Template;

use super::frame::{Frame, HiddenField};
use crate::web::assets;

/// Where a person has been signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Only here; the IdP does not know.
    Here,
    /// Both here and at the IdP.
    Everywhere,
    /// Here; the IdP was notified but did not confirm the logout.
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

    /// The path of the sign-in page, which then shows this outcome.
    pub fn href(self) -> String {
        format!("/?signed-out={}", self.word())
    }
}

/// The page on which people choose where to sign in.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The identity providers to choose from.
    pub idps: Vec<IdpLink>,
    /// Whether people can find their identity provider by e-mail address.
    pub asks_for_email: bool,
    /// Where the person has just been signed out, if they have.
    pub signed_out: Option<SignedOut>,
}

/// A link to sign in with an identity provider.
#[derive(Debug)]
pub struct IdpLink {
    /// The name that people see.
    pub name: String,
    /// The path of the link: `/login?idp=…`.
    pub href: String,
    /// Whether this browser last signed in with it.
    pub is_last: bool,
}

impl ReplaceSessionPage {
    fn lede(&self) -> String {
        let (current, new) = (self.current.as_str(), self.new.as_str());
        let values = [("current", current.into()), ("new", new.into())];
        self.frame.texts.with("replace-lede", &values)
    }
}

/// The page that repeats what the person asked for before signing in again.
#[derive(Debug, Template)]
#[template(path = "continue.html")]
pub struct ContinuePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The path that the form is posted to.
    pub action: String,
    /// The hidden fields of the form.
    pub fields: Vec<HiddenField>,
}

/// The page that sends our message to an IdP by HTTP-POST.
#[derive(Debug, Template)]
#[template(path = "to_idp.html")]
pub struct ToIdpPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the IdP that people see.
    pub idp: String,
    /// The ID of the text that says what the message is for.
    pub purpose: &'static str,
    /// The URL of the IdP that the form is posted to.
    pub action: String,
    /// The hidden fields of the form.
    pub fields: Vec<HiddenField>,
}

/// The page that asks whether a login that was not started here may replace another person's
/// session.
#[derive(Debug, Template)]
#[template(path = "replace_session.html")]
pub struct ReplaceSessionPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The NameID of the person who is signed in.
    pub current: String,
    /// The NameID of the person in the new login.
    pub new: String,
    /// The one-time code of the new login.
    pub code: String,
}
