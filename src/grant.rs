//! Grants: configured rules that give people roles beyond those in their assertion, or sessions
//! without a role.
//!
//! A grant's conditions, which depend on data from the identity provider, determine who gets its
//! roles or sessions. The grant also defines which STS operation issues the credentials. Its
//! templates, which are filled with data from the identity provider, determine which data about the
//! person is sent to AWS.

pub mod condition;
pub mod facts;
mod held;
pub mod template;

use crate::aws::arn::{PrincipalArn, RoleArn};
use crate::aws::attribute::{
    AwsAttributes, RoleSessionName, SessionNameError, SourceIdentity, SourceIdentityError,
    TagError, TagKey, TagValue,
};
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::{
    AssumeRoot, ExternalId, FederatedName, MfaSerial, ProvidedContext, RootTask, ValueError,
};

pub use self::condition::Condition;
pub use self::facts::Facts;
pub use self::held::{Grants, Held, WithoutHub};
pub use self::template::{Template, TemplateError, TemplateSyntax};

/// A rule that gives roles or sessions to everybody who meets its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The unique name, used in forms, in the audit trail and on pages.
    pub name: String,
    /// The configured ID of the identity provider that the grant applies to. `None` means all
    /// identity providers.
    pub idp: Option<String>,
    /// The conditions. All of them must be met.
    pub when: Vec<Condition>,
    /// The principals that the credentials belong to: roles, an IAM user or root users, depending
    /// on `via`.
    pub roles: Vec<PrincipalArn>,
    /// The STS operation that issues the credentials.
    pub via: Via,
    /// The template for the role session name.
    pub session_name: Template,
    /// The template for the source identity.
    pub source_identity: Option<Template>,
    /// The keys of the session tags, at most 50, with templates for the values.
    pub tags: Vec<(TagKey, Template)>,
    /// The keys of the tags that persist through role chaining.
    pub transitive_tags: Vec<TagKey>,
    /// The external ID, if the trust policies of the roles require one.
    pub external_id: Option<ExternalId>,
    /// The session policy, which limits what the sessions may do.
    pub policy: Option<SessionPolicy>,
    /// The maximum lifetime of the credentials. If `None`, `aws.max_duration_seconds` applies.
    pub max_duration: Option<TokenDuration>,
    /// Whether the person must give a reason, and which session tag records it.
    pub reason: Option<Reason>,
    /// The maximum age of the person's sign-in at the identity provider, in seconds.
    pub fresh_login_seconds: Option<u32>,
}

/// The STS operation that issues the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// AssumeRole, signed with our own credentials.
    AssumeRole {
        /// The MFA device of our identity. The person enters the device's code.
        mfa_serial: Option<MfaSerial>,
        /// Contexts from trusted context providers, at most five.
        contexts: Vec<Context>,
    },
    /// AssumeRole, signed with the credentials of another role that the person has. Those
    /// credentials are never handed out.
    Chain {
        /// The role that the chain starts from.
        hub: RoleArn,
        /// Whether people may also use the hub role directly.
        offers_hub: bool,
    },
    /// AssumeRoleWithWebIdentity, with a token from our own issuer.
    WebIdentity,
    /// GetFederationToken, signed with an IAM user's keys.
    FederationToken,
    /// GetSessionToken, signed with an IAM user's keys.
    SessionToken {
        /// The MFA device of the IAM user. The person enters the device's code.
        mfa_serial: Option<MfaSerial>,
    },
    /// AssumeRoot, signed with our own credentials.
    RootTask {
        /// The task, which determines the permissions of the session.
        task: RootTask,
    },
}

impl Via {
    /// The name used in the configuration and in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AssumeRole { .. } => "assume-role",
            Self::Chain { .. } => "chain",
            Self::WebIdentity => "web-identity",
            Self::FederationToken => "federation-token",
            Self::SessionToken { .. } => "session-token",
            Self::RootTask { .. } => "root-task",
        }
    }

    /// Whether AWS accepts credentials from this operation for console sign-in (IAM User Guide,
    /// "Compare AWS STS credentials"). Credentials for a root task allow only that task.
    pub fn has_console(&self) -> bool {
        !matches!(self, Self::SessionToken { .. } | Self::RootTask { .. })
    }
}

