//! By which operation of STS a role is had: that of its SAML provider, or that of its grant.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::asked::Asked;
use super::{Broker, BrokerError, Giver, Granted, Hub, RoleRequest};
use crate::aws::arn::{PrincipalArn, ProviderArn, RoleArn, RootArn, UserArn};
use crate::aws::attribute::RoleSessionName;
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::entitlement::{NotEntitled, Role, Through};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, AssumeRoot, Caller, FederatedName,
    GetFederationToken, GetSessionToken, IamUser, Issued, MfaCode, RootTask, StsError, TokenCode,
};
use crate::grant::{Grant, Told, ToldError, Via};
use crate::oidc::Subject;
use crate::session::{Assertion, Session};

/// What STS is asked with, whichever operation it is.
#[derive(Clone, Copy)]
struct Question<'a> {
    told: &'a Told,
    code: Option<&'a TokenCode>,
    policy: Option<&'a SessionPolicy>,
    duration: TokenDuration,
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
        if !self.serves(&role) {
            return Err(BrokerError::Partition(role.partition));
        }
        let wanted = self.duration(session, request)?;
        let duration = wanted.min(self.longest_of(&role));
        let (issued, told, hub) = match (&role.through, &role.arn) {
            (Through::ProviderArn(provider), PrincipalArn::Role(arn)) => {
                let policy = self.policy(request)?.map(|named| &named.policy);
                let redeem = (arn, provider, duration.of_session(), policy);
                let issued = self.redeem(session, redeem, now).await?;
                (issued, Told::of_assertion(&session.aws), None)
            }
            (Through::Grant(name), arn) => {
                let grant = self.grants.find(name).ok_or(NotEntitled::NotYours)?;
                let asked = (request, duration);
                self.grant(session, (grant, arn), asked, now).await?
            }
            // Assertions give roles and nothing else.
            (Through::ProviderArn(_), _) => return Err(NotEntitled::NotYours.into()),
        };
        Ok(Granted {
            is_shortened: issued.duration_seconds < wanted.seconds(),
            role,
            issued,
            told,
            hub,
        })
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
        let assertion = session.assertion.as_ref();
        let assertion = assertion.filter(|_| session.is_redeemable(now));
        let assertion = match assertion.ok_or(BrokerError::Stale(None))? {
            Assertion::Whole(field) => field,
            Assertion::TooLong { characters } => {
                let characters = *characters;
                return Err(BrokerError::Sts(StsError::AssertionTooLong { characters }));
            }
        };
        let request = AssumeRoleWithSaml {
            role,
            provider,
            assertion,
            duration,
            policy,
        };
        let issued = self.sts.assume_role_with_saml(request).await;
        issued.map_err(|error| match error {
            StsError::ExpiredToken(_) => BrokerError::Stale(Some(error)),
            other => BrokerError::Sts(other),
        })
    }

    /// What a grant gives, what AWS was told of the person, and what a chain began at.
    async fn grant(
        &self,
        session: &Session,
        (grant, arn): (&Grant, &PrincipalArn),
        (request, duration): (&RoleRequest, TokenDuration),
        now: DateTime<Utc>,
    ) -> Result<(Issued, Told, Option<Hub>), BrokerError> {
        // AWS would allow what either policy allows, and some operations take none.
        let policy = match (&grant.policy, self.policy(request)?) {
            (_, Some(_)) if grant.fixes_policy() => return Err(BrokerError::PolicyFixed),
            (Some(policy), _) => Some(policy),
            (None, chosen) => chosen.map(|named| &named.policy),
        };
        // Before anything is asked: it would be in vain.
        grant.told(&session.facts(), None)?;
        // And what was typed would be lost on the way through the IdP.
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
        let question = Question {
            told: &told,
            code: asked.code.as_ref(),
            policy,
            duration,
        };
        let (issued, hub) = match (&grant.via, arn) {
            (Via::Chain { hub, .. }, PrincipalArn::Role(arn)) => {
                let hub = self.hub(session, hub, now).await?;
                let caller = Caller::Role(&hub.issued.credentials);
                let issued = self.assume(session, (grant, arn), caller, question).await?;
                (issued, Some(hub))
            }
            (Via::FederationToken, PrincipalArn::User(user)) => {
                (self.federation_token(user, question).await?, None)
            }
            (Via::SessionToken { .. }, PrincipalArn::User(user)) => {
                let issued = self.session_token(session, (grant, user), question);
                (issued.await?, None)
            }
            (Via::RootTask { task }, PrincipalArn::Root(root)) => {
                (self.root_task(root, *task).await?, None)
            }
            (_, PrincipalArn::Role(arn)) => {
                let issued = self.directly(session, (grant, arn), question, now);
                (issued.await?, None)
            }
            // The configuration has what each operation is about.
            _ => return Err(NotEntitled::NotYours.into()),
        };
        Ok((issued, told, hub))
    }

    /// AssumeRoleWithWebIdentity or AssumeRole with our own identity, as the grant says.
    async fn directly(
        &self,
        session: &Session,
        (grant, role): (&Grant, &RoleArn),
        question: Question<'_>,
        now: DateTime<Utc>,
    ) -> Result<Issued, BrokerError> {
        if grant.via != Via::WebIdentity {
            return self
                .assume(session, (grant, role), Caller::Ourselves, question)
                .await;
        }
        let call = AssumeRoleWithWebIdentity {
            role,
            session_name: session_name(question.told)?,
            token: &self.token(session, question.told, now)?,
            policy: question.policy,
            duration: question.duration.of_session(),
        };
        let issued = self.sts.assume_role_with_web_identity(call).await;
        issued.map_err(|error| BrokerError::Granting(Giver::Role, error))
    }

    /// AssumeRole.
    async fn assume(
        &self,
        session: &Session,
        (grant, role): (&Grant, &RoleArn),
        caller: Caller<'_>,
        question: Question<'_>,
    ) -> Result<Issued, BrokerError> {
        let told = question.told;
        let mfa = self.second_factor(session, grant, question.code)?;
        let call = AssumeRole {
            caller,
            role,
            session_name: session_name(told)?,
            source_identity: told.source_identity.as_ref(),
            tags: &told.tags,
            transitive_tags: &told.transitive_tags,
            external_id: grant.external_id.as_ref(),
            mfa,
            contexts: &told.contexts,
            policy: question.policy,
            duration: question.duration.of_session(),
        };
        let issued = self.sts.assume_role(call).await;
        self.after_second_factor(session, mfa, issued, Giver::Role)
    }

    /// GetFederationToken.
    async fn federation_token(
        &self,
        user: &UserArn,
        question: Question<'_>,
    ) -> Result<Issued, BrokerError> {
        let told = question.told;
        let text = session_name(told)?.to_string();
        let name: FederatedName = match text.parse() {
            Ok(name) => name,
            Err(error) => return Err(ToldError::FederatedName { text, error }.into()),
        };
        let user = self.user(user).await?;
        let call = GetFederationToken {
            user,
            name: &name,
            tags: &told.tags,
            // The configuration has one for each such grant.
            policy: question.policy.ok_or(BrokerError::Policy)?,
            duration: question.duration,
        };
        let issued = self.sts.federation_token(call).await;
        issued.map_err(|error| BrokerError::Granting(Giver::User, error))
    }

    /// GetSessionToken.
    async fn session_token(
        &self,
        session: &Session,
        (grant, user): (&Grant, &UserArn),
        question: Question<'_>,
    ) -> Result<Issued, BrokerError> {
        let user = self.user(user).await?;
        let mfa = self.second_factor(session, grant, question.code)?;
        let call = GetSessionToken {
            user,
            mfa,
            duration: question.duration,
        };
        let issued = self.sts.session_token(call).await;
        self.after_second_factor(session, mfa, issued, Giver::User)
    }

    /// AssumeRoot.
    async fn root_task(&self, root: &RootArn, task: RootTask) -> Result<Issued, BrokerError> {
        let issued = self.sts.assume_root(AssumeRoot { root, task }).await;
        issued.map_err(|error| BrokerError::Granting(Giver::Organization, error))
    }

    async fn user(&self, arn: &UserArn) -> Result<&IamUser, BrokerError> {
        let user = self.users.find(arn, &self.sts).await;
        let user = user.map_err(|error| BrokerError::Granting(Giver::User, error))?;
        user.ok_or_else(|| NotEntitled::NotYours.into())
    }

    /// The code that the person typed, if the grant wants one. It counts as a guess until AWS has taken it.
    fn second_factor<'a>(
        &self,
        session: &Session,
        grant: &'a Grant,
        code: Option<&'a TokenCode>,
    ) -> Result<Option<MfaCode<'a>>, BrokerError> {
        let Some((serial, code)) = grant.mfa_serial().zip(code) else {
            return Ok(None);
        };
        if self.guesses.may_try(&session.person, serial) {
            Ok(Some(MfaCode { serial, code }))
        } else {
            Err(BrokerError::TooManyCodes)
        }
    }

    /// What AWS says to that.
    fn after_second_factor(
        &self,
        session: &Session,
        mfa: Option<MfaCode<'_>>,
        answer: Result<Issued, StsError>,
        giver: Giver,
    ) -> Result<Issued, BrokerError> {
        match (mfa, answer) {
            (Some(mfa), Ok(issued)) => {
                self.guesses.forget(&session.person, mfa.serial);
                Ok(issued)
            }
            (None, Ok(issued)) => Ok(issued),
            (Some(_), Err(error)) if error.is_about_mfa() => Err(BrokerError::MfaCode(error)),
            (mfa, Err(error)) => {
                // Whatever it was, it was not the code.
                if let Some(mfa) = mfa {
                    self.guesses.take_back(&session.person, mfa.serial);
                }
                Err(BrokerError::Granting(giver, error))
            }
        }
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

    /// A hub's credentials: for one call, and for nobody to see.
    async fn hub(
        &self,
        session: &Session,
        arn: &RoleArn,
        now: DateTime<Utc>,
    ) -> Result<Hub, BrokerError> {
        let held = self.grants.held(session);
        let role = held.hub(arn).ok_or(NotEntitled::NotYours)?;
        let shortest = SessionDuration::MINIMUM;
        let issued = match &role.through {
            Through::ProviderArn(provider) => {
                let redeem = (arn, provider, shortest, None);
                self.redeem(session, redeem, now).await?
            }
            Through::Grant(name) => {
                let grant = self.grants.find(name).ok_or(NotEntitled::NotYours)?;
                let told = grant.told(&session.facts(), None)?;
                let question = Question {
                    told: &told,
                    code: None,
                    policy: grant.policy.as_ref(),
                    duration: shortest.into(),
                };
                self.directly(session, (grant, arn), question, now).await?
            }
        };
        let arn = arn.clone();
        Ok(Hub { arn, issued })
    }
}

fn session_name(told: &Told) -> Result<&RoleSessionName, ToldError> {
    let name = told.session_name.as_ref();
    name.ok_or_else(ToldError::no_session_name)
}
