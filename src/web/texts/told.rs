//! The texts about the principal that credentials are for, and about what cannot be sent to AWS.

use super::Texts;
use crate::aws::arn::PrincipalArn;
use crate::grant::{TemplateError, ToldError};

impl Texts {
    /// The kind of a principal: a role, an IAM user or a root user.
    pub fn kind(&self, principal: &PrincipalArn) -> String {
        let id = match principal {
            PrincipalArn::Role(_) => "role",
            PrincipalArn::User(_) => "iam-user",
            PrincipalArn::Root(_) => "root-user",
        };
        self.text(id).into_owned()
    }

    /// Why something cannot be sent to AWS, as the end of a sentence.
    pub fn told(&self, error: &ToldError) -> String {
        let text = |id, of: &str, value: &str| {
            self.with(id, &[("of", of.into()), ("value", value.into())])
        };
        match error {
            ToldError::Template {
                of,
                error: TemplateError::Missing(name),
            } => text("told-missing", of, name),
            ToldError::Template {
                of,
                error: TemplateError::Several(name),
            } => text("told-several", of, name),
            ToldError::SessionName { text: value, .. } => text("told-name", "session_name", value),
            ToldError::FederatedName { text: value, .. } => {
                text("told-short-name", "session_name", value)
            }
            ToldError::SourceIdentity { text: value, .. } => {
                text("told-name", "source_identity", value)
            }
            ToldError::Tag {
                key, text: value, ..
            } => text("told-tag", &format!("tags.{key}"), value),
        }
    }
}