/// A context from a trusted context provider (STS API reference, ProvidedContext).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The ARN of the context provider.
    pub provider_arn: String,
    /// The template for the provider's signed assertion.
    pub assertion: Template,
}

/// A reason that the person must give, in their own words, before each use of the grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The key of the session tag that contains the reason, if AWS gets the reason. The audit trail
    /// always contains the reason.
    pub tag: Option<TagKey>,
}

/// The data about a person and their session that AWS receives, from us or in the assertion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionParameters {
    /// The role session name. `None` if the STS operation accepts none, or if the assertion
    /// contains none. STS rejects such an assertion.
    pub session_name: Option<RoleSessionName>,
    /// The source identity, which AWS keeps through role chaining.
    pub source_identity: Option<SourceIdentity>,
    /// The session tags, at most 50.
    pub tags: Vec<(TagKey, TagValue)>,
    /// The keys of the tags that persist through role chaining.
    pub transitive_tags: Vec<TagKey>,
    /// Contexts from trusted context providers, at most five.
    pub contexts: Vec<ProvidedContext>,
}

impl SessionParameters {
    /// The values that apply after role chaining. The source identity and the transitive tags of
    /// the previous session, `before`, persist (IAM User Guide, "Chaining roles with session
    /// tags").
    pub fn after(mut self, before: &Self) -> Self {
        let kept = before.source_identity.clone();
        self.source_identity = kept.or(self.source_identity);
        for key in &before.transitive_tags {
            let tag = before.tags.iter().find(|(known, _)| known == key);
            let is_there = self.tags.iter().any(|(known, _)| known.is_same_key(key));
            if let (Some(tag), false) = (tag, is_there) {
                self.tags.push(tag.clone());
                self.transitive_tags.push(key.clone());
            }
        }
        self
    }

    /// The values that AWS reads directly from the assertion.
    pub fn of_assertion(attributes: &AwsAttributes) -> Self {
        Self {
            session_name: attributes.session_name.clone(),
            source_identity: attributes.source_identity.clone(),
            tags: attributes.principal_tags.clone(),
            transitive_tags: attributes.transitive_tag_keys.clone(),
            contexts: Vec::new(),
        }
    }
}

/// Why a grant's templates do not produce valid values for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionParametersError {
    /// The identity provider did not send a value that the template needs, or sent several values
    /// where the template needs one.
    #[error("{of}: {error}")]
    Template {
        /// The configuration key of the template.
        of: String,
        /// Why the template cannot be rendered.
        error: TemplateError,
    },
    /// The rendered session name is invalid.
    #[error("session_name: {text:?} is invalid: it {error}")]
    SessionName {
        /// The rendered text.
        text: String,
        /// Why it is invalid.
        error: SessionNameError,
    },
    /// The rendered session name is invalid for GetFederationToken, which allows only 32
    /// characters.
    #[error("session_name: {text:?} is {error}")]
    FederatedName {
        /// The rendered text.
        text: String,
        /// Why it is invalid.
        error: ValueError,
    },
    /// The rendered source identity is invalid.
    #[error("source_identity: {text:?} is invalid: it {error}")]
    SourceIdentity {
        /// The rendered text.
        text: String,
        /// Why it is invalid.
        error: SourceIdentityError,
    },
    /// The rendered value of a tag is invalid.
    #[error("tags.{key}: {text:?} is invalid: it {error}")]
    Tag {
        /// The key of the tag.
        key: String,
        /// The rendered text.
        text: String,
        /// Why it is invalid.
        error: TagError,
    },
}

impl SessionParametersError {
    /// The error for an identity provider that did not send `RoleSessionName`.
    pub fn no_session_name() -> Self {
        Self::Template {
            of: "session_name".to_owned(),
            error: TemplateError::Missing("RoleSessionName".to_owned()),
        }
    }

    /// The error without the rendered text, which may contain attribute values.
    pub fn without_value(&self) -> String {
        let text = match self {
            Self::Template { .. } => return self.to_string(),
            Self::SessionName { text, .. }
            | Self::FederatedName { text, .. }
            | Self::SourceIdentity { text, .. }
            | Self::Tag { text, .. } => text,
        };
        self.to_string()
            .replacen(&format!("{text:?}"), "the value", 1)
    }
}

