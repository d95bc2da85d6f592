//! Errors in a request's form, query or JSON body.

use thiserror::Error;

use super::limits::MAX_ROLES;

/// Why a request's form, query or JSON body is refused. The error messages below appear in the log;
/// people see the messages from [`Texts`](super::texts::Texts) instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// The Content-Type of a form is wrong.
    #[error("the content type is not application/x-www-form-urlencoded")]
    NotAForm,
    /// A form or query cannot be decoded.
    #[error("the form or query is not correctly URL-encoded")]
    NotWellFormed,
    /// A field appears more than once. Parsers disagree about which value counts.
    #[error("{0} appears more than once")]
    Twice(String),
    /// A link to a role contains an unknown parameter.
    #[error("{0} is not a known field")]
    Unknown(String),
    /// A required field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field's value is too long to be kept during a login.
    #[error("{0} is too long")]
    TooLong(String),
    /// A field's name is too long to be kept during a login.
    #[error("a field's name is too long")]
    NameTooLong,
    /// A link's query is too long to be kept during a login.
    #[error("the link is too long")]
    LinkTooLong,
    /// The form or query contains more fields than any of our pages sends. Or the fields that must
    /// be kept during a login are too many or too large.
    #[error("the form or query contains too many fields or too much data")]
    TooManyFields,
    /// The value of a session policy's switch does not contain both a policy ID and a role.
    #[error("a switch does not specify both a session policy and a role")]
    Switch,
    /// `duration_seconds` is not a number.
    #[error("duration_seconds must be a number")]
    Duration,
    /// `region` is not a region code.
    #[error("region must be a region code such as eu-central-1")]
    Region,
    /// A link's `action` is unknown.
    #[error("action must be console, credentials or show")]
    Action,
    /// The body did not arrive in time.
    #[error("the body took too long to arrive")]
    Slow,
    /// The body did not arrive completely.
    #[error("the body could not be read")]
    Unreadable,
    /// A request for the credentials of several roles contains no role.
    #[error("no role is selected")]
    NoRole,
    /// A request for the credentials of several roles contains more than [`MAX_ROLES`] roles.
    #[error("more than {MAX_ROLES} roles are selected")]
    TooManyRoles,
    /// A request for the credentials of several roles contains a role twice.
    #[error("a role is selected twice")]
    RoleTwice,
    /// `access_key_id` does not have the format of an access key ID.
    #[error(
        "access_key_id must be 16 to 128 characters long and contain only letters, digits and _"
    )]
    AccessKeyId,
    /// The JSON body of a request to a tool is invalid.
    #[error(
        "the body must be a JSON object with role_arn, either message or access_key_id, and \
         optionally either provider_arn or grant"
    )]
    ToolJson,
    /// The JSON body of a request for credentials or the console is invalid.
    #[error(
        "the body must be a JSON object with role_arn and, optionally, either provider_arn or \
         grant, and any of duration_seconds (a number), region, policy, destination, reason and \
         token_code"
    )]
    Json,
}
