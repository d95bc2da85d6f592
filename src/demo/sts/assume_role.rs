//! AssumeRole (STS API reference), called by an IAM user or, in role chaining, by a role session.

use std::sync::Arc;

use chrono::{SubsecRound as _, TimeDelta};

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::{Parameters, pattern, second_factor};
use super::policy::SessionPolicies;
use super::session::{Seconds, seconds};
use super::tags;
use crate::aws::attribute::{RoleSessionName, SourceIdentity};
use crate::aws::sts::ExternalId;
use crate::demo::credentials::{IssuedCredentials, Origin, Session};
use crate::demo::role::Role;

/// The maximum lifetime of credentials from role chaining, in seconds.
pub(super) const CHAINED_SECONDS: i64 = 3600;
pub(super) const MAX_CONTEXTS: usize = 5;

#[derive(Debug)]
pub struct AssumedRole {
    pub credentials: Arc<IssuedCredentials>,
    pub packed_policy_size: Option<usize>,
}

impl Sts {
    pub(super) fn assume_role(
        &self,
        parameters: &Parameters,
        caller: &Caller,
    ) -> Result<AssumedRole, Fault> {
        let now = self.clock.now();
        let request = Request::read(parameters)?;
        let may_not = |action: &str| Fault::not_authorized(&caller.arn(), action, request.role_arn);
        let role = self.roles.get(request.role_arn);
        let role = role
            .filter(|role| trusts(role, caller, &request))
            .ok_or_else(|| may_not("sts:AssumeRole"))?;
        has_second_factor(role, caller, &request)
            .ok_or_else(Fault::mfa)?
            .then_some(())
            .ok_or_else(|| may_not("sts:AssumeRole"))?;
        let calling = match caller {
            Caller::Session(credentials) => Some(&credentials.session),
            Caller::User(_) => None,
        };
        within_maximum(role, calling, &request)?;
        if !request.tags.is_empty() && !role.trust.allows_tags {
            return Err(may_not("sts:TagSession"));
        }
        let (tags, transitive_tags) = all_tags(&request, calling)?;
        let source_identity =
            source_identity(&request, calling).ok_or_else(|| may_not("sts:SetSourceIdentity"))?;
        if source_identity.is_some() && !role.trust.allows_source_identity {
            return Err(may_not("sts:SetSourceIdentity"));
        }
        let packed_policy_size = request.policies.packed_size(&tags)?;
        let origin = match caller {
            Caller::User(_) => Origin::AssumeRole,
            Caller::Session(_) => Origin::RoleChaining,
        };
        let session = Session {
            source_identity,
            tags,
            transitive_tags,
            ..role.session(request.session_name.to_owned(), origin)
        };
        let expires = (now + TimeDelta::seconds(request.seconds)).trunc_subsecs(0);
        let credentials = self.register.issue(session, expires);
        Ok(AssumedRole {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            packed_policy_size,
        })
    }
}

/// Whether the request satisfies the role's MFA requirement. `None` if the request contains a
/// serial number and a code that are not valid for the caller.
fn has_second_factor(role: &Role, caller: &Caller, request: &Request<'_>) -> Option<bool> {
    let Some((serial, code)) = request.mfa else {
        return Some(!role.trust.wants_mfa);
    };
    let is_right = match caller {
        Caller::User(user) => user.has_second_factor(serial, code),
        Caller::Session(_) => false,
    };
    is_right.then_some(true)
}

/// Whether the role's trust policy allows the request. The result contains no reason, because AWS's
/// error does not reveal one either.
fn trusts(role: &Role, caller: &Caller, request: &Request<'_>) -> bool {
    let trust = &role.trust;
    let external_id = trust.external_id.as_deref();
    !trust.denies
        && trust.principals.contains(&caller.principal())
        && external_id.is_none_or(|id| request.external_id == Some(id))
}

fn within_maximum(
    role: &Role,
    calling: Option<&Session>,
    request: &Request<'_>,
) -> Result<(), Fault> {
    if calling.is_some() && request.seconds > CHAINED_SECONDS {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining",
        ));
    }
    if request.seconds > role.max_session_seconds {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(())
}

type Tags = (Vec<(String, String)>, Vec<String>);