impl Grant {
    /// A grant without any of the optional settings.
    pub fn new(name: &str, when: Vec<Condition>, roles: Vec<PrincipalArn>, via: Via) -> Self {
        Self {
            name: name.to_owned(),
            idp: None,
            when,
            roles,
            via,
            session_name: Template::default(),
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            external_id: None,
            policy: None,
            max_duration: None,
            reason: None,
            fresh_login_seconds: None,
        }
    }

    /// Whether the grant applies to a person with these facts.
    pub fn is_for(&self, facts: &Facts<'_>) -> bool {
        self.idp.as_deref().is_none_or(|idp| idp == facts.idp)
            && self
                .when
                .iter()
                .all(|condition| condition.holds(facts.attributes))
    }

    /// Whether the grant has a requirement: a reason, a fresh sign-in or an MFA code.
    pub fn asks_something(&self) -> bool {
        self.reason.is_some() || self.fresh_login_seconds.is_some() || self.mfa_serial().is_some()
    }

    /// Whether the STS request is signed with our own credentials.
    pub fn is_signed_by_us(&self) -> bool {
        matches!(self.via, Via::AssumeRole { .. } | Via::RootTask { .. })
    }

    /// Whether people who sign in at this IdP may have to enter an MFA code for the grant.
    pub fn wants_code_at(&self, idp: &str) -> bool {
        let is_for = self.idp.as_deref().is_none_or(|id| id == idp);
        is_for && self.mfa_serial().is_some()
    }

    /// The MFA device, if the person must enter its code.
    pub fn mfa_serial(&self) -> Option<&MfaSerial> {
        match &self.via {
            Via::AssumeRole { mfa_serial, .. } | Via::SessionToken { mfa_serial } => {
                mfa_serial.as_ref()
            }
            Via::Chain { .. } | Via::WebIdentity | Via::FederationToken | Via::RootTask { .. } => {
                None
            }
        }
    }

    /// Whether the STS request is signed with an IAM user's keys.
    pub fn is_of_user(&self) -> bool {
        matches!(self.via, Via::FederationToken | Via::SessionToken { .. })
    }

    /// Whether the STS operation accepts session policies.
    fn takes_policies(&self) -> bool {
        self.names_sessions()
    }

    /// The root task, if the grant is for one.
    pub fn root_task(&self) -> Option<RootTask> {
        match self.via {
            Via::RootTask { task } => Some(task),
            _ => None,
        }
    }

    /// The role that the chain starts from, if the grant is a chain.
    pub fn hub(&self) -> Option<&RoleArn> {
        match &self.via {
            Via::Chain { hub, .. } => Some(hub),
            _ => None,
        }
    }

    /// Whether people cannot choose a session policy, because the grant has one or the STS
    /// operation accepts none.
    pub fn fixes_policy(&self) -> bool {
        self.policy.is_some() || !self.takes_policies()
    }

    /// Distinguishes grants that provide different credentials for the same principal. Grants for a
    /// federated user differ by name, because each has its own policy. Grants for a session of an
    /// IAM user differ by MFA device, and grants for a root user differ by task.
    ///
    /// If several grants provide the same credentials, only the first one applies. Otherwise a
    /// person could bypass the requirements of the first grant by using another.
    pub fn variant(&self) -> Option<String> {
        match &self.via {
            Via::AssumeRole { .. } | Via::Chain { .. } | Via::WebIdentity => None,
            Via::FederationToken => Some(format!("federation-token {}", self.name)),
            Via::SessionToken { mfa_serial } => Some(format!(
                "session-token {:?}",
                mfa_serial.as_ref().map(MfaSerial::as_str)
            )),
            Via::RootTask { task } => Some(task.name().to_owned()),
        }
    }

    /// The name shown in the list of roles: for a role, its name; for a root user, the task; for an
    /// IAM user, the grant's name, because people do not know the names of IAM users.
    pub fn label(&self, of: &PrincipalArn) -> String {
        match self.via {
            Via::FederationToken | Via::SessionToken { .. } => self.name.clone(),
            Via::RootTask { task } => task.name().to_owned(),
            Via::AssumeRole { .. } | Via::Chain { .. } | Via::WebIdentity => of.name().to_owned(),
        }
    }

