//! DecodeAuthorizationMessage and GetAccessKeyInfo (STS API reference).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::Parameters;
use crate::aws::sts::AccessKeyId;

/// The most characters of an encoded message.
pub(super) const MAX_MESSAGE: usize = 10_240;

/// An encoded message, as the services of this AWS would put it behind a refusal: AWS encrypts its own,
/// this one is only written in another way.
pub fn encode(account: &str, decoded: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "account": account, "message": decoded }).to_string())
}

/// A refusal of `action` on `resource`, in the form in which AWS documents it.
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

/// What stands in a message, for callers of its account.
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
    /// The account of an access key, also of one that has ended.
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
