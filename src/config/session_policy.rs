use super::Problem;
use super::file;
use super::kind::{self, Kind, flag, label, text, texts};
use super::reader::{Reader, Reported};
use crate::aws::session_policy::{SessionPolicy, SessionPolicyError};

/// `[[session_policy]]`: a session policy that people can choose in order to use a role with fewer
/// permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// The unique identifier in forms and in the audit trail: 1 to 64 characters from `a-z`, `0-9`
    /// and `-`.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// Whether this policy is a switch next to each role, instead of an item in the list of
    /// permissions.
    pub on_each_role: bool,
    /// The policies that limit the session's permissions.
    pub policy: SessionPolicy,
}

impl NamedPolicy {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let id = reader.unique("id", &id());
        let name = reader.required("name", &label());
        let on_each_role = reader.for_one("on_each_role", &flag());
        let policy = session_policy(reader);
        let (id, name, on_each_role) = (id?, name?, on_each_role?);
        let Some(policy) = policy? else {
            let problem = SessionPolicyError::Empty.to_string();
            return Err(reader.mistake("policy_arns", problem, WITHIN));
        };
        Ok(Self {
            id,
            name,
            on_each_role,
            policy,
        })
    }
}

const WITHIN: &str = "at most ten managed policies and one inline policy, 2048 characters in total";

/// Reads a session policy from `policy_arns` and `policy_file`. Returns `None` if neither is set.
pub(super) fn session_policy(reader: &mut Reader<'_>) -> Result<Option<SessionPolicy>, Reported> {
    let arns = texts("a list of policy ARNs", |arn| {
        Ok::<_, Problem>(arn.to_owned())
    });
    let arns = reader.optional("policy_arns", &arns);
    let path = reader.optional("policy_file", &kind::file(reader.folder()));
    let (arns, path) = (arns?, path?);
    let document = path.map(|path| {
        file::small_text(&path).map_err(|problem| {
            let allowed = "the path of a file that contains an IAM policy in JSON";
            reader.mistake("policy_file", problem, allowed)
        })
    });
    let document = document.transpose()?;
    let key = if document.is_some() {
        "policy_file"
    } else {
        "policy_arns"
    };
    if arns.is_none() && document.is_none() {
        return Ok(None);
    }
    let policy = SessionPolicy::new(arns.unwrap_or_default(), document);
    policy
        .map(Some)
        .map_err(|error| reader.mistake(key, error.to_string(), WITHIN))
}

fn id() -> Kind<String> {
    text(
        "1 to 64 lower-case letters, digits and dashes, unique among session policies",
        |text| {
            let is_character = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !text.is_empty() && text.len() <= 64 && text.chars().all(is_character) {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not a valid id"))
            }
        },
    )
}
