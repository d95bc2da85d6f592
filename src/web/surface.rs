//! Who a URL is for. How requests to it are guarded, and what its errors look like, follows from that.

use actix_web::http::header::HeaderValue;

/// Who a URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// People, in a browser.
    Pages,
    /// Programs: JSON.
    Api,
    /// Identity providers, through a person's browser.
    Saml,
    /// AWS, which reads the documents of the OpenID Connect issuer without any cookie.
    Documents,
    /// The machine and its monitoring, on a listener of their own.
    Ops,
}

/// What an error looks like. AWS's own wire format would be one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A page.
    Page,
    /// The API's JSON.
    Json,
    /// The status alone.
    Status,
}

/// Which requests belong to something that has begun: they are turned away last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Those with a session.
    WithSession,
    /// Those with the one-time code of a login that waits for its browser.
    WithCode,
    /// AWS's: it asks while somebody who is signed in waits for credentials, and costs next to nothing.
    ByAws,
    /// None: whatever comes along, a login begins here.
    Never,
}

/// What a line of [`routes`](crate::routes) says of its URL, for the guard in front of it.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Who the URL is for.
    pub surface: Surface,
    /// Which of its requests are turned away last.
    pub begun: Begun,
    /// Whether identity providers send browsers here with a POST, across sites.
    pub takes_posts_of_idps: bool,
}

impl Surface {
    /// What goes for its URLs, unless their lines say something else.
    pub fn line(self) -> Line {
        let begun = match self {
            Self::Documents => Begun::ByAws,
            Self::Pages | Self::Api | Self::Saml | Self::Ops => Begun::WithSession,
        };
        Line {
            surface: self,
            begun,
            takes_posts_of_idps: false,
        }
    }

    /// What its errors look like.
    pub fn shape(self) -> Shape {
        match self {
            Self::Pages | Self::Saml | Self::Documents => Shape::Page,
            Self::Api => Shape::Json,
            Self::Ops => Shape::Status,
        }
    }

    /// Whether everybody reaches it, so that it needs a guard.
    pub fn is_public(self) -> bool {
        self != Self::Ops
    }

    /// `Cache-Control` of a good answer that does not say it itself; nobody keeps anything else.
    pub fn cache_control(self) -> Option<HeaderValue> {
        // A key is published at least as long before it signs.
        (self == Self::Documents).then(|| HeaderValue::from_static("public, max-age=300"))
    }
}
