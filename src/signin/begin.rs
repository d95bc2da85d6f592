//! The start of a login: our AuthnRequest, and what the browser keeps until it comes back. Nothing is
//! written to the store.

use chrono::{DateTime, Utc};
use url::Url;

use super::{SignIn, SignInError};
use crate::config::Binding;
use crate::saml::IdentityProvider;
use crate::saml::idp::Published;
use crate::saml::request::{Request, Wishes};
use crate::session::pending::{AskedIdp, NewLogin, Sent};
use crate::session::slots::{FilledSlot, Owner};
use crate::session::{Browser, Next, Pending};

/// A SAML message that the browser takes to the IdP.
#[derive(Clone, Debug)]
pub enum ToIdp {
    /// A redirect to this URL. The URL contains the message, so only the browser and the IdP may
    /// receive it.
    Redirect(Url),
    /// A form that the browser posts.
    Form {
        /// The display name of the IdP.
        idp: String,
        /// The URL to which the form is posted.
        action: Url,
        /// The names and values of the form fields.
        fields: Vec<(&'static str, String)>,
    },
}

/// A login that has just started.
#[derive(Clone, Debug)]
pub struct StartedLogin {
    /// The AuthnRequest that the browser takes to the IdP.
    pub to_idp: ToIdp,
    /// The identity of the browser. The HTTP response must set the login cookie to this identity,
    /// because the browser needs the cookie to finish the login.
    pub browser: Browser,
    /// The slot in which the browser must keep what follows the login. `None` if the login ends at
    /// the portal, or if the content is too large to keep.
    pub slot: Option<FilledSlot>,
}

/// The parts of a [`Request`] that can differ between two logins at the same IdP.
struct RequestParts<'a> {
    id: &'a str,
    relay_state: &'a str,
    wishes: &'a Wishes,
    now: DateTime<Utc>,
}

impl SignIn<'_> {
    /// Starts a login at `idp`, after which the browser goes to `next`. If `anew` is set, the IdP
    /// must ask the person to sign in again, even if the configuration does not require this.
    pub async fn begin(
        &self,
        idp: &IdentityProvider,
        next: &Next,
        anew: bool,
    ) -> Result<StartedLogin, SignInError> {
        let is_renewal = self.session_so_far().await?.is_some();
        if !is_renewal {
            self.have_room()?;
        }
        let now = self.now();
        let published = idp.published(now)?;
        let browser = match self.visitor.browser {
            Some(browser) => browser.clone(),
            None => Browser::new()?,
        };
        let pending = Pending::new(NewLogin {
            now,
            idp: AskedIdp::new(idp.id_key, published.entity_key),
            browser: browser.key(),
            anew,
            is_renewal,
            is_followed: !next.is_portal(),
        })?;
        let sent = pending.sent(&self.state.keys)?;
        let wishes = if anew {
            idp.wishes.anew()
        } else {
            idp.wishes.clone()
        };
        let question = RequestParts {
            id: &sent.request.id(),
            relay_state: &sent.relay_state,
            wishes: &wishes,
            now,
        };
        Ok(StartedLogin {
            to_idp: self.request(idp, &published, &question)?,
            slot: self.kept(&sent, &browser, next)?,
            browser,
        })
    }

    /// The slot with what follows the login.
    fn kept(
        &self,
        sent: &Sent,
        browser: &Browser,
        next: &Next,
    ) -> Result<Option<FilledSlot>, SignInError> {
        if next.is_portal() {
            return Ok(None);
        }
        let owner = Owner {
            request: &sent.request,
            browser,
        };
        Ok(self.visitor.slots.keep(&self.state.keys, owner, next)?)
    }

    /// Builds the AuthnRequest for the binding that is used with this IdP.
    fn request(
        &self,
        idp: &IdentityProvider,
        published: &Published,
        question: &RequestParts<'_>,
    ) -> Result<ToIdp, SignInError> {
        let saml = &self.rules.saml;
        let request = Request {
            id: question.id,
            entity_id: &saml.entity_id,
            acs_url: &saml.acs_url,
            destination: &published.sso_url,
            wishes: question.wishes,
            relay_state: question.relay_state,
            now: question.now,
        };
        let key = saml.key.as_ref();
        Ok(match published.binding {
            Binding::Redirect => ToIdp::Redirect(request.redirect_url(key)?),
            Binding::Post => ToIdp::Form {
                idp: idp.name.clone(),
                action: published.sso_url.clone(),
                fields: request.post_fields(key)?,
            },
        })
    }
}
