//! `GET /login/used`: the end of a response that was posted again, for example because the person
//! went back in the browser.

use actix_web::{HttpRequest, HttpResponse};

use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::redirect;

/// Redirects to the portal if the person that the response is about is signed in. Otherwise, shows
/// the error about the response.
pub async fn used(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    let notice = query.required("notice")?;
    context.sign_in().has_signed_in(notice).await?;
    Ok(redirect::to("/"))
}
