//! May this person use this role now, and what is STS told? Decided from what is known, without asking
//! anybody.

use chrono::{DateTime, Utc};
use url::Url;

use super::asked::Asked;
use super::{DeskError, Rights, RoleRequest, Terms};
use crate::aws::arn::{PrincipalArn, ProviderArn, RoleArn, RootArn, UserArn};
use crate::aws::attribute::RoleSessionName;
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::entitlement::{NotEntitled, Role, Through};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::signin::Destination;
use crate::aws::sts::{ExternalId, FederatedName, MfaSerial, RootTask, StsError, TokenCode};
use crate::grant::{Grant, Told, ToldError, Via};
use crate::session::{Assertion, Session};

/// Everything that STS will be told.
#[derive(Debug, PartialEq)]
pub(super) struct Decision {
    /// The role, and what gives it.
    pub role: Role,
    /// What a chain begins at.
    pub hub: Option<HubDecision>,
    /// The call that gives the credentials.
    pub call: Call,
    /// How long the person wanted them to live; the role may allow less.
    pub wanted: TokenDuration,
    /// Why, in the person's words, where the grant asks for that.
    pub reason: Option<String>,
}

/// The role that a chain begins at, and the call that gives its credentials.
#[derive(Debug, PartialEq)]
pub(super) struct HubDecision {
    pub arn: RoleArn,
    pub call: Call,
}

/// One call of STS.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub operation: Operation,
    /// What STS is told of the person, or reads in the assertion.
    pub told: Told,
    pub policy: Option<SessionPolicy>,
    pub duration: TokenDuration,
}

/// The operation of STS, and what it is about.
#[derive(Debug, PartialEq)]
pub(super) enum Operation {
    /// AssumeRoleWithSAML.
    WithSaml {
        role: RoleArn,
        provider: ProviderArn,
    },
    /// AssumeRole: with the credentials of the hub, where there is one, and else with our own.
    AssumeRole {
        role: RoleArn,
        session_name: RoleSessionName,
        external_id: Option<ExternalId>,
        mfa: Option<Mfa>,
    },
    /// AssumeRoleWithWebIdentity.
    WithWebIdentity {
        role: RoleArn,
        session_name: RoleSessionName,
    },
    /// GetFederationToken.
    FederationToken { user: UserArn, name: FederatedName },
    /// GetSessionToken.
    SessionToken { user: UserArn, mfa: Option<Mfa> },
    /// AssumeRoot.
    AssumeRoot { root: RootArn, task: RootTask },
}

/// What the person typed for the MFA device.
#[derive(Debug, PartialEq)]
pub(super) struct Mfa {
    pub serial: MfaSerial,
    pub code: TokenCode,
}

/// A role, and where in the console it leads.
#[derive(Debug, PartialEq)]
pub(super) struct ConsoleDecision {
    pub role: Decision,
    pub destination: Destination,
    /// How long the console session should last.
    pub duration: Option<SessionDuration>,
    /// Where people come back to when it has ended.
    pub link: Url,
}

/// A decision that may have to be carried out more than once.
pub(super) trait Decided: PartialEq {
    /// Whether AWS is told the code of an MFA device, which it takes once.
    fn uses_code(&self) -> bool;
}

impl Decided for Decision {
    fn uses_code(&self) -> bool {
        let operation = &self.call.operation;
        matches!(
            operation,
            Operation::AssumeRole { mfa: Some(_), .. }
                | Operation::SessionToken { mfa: Some(_), .. }
        )
    }
}

impl Decided for ConsoleDecision {
    fn uses_code(&self) -> bool {
        self.role.uses_code()
    }
}

/// What a person asks for at a moment, and what they have.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub terms: &'a Terms,
    pub rights: &'a Rights,
    pub session: &'a Session,
    pub request: &'a RoleRequest,
    pub now: DateTime<Utc>,
}

