//! What people read of whom credentials are for, and where AWS cannot be told what a grant says.

use super::Texts;
use crate::aws::arn::PrincipalArn;
use crate::grant::{TemplateError, ToldError};

impl Texts {
    /// What a principal is.
    pub fn kind(&self, principal: &PrincipalArn) -> String {
        let id = match principal {
            PrincipalArn::Role(_) => "role",
            PrincipalArn::User(_) => "iam-user",
            PrincipalArn::Root(_) => "root-user",
        };
        self.text(id).into_owned()
    }

    /// What is wrong, as the end of a sentence.
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
