//! Session policy: restricts the permissions of one session.
//!
//! The session may do only what both its session policies and the policies of the role or IAM user
//! allow (STS API reference, AssumeRoleWithSAML, `Policy` and `PolicyArns`).

mod unambiguous;

use self::unambiguous::Unambiguous;
use super::arn::AccountId;
use super::partition::Partition;

/// The maximum number of managed policies (STS API reference, AssumeRole, `PolicyArns`).
pub const ARNS_MAXIMUM: usize = 10;
/// The maximum number of characters in the inline policy and the ARNs together (STS API reference,
/// AssumeRole, `Policy`).
pub const CHARACTERS_MAXIMUM: usize = 2_048;
/// The ARN prefix of AWS managed policies.
const AWS_MANAGED: &str = "arn:aws:iam::aws:policy/";
/// The placeholder for the session's account ID in the ARN of a customer managed policy.
const ACCOUNT: &str = "{account}";

/// Managed policies, an inline policy or both, within the limits of STS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    arns: Vec<String>,
    document: Option<String>,
}

/// Why policies do not form a valid [`SessionPolicy`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionPolicyError {
    /// There is neither an inline policy nor the ARN of a managed policy.
    #[error("there is neither a managed policy nor an inline policy")]
    Empty,
    /// There are more than ten ARNs of managed policies.
    #[error("there are {0} managed policies, but STS accepts at most {ARNS_MAXIMUM}")]
    TooMany(usize),
    /// This string is neither the ARN of an AWS managed policy nor the ARN of a customer managed
    /// policy with `{account}` as the account ID.
    #[error(
        "{0:?} is neither the ARN of an AWS managed policy, arn:aws:iam::aws:policy/…, nor that \
         of a customer managed policy, arn:aws:iam::{{account}}:policy/…"
    )]
    Arn(String),
    /// The inline policy is not JSON, or an object in it has a duplicate key.
    #[error("the policy must be JSON without duplicate keys: {0}")]
    Json(String),
    /// The inline policy is not a JSON object, or its Statement is missing or is neither an object
    /// nor an array.
    #[error("the policy must be a JSON object with a Statement that is an object or an array")]
    Document,
    /// The inline policy contains a character that STS does not accept.
    #[error("the policy contains a control character or a character above U+00FF")]
    Character,
    /// The policies together have more characters than STS accepts.
    #[error(
        "the policies together contain {0} characters, but STS accepts at most {CHARACTERS_MAXIMUM}"
    )]
    TooLong(usize),
}

impl SessionPolicy {
    /// Creates a session policy from the managed policies `arns` and the inline policy `document`.
    /// The ARNs are written for the partition `aws`. The ARN of a customer managed policy contains
    /// `{account}` instead of an account ID.
    pub fn new(arns: Vec<String>, document: Option<String>) -> Result<Self, SessionPolicyError> {
        if arns.is_empty() && document.is_none() {
            return Err(SessionPolicyError::Empty);
        }
        if arns.len() > ARNS_MAXIMUM {
            return Err(SessionPolicyError::TooMany(arns.len()));
        }
        if let Some(arn) = arns.iter().find(|arn| !is_policy_arn(arn)) {
            return Err(SessionPolicyError::Arn(arn.clone()));
        }
        let document = document.map(|text| minified(&text)).transpose()?;
        // Counts a few characters more for each ARN, because an account ID (12 characters) is
        // longer than `{account}` (9 characters).
        let lengths = arns.iter().map(|arn| arn.chars().count() + 4);
        let inline = document.as_ref().map_or(0, |text| text.chars().count());
        let characters = lengths.sum::<usize>() + inline;
        if characters > CHARACTERS_MAXIMUM {
            return Err(SessionPolicyError::TooLong(characters));
        }
        Ok(Self { arns, document })
    }

    /// The inline policy, minified.
    pub fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// The ARNs of the managed policies, for a session in this partition and account.
    pub fn arns_for(&self, partition: Partition, account: &AccountId) -> Vec<String> {
        let in_partition = |arn: &String| match partition {
            Partition::Aws => arn.clone(),
            other => arn.replacen("arn:aws:", &format!("arn:{other}:"), 1),
        };
        let arns = self.arns.iter().map(in_partition);
        arns.map(|arn| arn.replace(ACCOUNT, account.as_str()))
            .collect()
    }
}

fn is_policy_arn(arn: &str) -> bool {
    let name = arn
        .strip_prefix(AWS_MANAGED)
        .or_else(|| arn.strip_prefix("arn:aws:iam::{account}:policy/"));
    let is_character = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c);
    name.is_some_and(|name| !name.is_empty() && name.len() <= 512 && name.chars().all(is_character))
}

