//! The details of a role: its source, requirements, session parameters and policies.

use crate::aws::entitlement::{Role, Through};
use crate::desk::Rights;
use crate::grant::{Grant, SessionParameters, Via};
use crate::session::Session;
use crate::web::context::Context;
use crate::web::view::{BehindView, FactView};

/// The view model of a role's details.
pub fn view(context: &Context, session: &Session, rights: &Rights, role: &Role) -> BehindView {
    let desk_rules = context.desk_rules();
    let grant = desk_rules.grant_of(role);
    let (parameters, problem) = match desk_rules.session_parameters(rights, session, role) {
        Ok(parameters) => (parameters, None),
        Err(error) => (
            SessionParameters::default(),
            Some(context.texts.session_parameters(&error)),
        ),
    };
    let policy = grant.and_then(|grant| grant.policy.as_ref());
    let arns = policy.map(|policy| policy.arns_for(role.partition, role.arn.account()));
    let task = grant.and_then(Grant::root_task);
    let task = task.map(|task| task.policy_arn(role.partition));
    let document = policy.and_then(|policy| policy.document().map(str::to_owned));
    BehindView {
        given_by: given_by(context, role, grant),
        asks: grant.map(|grant| asks(context, grant)).unwrap_or_default(),
        parameters: facts(context, &parameters),
        problem,
        policies: arns
            .into_iter()
            .flatten()
            .chain(document)
            .chain(task)
            .collect(),
    }
}

fn given_by(context: &Context, role: &Role, grant: Option<&Grant>) -> String {
    let with = |id, values: &[(&'static str, &str)]| {
        let values = values.iter().map(|(name, value)| (*name, (*value).into()));
        context.texts.with(id, &values.collect::<Vec<_>>())
    };
    match (&role.through, grant.map(|grant| &grant.via)) {
        (Through::ProviderArn(arn), _) => with("behind-assertion", &[("provider", arn.as_str())]),
        (Through::Grant(name), Some(Via::Chain { hub, .. })) => {
            with("behind-chain", &[("grant", name), ("hub", hub.as_str())])
        }
        (Through::Grant(name), Some(Via::WebIdentity)) => with("behind-token", &[("grant", name)]),
        (Through::Grant(name), Some(Via::FederationToken)) => with(
            "behind-federation",
            &[("grant", name), ("user", role.arn.name())],
        ),
        (Through::Grant(name), Some(Via::SessionToken { .. })) => {
            with("behind-user", &[("grant", name), ("user", role.arn.name())])
        }
        (Through::Grant(name), Some(Via::RootTask { .. })) => {
            with("behind-root", &[("grant", name)])
        }
        (Through::Grant(name), _) => with("behind-grant", &[("grant", name)]),
    }
}

/// Describes each of the grant's requirements in words.
pub fn asks(context: &Context, grant: &Grant) -> Vec<String> {
    let text = |id| context.texts.text(id).into_owned();
    let reason = grant.reason.as_ref().map(|_| text("behind-reason"));
    let code = grant.mfa_serial().map(|_| text("behind-code"));
    let fresh = grant.fresh_login_seconds.map(|seconds| {
        let duration = context.texts.duration(seconds);
        context
            .texts
            .with("behind-fresh", &[("duration", duration.into())])
    });
    [fresh, reason, code].into_iter().flatten().collect()
}

fn facts(context: &Context, parameters: &SessionParameters) -> Vec<FactView> {
    let fact = |id, value: &str| FactView {
        name: context.texts.text(id).into_owned(),
        value: value.to_owned(),
        is_transitive: false,
    };
    let name = parameters.session_name.as_ref();
    let identity = parameters.source_identity.as_ref();
    let tags = parameters.tags.iter().map(|(key, value)| FactView {
        name: format!("{} {key}", context.texts.text("me-tag")),
        value: value.to_string(),
        is_transitive: parameters.transitive_tags.contains(key),
    });
    let facts = [
        name.map(|name| fact("session-name", name.as_str())),
        identity.map(|identity| fact("me-source-identity", identity.as_str())),
    ];
    facts.into_iter().flatten().chain(tags).collect()
}
