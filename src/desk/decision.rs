//! The decision whether this person may use this role now, and what STS is parameters. It is made from
//! known facts alone, without calling AWS.

use chrono::{DateTime, Utc};
use url::Url;

use super::requirement::Supplied;
use super::{DeskError, DeskRules, Rights, RoleRequest};
use crate::aws::arn::{PrincipalArn, ProviderArn, RoleArn, RootArn, UserArn};
use crate::aws::attribute::RoleSessionName;
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::entitlement::{NotEntitled, Role, Through};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::signin::Destination;
use crate::aws::sts::{ExternalId, FederatedName, MfaSerial, RootTask, StsError, TokenCode};
use crate::grant::{Grant, SessionParameters, SessionParametersError, Via};
use crate::session::{Assertion, Session};

/// Everything that will be sent to STS for one request.
#[derive(Debug, PartialEq)]
pub(super) struct Decision {
    /// The role, and the provider or grant that gives it.
    pub role: Role,
    /// The role that a chain begins at.
    pub hub: Option<HubDecision>,
    /// The call that issues the credentials.
    pub call: Call,
    /// The lifetime that the person asked for; the role may allow less.
    pub wanted: TokenDuration,
    /// The reason in the person's words, if the grant requires one.
    pub reason: Option<String>,
}

/// The role that a chain begins at, and the call that issues its credentials.
#[derive(Debug, PartialEq)]
pub(super) struct HubDecision {
    pub arn: RoleArn,
    pub call: Call,
}

/// One call to STS.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub operation: Operation,
    /// What STS is sent about the person, or reads in the assertion.
    pub parameters: SessionParameters,
    pub policy: Option<SessionPolicy>,
    pub duration: TokenDuration,
}

/// The STS operation and its subject.
#[derive(Debug, PartialEq)]
pub(super) enum Operation {
    /// AssumeRoleWithSAML.
    WithSaml {
        role: RoleArn,
        provider: ProviderArn,
    },
    /// AssumeRole, called with the hub's credentials if there is a hub, otherwise with our own.
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

/// The MFA device, and the code that the person typed for it.
#[derive(Debug, PartialEq)]
pub(super) struct Mfa {
    pub serial: MfaSerial,
    pub code: TokenCode,
}

/// A role, and the console page to open with it.
#[derive(Debug, PartialEq)]
pub(super) struct ConsoleDecision {
    pub role: Decision,
    pub destination: Destination,
    /// How long the console session should last.
    pub duration: Option<SessionDuration>,
    /// Where the console sends people when the session has ended.
    pub link: Url,
}

/// A decision that may have to be carried out more than once.
pub(super) trait Decided: PartialEq {
    /// Whether AWS is sent the code of an MFA device, which AWS accepts only once.
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

/// What a person requests at a given time, and their rights.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub rules: &'a DeskRules,
    pub rights: &'a Rights,
    pub session: &'a Session,
    pub request: &'a RoleRequest,
    pub now: DateTime<Utc>,
}

impl Matter<'_> {
    /// Decides on credentials for a role.
    pub fn decide(&self) -> Result<Decision, DeskError> {
        self.decide_on(self.role()?)
    }

    /// Decides on a console sign-in with a role.
    pub fn decide_console(&self, destination: Option<&str>) -> Result<ConsoleDecision, DeskError> {
        let (role, request) = (self.role()?, self.request);
        if !self.rules.has_console(role) {
            return Err(DeskError::NoConsole);
        }
        let signin = &self.rules.signin;
        let page = signin.destination(destination, role.partition, request.region.as_ref())?;
        Ok(ConsoleDecision {
            role: self.decide_on(role)?,
            destination: page,
            // AWS refuses a duration for role chaining, and AssumeRole with the credentials of a
            // role is role chaining. Without a duration, the console session lasts as long as the
            // credentials.
            duration: match role.through {
                Through::ProviderArn(_) => self.session.aws.session_duration,
                Through::Grant(_) => None,
            },
            link: self
                .rules
                .link(role, destination, request.policy.as_deref()),
        })
    }

    /// Decides on a role to call an AWS tool with.
    pub fn decide_tool(&self) -> Result<Decision, DeskError> {
        if !self.rules.has_tools(self.session) {
            return Err(DeskError::NoTools);
        }
        let role = self.role()?;
        if role.arn.role().is_none() {
            return Err(DeskError::ToolRole);
        }
        self.decide_on(role)
    }

    /// The requested role, if the person may use it.
    fn role(&self) -> Result<&Role, NotEntitled> {
        let (entitlements, request) = (self.rights.entitlements(), self.request);
        entitlements.find(&request.role_arn, request.through.as_deref())
    }

