//! Endpoints. An endpoint is a URL with its handlers and the guard that runs before them.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, Guard};
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, web};

use super::body::LargestBody;
use super::error::WebError;
use super::middleware::guarded;
use super::surface::{InProgress, Line, Surface};

/// The largest form or JSON body that an endpoint accepts by default, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// A URL with its handlers. The response to a method without a handler is 405.
pub struct Endpoint {
    resource: Resource,
    line: Line,
    body_bytes: usize,
}

/// Creates an endpoint that people open in a browser. Errors are pages.
pub fn page(path: &str) -> Endpoint {
    Endpoint::at(Surface::Pages, path)
}

/// Creates an endpoint of the JSON API. Errors are JSON.
pub fn api(path: &str) -> Endpoint {
    Endpoint::at(Surface::Api, path)
}

/// Creates a SAML endpoint. Errors are pages, since people see them in their browsers.
pub fn saml(path: &str) -> Endpoint {
    Endpoint::at(Surface::Saml, path)
}

/// Creates an endpoint for a document that AWS fetches. Errors are pages.
pub fn document(path: &str) -> Endpoint {
    Endpoint::at(Surface::Documents, path)
}

/// Creates an endpoint for monitoring. Errors are status codes without a body.
pub fn ops(path: &str) -> Endpoint {
    Endpoint::at(Surface::Ops, path)
}

/// Creates the route for URLs without an endpoint. The response is a 404 page.
pub fn anything_else() -> Route {
    let line = Surface::Pages.line();
    web::to(not_found).wrap(from_fn(move |request, next| guarded(line, request, next)))
}

impl Endpoint {
    fn at(surface: Surface, path: &str) -> Self {
        Self {
            resource: web::resource(path).default_service(web::to(wrong_method)),
            line: surface.line(),
            body_bytes: FORM_BYTES,
        }
    }

    /// Handles GET but not HEAD, for a URL at which a request may consume something, such as a
    /// one-time code.
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Get(), handler)
    }

    /// Handles GET and HEAD. Monitoring uses HEAD, for which actix omits the response body.
    pub fn read<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Any(guard::Get()).or(guard::Head()), handler)
    }

    /// Handles POST. [`takes`](Self::takes) sets the maximum size of the body.
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Post(), handler)
    }

    fn on<F, Args>(mut self, method: impl Guard + 'static, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::route().guard(method).to(handler);
        self.resource = self.resource.route(route);
        self
    }

    /// Changes the response to methods without a handler from 405 to 404.
    pub fn is_nowhere(mut self) -> Self {
        self.resource = self.resource.default_service(web::to(not_found));
        self
    }

    /// Sets the largest body that the endpoint accepts, in bytes.
    pub fn takes(mut self, body_bytes: usize) -> Self {
        self.body_bytes = body_bytes;
        self
    }

    /// Marks the URL as the start of a login, so that requests to it never have priority under
    /// load.
    pub fn begins_login(mut self) -> Self {
        self.line.in_progress = InProgress::Never;
        self
    }

    /// Marks the URL as the end of a login, so that requests with the one-time code of an arrival
    /// have priority under load.
    pub fn ends_login(mut self) -> Self {
        self.line.in_progress = InProgress::WithCode;
        self
    }

    /// Marks the URL as one that only returns data, without a form or a login. Browsers may fetch
    /// such a URL before a person follows a link.
    pub fn is_only_data(mut self) -> Self {
        self.line.is_only_data = true;
        self
    }

    /// Accepts cross-site POSTs, because that is how browsers deliver messages from IdPs.
    pub fn takes_posts_of_idps(mut self) -> Self {
        self.line.takes_posts_of_idps = true;
        self
    }
}

impl HttpServiceFactory for Endpoint {
    fn register(self, config: &mut AppService) {
        let line = self.line;
        let resource = self.resource.app_data(LargestBody(self.body_bytes));
        let guard = from_fn(move |request, next| guarded(line, request, next));
        resource.wrap(guard).register(config);
    }
}

async fn not_found() -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}

async fn wrong_method() -> Result<HttpResponse, WebError> {
    Err(WebError::MethodNotAllowed)
}
