//! `POST /saml/acs`: the assertion consumer service.

use actix_web::HttpResponse;

use crate::printable::reason;
use crate::signin::{Arrived, PostedResponse, SignInError};
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::local_page::local_page;
use crate::web::redirect;
use crate::web::set_cookie::set_cookie;

/// Accepts an IdP's POST, and redirects the browser to `/login/finish`. The redirect is needed
/// because the browser does not send its cookies with a cross-site POST.
pub async fn acs(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = match read(body) {
        Ok(form) => form,
        Err(error) => return refuse(&context, error).await,
    };
    let response = PostedResponse {
        field: form.required("SAMLResponse")?,
        relay_state: form.optional("RelayState"),
        landing: local_page,
    };
    match context.sign_in().receive(response).await {
        Ok(arrived) => send_on(&context, arrived),
        // A notice consists of characters that need no encoding.
        Err(SignInError::Used { notice, .. }) => {
            Ok(redirect::privately(&format!("/login/used?notice={notice}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads the form, which must contain a SAML response.
fn read(body: Body) -> Result<Form, WebError> {
    let form = Form::parse(body)?;
    form.required("SAMLResponse")?;
    Ok(form)
}

/// Writes an audit line for a request that is refused because it contains no readable message, and
/// returns the refusal.
async fn refuse<T>(context: &Context, refusal: WebError) -> Result<T, WebError> {
    let sign_in = context.sign_in();
    let recorded = sign_in.refuse_request(refusal.code(), reason(&refusal));
    if let Err(error) = recorded.await {
        tracing::error!(%error, "the audit line for a refusal could not be written");
    }
    Err(refusal)
}

fn send_on(context: &Context, arrived: Arrived) -> Result<HttpResponse, WebError> {
    let Arrived { code, carrier } = arrived;
    let mut response = redirect::privately(&format!("/login/finish?code={code}"));
    if let Some(browser) = carrier {
        let cookie = context.state().sessions.arrival_cookie(&browser);
        set_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}
