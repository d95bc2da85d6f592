//! The sign-in page, on which people choose an identity provider.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::web::context::Context;
use crate::web::view::{self, IdpLink, SignInPage, SignedOut};

/// Shows the sign-in page. After a login through one of its links, the browser goes to `return_to`.
pub fn choose_idp(
    context: &Context,
    signed_out: Option<SignedOut>,
    return_to: &str,
) -> HttpResponse {
    let page = idps(context, signed_out, return_to);
    view::respond(StatusCode::OK, &page)
}

/// The view model of the sign-in page.
pub(in crate::web) fn idps(
    context: &Context,
    signed_out: Option<SignedOut>,
    return_to: &str,
) -> SignInPage {
    let link = |id: &str| match return_to {
        "/" => format!("/login?idp={}", encoded(id)),
        other => format!("/login?idp={}&return_to={}", encoded(id), encoded(other)),
    };
    let last = context.last_idp().map(|idp| idp.id.as_str());
    let idps = context.saml().idps().iter();
    let mut idps: Vec<_> = idps
        .map(|idp| IdpLink {
            name: idp.name.clone(),
            href: link(&idp.id),
            is_last: last == Some(&idp.id),
        })
        .collect();
    idps.sort_by_key(|idp| !idp.is_last);
    SignInPage {
        frame: context.frame(),
        idps,
        asks_for_email: context
            .saml()
            .idps()
            .iter()
            .any(|idp| !idp.email_domains.is_empty()),
        signed_out,
    }
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
