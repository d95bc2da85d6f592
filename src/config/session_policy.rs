use super::file;
use super::kind::{self, Kind, flag, label, text, texts};
use super::reader::{Reader, Reported};
use crate::aws::session_policy::SessionPolicy;

/// `[[session_policy]]`: a way to use a role with fewer permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its name in forms and in the audit trail.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is a switch beside each role, and not one of the permissions to choose from.
    pub on_each_role: bool,
    /// What it allows at most.
    pub policy: SessionPolicy,
}

impl NamedPolicy {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let id = reader.unique("id", &id());
        let name = reader.required("name", &label());
        let allowed = "a list of ARNs of policies";
        let arns = reader.optional("policy_arns", &texts(allowed, |arn| Ok(arn.to_owned())));
        let on_each_role = reader.for_one("on_each_role", &flag());
        let folder = reader.folder().to_owned();
        let path = reader.optional("policy_file", &kind::file(&folder));
        let (id, name, on_each_role) = (id?, name?, on_each_role?);
        let (arns, path) = (arns?, path?);
        let allowed = "the path of a file with an IAM policy, JSON";
        let document = path.map(|path| {
            let text = file::small(&path).and_then(|bytes| {
                let text = String::from_utf8(bytes);
                text.map_err(|_| format!("{} is not UTF-8", path.display()))
            });
            text.map_err(|problem| reader.mistake("policy_file", problem, allowed))
        });
        let document = document.transpose()?;
        let key = if document.is_some() {
            "policy_file"
        } else {
            "policy_arns"
        };
        let policy = SessionPolicy::new(arns.unwrap_or_default(), document);
        let policy = policy.map_err(|error| {
            let allowed = "at most ten policies and an inline one, of 2048 characters together";
            reader.mistake(key, error.to_string(), allowed)
        })?;
        Ok(Self {
            id,
            name,
            on_each_role,
            policy,
        })
    }
}

fn id() -> Kind<String> {
    text(
        "lower-case letters, digits and dashes, different for each session policy",
        |text| {
            let is_character = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !text.is_empty() && text.len() <= 64 && text.chars().all(is_character) {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not such a name"))
            }
        },
    )
}