/// Checks an inline policy and minifies it, because white space counts toward the limit.
fn minified(text: &str) -> Result<String, SessionPolicyError> {
    let Unambiguous(policy) =
        serde_json::from_str(text).map_err(|error| SessionPolicyError::Json(error.to_string()))?;
    let statement = policy.get("Statement");
    if !statement.is_some_and(|statement| statement.is_array() || statement.is_object()) {
        return Err(SessionPolicyError::Document);
    }
    let text = policy.to_string();
    if text
        .chars()
        .all(|c| matches!(c, ' '..='\u{ff}') && !c.is_control())
    {
        Ok(text)
    } else {
        Err(SessionPolicyError::Character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const DENY: &str = r#"{
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Deny", "Action": "iam:*", "Resource": "*" }]
    }"#;

    fn new(arns: &[&str], document: Option<&str>) -> Result<SessionPolicy, SessionPolicyError> {
        let arns = arns.iter().map(|arn| (*arn).to_owned()).collect();
        SessionPolicy::new(arns, document.map(str::to_owned))
    }

    #[test]
    fn the_account_placeholder_in_policy_arns_is_replaced() {
        let policy = new(
            &[READ_ONLY, "arn:aws:iam::{account}:policy/team/limits"],
            None,
        );
        let policy = policy.expect("a policy");
        let of = |partition, account: &str| {
            policy.arns_for(partition, &account.parse().expect("an account"))
        };
        assert_eq!(
            of(Partition::Aws, "111111111111"),
            [READ_ONLY, "arn:aws:iam::111111111111:policy/team/limits"]
        );
        assert_eq!(
            of(Partition::Cn, "222222222222"),
            [
                "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
                "arn:aws-cn:iam::222222222222:policy/team/limits"
            ]
        );
    }

    #[test]
    fn duplicate_keys_in_an_object_are_refused() {
        for document in [
            r#"{ "Statement": [{ "Effect": "Deny" }], "Statement": [] }"#,
            r#"{ "Statement": [{ "Effect": "Deny", "Effect": "Allow" }] }"#,
            r#"{ "Statement": [{ "Effect": "Deny", "Eff\u0065ct": "Allow" }] }"#,
        ] {
            let error = new(&[], Some(document)).expect_err("two keys");
            assert!(matches!(error, SessionPolicyError::Json(_)), "{error}");
            assert!(error.to_string().contains("appears twice"), "{error}");
        }
        let every_kind = r#"{"A":[null,true,-1,18446744073709551615,1.5,"x"],"Statement":{}}"#;
        let policy = new(&[], Some(every_kind)).expect("a policy");
        assert_eq!(policy.document(), Some(every_kind));
    }

    #[test]
    fn a_document_is_minified() {
        let policy = new(&[], Some(DENY)).expect("a policy");
        let text = policy.document().expect("a document");
        assert!(!text.contains([' ', '\n']), "{text}");
        assert!(text.contains(r#""Action":"iam:*""#), "{text}");
    }

    #[test]
    fn what_sts_would_refuse_is_refused() {
        use SessionPolicyError as E;
        assert_eq!(new(&[], None), Err(E::Empty));
        assert_eq!(new(&[READ_ONLY; 11], None), Err(E::TooMany(11)));
        new(&[READ_ONLY; 10], None).expect("a policy");
        for arn in [
            "",
            "ReadOnlyAccess",
            "arn:aws:iam::aws:policy/",
            "arn:aws:iam::111111111111:policy/x",
            "arn:aws:iam::aws:role/x",
            "arn:aws-cn:iam::aws:policy/x",
            "arn:aws:iam::aws:policy/a b",
        ] {
            assert_eq!(new(&[arn], None), Err(E::Arn(arn.to_owned())), "{arn}");
        }
        for document in ["[]", "{}", "{\"Statement\":1}"] {
            assert_eq!(new(&[], Some(document)), Err(E::Document), "{document}");
        }
        for document in ["", "{\"Statement\":["] {
            let error = new(&[], Some(document));
            assert!(matches!(error, Err(E::Json(_))), "{document}: {error:?}");
        }
        let odd = "{\"Statement\":[],\"Id\":\"\u{100}\"}";
        assert_eq!(new(&[], Some(odd)), Err(E::Character));
        let long = format!("{{\"Statement\":[],\"Id\":\"{}\"}}", "x".repeat(2_048));
        assert!(matches!(new(&[], Some(&long)), Err(E::TooLong(_))));
    }
}
