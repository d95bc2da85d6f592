//! DecodeAuthorizationMessage and GetAccessKeyInfo (STS API reference).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::Parameters;
use crate::aws::sts::AccessKeyId;

/// The maximum length of an encoded message, in characters.
pub(super) const MAX_MESSAGE: usize = 10_240;

/// Encodes an authorization message as services in the embedded AWS would append it to an error.
/// AWS encrypts these messages, but here they are only encoded in base64.
pub fn encode(account: &str, decoded: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "account": account, "message": decoded }).to_string())
}

/// A decoded message, in the format that AWS documents: `principal` was denied `action` on
/// `resource`.
pub fn refusal(principal: &str, action: &str, resource: &str) -> Value {
    json!({
        "allowed": false,
        "explicitDeny": false,
        "matchedStatements": { "items": [] },
        "failures": { "items": [] },
        "context": {
            "principal": { "id": "AROADEMO:demo", "arn": principal },
            "action": action,
            "resource": resource,
            "conditions": { "items": [
                { "key": "aws:Region", "values": { "items": [{ "value": "us-east-1" }] } },
            ] },
        },
    })
}

/// Decodes a message. The caller must be in the account that the message belongs to.
pub(super) fn decode(parameters: &Parameters, caller: &Caller) -> Result<String, Fault> {
    let message = parameters.required("EncodedMessage", "encodedMessage", 1, MAX_MESSAGE)?;
    let decoded = URL_SAFE_NO_PAD.decode(message.trim()).ok();
    let decoded = decoded.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    match decoded {
        Some(decoded) if decoded["account"] == caller.account() => {
            Ok(decoded["message"].to_string())
        }
        _ => Err(Fault::invalid_authorization_message()),
    }
}

impl Sts {
    /// The ID of the account that an access key belongs to, even if the key has expired.
    pub(super) fn account_of_key(&self, parameters: &Parameters) -> Result<String, Fault> {
        let id = parameters.required("AccessKeyId", "accessKeyId", 16, 128)?;
        id.parse::<AccessKeyId>().map_err(|_| {
            Fault::constraint(
                &format!("'{id}'"),
                "accessKeyId",
                "satisfy regular expression pattern: [\\w]*",
            )
        })?;
        let holder = self
            .holder(id)
            .map_err(|_| Fault::validation("The access key ID does not exist.".to_owned()))?;
        Ok(holder.account().to_owned())
    }
}
