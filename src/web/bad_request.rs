//! What can be wrong with a request's form, query or body, before anybody asks what it is for.

use thiserror::Error;

use super::limits::MAX_ROLES;

/// Why a request is not what a form or the API takes. The words are for logs; people read those of
/// [`Texts`](super::texts::Texts).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// Its Content-Type.
    #[error("it is not application/x-www-form-urlencoded")]
    NotAForm,
    /// Its octets.
    #[error("it is not a well-formed form")]
    NotWellFormed,
    /// A field is there more than once: readers disagree about which one counts.
    #[error("{0} is given twice")]
    Twice(String),
    /// A field that means nothing here.
    #[error("{0} is not a known field")]
    Unknown(String),
    /// A field is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field's value is longer than may be kept during a login.
    #[error("{0} is too long")]
    TooLong(String),
    /// A field's name is longer than may be kept during a login.
    #[error("a field's name is too long")]
    NameTooLong,
    /// A link's query is longer than may be kept during a login.
    #[error("the link is too long")]
    LinkTooLong,
    /// More fields than any page has.
    #[error("it has too many fields")]
    TooManyFields,
    /// A switch beside a role that does not say which policy is for which role.
    #[error("a switch does not name its role")]
    Switch,
    /// `duration_seconds`.
    #[error("duration_seconds is not a number")]
    Duration,
    /// `region`.
    #[error("region is not a region code such as eu-central-1")]
    Region,
    /// `action`.
    #[error("action is not console, credentials or show")]
    Action,
    /// The body did not come in time.
    #[error("its body took too long to arrive")]
    Slow,
    /// The body did not come whole.
    #[error("its body could not be read")]
    Unreadable,
    /// Credentials of several roles, without one.
    #[error("no role is selected")]
    NoRole,
    /// Credentials of more roles than are given at once.
    #[error("more than {MAX_ROLES} roles are selected")]
    TooManyRoles,
    /// Credentials of several roles, two of which are the same.
    #[error("a role is selected twice")]
    RoleTwice,
    /// `access_key_id`.
    #[error("access_key_id must be 16 to 128 letters, digits and _")]
    AccessKeyId,
    /// The body of the API's tools.
    #[error(
        "the body must be a JSON object with role_arn, message or access_key_id and, if needed, \
         provider_arn or grant"
    )]
    ToolJson,
    /// The API's body.
    #[error(
        "the body must be a JSON object with role_arn and, if needed, provider_arn or grant, \
         duration_seconds (a number), region, policy, destination, reason and token_code"
    )]
    Json,
}
