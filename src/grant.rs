//! Grants: roles that people have by the configuration and not by their assertion.
//!
//! A grant says who gets its roles (conditions over what the identity provider said), by which operation
//! of STS, and what AWS is told about the person (templates over the same).

pub mod condition;
pub mod facts;
pub mod template;

use crate::aws::arn::RoleArn;
use crate::aws::attribute::{
    AwsAttributes, RoleSessionName, SessionNameError, SourceIdentity, SourceIdentityError,
    TagError, TagKey, TagValue,
};
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::{ExternalId, MfaSerial, ProvidedContext};

pub use self::condition::Condition;
pub use self::facts::Facts;
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
    /// The roles.
    pub roles: Vec<RoleArn>,
    /// How they are assumed.
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
    pub max_duration: Option<SessionDuration>,
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
}

impl Via {
    /// Its name in the configuration and in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AssumeRole { .. } => "assume-role",
            Self::Chain { .. } => "chain",
            Self::WebIdentity => "web-identity",
        }
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
    pub fn new(name: &str, when: Vec<Condition>, roles: Vec<RoleArn>, via: Via) -> Self {
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

    /// The MFA device whose code the person types.
    pub fn mfa_serial(&self) -> Option<&MfaSerial> {
        match &self.via {
            Via::AssumeRole { mfa_serial, .. } => mfa_serial.as_ref(),
            Via::Chain { .. } | Via::WebIdentity => None,
        }
    }

    /// The longest that credentials of it live, as far as that is known without AWS: role chaining is
    /// good for an hour (IAM User Guide, "Role chaining").
    pub fn longest(&self) -> Option<SessionDuration> {
        match &self.via {
            Via::AssumeRole { .. } | Via::WebIdentity => self.max_duration,
            Via::Chain { .. } => {
                let longest = self.max_duration.unwrap_or(SessionDuration::HOUR);
                Some(longest.min(SessionDuration::HOUR))
            }
        }
    }

    fn contexts(&self) -> &[Context] {
        match &self.via {
            Via::AssumeRole { contexts, .. } => contexts,
            Via::Chain { .. } | Via::WebIdentity => &[],
        }
    }

    /// The names of the attributes that it looks at: the others need not be kept.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let templates = [Some(&self.session_name), self.source_identity.as_ref()];
        let templates = templates.into_iter().flatten();
        let templates = templates.chain(self.tags.iter().map(|(_, template)| template));
        let contexts = self.contexts().iter().map(|context| &context.assertion);
        let templates = templates.chain(contexts);
        let conditions = self.when.iter().map(Condition::attribute);
        conditions.chain(templates.flat_map(Template::attributes))
    }

    /// What AWS is told. Nothing is left out or cut: what does not do is refused.
    pub fn told(&self, facts: &Facts<'_>, reason: Option<&str>) -> Result<Told, ToldError> {
        let rendered = |of: &str, template: &Template| {
            template.render(facts).map_err(|error| ToldError::Template {
                of: of.to_owned(),
                error,
            })
        };
        let text = rendered("session_name", &self.session_name)?;
        let session_name = match text.parse() {
            Ok(name) => name,
            Err(error) => return Err(ToldError::SessionName { text, error }),
        };
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
