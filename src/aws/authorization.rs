//! Authorization message: the decoded explanation of why AWS denied a request (STS API reference,
//! DecodeAuthorizationMessage).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a request was denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Whether a policy explicitly denies the request. If not, no policy allows the request.
    pub is_explicit: bool,
    /// The ARN of the principal that sent the request, or the principal's ID if the message
    /// contains no ARN.
    pub principal: String,
    /// The requested action, such as `ec2:StopInstances`.
    pub action: String,
    /// The ARN of the resource; empty if the message contains none.
    pub resource: String,
    /// The condition keys of the request, with their values.
    pub conditions: Vec<(String, Vec<String>)>,
    /// The policy statements that matched the request, each as JSON.
    pub statements: Vec<String>,
}

/// The error for a message that does not have the form that AWS documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the decoded message does not have the form that AWS documents")]
pub struct UnknownForm;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(default)]
    allowed: bool,
    #[serde(default)]
    explicit_deny: bool,
    #[serde(default)]
    matched_statements: Items<Value>,
    context: Context,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct Items<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

#[derive(Deserialize)]
struct Context {
    principal: Principal,
    action: String,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    conditions: Items<Condition>,
}

#[derive(Deserialize)]
struct Principal {
    #[serde(default)]
    arn: String,
    #[serde(default)]
    id: String,
}

#[derive(Deserialize)]
struct Condition {
    key: String,
    #[serde(default)]
    values: Items<ConditionValue>,
}

#[derive(Deserialize)]
struct ConditionValue {
    value: String,
}

impl Refused {
    /// Parses a decoded message. Returns an error if AWS allowed the request.
    pub fn read(decoded: &str) -> Result<Self, UnknownForm> {
        let message: Message = serde_json::from_str(decoded).map_err(|_| UnknownForm)?;
        if message.allowed {
            return Err(UnknownForm);
        }
        let Context {
            principal,
            action,
            resource,
            conditions,
        } = message.context;
        let conditions = conditions.items.into_iter().map(|condition| {
            let values = condition.values.items.into_iter();
            (condition.key, values.map(|value| value.value).collect())
        });
        let statements = message.matched_statements.items;
        Ok(Self {
            is_explicit: message.explicit_deny,
            principal: if principal.arn.is_empty() {
                principal.id
            } else {
                principal.arn
            },
            action,
            resource,
            conditions: conditions.collect(),
            statements: statements.iter().map(ToString::to_string).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Based on the example in the API reference.
    const MESSAGE: &str = r#"{"allowed": false, "explicitDeny": true,
        "matchedStatements": {"items": [{"statementId": "DenyStop", "effect": "DENY"}]},
        "failures": {"items": []},
        "context": {"principal": {"id": "AIDACKCEVSQ6C2EXAMPLE", "name": "Bob",
            "arn": "arn:aws:iam::123456789012:user/Bob"},
            "action": "ec2:StopInstances",
            "resource": "arn:aws:ec2:us-east-1:123456789012:instance/i-dd01c9bd",
            "conditions": {"items": [{"key": "ec2:Tenancy", "values": {"items": [{"value": "default"}]}},
                {"key": "aws:Region"}]}}}"#;

    #[test]
    fn reads_an_authorization_failure() {
        let refused = Refused::read(MESSAGE).expect("a refusal");
        assert!(refused.is_explicit);
        assert_eq!(refused.principal, "arn:aws:iam::123456789012:user/Bob");
        assert_eq!(refused.action, "ec2:StopInstances");
        assert!(refused.resource.ends_with("i-dd01c9bd"));
        let tenancy = ("ec2:Tenancy".to_owned(), vec!["default".to_owned()]);
        assert_eq!(
            refused.conditions,
            [tenancy, ("aws:Region".to_owned(), Vec::new())]
        );
        assert_eq!(refused.statements.len(), 1);
    }

    #[test]
    fn other_messages_are_not_explained() {
        for text in [
            "",
            "{}",
            "[]",
            "{\"allowed\":true,\"context\":{\"principal\":{},\"action\":\"x\"}}",
            "{\"context\":{\"principal\":{}}}",
        ] {
            assert_eq!(Refused::read(text), Err(UnknownForm), "{text}");
        }
        let least = "{\"context\":{\"principal\":{\"id\":\"x\"},\"action\":\"y\"}}";
        let refused = Refused::read(least).expect("a refusal");
        assert!(!refused.is_explicit && refused.principal == "x");
    }
}
