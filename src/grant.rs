//! Grants: roles that people have by the configuration and not by their assertion.
//!
//! A grant says who gets its roles (conditions over what the identity provider said), by which operation
//! of STS, and what AWS is told about the person (templates over the same).

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

/// Roles for those whom the conditions are met by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its name, no other's: in forms, in the audit trail, and for people.
    pub name: String,
    /// The configured id of the identity provider whose people get it; any, if there is none.
    pub idp: Option<String>,
    /// The conditions, all of which must hold.
    pub when: Vec<Condition>,
    /// The roles, the user or the root users: what `via` is about.
    pub roles: Vec<PrincipalArn>,
    /// How their credentials are had.
    pub via: Via,
    /// The session's name.
    pub session_name: Template,
    /// The source identity.
    pub source_identity: Option<Template>,
    /// The session tags, at most 50.
    pub tags: Vec<(TagKey, Template)>,
    /// The keys of those tags that go along to further roles.
    pub transitive_tags: Vec<TagKey>,
    /// What trust policies ask third parties for.
    pub external_id: Option<ExternalId>,
    /// What the sessions may do at most.
    pub policy: Option<SessionPolicy>,
    /// The longest that its credentials live.
    pub max_duration: Option<TokenDuration>,
    /// Whether the person has to say why, and where that goes.
    pub reason: Option<Reason>,
    /// How long ago the person may have signed in at the identity provider, in seconds.
    pub fresh_login_seconds: Option<u32>,
}

/// The operation of STS that gives the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// AssumeRole, with our own identity.
    AssumeRole {
        /// The MFA device of our identity, whose code the person types.
        mfa_serial: Option<MfaSerial>,
        /// Contexts that somebody else vouches for, at most five.
        contexts: Vec<Context>,
    },
    /// AssumeRole, with the credentials of another role of the person's, which nobody gets to see.
    Chain {
        /// That role.
        hub: RoleArn,
        /// Whether people may use it by itself as well.
        offers_hub: bool,
    },
    /// AssumeRoleWithWebIdentity, with a token of ours.
    WebIdentity,
    /// GetFederationToken, with an IAM user's keys.
    FederationToken,
    /// GetSessionToken, with an IAM user's keys.
    SessionToken {
        /// The MFA device of the user, whose code the person types.
        mfa_serial: Option<MfaSerial>,
    },
    /// AssumeRoot, with our own identity.
    RootTask {
        /// What for.
        task: RootTask,
    },
}

impl Via {
    /// Its name in the configuration and in the audit trail.
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

    /// Whether AWS signs the browser in to the console with such credentials (IAM User Guide, "Compare
    /// AWS STS credentials"). A root user's are for one task.
    pub fn has_console(&self) -> bool {
        !matches!(self, Self::SessionToken { .. } | Self::RootTask { .. })
    }
}

/// A context that somebody else vouches for (STS API reference, ProvidedContext).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The ARN of the context provider.
    pub provider_arn: String,
    /// What it says, signed by it.
    pub assertion: Template,
}

/// Why somebody uses a role, in their own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The key of the tag that it becomes, beside the audit trail.
    pub tag: Option<TagKey>,
}

/// What AWS is told of a person and a session of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The session's name; without one AWS refuses.
    pub session_name: Option<RoleSessionName>,
    /// The source identity.
    pub source_identity: Option<SourceIdentity>,
    /// The session tags.
    pub tags: Vec<(TagKey, TagValue)>,
    /// The keys of those that go along to further roles.
    pub transitive_tags: Vec<TagKey>,
    /// Contexts that somebody else vouches for.
    pub contexts: Vec<ProvidedContext>,
}

impl Told {
    /// The same in a chain: the source identity and the transitive tags of the session before stay (IAM
    /// User Guide, "Chaining roles with session tags").
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

    /// What AWS reads in an assertion by itself.
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

/// Why AWS cannot be told what a grant says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToldError {
    /// What the template needs is not there.
    #[error("{of}: {error}")]
    Template {
        /// The key of the configuration.
        of: String,
        /// The reason.
        error: TemplateError,
    },
    /// The session name that comes of it is none.
    #[error("session_name: {text:?} is {error}")]
    SessionName {
        /// What came of the template.
        text: String,
        /// The reason.
        error: SessionNameError,
    },
    /// The session name that comes of it is none for GetFederationToken, whose are shorter.
    #[error("session_name: {text:?} is {error}")]
    FederatedName {
        /// What came of the template.
        text: String,
        /// The reason.
        error: ValueError,
    },
    /// The source identity that comes of it is none.
    #[error("source_identity: {text:?} is {error}")]
    SourceIdentity {
        /// What came of the template.
        text: String,
        /// The reason.
        error: SourceIdentityError,
    },
    /// The value of a tag that comes of it is none.
    #[error("tags.{key}: {text:?} is {error}")]
    Tag {
        /// The tag's key.
        key: String,
        /// What came of the template.
        text: String,
        /// The reason.
        error: TagError,
    },
}

