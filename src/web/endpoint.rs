//! A URL: its handlers, and the guard in front of them.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, Guard};
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, web};

use super::body::LargestBody;
use super::error::WebError;
use super::middleware::guarded;
use super::surface::{Begun, Line, Surface};

/// The largest form or JSON body where the line says nothing else, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// A URL with its handlers. A method that has none is answered with 405.
pub struct Endpoint {
    resource: Resource,
    line: Line,
    body_bytes: usize,
}

/// A page for people.
pub fn page(path: &str) -> Endpoint {
    Endpoint::at(Surface::Pages, path)
}

/// A part of the JSON API.
pub fn api(path: &str) -> Endpoint {
    Endpoint::at(Surface::Api, path)
}

/// A SAML endpoint.
pub fn saml(path: &str) -> Endpoint {
    Endpoint::at(Surface::Saml, path)
}

/// A document that AWS reads.
pub fn document(path: &str) -> Endpoint {
    Endpoint::at(Surface::Documents, path)
}

/// For the machine's monitoring.
pub fn ops(path: &str) -> Endpoint {
    Endpoint::at(Surface::Ops, path)
}

/// Every other URL: people read that there is no such page.
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

    /// GET without HEAD: a look may use something up.
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Get(), handler)
    }

    /// GET, and HEAD, with which monitoring asks; actix leaves the body of its answer out.
    pub fn read<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(guard::Any(guard::Get()).or(guard::Head()), handler)
    }

    /// POST.
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

    /// Nothing is here, and the surface says so in its own way.
    pub fn is_nowhere(mut self) -> Self {
        self.resource = self.resource.default_service(web::to(not_found));
        self
    }

    /// Bodies may be so large, in bytes.
    pub fn takes(mut self, body_bytes: usize) -> Self {
        self.body_bytes = body_bytes;
        self
    }

    /// A login begins here, whoever asks.
    pub fn begins_login(mut self) -> Self {
        self.line.begun = Begun::Never;
        self
    }

    /// A login ends here, with its one-time code.
    pub fn ends_login(mut self) -> Self {
        self.line.begun = Begun::WithCode;
        self
    }

    /// Identity providers send browsers here, across sites.
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