    fn decide_on(&self, role: &Role) -> Result<Decision, DeskError> {
        if !self.rules.serves(role) {
            return Err(DeskError::Partition(role.partition));
        }
        let wanted = self.rules.duration(self.rights, self.request)?;
        let duration = wanted.min(self.rules.longest_of(role));
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

    /// Decides on what a grant gives.
    fn by_grant(
        &self,
        role: &Role,
        wanted: TokenDuration,
        duration: TokenDuration,
    ) -> Result<Decision, DeskError> {
        let grant = self.grant_of(role)?;
        let policy = self.policy_of(grant)?.cloned();
        let facts = self.session.facts();
        // Checked before the person is asked for anything, because their answer would be in vain.
        grant.session_parameters(&facts, None)?;
        let hub = grant.hub().map(|hub| self.hub(hub)).transpose()?;
        let asked = Supplied::of(grant, self.session, self.request, self.now)?;
        let parameters = grant.session_parameters(&facts, asked.reason.as_deref())?;
        Ok(Decision {
            role: role.clone(),
            hub,
            call: Call {
                operation: self.operation(
                    grant,
                    &role.arn,
                    &parameters,
                    policy.as_ref(),
                    asked.code,
                )?,
                parameters,
                policy,
                duration,
            },
            wanted,
            reason: asked.reason,
        })
    }

    /// AssumeRoleWithSAML, as long as STS still accepts the assertion.
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
            parameters: SessionParameters::of_assertion(&self.session.aws),
            policy,
            duration,
        })
    }

    /// The call for a hub's credentials. They serve a single call and nobody sees them, so they get
    /// the shortest lifetime.
    fn hub(&self, arn: &RoleArn) -> Result<HubDecision, DeskError> {
        let role = self.rights.hub(arn).ok_or(NotEntitled::NotYours)?;
        let shortest = SessionDuration::MINIMUM.into();
        let call = match &role.through {
            Through::ProviderArn(provider) => self.with_saml(arn, provider, None, shortest)?,
            Through::Grant(_) => {
                let grant = self.grant_of(role)?;
                let parameters = grant.session_parameters(&self.session.facts(), None)?;
                let policy = grant.policy.clone();
                Call {
                    operation: self.operation(
                        grant,
                        &role.arn,
                        &parameters,
                        policy.as_ref(),
                        None,
                    )?,
                    parameters,
                    policy,
                    duration: shortest,
                }
            }
        };
        let arn = arn.clone();
        Ok(HubDecision { arn, call })
    }

    /// The STS operation that the grant configures.
    fn operation(
        &self,
        grant: &Grant,
        arn: &PrincipalArn,
        parameters: &SessionParameters,
        policy: Option<&SessionPolicy>,
        code: Option<TokenCode>,
    ) -> Result<Operation, DeskError> {
        let serial = grant.mfa_serial().cloned();
        let mfa = serial.zip(code).map(|(serial, code)| Mfa { serial, code });
        match (&grant.via, arn) {
            (Via::FederationToken, PrincipalArn::User(user)) => {
                // The configuration guarantees a policy for each such grant.
                policy.ok_or(DeskError::Policy)?;
                let (user, name) = (self.user(user)?, federated_name(parameters)?);
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
                self.rules.issuer.as_ref().ok_or_else(none)?;
                Ok(Operation::WithWebIdentity {
                    role: role.clone(),
                    session_name: session_name(parameters)?.clone(),
                })
            }
            (_, PrincipalArn::Role(role)) => Ok(Operation::AssumeRole {
                role: role.clone(),
                session_name: session_name(parameters)?.clone(),
                external_id: grant.external_id.clone(),
                mfa,
            }),
            // The configuration guarantees that each operation gets the kind of ARN that it needs.
            _ => Err(NotEntitled::NotYours.into()),
        }
    }

    fn grant_of(&self, role: &Role) -> Result<&Grant, NotEntitled> {
        self.rules.grant_of(role).ok_or(NotEntitled::NotYours)
    }

    /// An IAM user, if we have its keys.
    fn user(&self, arn: &UserArn) -> Result<UserArn, NotEntitled> {
        let is_known = self.rules.users.know(arn);
        is_known.then(|| arn.clone()).ok_or(NotEntitled::NotYours)
    }

    /// The session policy of a grant, or the chosen one. Never both, because AWS would allow
    /// whatever either allows. Some operations accept no policy.
    fn policy_of<'g>(&'g self, grant: &'g Grant) -> Result<Option<&'g SessionPolicy>, DeskError> {
        match (&grant.policy, self.chosen_policy()?) {
            (_, Some(_)) if grant.fixes_policy() => Err(DeskError::PolicyFixed),
            (Some(policy), _) => Ok(Some(policy)),
            (None, chosen) => Ok(chosen),
        }
    }

    fn chosen_policy(&self) -> Result<Option<&SessionPolicy>, DeskError> {
        let named = self.rules.policy(self.request)?;
        Ok(named.map(|named| &named.policy))
    }
}

fn session_name(
    parameters: &SessionParameters,
) -> Result<&RoleSessionName, SessionParametersError> {
    let name = parameters.session_name.as_ref();
    name.ok_or_else(SessionParametersError::no_session_name)
}

fn federated_name(parameters: &SessionParameters) -> Result<FederatedName, SessionParametersError> {
    let text = session_name(parameters)?.to_string();
    text.parse()
        .map_err(|error| SessionParametersError::FederatedName { text, error })
}
