//! Endpoints: a URL with its handlers and the guard in front of them.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, Guard};
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, web};

use super::body::LargestBody;
use super::error::WebError;
use super::middleware::guarded;
use super::surface::{InProgress, Line, Surface};

/// The default for the largest form or JSON body, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// A URL with its handlers. A method without a handler is answered with 405.
pub struct Endpoint {
    resource: Resource,
    line: Line,
    body_bytes: usize,
}

/// An endpoint for people: errors are pages.
pub fn page(path: &str) -> Endpoint {
    Endpoint::at(Surface::Pages, path)
}

/// An endpoint of the JSON API: errors are JSON.
pub fn api(path: &str) -> Endpoint {
    Endpoint::at(Surface::Api, path)
}

/// A SAML endpoint: errors are pages, since people's browsers see them.
pub fn saml(path: &str) -> Endpoint {
    Endpoint::at(Surface::Saml, path)
}

/// A document that AWS fetches.
pub fn document(path: &str) -> Endpoint {
    Endpoint::at(Surface::Documents, path)
}

/// An endpoint for monitoring: errors are status codes.
pub fn ops(path: &str) -> Endpoint {
    Endpoint::at(Surface::Ops, path)
}

/// All other URLs, which are answered with a 404 page.
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

    /// Handles GET but not HEAD, for URLs where a request may use something up, such as a one-time
    /// code.
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Get(), handler)
    }

    /// Handles GET, and HEAD, which monitoring uses. actix omits the body of the answer to HEAD.
    pub fn read<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Any(guard::Get()).or(guard::Head()), handler)
    }

    /// Handles POST.
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

    /// Answers with 404 in the format of the surface.
    pub fn is_nowhere(mut self) -> Self {
        self.resource = self.resource.default_service(web::to(not_found));
        self
    }

    /// Sets the largest body that the endpoint accepts, in bytes.
    pub fn takes(mut self, body_bytes: usize) -> Self {
        self.body_bytes = body_bytes;
        self
    }

    /// A login begins here, so no request to this URL belongs to one that has begun.
    pub fn begins_login(mut self) -> Self {
        self.line.in_progress = InProgress::Never;
        self
    }

    /// A login ends here, with the one-time code of its arrival.
    pub fn ends_login(mut self) -> Self {
        self.line.in_progress = InProgress::WithCode;
        self
    }

    /// Identity providers send browsers here with cross-site POSTs.
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
