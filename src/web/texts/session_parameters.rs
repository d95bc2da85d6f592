//! The texts about kinds of principals, and about session parameters that cannot be sent to AWS.

use super::Texts;
use crate::aws::arn::PrincipalArn;
use crate::grant::{SessionParametersError, TemplateError};
use crate::printable::shown;

impl Texts {
    /// Returns the kind of a principal in words: a role, an IAM user or a root user.
    pub fn kind(&self, principal: &PrincipalArn) -> String {
        let id = match principal {
            PrincipalArn::Role(_) => "role",
            PrincipalArn::User(_) => "iam-user",
            PrincipalArn::Root(_) => "root-user",
        };
        self.text(id).into_owned()
    }

    /// Explains why a session parameter cannot be sent to AWS, as the end of a sentence.
    pub fn session_parameters(&self, error: &SessionParametersError) -> String {
        let text = |id, of: &str, value: &str| {
            self.with(id, &[("of", of.into()), ("value", shown(value).into())])
        };
        match error {
            SessionParametersError::Template {
                of,
                error: TemplateError::Missing(name),
            } => text("session-parameters-missing", of, name),
            SessionParametersError::Template {
                of,
                error: TemplateError::Several(name),
            } => text("session-parameters-several", of, name),
            SessionParametersError::SessionName { text: value, .. } => {
                text("session-parameters-name", "session_name", value)
            }
            SessionParametersError::FederatedName { text: value, .. } => {
                text("session-parameters-short-name", "session_name", value)
            }
            SessionParametersError::SourceIdentity { text: value, .. } => {
                text("session-parameters-name", "source_identity", value)
            }
            SessionParametersError::Tag {
                key, text: value, ..
            } => text("session-parameters-tag", &format!("tags.{key}"), value),
        }
    }
}
