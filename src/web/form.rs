//! Reading bodies, forms and queries: within bounds, each field at most once.

use std::collections::HashSet;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use super::error::WebError;
use crate::aws::region::{Region, RegionError};
use crate::broker::RoleRequest;

/// How long a client may take to send a request's body: as long as the largest takes on a slow line.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What browsers say that a form is (saml-bindings 3.5.4).
const FORM: &str = "application/x-www-form-urlencoded";

/// The longest value that is kept for later, in bytes: as long as the longest ARN.
const MAX_KEPT: usize = 2048;

/// A request's body, or why it could not be read: so that the answer is a page of ours.
pub struct Body {
    bytes: Result<Bytes, WebError>,
    is_form: bool,
}

impl Body {
    /// The octets.
    pub fn bytes(self) -> Result<Bytes, WebError> {
        self.bytes
    }
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = Bytes::from_request(request, payload);
        let is_form = request.content_type() == FORM;
        Box::pin(async move {
            let bytes = match tokio::time::timeout(BODY_TIMEOUT, bytes).await {
                Ok(bytes) => bytes.map_err(|error| unreadable(&error)),
                Err(_) => Err(WebError::BadRequest("its body took too long".to_owned())),
            };
            Ok(Self { bytes, is_form })
        })
    }
}

fn unreadable(error: &actix_web::Error) -> WebError {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => WebError::TooLarge,
        _ if error.as_response_error().status_code() == 413 => WebError::TooLarge,
        _ => WebError::BadRequest("its body could not be read".to_owned()),
    }
}

/// The fields of a form, in its order.
#[derive(Clone, Debug)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Decodes `application/x-www-form-urlencoded`; a field that stands twice is refused, since
    /// readers disagree about which one counts.
    pub fn parse(body: Body) -> Result<Self, WebError> {
        let is_form = body.is_form;
        let bytes = body.bytes()?;
        if !is_form {
            return Err(WebError::BadRequest(format!("it is not {FORM}")));
        }
        Self::decode(&bytes)
    }

    /// Decodes the request's query in the same way.
    pub fn of_query(request: &HttpRequest) -> Result<Self, WebError> {
        Self::decode(request.query_string().as_bytes())
    }

    /// Decodes the octets of a form or a query.
    pub fn decode(octets: &[u8]) -> Result<Self, WebError> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(octets)
            .map_err(|_| WebError::BadRequest("it is not a form".to_owned()))?;
        // A set: the largest body has room for 60,000 names.
        let mut names = HashSet::with_capacity(fields.len());
        for (name, _) in &fields {
            if !names.insert(name) {
                let name: String = name.chars().take(40).collect();
                return Err(WebError::BadRequest(format!("{name} stands twice")));
            }
        }
        Ok(Self { fields })
    }

    /// The value of a field that must be there.
    pub fn required(&self, name: &str) -> Result<&str, WebError> {
        self.optional(name)
            .ok_or_else(|| WebError::BadRequest(format!("{name} is missing")))
    }

    /// The value of a field, unless it is not there or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The names of the fields that begin with `prefix`, in order.
    pub fn beginning_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.fields.iter().map(|(name, _)| name.as_str());
        names.filter(move |name| name.starts_with(prefix))
    }

    /// The role that the form asks for.
    pub fn role_request(&self) -> Result<RoleRequest, WebError> {
        Ok(RoleRequest {
            role_arn: self.required("role_arn")?.to_owned(),
            provider_arn: self.optional("provider_arn").map(str::to_owned),
            ..self.choices()?
        })
    }

    /// What the form asks for beside a role.
    pub fn choices(&self) -> Result<RoleRequest, WebError> {
        let duration = self
            .optional("duration_seconds")
            .map(str::parse)
            .transpose();
        Ok(RoleRequest {
            duration_seconds: duration
                .map_err(|_| WebError::BadRequest("duration_seconds is not a number".to_owned()))?,
            region: region(self.optional("region"))?,
            policy: self.optional("policy").map(str::to_owned),
            ..RoleRequest::default()
        })
    }

    /// These fields, for a form that repeats this one. They are kept while the person signs in,
    /// whoever that is, so that they must be short.
    pub fn kept(&self, names: &[&str]) -> Result<Vec<(String, String)>, WebError> {
        let known = |(name, _): &&(String, String)| names.contains(&name.as_str());
        let fields: Vec<_> = self.fields.iter().filter(known).cloned().collect();
        match fields.iter().find(|(_, value)| value.len() > MAX_KEPT) {
            Some((name, _)) => Err(WebError::BadRequest(format!("{name} is too long"))),
            None => Ok(fields),
        }
    }
}

/// The code of a region, if there is one.
pub fn region(text: Option<&str>) -> Result<Option<Region>, WebError> {
    let region = text.map(str::parse).transpose();
    region.map_err(|error: RegionError| WebError::BadRequest(format!("region is {error}")))
}
