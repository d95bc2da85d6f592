//! The surfaces, which divide URLs by their audience. The surface of a URL determines how its
//! requests are guarded and how its errors are formatted.

use actix_web::http::header::HeaderValue;

/// The audience of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Pages, for people in a browser.
    Pages,
    /// The JSON API, for programs.
    Api,
    /// SAML: the endpoints that identity providers reach through a person's browser, and our
    /// metadata.
    Saml,
    /// The documents of the OpenID Connect issuer, which AWS fetches.
    Documents,
    /// Health checks, for the local machine and for monitoring, on a separate listener.
    Ops,
}

/// The format of an error response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An HTML page.
    Page,
    /// A JSON object, as in all responses of the API.
    Json,
    /// Only the status code.
    Status,
}

/// Which requests to a URL have priority under load: they are turned away last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InProgress {
    /// Requests with a session.
    WithSession,
    /// Requests with the one-time code of an arrival.
    WithCode,
    /// All requests, if an issuer is configured. AWS sends them while a person who is signed in
    /// waits for credentials, and the responses cost almost nothing.
    ByAws,
    /// No requests, not even those with a session cookie or a code: they start a login, or bring a
    /// SAML response that is still to be verified.
    Never,
}

/// The properties that [`routes`](crate::routes) gives a URL, for the guard in front of the URL.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The audience of the URL.
    pub surface: Surface,
    /// The requests to the URL that are turned away last.
    pub in_progress: InProgress,
    /// Whether identity providers send browsers here with a cross-site POST.
    pub takes_posts_of_idps: bool,
    /// Whether a GET only returns data, without a form or a login. Browsers may then fetch the URL
    /// before a person follows a link.
    pub is_only_data: bool,
}

impl Surface {
    /// The default properties of the surface's URLs.
    pub fn line(self) -> Line {
        let in_progress = match self {
            Self::Documents => InProgress::ByAws,
            Self::Pages | Self::Api | Self::Saml | Self::Ops => InProgress::WithSession,
        };
        Line {
            surface: self,
            in_progress,
            takes_posts_of_idps: false,
            is_only_data: self == Self::Documents,
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

    /// Whether the surface is on the public listener. If so, the guard checks its requests.
    pub fn is_public(self) -> bool {
        self != Self::Ops
    }

    /// The `Cache-Control` header that the guard sets on successful responses, if any.
    pub fn cache_control(self) -> Option<HeaderValue> {
        // A new key should be published a day before tokens are signed with it
        // (docs/grants/web-identity.md). So even a copy that is 300 seconds old contains the key.
        (self == Self::Documents).then(|| HeaderValue::from_static("public, max-age=300"))
    }
}
