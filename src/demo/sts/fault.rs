//! The errors of STS, with AWS's codes, statuses and, if documented, messages.

use actix_web::http::StatusCode;

/// An error response from STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status of the response.
    pub status: StatusCode,
    /// The error code, such as `AccessDenied`.
    pub code: &'static str,
    /// The message for people: AWS's if it is documented, otherwise our own.
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

    /// The assertion or token is too old or has expired.
    pub fn expired_token_exception(message: &str) -> Self {
        Self::bad_request("ExpiredTokenException", message)
    }

    /// The assertion or token is invalid, or its provider is not registered.
    pub fn invalid_identity_token(message: &str) -> Self {
        Self::bad_request("InvalidIdentityToken", message)
    }

    /// An unsigned request is not authorized, for example because of the role's trust policy. The
    /// error contains no caller, because the request is not signed.
    pub fn access_denied(action: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!("Not authorized to perform {action}"),
        )
    }

    /// The caller of a signed request is not authorized to perform the action.
    pub fn not_authorized(caller: &str, action: &str, resource: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!(
                "User: {caller} is not authorized to perform: {action} on resource: {resource}"
            ),
        )
    }

    /// The operation does not accept these temporary credentials.
    pub fn session_credentials(operation: &str) -> Self {
        Self::forbidden(
            "AccessDenied",
            format!("Cannot call {operation} with session credentials"),
        )
    }

    /// The MFA serial number or the code is not valid for the caller, or the request contains only
    /// one of the two.
    pub fn mfa() -> Self {
        Self::forbidden(
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        )
    }

    /// A combination of parameters is not allowed, such as two tags with the same key.
    pub fn invalid_parameter_value(message: &str) -> Self {
        Self::bad_request("InvalidParameterValue", message)
    }

    /// The keys of the token's issuer could not be fetched.
    pub fn idp_communication() -> Self {
        Self::bad_request(
            "IDPCommunicationError",
            "Identity provider could not be reached for verification of the token.",
        )
    }

    /// The encoded message cannot be decoded or belongs to another account.
    pub fn invalid_authorization_message() -> Self {
        Self::bad_request(
            "InvalidAuthorizationMessageException",
            "The specified message is invalid.",
        )
    }

    /// A parameter has an invalid value.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::bad_request("ValidationError", message)
    }

    /// A parameter violates a constraint in the STS API model.
    pub fn constraint(value: &str, member: &str, constraint: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value {value} at '{member}' failed to satisfy \
             constraint: Member must {constraint}"
        ))
    }

    /// The inline session policy is not valid JSON, or contains no statement.
    pub fn malformed_policy_document(message: &str) -> Self {
        Self::bad_request("MalformedPolicyDocument", message)
    }

    /// The session policies and tags are too large: together, they use `percent` percent of the
    /// limit.
    pub fn packed_policy_too_large(percent: usize) -> Self {
        Self::bad_request(
            "PackedPolicyTooLarge",
            format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            ),
        )
    }

    /// The operation does not exist in this version of the API.
    pub fn invalid_action(action: &str, version: &str) -> Self {
        Self::bad_request(
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        )
    }

    /// The request body is not form-encoded.
    pub fn malformed_input() -> Self {
        Self::bad_request("MalformedInput", "The request is not form-encoded.")
    }

    /// The request is not signed.
    pub fn missing_authentication_token() -> Self {
        Self::forbidden(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    }

    /// The Authorization header or the date of the signature is malformed.
    pub fn incomplete_signature(message: &str) -> Self {
        Self::bad_request("IncompleteSignature", message)
    }

    /// The access key is unknown, or the session token does not belong to the access key.
    pub fn invalid_client_token_id() -> Self {
        Self::forbidden(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    /// The credentials have expired.
    pub fn expired_token() -> Self {
        Self::forbidden(
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    }

    /// The signature is wrong, has the wrong scope, does not cover a required header, or is not
    /// current.
    pub fn signature_does_not_match(message: &str) -> Self {
        Self::forbidden("SignatureDoesNotMatch", message)
    }

    /// The embedded STS could not issue credentials or write the response.
    pub fn internal_failure(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::bad_request("InternalFailure", message)
        }
    }
}