impl Matter<'_> {
    /// Credentials of a role.
    pub fn decide(&self) -> Result<Decision, DeskError> {
        self.decide_on(self.role()?)
    }

    /// A sign-in to the console with a role.
    pub fn decide_console(&self, destination: Option<&str>) -> Result<ConsoleDecision, DeskError> {
        let (role, request) = (self.role()?, self.request);
        if !self.terms.has_console(role) {
            return Err(DeskError::NoConsole);
        }
        let signin = &self.terms.signin;
        let page = signin.destination(destination, role.partition, request.region.as_ref())?;
        Ok(ConsoleDecision {
            role: self.decide_on(role)?,
            destination: page,
            // AWS refuses one for role chaining, which AssumeRole with the credentials of a role is:
            // without it the console session lasts as long as the credentials.
            duration: match role.through {
                Through::ProviderArn(_) => self.session.aws.session_duration,
                Through::Grant(_) => None,
            },
            link: self
                .terms
                .link(role, destination, request.policy.as_deref()),
        })
    }

    /// A role to ask AWS something with.
    pub fn decide_tool(&self) -> Result<Decision, DeskError> {
        if !self.terms.has_tools(self.session) {
            return Err(DeskError::NoTools);
        }
        let role = self.role()?;
        if role.arn.role().is_none() {
            return Err(DeskError::ToolRole);
        }
        self.decide_on(role)
    }

    /// May this person use this role?
    fn role(&self) -> Result<&Role, NotEntitled> {
        let (entitlements, request) = (self.rights.entitlements(), self.request);
        entitlements.find(&request.role_arn, request.through.as_deref())
    }

    fn decide_on(&self, role: &Role) -> Result<Decision, DeskError> {
        if !self.terms.serves(role) {
            return Err(DeskError::Partition(role.partition));
        }
        let wanted = self.terms.duration(self.rights, self.request)?;
        let duration = wanted.min(self.terms.longest_of(role));
        match (&role.through, &role.arn) {
            (Through::ProviderArn(provider), PrincipalArn::Role(arn)) => {
                let policy = self.chosen_policy()?.cloned();
                Ok(Decision {
                    hub: None,
                    call: self.with_saml(arn, provider, policy, duration)?,
                    role: role.clone(),
                    wanted,
                    reason: None,
                })
            }
            // Assertions give roles and nothing else.
            (Through::ProviderArn(_), _) => Err(NotEntitled::NotYours.into()),
            (Through::Grant(_), _) => self.by_grant(role, wanted, duration),
        }
    }

    /// What a grant gives.
    fn by_grant(
        &self,
        role: &Role,
        wanted: TokenDuration,
        duration: TokenDuration,
    ) -> Result<Decision, DeskError> {
        let grant = self.grant_of(role)?;
        let policy = self.policy_of(grant)?.cloned();
        let facts = self.session.facts();
        // Before anything is asked: it would be in vain.
        grant.told(&facts, None)?;
        let hub = grant.hub().map(|hub| self.hub(hub)).transpose()?;
        let asked = Asked::of(grant, self.session, self.request, self.now)?;
        let told = grant.told(&facts, asked.reason.as_deref())?;
        Ok(Decision {
            role: role.clone(),
            hub,
            call: Call {
                operation: self.operation(grant, &role.arn, &told, policy.as_ref(), asked.code)?,
                told,
                policy,
                duration,
            },
            wanted,
            reason: asked.reason,
        })
    }

    /// AssumeRoleWithSAML, while STS takes the assertion.
    fn with_saml(
        &self,
        role: &RoleArn,
        provider: &ProviderArn,
        policy: Option<SessionPolicy>,
        duration: TokenDuration,
    ) -> Result<Call, DeskError> {
        let assertion = self.session.assertion.as_ref();
        let assertion = assertion.filter(|_| self.session.is_redeemable(self.now));
        if let Assertion::TooLong { characters } = assertion.ok_or(DeskError::Stale(None))? {
            let characters = *characters;
            return Err(DeskError::Sts(StsError::AssertionTooLong { characters }));
        }
        Ok(Call {
            operation: Operation::WithSaml {
                role: role.clone(),
                provider: provider.clone(),
            },
            told: Told::of_assertion(&self.session.aws),
            policy,
            duration,
        })
    }

    /// A hub's credentials are for one call, and for nobody to see: they live as short as can be.
    fn hub(&self, arn: &RoleArn) -> Result<HubDecision, DeskError> {
        let role = self.rights.hub(arn).ok_or(NotEntitled::NotYours)?;
        let shortest = SessionDuration::MINIMUM.into();
        let call = match &role.through {
            Through::ProviderArn(provider) => self.with_saml(arn, provider, None, shortest)?,
            Through::Grant(_) => {
                let grant = self.grant_of(role)?;
                let told = grant.told(&self.session.facts(), None)?;
                let policy = grant.policy.clone();
                Call {
                    operation: self.operation(grant, &role.arn, &told, policy.as_ref(), None)?,
                    told,
                    policy,
                    duration: shortest,
                }
            }
        };
        let arn = arn.clone();
        Ok(HubDecision { arn, call })
    }

    /// The operation of STS, as the grant says.
    fn operation(
        &self,
        grant: &Grant,
        arn: &PrincipalArn,
        told: &Told,
        policy: Option<&SessionPolicy>,
        code: Option<TokenCode>,
    ) -> Result<Operation, DeskError> {
        let serial = grant.mfa_serial().cloned();
        let mfa = serial.zip(code).map(|(serial, code)| Mfa { serial, code });
        match (&grant.via, arn) {
            (Via::FederationToken, PrincipalArn::User(user)) => {
                // The configuration has a policy for each such grant.
                policy.ok_or(DeskError::Policy)?;
                let (user, name) = (self.user(user)?, federated_name(told)?);
                Ok(Operation::FederationToken { user, name })
            }
            (Via::SessionToken { .. }, PrincipalArn::User(user)) => {
                let user = self.user(user)?;
                Ok(Operation::SessionToken { user, mfa })
            }
            (Via::RootTask { task }, PrincipalArn::Root(root)) => Ok(Operation::AssumeRoot {
                root: root.clone(),
                task: *task,
            }),
            (Via::WebIdentity, PrincipalArn::Role(role)) => {
                let none = || DeskError::Token("there is no issuer".to_owned());
                self.terms.issuer.as_ref().ok_or_else(none)?;
                Ok(Operation::WithWebIdentity {
                    role: role.clone(),
                    session_name: session_name(told)?.clone(),
                })
            }
            (_, PrincipalArn::Role(role)) => Ok(Operation::AssumeRole {
                role: role.clone(),
                session_name: session_name(told)?.clone(),
                external_id: grant.external_id.clone(),
                mfa,
            }),
            // The configuration has what each operation is about.
            _ => Err(NotEntitled::NotYours.into()),
        }
    }

    fn grant_of(&self, role: &Role) -> Result<&Grant, NotEntitled> {
        self.terms.grant_of(role).ok_or(NotEntitled::NotYours)
    }

    /// A user whose keys we have.
    fn user(&self, arn: &UserArn) -> Result<UserArn, NotEntitled> {
        let is_known = self.terms.users.know(arn);
        is_known.then(|| arn.clone()).ok_or(NotEntitled::NotYours)
    }

    /// The session policy of a grant, or the chosen one. AWS would allow what either allows, and some
    /// operations take none.
    fn policy_of<'g>(&'g self, grant: &'g Grant) -> Result<Option<&'g SessionPolicy>, DeskError> {
        match (&grant.policy, self.chosen_policy()?) {
            (_, Some(_)) if grant.fixes_policy() => Err(DeskError::PolicyFixed),
            (Some(policy), _) => Ok(Some(policy)),
            (None, chosen) => Ok(chosen),
        }
    }

    fn chosen_policy(&self) -> Result<Option<&SessionPolicy>, DeskError> {
        let named = self.terms.policy(self.request)?;
        Ok(named.map(|named| &named.policy))
    }
}

fn session_name(told: &Told) -> Result<&RoleSessionName, ToldError> {
    let name = told.session_name.as_ref();
    name.ok_or_else(ToldError::no_session_name)
}

fn federated_name(told: &Told) -> Result<FederatedName, ToldError> {
    let text = session_name(told)?.to_string();
    text.parse()
        .map_err(|error| ToldError::FederatedName { text, error })
}
