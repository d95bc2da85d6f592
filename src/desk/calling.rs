//! Executes a decision by making the AWS calls that it describes.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::decision::{Call, ConsoleDecision, Decision, HubDecision, Mfa, Operation};
use super::granted::{Hub, Obtained};
use super::mfa_attempts::{Attempt, CodeEntry, MayTry, MfaAttempts};
use super::{DeskError, DeskRules, Giver, Tool};
use crate::aws::arn::{ProviderArn, RoleArn, UserArn};
use crate::aws::attribute::RoleSessionName;
use crate::aws::entitlement::NotEntitled;
use crate::aws::signin::{ConsoleSignIn, SigninUrl};
use crate::aws::sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, Caller, ExternalId,
    FederatedName, GetFederationToken, GetSessionToken, IamUser, Issued, MfaCode, StsError,
};
use crate::grant::SessionParameters;
use crate::oidc::Subject;
use crate::session::{Assertion, Session};

/// Makes AWS calls under `rules`, on behalf of the person in `session`.
pub(super) struct Calling<'a> {
    pub rules: &'a DeskRules,
    pub session: &'a Session,
    pub attempts: MfaAttempts<'a>,
    /// The address under which the client counts for limits, if there is one.
    pub address: Option<IpAddr>,
    pub now: DateTime<Utc>,
}

/// The role that `sts:AssumeRole` is called for.
struct TargetRole<'a> {
    role: &'a RoleArn,
    session_name: &'a RoleSessionName,
    external_id: Option<&'a ExternalId>,
    /// The caller's MFA device and the code that the person entered, if the grant requires a code.
    mfa: Option<&'a Mfa>,
}

