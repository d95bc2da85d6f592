//! The surfaces: who a URL is for. This decides how its requests are guarded and what its errors
//! look like.

use actix_web::http::header::HeaderValue;

/// Who a URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Pages, for people in a browser.
    Pages,
    /// The JSON API, for programs.
    Api,
    /// SAML endpoints, which identity providers reach through a person's browser.
    Saml,
    /// The documents of the OpenID Connect issuer, which AWS fetches without a cookie.
    Documents,
    /// Ops, for the machine and its monitoring, on a separate listener.
    Ops,
}

/// The format of an error. An AWS wire format would be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An HTML page.
    Page,
    /// The JSON of the API.
    Json,
    /// Only the status code.
    Status,
}

/// Which requests belong to a session or login that has begun. They are turned away last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InProgress {
    /// Requests with a session.
    WithSession,
    /// Requests with the one-time code of an arrival.
    WithCode,
    /// Requests from AWS: it asks while a person who is signed in waits for credentials, and the
    /// answers cost almost nothing.
    ByAws,
    /// No requests: a login begins here, even if the request has a session cookie or a code.
    Never,
}

/// What a line of [`routes`](crate::routes) says about its URL, for the guard in front of it.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Who the URL is for.
    pub surface: Surface,
    /// Which requests to the URL are turned away last.
    pub in_progress: InProgress,
    /// Whether identity providers send browsers here with a cross-site POST.
    pub takes_posts_of_idps: bool,
}

impl Surface {
    /// The defaults for the surface's URLs.
    pub fn line(self) -> Line {
        let in_progress = match self {
            Self::Documents => InProgress::ByAws,
            Self::Pages | Self::Api | Self::Saml | Self::Ops => InProgress::WithSession,
        };
        Line {
            surface: self,
            in_progress,
            takes_posts_of_idps: false,
        }
    }

    /// The format of the surface's errors.
    pub fn shape(self) -> Shape {
        match self {
            Self::Pages | Self::Saml | Self::Documents => Shape::Page,
            Self::Api => Shape::Json,
            Self::Ops => Shape::Status,
        }
    }

    /// Whether anybody can reach the surface, so that it needs a guard.
    pub fn is_public(self) -> bool {
        self != Self::Ops
    }

    /// The `Cache-Control` header of successful answers, if they may be cached.
    pub fn cache_control(self) -> Option<HeaderValue> {
        // A new key is published for at least this long before it signs.
        (self == Self::Documents).then(|| HeaderValue::from_static("public, max-age=300"))
    }
}
