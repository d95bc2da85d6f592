//! `GET /api/roles`: the roles that the person may use.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::json;

use crate::aws::entitlement::Role;
use crate::desk::Requirement;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Lists the roles by account.
pub async fn roles(context: Context) -> Result<HttpResponse, WebError> {
    let session = context.signed_in().await?;
    let rights = context.desk_rules().rights(&session);
    let entitlements = rights.entitlements();
    Ok(HttpResponse::Ok().json(json!({
        "name_id": session.person.name_id,
        "person": session.person.stable_id(),
        "idp": session.person.idp,
        "expires_at": session.ends_at(context.rules.sign_in.session_max_age),
        "accounts": entitlements.accounts.iter().map(|account| json!({
            "id": account.id,
            "name": account.name,
            "roles": account.roles.iter().map(|role| described(&context, role)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })))
}

/// A role, with the details that a program needs before it uses the role.
#[derive(Serialize)]
struct DescribedRole<'a> {
    #[serde(flatten)]
    role: &'a Role,
    /// The codes of the requirements for each use of the role, such as `reason_required`.
    needs: Vec<&'static str>,
    /// The longest duration that may be requested, in seconds. STS may allow less if its limit for
    /// the role is not known yet.
    max_duration_seconds: u32,
    /// Whether the role can be used to sign in to the AWS console.
    console: bool,
    /// Whether the role's partition is configured. If not, the role cannot be used.
    served: bool,
}

fn described<'a>(context: &Context, role: &'a Role) -> DescribedRole<'a> {
    let desk_rules = context.desk_rules();
    let most = desk_rules.longest_of(role);
    let longest = desk_rules
        .longest(role)
        .map_or(most, |known| known.min(most));
    let needs = desk_rules
        .grant_of(role)
        .map(Requirement::of)
        .unwrap_or_default();
    DescribedRole {
        role,
        needs: needs.into_iter().map(Requirement::code).collect(),
        max_duration_seconds: longest.seconds(),
        console: desk_rules.has_console(role),
        served: desk_rules.serves(role),
    }
}