impl Calling<'_> {
    /// Makes the STS calls in `decision`: first the call for the hub's credentials, if there is a
    /// hub, then the call for the requested credentials.
    pub async fn obtain(&self, decision: &Decision) -> Result<Obtained, DeskError> {
        let hub = match &decision.hub {
            Some(hub) => Some(self.hub(hub).await?),
            None => None,
        };
        let issued = self.issue(&decision.call, hub.as_ref()).await?;
        Ok(Obtained { issued, hub })
    }

    /// Obtains credentials and exchanges them for a console sign-in URL.
    pub async fn sign_in(
        &self,
        decision: &ConsoleDecision,
    ) -> Result<(Obtained, SigninUrl), DeskError> {
        let obtained = self.obtain(&decision.role).await?;
        let credentials = &obtained.issued.credentials;
        let wanted = ConsoleSignIn {
            partition: decision.role.role.partition,
            destination: &decision.destination,
            duration: decision.duration,
            issuer: &decision.link,
        };
        let signin = &self.rules.signin;
        match signin.sign_in_url(credentials, wanted, self.now).await {
            Ok(url) => Ok((obtained, url)),
            Err(error) => Err(DeskError::Signin {
                error,
                sts_request_id: obtained.issued.request_id,
            }),
        }
    }

    /// Obtains credentials for a role and calls an AWS tool with them.
    pub async fn ask(&self, decision: &Decision, tool: &Tool<'_>) -> Result<String, DeskError> {
        let obtained = self.obtain(decision).await?;
        let credentials = &obtained.issued.credentials;
        let partition = decision.role.partition;
        let sts = &self.rules.sts;
        let response = match tool {
            Tool::DecodeAuthorizationMessage(message) => {
                sts.decode_authorization_message(credentials, partition, message)
                    .await
            }
            Tool::GetAccessKeyInfo(key) => {
                sts.access_key_account(credentials, partition, key).await
            }
        };
        response.map_err(DeskError::Tool)
    }

    async fn hub(&self, hub: &HubDecision) -> Result<Hub, DeskError> {
        Ok(Hub {
            arn: hub.arn.clone(),
            issued: self.issue(&hub.call, None).await?,
        })
    }

    async fn issue(&self, call: &Call, hub: Option<&Hub>) -> Result<Issued, DeskError> {
        match &call.operation {
            Operation::WithSaml { role, provider } => self.with_saml(role, provider, call).await,
            Operation::AssumeRole {
                role,
                session_name,
                external_id,
                mfa,
            } => {
                let caller = hub.map(|hub| Caller::Role(&hub.issued.credentials));
                let caller = caller.unwrap_or(Caller::Ourselves);
                let target = TargetRole {
                    role,
                    session_name,
                    external_id: external_id.as_ref(),
                    mfa: mfa.as_ref(),
                };
                self.assume(caller, target, call).await
            }
            Operation::WithWebIdentity { role, session_name } => {
                self.with_web_identity(role, session_name, call).await
            }
            Operation::FederationToken { user, name } => {
                self.federation_token(user, name, call).await
            }
            Operation::SessionToken { user, mfa } => {
                self.session_token(user, mfa.as_ref(), call).await
            }
            Operation::AssumeRoot { root, task } => {
                let request = AssumeRoot { root, task: *task };
                let issued = self.rules.sts.assume_root(request).await;
                issued.map_err(|error| DeskError::Granting(Giver::Organization, error))
            }
        }
    }

    async fn with_saml(
        &self,
        role: &RoleArn,
        provider: &ProviderArn,
        call: &Call,
    ) -> Result<Issued, DeskError> {
        let Some(Assertion::Whole(assertion)) = &self.session.assertion else {
            return Err(DeskError::Stale(None));
        };
        let request = AssumeRoleWithSaml {
            role,
            provider,
            assertion,
            duration: call.duration.of_session(),
            policy: call.policy.as_ref(),
        };
        let issued = self.rules.sts.assume_role_with_saml(request).await;
        issued.map_err(|error| match error {
            StsError::ExpiredToken(_) => DeskError::Stale(Some(error)),
            other => DeskError::Sts(other),
        })
    }

    async fn assume(
        &self,
        caller: Caller<'_>,
        target: TargetRole<'_>,
        call: &Call,
    ) -> Result<Issued, DeskError> {
        let parameters = &call.parameters;
        let factor = self.second_factor(target.mfa).await?;
        let request = AssumeRole {
            caller,
            role: target.role,
            session_name: target.session_name,
            source_identity: parameters.source_identity.as_ref(),
            tags: &parameters.tags,
            transitive_tags: &parameters.transitive_tags,
            external_id: target.external_id,
            mfa: factor.as_ref().map(SecondFactor::code),
            contexts: &parameters.contexts,
            policy: call.policy.as_ref(),
            duration: call.duration.of_session(),
        };
        let issued = self.rules.sts.assume_role(request).await;
        self.after_second_factor(factor, issued, Giver::Role).await
    }

    async fn with_web_identity(
        &self,
        role: &RoleArn,
        session_name: &RoleSessionName,
        call: &Call,
    ) -> Result<Issued, DeskError> {
        let request = AssumeRoleWithWebIdentity {
            role,
            session_name,
            token: &self.token(&call.parameters)?,
            policy: call.policy.as_ref(),
            duration: call.duration.of_session(),
        };
        let issued = self.rules.sts.assume_role_with_web_identity(request).await;
        issued.map_err(|error| DeskError::Granting(Giver::Role, error))
    }

    async fn federation_token(
        &self,
        user: &UserArn,
        name: &FederatedName,
        call: &Call,
    ) -> Result<Issued, DeskError> {
        let request = GetFederationToken {
            user: self.user(user).await?,
            name,
            tags: &call.parameters.tags,
            policy: call.policy.as_ref().ok_or(DeskError::Policy)?,
            duration: call.duration,
        };
        let issued = self.rules.sts.federation_token(request).await;
        issued.map_err(|error| DeskError::Granting(Giver::User, error))
    }

    async fn session_token(
        &self,
        user: &UserArn,
        mfa: Option<&Mfa>,
        call: &Call,
    ) -> Result<Issued, DeskError> {
        let user = self.user(user).await?;
        let factor = self.second_factor(mfa).await?;
        let request = GetSessionToken {
            user,
            mfa: factor.as_ref().map(SecondFactor::code),
            duration: call.duration,
        };
        let issued = self.rules.sts.session_token(request).await;
        self.after_second_factor(factor, issued, Giver::User).await
    }

    async fn user(&self, arn: &UserArn) -> Result<&IamUser, DeskError> {
        let user = self.rules.users.find(arn, &self.rules.sts).await;
        let user = user.map_err(|error| DeskError::Granting(Giver::User, error))?;
        user.ok_or_else(|| NotEntitled::NotYours.into())
    }

    /// Counts an MFA attempt before the code is sent to AWS. Returns `None` if no MFA code is
    /// required. The attempt counts as a wrong code unless `after_second_factor` reduces the count.
    async fn second_factor<'m>(
        &self,
        mfa: Option<&'m Mfa>,
    ) -> Result<Option<SecondFactor<'m>>, DeskError> {
        let Some(mfa) = mfa else {
            return Ok(None);
        };
        let may_try = self.attempts.begin(self.entry(mfa)).await;
        match may_try.map_err(DeskError::Attempts)? {
            MayTry::Yes(attempt) => Ok(Some(SecondFactor { mfa, attempt })),
            MayTry::No(limit) => Err(DeskError::TooManyCodes(limit)),
        }
    }

    fn entry<'m>(&self, mfa: &'m Mfa) -> CodeEntry<'m> {
        CodeEntry {
            person: self.session.person.key(),
            serial: &mfa.serial,
            address: self.address,
        }
    }

    /// Reduces the count of wrong MFA codes unless AWS rejected the code. If the count cannot be
    /// reduced, it stays too high, which is safe.
    async fn after_second_factor(
        &self,
        factor: Option<SecondFactor<'_>>,
        response: Result<Issued, StsError>,
        giver: Giver,
    ) -> Result<Issued, DeskError> {
        let Some(SecondFactor { mfa, attempt }) = factor else {
            return response.map_err(|error| DeskError::Granting(giver, error));
        };
        let attempts = self.attempts;
        let (counted, response) = match response {
            Ok(issued) => {
                let succeeded = attempts.succeeded(attempt, self.entry(mfa)).await;
                (succeeded, Ok(issued))
            }
            Err(error) if error.is_about_mfa() => return Err(DeskError::MfaCode(error)),
            // The call failed for a reason other than the MFA code.
            Err(error) => {
                let taken_back = attempts.take_back(attempt).await;
                (taken_back, Err(DeskError::Granting(giver, error)))
            }
        };
        if let Err(error) = counted {
            tracing::warn!(
                %error,
                "the count of wrong MFA codes could not be reduced and is too high"
            );
        }
        response
    }

    /// Creates an OpenID Connect token about the person and signs it with our issuer's key.
    fn token(&self, parameters: &SessionParameters) -> Result<SecretString, DeskError> {
        let none = || DeskError::Token("there is no issuer".to_owned());
        let issuer = self.rules.issuer.as_ref().ok_or_else(none)?;
        // The IdP is part of the name, because two people at different IdPs can have the same
        // NameID.
        let person = &self.session.person;
        let name = format!("{}:{}", person.idp, person.name_id);
        let subject = Subject {
            name: &name,
            authn_context: self.session.authn_contexts.first.as_deref(),
            parameters,
        };
        let token = issuer.token(subject, self.now);
        token.map_err(|error| DeskError::Token(error.to_string()))
    }
}

/// The MFA code that the person entered, and the attempt that was counted for it.
struct SecondFactor<'a> {
    mfa: &'a Mfa,
    attempt: Attempt,
}

impl<'a> SecondFactor<'a> {
    fn code(&self) -> MfaCode<'a> {
        let Mfa { serial, code } = self.mfa;
        MfaCode { serial, code }
    }
}