impl ToldError {
    /// There is no session name.
    pub fn no_session_name() -> Self {
        Self::Template {
            of: "session_name".to_owned(),
            error: TemplateError::Missing("RoleSessionName".to_owned()),
        }
    }
}

impl Grant {
    /// A grant that says no more than it must.
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

    /// Whether the person gets the roles.
    pub fn is_for(&self, facts: &Facts<'_>) -> bool {
        self.idp.as_deref().is_none_or(|idp| idp == facts.idp)
            && self
                .when
                .iter()
                .all(|condition| condition.holds(facts.attributes))
    }

    /// Whether the person has to do something before each use.
    pub fn asks_something(&self) -> bool {
        self.reason.is_some() || self.fresh_login_seconds.is_some() || self.mfa_serial().is_some()
    }

    /// Whether our own identity signs the request.
    pub fn is_signed_by_us(&self) -> bool {
        matches!(self.via, Via::AssumeRole { .. } | Via::RootTask { .. })
    }

    /// The MFA device whose code the person types.
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

    /// Whether it is about an IAM user's sessions.
    pub fn is_of_user(&self) -> bool {
        matches!(self.via, Via::FederationToken | Via::SessionToken { .. })
    }

    /// Whether AWS takes session policies.
    fn takes_policies(&self) -> bool {
        self.names_sessions()
    }

    /// The task of a root user that it is for.
    pub fn root_task(&self) -> Option<RootTask> {
        match self.via {
            Via::RootTask { task } => Some(task),
            _ => None,
        }
    }

    /// The role that it begins at.
    pub fn hub(&self) -> Option<&RoleArn> {
        match &self.via {
            Via::Chain { hub, .. } => Some(hub),
            _ => None,
        }
    }

    /// Whether nobody can choose a session policy: it has one, or AWS takes none.
    pub fn fixes_policy(&self) -> bool {
        self.policy.is_some() || !self.takes_policies()
    }

    /// What tells two grants of one principal apart, where the credentials differ: of a federated user the
    /// grant's own policies, of a user's session the second factor, of a root user the task. Of two grants
    /// that give the same, the first counts, or what it asks for could be gone around.
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

    /// What people see it as in the list. A user is nobody that they know, and a root user is there for
    /// one task.
    pub fn label(&self, of: &PrincipalArn) -> String {
        match self.via {
            Via::FederationToken | Via::SessionToken { .. } => self.name.clone(),
            Via::RootTask { task } => task.name().to_owned(),
            Via::AssumeRole { .. } | Via::Chain { .. } | Via::WebIdentity => of.name().to_owned(),
        }
    }

    /// The longest that credentials of it live, as far as that is known without AWS: role chaining is
    /// good for an hour (IAM User Guide, "Role chaining").
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

    /// The names of the attributes that it looks at: the others need not be kept.
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

    /// Whether AWS is told a name of the session.
    pub fn names_sessions(&self) -> bool {
        !matches!(self.via, Via::SessionToken { .. } | Via::RootTask { .. })
    }

    /// The session's name, as AWS takes it for this operation.
    fn session_name(&self, text: String) -> Result<RoleSessionName, ToldError> {
        if self.via == Via::FederationToken
            && let Err(error) = text.parse::<FederatedName>()
        {
            return Err(ToldError::FederatedName { text, error });
        }
        text.parse()
            .map_err(|error| ToldError::SessionName { text, error })
    }

    /// What AWS is told. Nothing is left out or cut: what does not do is refused.
    pub fn told(&self, facts: &Facts<'_>, reason: Option<&str>) -> Result<Told, ToldError> {
        let rendered = |of: &str, template: &Template| {
            template.render(facts).map_err(|error| ToldError::Template {
                of: of.to_owned(),
                error,
            })
        };
        if !self.names_sessions() {
            return Ok(Told::default());
        }
        let session_name = self.session_name(rendered("session_name", &self.session_name)?)?;
        let source_identity = self.source_identity.as_ref().map(|template| {
            let text = rendered("source_identity", template)?;
            text.parse()
                .map_err(|error| ToldError::SourceIdentity { text, error })
        });
        let tag = |key: &TagKey, text: String| match text.parse::<TagValue>() {
            Ok(value) => Ok((key.clone(), value)),
            Err(error) => Err(ToldError::Tag {
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
            // People write as they like, and the audit trail has it so.
            tags.push((key.clone(), TagValue::nearest(reason)));
        }
        let contexts = self.contexts().iter().map(|context| {
            Ok(ProvidedContext {
                provider_arn: context.provider_arn.clone(),
                assertion: rendered("provided_contexts", &context.assertion)?,
            })
        });
        Ok(Told {
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
