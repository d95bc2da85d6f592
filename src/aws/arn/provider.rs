//! SAML provider ARN: identifies a SAML identity provider that is registered in an account.

use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;

use super::{AccountId, ArnError, IamArn, checked_text};
use crate::aws::partition::Partition;

/// The ARN of an IAM SAML provider: `arn:aws:iam::123456789012:saml-provider/name`. The name
/// matches `[\w._-]{1,128}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ProviderArn {
    text: Arc<str>,
    partition: Partition,
    account: AccountId,
}

const NAME_MAXIMUM: usize = 128;

impl ProviderArn {
    /// The partition, from the ARN's second field.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account in which the provider is registered.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The name under which the identity provider is registered.
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for ProviderArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let IamArn {
            partition,
            account,
            resource: name,
        } = IamArn::parse(text, "saml-provider/", ArnError::NotAProvider)?;
        let allowed =
            |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        if name.is_empty() || name.len() > NAME_MAXIMUM || !name.chars().all(allowed) {
            return Err(ArnError::Name {
                maximum: NAME_MAXIMUM,
            });
        }
        Ok(Self {
            text: text.into(),
            partition,
            account,
        })
    }
}

checked_text!(ProviderArn, ArnError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_providers_of_every_partition() {
        for partition in Partition::ALL {
            let text = format!("arn:{partition}:iam::123456789012:saml-provider/Ex_ample.Corp-1");
            let provider: ProviderArn = text.parse().expect("a provider");
            assert_eq!(provider.partition(), partition);
            assert_eq!(provider.account().as_str(), "123456789012");
            assert_eq!(provider.name(), "Ex_ample.Corp-1");
            assert_eq!(provider.to_string(), text);
        }
    }

    #[test]
    fn refuses_other_resource_types_and_invalid_names() {
        let name = ArnError::Name { maximum: 128 };
        for (text, expected) in [
            ("arn:aws:iam::123456789012:role/a", ArnError::NotAProvider),
            (
                "arn:aws:iam::123456789012:oidc-provider/a",
                ArnError::NotAProvider,
            ),
            ("arn:aws:iam::123456789012:saml-provider/", name),
            ("arn:aws:iam::123456789012:saml-provider/a/b", name),
            ("arn:aws:iam::123456789012:saml-provider/a,b", name),
            ("arn:aws:iam::123456789012:saml-provider/a@b", name),
        ] {
            assert_eq!(text.parse::<ProviderArn>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_at_most_128_characters() {
        let provider = |length: usize| {
            format!(
                "arn:aws:iam::123456789012:saml-provider/{}",
                "n".repeat(length)
            )
            .parse::<ProviderArn>()
        };
        assert!(provider(128).is_ok());
        assert_eq!(provider(129), Err(ArnError::Name { maximum: 128 }));
    }
}