/// The tags of the new session: the requested tags, and the transitive tags of the calling session.
/// A request cannot override transitive tags.
fn all_tags(request: &Request<'_>, calling: Option<&Session>) -> Result<Tags, Fault> {
    let mut tags: Vec<(String, String)> = request.tags.clone();
    let mut transitive = request.transitive_tags.clone();
    for (key, value) in calling.iter().flat_map(|session| &session.tags) {
        let session_keys = calling.map(|session| session.transitive_tags.as_slice());
        if !session_keys.unwrap_or_default().contains(key) {
            continue;
        }
        let is_same = |(known, _): &(String, String)| known.to_lowercase() == key.to_lowercase();
        if tags.iter().any(is_same) {
            return Err(Fault::invalid_parameter_value(
                "One of the specified transitive tag keys can't be set because it conflicts with a \
                 transitive tag key from the calling session.",
            ));
        }
        tags.push((key.clone(), value.clone()));
        transitive.push(key.clone());
    }
    if tags.len() > tags::MAXIMUM {
        return Err(Fault::invalid_parameter_value(
            "The session would have more than 50 tags.",
        ));
    }
    Ok((tags, transitive))
}

/// The source identity of the new session, if the session has one. In a role chain, the source
/// identity must stay the same: the outer `Option` is `None` if the request tries to change it.
#[expect(
    clippy::option_option,
    reason = "the outer `None` is a refusal, the inner one a session without a source identity"
)]
fn source_identity(request: &Request<'_>, calling: Option<&Session>) -> Option<Option<String>> {
    let kept = calling.and_then(|session| session.source_identity.as_deref());
    match (kept, request.source_identity) {
        (Some(kept), Some(wanted)) if kept != wanted => None,
        (kept, wanted) => Some(kept.or(wanted).map(str::to_owned)),
    }
}

struct Request<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    seconds: i64,
    policies: SessionPolicies<'a>,
    tags: Vec<(String, String)>,
    transitive_tags: Vec<String>,
    source_identity: Option<&'a str>,
    external_id: Option<&'a str>,
    mfa: Option<(&'a str, &'a str)>,
}

impl<'a> Request<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, Fault> {
        let tags = tags::of_request(parameters)?;
        let transitive_tags = parameters.members("TransitiveTagKeys");
        let is_tag = |key: &&str| tags.iter().any(|(known, _)| known == key);
        if !transitive_tags.iter().all(is_tag) {
            return Err(Fault::invalid_parameter_value(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let session_name = parameters.required("RoleSessionName", "roleSessionName", 2, 64)?;
        let name = "[\\w+=,.@-]*";
        pattern::<RoleSessionName>(Some(session_name), "roleSessionName", name)?;
        let source_identity = parameters.find("SourceIdentity");
        pattern::<SourceIdentity>(source_identity, "sourceIdentity", name)?;
        let external_id = parameters.find("ExternalId");
        pattern::<ExternalId>(external_id, "externalId", "[\\w+=,.@:\\/-]*")?;
        contexts(parameters)?;
        Ok(Self {
            role_arn: parameters.required("RoleArn", "roleArn", 20, 2048)?,
            session_name,
            seconds: seconds(parameters, Seconds::OF_ROLES)?,
            policies: SessionPolicies::read(parameters)?,
            tags,
            transitive_tags: transitive_tags.into_iter().map(str::to_owned).collect(),
            source_identity,
            external_id,
            mfa: second_factor(parameters)?,
        })
    }
}

/// Checks only how many contexts there are and how long their values are, because the embedded AWS
/// contains no context provider that could verify them.
fn contexts(parameters: &Parameters) -> Result<(), Fault> {
    let providers = parameters.list("ProvidedContexts", "ProviderArn");
    let assertions = parameters.list("ProvidedContexts", "ContextAssertion");
    if providers.len() != assertions.len() || providers.len() > MAX_CONTEXTS {
        let constraint = format!("have length less than or equal to {MAX_CONTEXTS}");
        return Err(Fault::constraint(
            "'[...]'",
            "providedContexts",
            &constraint,
        ));
    }
    for (provider, assertion) in providers.into_iter().zip(assertions) {
        super::parameters::length(provider, "providedContexts.1.member.providerArn", 20, 2048)?;
        super::parameters::length(
            assertion,
            "providedContexts.1.member.contextAssertion",
            4,
            2048,
        )?;
    }
    Ok(())
}
