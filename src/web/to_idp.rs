//! Sends a SAML message to an IdP through the browser, with HTTP-Redirect or HTTP-POST.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use crate::signin::ToIdp;
use crate::web::context::Context;
use crate::web::view::{self, HiddenField, ToIdpPage};

/// Sends the message in a redirect's URL, or in a form on a page that explains why the message is
/// sent. `purpose` is the ID of the explanation. No referrer is sent, since it could leak the
/// message.
pub fn to_idp(context: &Context, message: ToIdp, purpose: &'static str) -> HttpResponse {
    without_referrer(match message {
        ToIdp::Redirect(url) => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, url.as_str()))
            .finish(),
        ToIdp::Form {
            idp,
            action,
            fields,
        } => {
            let fields = fields.into_iter().map(|(name, value)| HiddenField {
                name: name.to_owned(),
                value,
            });
            let form = ToIdpPage {
                frame: context.frame(),
                idp,
                purpose,
                action: action.to_string(),
                fields: fields.collect(),
            };
            view::respond(StatusCode::OK, &form)
        }
    })
}

fn without_referrer(mut response: HttpResponse) -> HttpResponse {
    let no_referrer = header::HeaderValue::from_static("no-referrer");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, no_referrer);
    response
}
