//! Before there is a session: where to sign in, and the pages on the way there and back.

use askama::Template;

use super::frame::{Frame, HiddenField};
use crate::web::assets;

/// Where a person is signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Here; the IdP knows nothing of it.
    Here,
    /// Here and at the IdP.
    Everywhere,
    /// Here; the IdP was told, and did not confirm it.
    Partly,
}

impl SignedOut {
    const ALL: [Self; 3] = [Self::Here, Self::Everywhere, Self::Partly];

    /// What the address of the sign-in page says of it.
    fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Everywhere => "everywhere",
            Self::Partly => "partly",
        }
    }

    /// What the address of the sign-in page says.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.word() == word)
    }

    /// The sign-in page, which says so.
    pub fn href(self) -> String {
        format!("/?signed-out={}", self.word())
    }
}

/// Where to sign in.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What every page has.
    pub frame: Frame,
    /// The identity providers to choose from.
    pub idps: Vec<IdpLink>,
    /// Whether an e-mail address leads to one of them.
    pub asks_for_email: bool,
    /// Where the person has just signed out, if they have.
    pub signed_out: Option<SignedOut>,
}

/// An identity provider to sign in with.
#[derive(Debug)]
pub struct IdpLink {
    /// What people call it.
    pub name: String,
    /// `/login?idp=…`.
    pub href: String,
    /// Whether this browser signed in with it last.
    pub is_last: bool,
}

impl ReplaceSessionPage {
    fn lede(&self) -> String {
        let (current, new) = (self.current.as_str(), self.new.as_str());
        let values = [("current", current.into()), ("new", new.into())];
        self.frame.texts.with("replace-lede", &values)
    }
}

/// Goes on with what the person asked for before signing in again.
#[derive(Debug, Template)]
#[template(path = "continue.html")]
pub struct ContinuePage {
    /// What every page has.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// What the form says.
    pub fields: Vec<HiddenField>,
}

/// Our request on its way to an IdP that takes it by POST.
#[derive(Debug, Template)]
#[template(path = "to_idp.html")]
pub struct ToIdpPage {
    /// What every page has.
    pub frame: Frame,
    /// The IdP's name.
    pub idp: String,
    /// What happens there, as the name of a text.
    pub purpose: &'static str,
    /// Its service.
    pub action: String,
    /// What the form says.
    pub fields: Vec<HiddenField>,
}

/// A login that nobody started here would replace another person's session.
#[derive(Debug, Template)]
#[template(path = "replace_session.html")]
pub struct ReplaceSessionPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub current: String,
    /// Whom the new login is for.
    pub new: String,
    /// The new login's one-time code.
    pub code: String,
}
