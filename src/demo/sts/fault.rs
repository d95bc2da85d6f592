//! The errors of STS, with AWS's codes, statuses and, where they are known, words.

use actix_web::http::StatusCode;

/// An answer of STS that is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub status: StatusCode,
    /// The error's code.
    pub code: &'static str,
    /// The text.
    pub message: String,
}

impl Fault {
    fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            ..Self::bad_request(code, message)
        }
    }

    /// The assertion is too old, or over.
    pub fn expired_token_exception(message: &str) -> Self {
        Self::bad_request("ExpiredTokenException", message)
    }

    /// The assertion does not do.
    pub fn invalid_identity_token(message: &str) -> Self {
        Self::bad_request("InvalidIdentityToken", message)
    }

    /// The trust policy, or the assertion, does not allow it.
    pub fn access_denied(action: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!("Not authorized to perform {action}"),
        )
    }

    /// No policy allows somebody who is known to do it.
    pub fn not_authorized(caller: &str, action: &str, resource: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!(
                "User: {caller} is not authorized to perform: {action} on resource: {resource}"
            ),
        )
    }

    /// Only long-term keys may do it.
    pub fn session_credentials(operation: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!("Cannot call {operation} with session credentials"),
        )
    }

    /// The second factor is wrong.
    pub fn mfa() -> Self {
        Self::forbidden(
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        )
    }

    /// Parameters that do not go together.
    pub fn invalid_parameter_value(message: &str) -> Self {
        Self::bad_request("InvalidParameterValue", message)
    }

    /// The issuer of a token gives no keys.
    pub fn idp_communication() -> Self {
        Self::bad_request(
            "IDPCommunicationError",
            "Identity provider could not be reached for verification of the token.",
        )
    }

    /// The encoded message is none of this account.
    pub fn invalid_authorization_message() -> Self {
        Self::bad_request(
            "InvalidAuthorizationMessageException",
            "The specified message is invalid.",
        )
    }

    /// A parameter is outside its limits.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::bad_request("ValidationError", message)
    }

    /// A parameter breaks one of the constraints of STS's model.
    pub fn constraint(value: &str, member: &str, constraint: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value {value} at '{member}' failed to satisfy \
             constraint: Member must {constraint}"
        ))
    }

    /// The session policy is no policy.
    pub fn malformed_policy_document(message: &str) -> Self {
        Self::bad_request("MalformedPolicyDocument", message)
    }

    /// Session policies and tags together are too large; `percent` of the limit.
    pub fn packed_policy_too_large(percent: usize) -> Self {
        Self::bad_request(
            "PackedPolicyTooLarge",
            format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            ),
        )
    }

    /// There is no such operation.
    pub fn invalid_action(action: &str, version: &str) -> Self {
        Self::bad_request(
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        )
    }

    /// The body is not a form.
    pub fn malformed_input() -> Self {
        Self::bad_request("MalformedInput", "The request is not a form.")
    }

    /// The request is not signed.
    pub fn missing_authentication_token() -> Self {
        Self::forbidden(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    }

    /// The signature's header is not of its form.
    pub fn incomplete_signature(message: &str) -> Self {
        Self::bad_request("IncompleteSignature", message)
    }

    /// The credentials are not known, or their token does not belong to them.
    pub fn invalid_client_token_id() -> Self {
        Self::forbidden(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    /// The credentials have ended.
    pub fn expired_token() -> Self {
        Self::forbidden(
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    }

    /// The signature is not the credentials'.
    pub fn signature_does_not_match(message: &str) -> Self {
        Self::forbidden("SignatureDoesNotMatch", message)
    }

    /// Something on this side.
    pub fn internal_failure(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::bad_request("InternalFailure", message)
        }
    }
}
