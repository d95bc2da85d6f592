//! The texts about dropped attribute values.

use super::Texts;
use crate::aws::arn::ArnError;
use crate::aws::attribute::DropReason;

impl Texts {
    /// Explains in a sentence why a value was dropped.
    pub fn dropped(&self, reason: DropReason) -> String {
        let id = format!("dropped-{}", reason.name().replace('_', "-"));
        match reason {
            DropReason::Role(error) | DropReason::Provider(error) => {
                self.with(&id, &[("why", self.not_an_arn(error).into())])
            }
            _ => self.text(&id).into_owned(),
        }
    }

    /// Explains why an ARN is invalid, as the end of a sentence.
    fn not_an_arn(&self, error: ArnError) -> String {
        let plain = |id| self.text(id).into_owned();
        match error {
            ArnError::NotAnArn => plain("arn-not-an-arn"),
            ArnError::Partition => plain("arn-partition"),
            ArnError::Service => plain("arn-service"),
            ArnError::Region => plain("arn-region"),
            ArnError::Account(_) => plain("arn-account"),
            ArnError::NotARole => plain("arn-not-a-role"),
            ArnError::NotAUser => plain("arn-not-a-user"),
            ArnError::NotRoot => plain("arn-not-root"),
            ArnError::NotAProvider => plain("arn-not-a-provider"),
            ArnError::Path => plain("arn-path"),
            ArnError::Name { maximum } => self.with("arn-name", &[("maximum", maximum.into())]),
        }
    }
}
