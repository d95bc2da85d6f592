//! Decides whether a person may use a role or session now, and what to send to STS. Deciding
//! requires no call to AWS.

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

/// A decision to obtain credentials for one request, with the STS calls to make.
#[derive(Debug, PartialEq)]
pub(super) struct Decision {
    /// The role, IAM user or root user, and the SAML provider or grant that provides it.
    pub role: Role,
    /// The hub, if the grant is a chain.
    pub hub: Option<HubDecision>,
    /// The call that issues the requested credentials.
    pub call: Call,
    /// The requested or default lifetime, before the maximum for `role` is applied.
    pub wanted: TokenDuration,
    /// The reason that the person entered, if the grant requires one.
    pub reason: Option<String>,
}

/// The hub, which is the role that a chain starts from, and the call that issues the hub's
/// credentials.
#[derive(Debug, PartialEq)]
pub(super) struct HubDecision {
    pub arn: RoleArn,
    pub call: Call,
}

#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub operation: Operation,
    /// The parameters that describe the person, if the operation accepts any. Either we send them
    /// to STS, or the assertion contains them.
    pub parameters: SessionParameters,
    pub policy: Option<SessionPolicy>,
    pub duration: TokenDuration,
}

/// The STS operation, with the parameters that differ between operations.
#[derive(Debug, PartialEq)]
pub(super) enum Operation {
    /// AssumeRoleWithSAML, with the person's assertion.
    WithSaml {
        role: RoleArn,
        provider: ProviderArn,
    },
    /// AssumeRole, signed with the hub's credentials if the grant is a chain, otherwise with our
    /// own.
    AssumeRole {
        role: RoleArn,
        session_name: RoleSessionName,
        external_id: Option<ExternalId>,
        mfa: Option<Mfa>,
    },
    /// AssumeRoleWithWebIdentity, with a token from our issuer.
    WithWebIdentity {
        role: RoleArn,
        session_name: RoleSessionName,
    },
    /// GetFederationToken, signed with the IAM user's keys.
    FederationToken { user: UserArn, name: FederatedName },
    /// GetSessionToken, signed with the IAM user's keys.
    SessionToken { user: UserArn, mfa: Option<Mfa> },
    /// AssumeRoot: one task as the root user of a member account, signed with our own credentials.
    AssumeRoot { root: RootArn, task: RootTask },
}

/// An MFA device, and the code that the person entered for it.
#[derive(Debug, PartialEq)]
pub(super) struct Mfa {
    pub serial: MfaSerial,
    pub code: TokenCode,
}

/// A decision about credentials, and about the console page to open with them.
#[derive(Debug, PartialEq)]
pub(super) struct ConsoleDecision {
    pub role: Decision,
    pub destination: Destination,
    /// The duration of the console session, from the assertion's `SessionDuration` attribute.
    /// `None` if the assertion does not contain the attribute, or if a grant provides the role or
    /// session.
    pub duration: Option<SessionDuration>,
    /// The URL to which the console redirects the person once the console session has ended.
    pub link: Url,
}

/// A decision that may have to be made and executed again, because the rules can change during the
/// AWS calls.
pub(super) trait Decided: PartialEq {
    /// Whether an MFA code is sent to AWS when the decision is executed. AWS accepts each code only
    /// once, so such a decision cannot be executed again.
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

/// Everything that a decision is based on.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub rules: &'a DeskRules,
    pub rights: &'a Rights,
    pub session: &'a Session,
    pub request: &'a RoleRequest,
    pub now: DateTime<Utc>,
}

impl Matter<'_> {
    /// Decides whether and how to obtain the requested credentials.
    pub fn decide(&self) -> Result<Decision, DeskError> {
        self.decide_on(self.role()?)
    }

    /// Decides whether and how to sign the person in to the console with the requested
    /// credentials.
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
            // For a grant, no duration is sent: AWS rejects a duration with credentials from
            // GetFederationToken or role chaining. A grant's AssumeRole call is role chaining if
            // our own identity is a role. Without a duration, the console session lasts as long as
            // the credentials.
            duration: match role.through {
                Through::ProviderArn(_) => self.session.aws.session_duration,
                Through::Grant(_) => None,
            },
            link: self
                .rules
                .link(role, destination, request.policy.as_deref()),
        })
    }

    /// Decides whether and how to obtain the credentials with which a tool queries AWS.
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

    /// The requested role or session, if the person may use it.
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
            // Never reached, because an assertion can grant only roles.
            (Through::ProviderArn(_), _) => Err(NotEntitled::NotYours.into()),
            (Through::Grant(_), _) => self.by_grant(role, wanted, duration),
        }
    }

    /// Decides a request for a role or session that a grant provides.
    fn by_grant(
        &self,
        role: &Role,
        wanted: TokenDuration,
        duration: TokenDuration,
    ) -> Result<Decision, DeskError> {
        let grant = self.grant_of(role)?;
        let policy = self.policy_of(grant)?.cloned();
        let facts = self.session.facts();
        // Check the session parameters first, so that the person does not enter a reason or an MFA
        // code in vain.
        grant.session_parameters(&facts, None)?;
        let hub = grant.hub().map(|hub| self.hub(hub)).transpose()?;
        let asked = Supplied::of(grant, self.session, self.request, self.now, self.rules.skew)?;
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

    /// The AssumeRoleWithSAML call, or an error if the session has no assertion that STS would
    /// accept.
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

    /// The call that issues a hub's credentials. The credentials are used for one call and never
    /// leave the desk, so they get the shortest lifetime.
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

    /// Builds the STS operation that the grant is configured to use.
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
                // Configuration checks ensure that each grant of this kind has a policy.
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
            // Never reached, because configuration checks ensure that each grant has the kind of
            // ARN that its operation needs.
            _ => Err(NotEntitled::NotYours.into()),
        }
    }

    fn grant_of(&self, role: &Role) -> Result<&Grant, NotEntitled> {
        self.rules.grant_of(role).ok_or(NotEntitled::NotYours)
    }

    /// The ARN of the IAM user, if its keys are configured.
    fn user(&self, arn: &UserArn) -> Result<UserArn, NotEntitled> {
        let is_known = self.rules.users.know(arn);
        is_known.then(|| arn.clone()).ok_or(NotEntitled::NotYours)
    }

    /// The grant's session policy or, if the grant has none, the one that the person chose. The two
    /// are never combined, because AWS would then allow everything that either of them allows.
    /// Choosing a policy is an error if the grant has one or if its STS operation accepts none.
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
