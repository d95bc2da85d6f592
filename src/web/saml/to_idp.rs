//! Sending the browser to an IdP with a message, by HTTP-Redirect or HTTP-POST.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use url::Url;

use crate::saml::IdentityProvider;
use crate::web::context::Context;
use crate::web::view::{self, HiddenField, ToIdpPage};

/// With the message in the address, which goes nowhere else.
pub fn redirect(url: &Url) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, url.as_str()));
    without_referrer(response.finish())
}

/// With the message in a form, on a page that says to what end: `purpose` is the name of a text.
pub fn form(
    context: &Context,
    idp: &IdentityProvider,
    purpose: &'static str,
    action: &Url,
    fields: Vec<(&'static str, String)>,
) -> HttpResponse {
    let fields = fields.into_iter().map(|(name, value)| HiddenField {
        name: name.to_owned(),
        value,
    });
    let form = ToIdpPage {
        frame: context.frame(),
        idp: idp.name.clone(),
        purpose,
        action: action.to_string(),
        fields: fields.collect(),
    };
    without_referrer(view::respond(StatusCode::OK, &form))
}

fn without_referrer(mut response: HttpResponse) -> HttpResponse {
    let no_referrer = header::HeaderValue::from_static("no-referrer");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, no_referrer);
    response
}
