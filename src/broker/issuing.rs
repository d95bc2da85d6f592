//! By which operation of STS a role is had: that of its SAML provider, or that of its grant.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::asked::Asked;
use super::{Broker, BrokerError, Granted, RoleRequest};
use crate::aws::arn::{ProviderArn, RoleArn};
use crate::aws::credentials::Credentials;
use crate::aws::duration::SessionDuration;
use crate::aws::entitlement::{NotEntitled, Role, Through};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, Caller, Issued, MfaCode, StsError,
    TokenCode,
};
use crate::grant::{Grant, Told, ToldError, Via};
use crate::oidc::Subject;
use crate::session::Session;

/// A role that a grant gives, and everything that STS is asked with.
#[derive(Clone, Copy)]
struct Assumption<'a> {
    role: &'a RoleArn,
    told: &'a Told,
    caller: Caller<'a>,
    code: Option<&'a TokenCode>,
    policy: Option<&'a SessionPolicy>,
    duration: SessionDuration,
}

impl Broker {
    /// Gets credentials for a role that the person has.
    pub(super) async fn issue(
        &self,
        session: &Session,
        role: Role,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Granted, BrokerError> {
        match &role.through {
            Through::ProviderArn(provider) => {
                let duration = self.duration(request)?;
                let policy = self.policy(request)?.map(|named| &named.policy);
                let redeem = (&role.arn, provider, duration, policy);
                let issued = self.redeem(session, redeem, now).await?;
                let told = Told::of_assertion(&session.aws);
                Ok(Granted { role, issued, told })
            }
            Through::Grant(name) => {
                let grant = self.grants.find(name).ok_or(NotEntitled::NotYours)?;
                self.grant(session, grant, &role, request, now).await
            }
        }
    }

    /// AssumeRoleWithSAML.
    async fn redeem(
        &self,
        session: &Session,
        (role, provider, duration, policy): (
            &RoleArn,
            &ProviderArn,
            SessionDuration,
            Option<&SessionPolicy>,
        ),
        now: DateTime<Utc>,
    ) -> Result<Issued, BrokerError> {
        if !session.is_redeemable(now) {
            return Err(BrokerError::Stale(None));
        }
        let request = AssumeRoleWithSaml {
            role,
            provider,
            assertion: &session.assertion,
            duration,
            policy,
        };
        let issued = self.sts.assume_role_with_saml(request).await;
        issued.map_err(|error| match error {
            StsError::ExpiredToken(_) => BrokerError::Stale(Some(error)),
            other => BrokerError::Sts(other),
        })
    }

    /// What a grant gives.
    async fn grant(
        &self,
        session: &Session,
        grant: &Grant,
        role: &Role,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Granted, BrokerError> {
        let wanted = self.duration(request)?;
        // AWS would allow what either policy allows.
        let policy = match (&grant.policy, self.policy(request)?) {
            (Some(_), Some(_)) => return Err(BrokerError::PolicyFixed),
            (Some(policy), None) => Some(policy),
            (None, chosen) => chosen.map(|named| &named.policy),
        };
        // Before anything is asked: what was typed would be lost on the way through the IdP.
        if let Via::Chain { hub, .. } = &grant.via {
            let held = self.grants.held(session);
            let hub = held.hub(hub).ok_or(NotEntitled::NotYours)?;
            let is_asserted = matches!(hub.through, Through::ProviderArn(_));
            if is_asserted && !session.is_redeemable(now) {
                return Err(BrokerError::Stale(None));
            }
        }
        let asked = Asked::of(grant, session, request, now)?;
        let told = grant.told(&session.facts(), asked.reason.as_deref())?;
        let longest = grant.longest().unwrap_or(SessionDuration::MAXIMUM);
        let hub = match &grant.via {
            Via::AssumeRole { .. } | Via::WebIdentity => None,
            Via::Chain { hub, .. } => Some(self.hub(session, hub, now).await?),
        };
        let assumption = Assumption {
            role: &role.arn,
            told: &told,
            caller: hub.as_ref().map_or(Caller::Ourselves, Caller::Role),
            code: asked.code.as_ref(),
            policy,
            duration: wanted.min(longest),
        };
        let issued = self.assume(session, grant, assumption, now).await?;
        let is_shorter = issued.duration_seconds < wanted.seconds();
        Ok(Granted {
            role: role.clone(),
            issued: Issued {
                shortened: is_shorter.then_some(wanted),
                ..issued
            },
            told,
        })
    }

    /// AssumeRoleWithWebIdentity or AssumeRole, as the grant says.
    async fn assume(
        &self,
        session: &Session,
        grant: &Grant,
        assumption: Assumption<'_>,
        now: DateTime<Utc>,
    ) -> Result<Issued, BrokerError> {
        let Assumption {
            role,
            told,
            caller,
            code,
            policy,
            duration,
        } = assumption;
        let session_name = told.session_name.as_ref();
        let session_name = session_name.ok_or_else(ToldError::no_session_name)?;
        if matches!(grant.via, Via::WebIdentity) {
            let call = AssumeRoleWithWebIdentity {
                role,
                session_name,
                token: &self.token(session, told, now)?,
                policy,
                duration,
            };
            let issued = self.sts.assume_role_with_web_identity(call).await;
            return issued.map_err(BrokerError::Granting);
        }
        let mfa = grant.mfa_serial().zip(code);
        if let Some((serial, _)) = mfa
            && !self.guesses.may_try(&session.person, serial)
        {
            return Err(BrokerError::TooManyCodes);
        }
        let call = AssumeRole {
            caller,
            role,
            session_name,
            source_identity: told.source_identity.as_ref(),
            tags: &told.tags,
            transitive_tags: &told.transitive_tags,
            external_id: grant.external_id.as_ref(),
            mfa: mfa.map(|(serial, code)| MfaCode { serial, code }),
            contexts: &told.contexts,
            policy,
            duration,
        };
        let issued = self.sts.assume_role(call).await;
        if let (Some((serial, _)), Ok(_)) = (mfa, &issued) {
            self.guesses.forget(&session.person, serial);
        }
        issued.map_err(|error| {
            if mfa.is_some() && error.is_about_mfa() {
                BrokerError::MfaCode(error)
            } else {
                BrokerError::Granting(error)
            }
        })
    }

    /// A token of ours about a person.
    fn token(
        &self,
        session: &Session,
        told: &Told,
        now: DateTime<Utc>,
    ) -> Result<SecretString, BrokerError> {
        let none = || BrokerError::Token("there is no issuer".to_owned());
        let issuer = self.issuer.as_ref().ok_or_else(none)?;
        // The same NameID at two IdPs is two people.
        let name = format!("{}:{}", session.person.idp, session.person.name_id);
        let subject = Subject {
            name: &name,
            authn_context: session.authn_context.as_deref(),
            told,
        };
        let token = issuer.token(subject, now);
        token.map_err(|error| BrokerError::Token(error.to_string()))
    }

    /// The credentials of a hub: for one call, and for nobody to see.
    async fn hub(
        &self,
        session: &Session,
        arn: &RoleArn,
        now: DateTime<Utc>,
    ) -> Result<Credentials, BrokerError> {
        let held = self.grants.held(session);
        let role = held.hub(arn).ok_or(NotEntitled::NotYours)?;
        let shortest = SessionDuration::MINIMUM;
        match &role.through {
            Through::ProviderArn(provider) => {
                let redeem = (&role.arn, provider, shortest, None);
                Ok(self.redeem(session, redeem, now).await?.credentials)
            }
            Through::Grant(name) => {
                let grant = self.grants.find(name).ok_or(NotEntitled::NotYours)?;
                let told = grant.told(&session.facts(), None)?;
                let assumption = Assumption {
                    role: &role.arn,
                    told: &told,
                    caller: Caller::Ourselves,
                    code: None,
                    policy: grant.policy.as_ref(),
                    duration: shortest,
                };
                let issued = self.assume(session, grant, assumption, now).await?;
                Ok(issued.credentials)
            }
        }
    }
}
