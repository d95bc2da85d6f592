//! Identity: the long-lived AWS identities that we use to sign requests. These are our own identity
//! and the IAM users for which we have keys.

use std::fmt;
use std::sync::Arc;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_credential_types::provider::future;
use aws_sdk_sts::config::{Credentials, ProvideCredentials};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;

use super::call::unlogged;
use crate::aws::arn::UserArn;
use crate::aws::region::Region;

/// A source of credentials. The credentials are looked up only when an operation needs them.
#[derive(Clone)]
pub struct Identity(Arc<CredentialsSource>);

/// An IAM user for which we have long-term keys.
#[derive(Clone, Debug)]
pub struct IamUser {
    /// The ARN of the user that the keys are expected to belong to.
    pub arn: UserArn,
    /// The user's long-term keys.
    pub identity: Identity,
}

enum CredentialsSource {
    /// The SDK's default chain: environment, profile, web identity (IRSA), container, instance.
    DefaultChain {
        region: Region,
        profile: Option<String>,
        chain: OnceCell<DefaultCredentialsChain>,
    },
    #[cfg(test)]
    Missing,
    Keys {
        access_key_id: String,
        secret_access_key: SecretString,
    },
}

impl Identity {
    /// The SDK's default credential chain, optionally with a profile. `region` is the Region of the
    /// STS endpoint that issues credentials for a profile or a web identity.
    pub fn default_chain(region: Region, profile: Option<String>) -> Self {
        Self(Arc::new(CredentialsSource::DefaultChain {
            region,
            profile,
            chain: OnceCell::new(),
        }))
    }

    /// The long-term keys of an IAM user.
    pub fn keys(access_key_id: String, secret_access_key: SecretString) -> Self {
        Self(Arc::new(CredentialsSource::Keys {
            access_key_id,
            secret_access_key,
        }))
    }
}

#[cfg(test)]
impl Identity {
    /// An identity without credentials. A call that needs credentials for signing fails before it
    /// is sent.
    pub fn missing() -> Self {
        Self(Arc::new(CredentialsSource::Missing))
    }
}

impl CredentialsSource {
    async fn credentials(&self) -> aws_credential_types::provider::Result {
        match self {
            #[cfg(test)]
            Self::Missing => {
                Err(aws_credential_types::provider::error::CredentialsError::not_loaded("nowhere"))
            }
            Self::Keys {
                access_key_id,
                secret_access_key,
            } => Ok(Credentials::new(
                access_key_id,
                secret_access_key.expose_secret(),
                None,
                None,
                "rolecall",
            )),
            Self::DefaultChain {
                region,
                profile,
                chain,
            } => {
                let build = || {
                    let region = aws_sdk_sts::config::Region::new(region.to_string());
                    let builder = DefaultCredentialsChain::builder().region(region);
                    match profile {
                        Some(profile) => builder.profile_name(profile),
                        None => builder,
                    }
                    .build()
                };
                let chain = chain.get_or_init(build).await;
                chain.provide_credentials().await
            }
        }
    }
}

impl ProvideCredentials for Identity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        // The default chain can send its own requests. The responses contain credentials and must
        // not be logged.
        future::ProvideCredentials::new(unlogged(self.0.credentials()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}