    /// The maximum lifetime of the credentials, if it is known without calling AWS. Role chaining
    /// is limited to one hour (IAM User Guide, "Role chaining").
    pub fn longest(&self) -> Option<TokenDuration> {
        let hour = TokenDuration::from(SessionDuration::HOUR);
        match &self.via {
            Via::AssumeRole { .. }
            | Via::WebIdentity
            | Via::FederationToken
            | Via::SessionToken { .. } => self.max_duration,
            Via::Chain { .. } => Some(self.max_duration.unwrap_or(hour).min(hour)),
            Via::RootTask { .. } => Some(AssumeRoot::DURATION),
        }
    }

    fn contexts(&self) -> &[Context] {
        match &self.via {
            Via::AssumeRole { contexts, .. } => contexts,
            _ => &[],
        }
    }

    /// The names of the attributes that the grant uses. Other attributes need not be stored.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let session_name = Some(&self.session_name).filter(|_| self.names_sessions());
        let templates = [session_name, self.source_identity.as_ref()];
        let templates = templates.into_iter().flatten();
        let templates = templates.chain(self.tags.iter().map(|(_, template)| template));
        let contexts = self.contexts().iter().map(|context| &context.assertion);
        let templates = templates.chain(contexts);
        let conditions = self.when.iter().map(Condition::attribute);
        conditions.chain(templates.flat_map(Template::attributes))
    }

    /// Whether the STS operation accepts a session name.
    pub fn names_sessions(&self) -> bool {
        !matches!(self.via, Via::SessionToken { .. } | Via::RootTask { .. })
    }

    /// The session name, checked against the limits of the grant's STS operation.
    fn session_name(&self, text: String) -> Result<RoleSessionName, SessionParametersError> {
        if self.via == Via::FederationToken
            && let Err(error) = text.parse::<FederatedName>()
        {
            return Err(SessionParametersError::FederatedName { text, error });
        }
        text.parse()
            .map_err(|error| SessionParametersError::SessionName { text, error })
    }

    /// The data about the person that we send to AWS. In the tag for `reason`, invalid characters
    /// are replaced, and a value that is too long is truncated. Other invalid values are errors.
    pub fn session_parameters(
        &self,
        facts: &Facts<'_>,
        reason: Option<&str>,
    ) -> Result<SessionParameters, SessionParametersError> {
        let rendered = |of: &str, template: &Template| {
            template
                .render(facts)
                .map_err(|error| SessionParametersError::Template {
                    of: of.to_owned(),
                    error,
                })
        };
        if !self.names_sessions() {
            return Ok(SessionParameters::default());
        }
        let session_name = self.session_name(rendered("session_name", &self.session_name)?)?;
        let source_identity = self.source_identity.as_ref().map(|template| {
            let text = rendered("source_identity", template)?;
            text.parse()
                .map_err(|error| SessionParametersError::SourceIdentity { text, error })
        });
        let tag = |key: &TagKey, text: String| match text.parse::<TagValue>() {
            Ok(value) => Ok((key.clone(), value)),
            Err(error) => Err(SessionParametersError::Tag {
                key: key.to_string(),
                text,
                error,
            }),
        };
        let tags = self.tags.iter().map(|(key, template)| {
            let text = rendered(&format!("tags.{key}"), template)?;
            tag(key, text)
        });
        let mut tags = tags.collect::<Result<Vec<_>, _>>()?;
        let key = self.reason.as_ref().and_then(|reason| reason.tag.as_ref());
        if let (Some(key), Some(reason)) = (key, reason) {
            // The tag may differ from the reason that the person entered. The audit trail contains
            // the exact reason.
            tags.push((key.clone(), TagValue::nearest(reason)));
        }
        let contexts = self.contexts().iter().map(|context| {
            Ok(ProvidedContext {
                provider_arn: context.provider_arn.clone(),
                assertion: rendered("provided_contexts", &context.assertion)?,
            })
        });
        Ok(SessionParameters {
            contexts: contexts.collect::<Result<_, _>>()?,
            session_name: Some(session_name),
            source_identity: source_identity.transpose()?,
            tags,
            transitive_tags: self.transitive_tags.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
