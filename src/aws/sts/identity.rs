//! Identity: who we are for AWS, where an operation is signed with our own credentials, and the IAM users
//! whose keys we have.

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

/// Where our own credentials come from. Nothing is looked for before an operation needs them.
#[derive(Clone)]
pub struct Identity(Arc<Source>);

/// An IAM user whose long-term keys we have.
#[derive(Clone, Debug)]
pub struct IamUser {
    /// Its ARN.
    pub arn: UserArn,
    /// Its keys.
    pub identity: Identity,
}

enum Source {
    /// As every AWS program finds them: environment, profile, web identity (IRSA), the container's,
    /// the instance's.
    DefaultChain {
        region: Region,
        profile: Option<String>,
        chain: OnceCell<DefaultCredentialsChain>,
    },
    /// None, wherever they are looked for.
    #[cfg(test)]
    Missing,
    /// Those of an IAM user.
    Keys {
        access_key_id: String,
        secret_access_key: SecretString,
    },
}

impl Identity {
    /// As every AWS program finds its credentials, perhaps those of a profile; `region` is that of
    /// the STS that a profile or a web identity is redeemed at.
    pub fn default_chain(region: Region, profile: Option<String>) -> Self {
        Self(Arc::new(Source::DefaultChain {
            region,
            profile,
            chain: OnceCell::new(),
        }))
    }

    /// An IAM user's.
    pub fn keys(access_key_id: String, secret_access_key: SecretString) -> Self {
        Self(Arc::new(Source::Keys {
            access_key_id,
            secret_access_key,
        }))
    }
}

#[cfg(test)]
impl Identity {
    /// Nobody's.
    pub fn missing() -> Self {
        Self(Arc::new(Source::Missing))
    }
}

impl Source {
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
        // The chain has calls of its own with credentials in their answers, none of which are to
        // be logged.
        future::ProvideCredentials::new(unlogged(self.0.credentials()))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}
