//! The request body with which a program requests a role.

use serde::Deserialize;

use crate::desk::RoleRequest;
use crate::web::bad_request::BadRequest;
use crate::web::body::Body;
use crate::web::error::WebError;
use crate::web::form;

/// The body of `POST /api/credentials` and `POST /api/console`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleBody {
    role_arn: String,
    provider_arn: Option<String>,
    grant: Option<String>,
    duration_seconds: Option<u32>,
    region: Option<String>,
    policy: Option<String>,
    destination: Option<String>,
    reason: Option<String>,
    token_code: Option<String>,
}

/// Reads the request for a role and, if there is one, the console page to open.
pub(super) fn read(body: Body) -> Result<(RoleRequest, Option<String>), WebError> {
    let body: RoleBody = serde_json::from_slice(&body.bytes()?).map_err(|_| BadRequest::Json)?;
    let request = RoleRequest {
        role_arn: body.role_arn,
        through: given(body.provider_arn).or(given(body.grant)),
        duration_seconds: body.duration_seconds,
        region: form::region(body.region.as_deref())?,
        policy: body.policy,
        reason: body.reason,
        token_code: body.token_code,
    };
    Ok((request, body.destination))
}

/// Treats an empty value as missing, as in forms.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
