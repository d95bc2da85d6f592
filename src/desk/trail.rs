//! Builds and writes the desk's audit lines. Here, roles include IAM users and root users.

use super::decision::Decision;
use super::granted::{Hub, Obtained};
use super::newest::Basis;
use super::{Asker, DeskError, RoleRequest, Tool};
use crate::audit::{AuditError, Event, Origin, Role};
use crate::aws::entitlement::{self, NotEntitled, Through};
use crate::aws::sts::RootTask;
use crate::grant::Grant;
use crate::printable::{printable, reason};
use crate::state::State;

/// The maximum number of characters of a requested ARN in audit lines and on pages. In audit lines,
/// the maximum also applies to a reason and to a requested SAML provider or grant.
pub const MAX_ARN: usize = 256;
/// The maximum number of characters of a requested session policy ID in an audit line.
const MAX_POLICY: usize = 64;

/// Proof that an audit line was written. The desk returns no credentials without this proof.
#[derive(Debug)]
pub struct Recorded(());

impl Recorded {
    /// A proof without an audit line, for page tests.
    #[cfg(test)]
    pub(super) fn not_really() -> Self {
        Self(())
    }
}

/// Writes an audit line. The line contains the digest of the rules under which the desk decided.
pub(super) async fn record(
    state: &State,
    event: &Event,
    asker: &Asker<'_>,
    basis: &Basis,
) -> Result<Recorded, AuditError> {
    let origin = Origin {
        rules: basis.rules.digest().as_str(),
        ..*asker.origin()
    };
    let now = state.clock.now();
    let who = asker.who();
    state.audit.record(now, event, &who, &origin).await?;
    Ok(Recorded(()))
}

/// Describes the role that AWS issued credentials for.
pub(super) fn issued(
    basis: &Basis,
    request: &RoleRequest,
    decision: &Decision,
    obtained: &Obtained,
) -> Role {
    let Decision { role, call, .. } = decision;
    let Obtained { issued, hub } = obtained;
    let grant = basis.rules.grant_of(role);
    let provider = match &role.through {
        Through::ProviderArn(arn) => Some(arn.to_string()),
        Through::Grant(_) => None,
    };
    let hub_request_id = hub.as_ref().and_then(Hub::sts_request_id);
    Role {
        role_arn: role.arn.to_string(),
        provider_arn: provider,
        grant: grant.map(|grant| grant.name.clone()),
        via: grant.map(|grant| grant.via.name()),
        root_task: grant.and_then(Grant::root_task).map(RootTask::name),
        hub_role_arn: hub.as_ref().map(|hub| hub.arn.to_string()),
        hub_sts_request_id: hub_request_id.map(str::to_owned),
        reason: decision.reason.as_deref().map(shown),
        session_name: call
            .parameters
            .session_name
            .as_ref()
            .map(ToString::to_string),
        source_identity: issued.source_identity.clone(),
        session_policy: request.policy.clone(),
        duration_seconds: Some(issued.duration_seconds),
        sts_request_id: issued.request_id.clone(),
    }
}

/// The event for a refused or failed request for credentials or for a console sign-in.
pub(super) fn refused(
    asker: &Asker<'_>,
    basis: &Basis,
    request: &RoleRequest,
    action: &'static str,
    error: &DeskError,
) -> Event {
    Event::RoleRefused {
        action,
        code: error.code().to_owned(),
        detail: reason(error),
        role: asked_for(asker, basis, request, error.sts_request_id()),
    }
}

/// The event for a tool request that succeeded, failed or was refused.
pub(super) fn tool_used(
    asker: &Asker<'_>,
    basis: &Basis,
    request: &RoleRequest,
    tool: &Tool<'_>,
    error: Option<&DeskError>,
) -> Event {
    let sts_request_id = error.and_then(DeskError::sts_request_id);
    Event::ToolUsed {
        tool: tool.name(),
        access_key_id: tool.access_key_id().map(str::to_owned),
        code: error.map(|error| error.code().to_owned()),
        detail: error.map(|error| reason(error)),
        role: asked_for(asker, basis, request, sts_request_id),
    }
}

/// Describes the requested role. If the person has the role, the description includes the provider
/// or grant and, for a grant, values from its configuration. If not, the description contains only
/// values from the request and the assertion.
fn asked_for(
    asker: &Asker<'_>,
    basis: &Basis,
    request: &RoleRequest,
    sts_request_id: Option<&str>,
) -> Role {
    let entitlements = basis.rights.entitlements();
    let role = entitlements.find(&request.role_arn, request.through.as_deref());
    let (provider_arn, grant) = through(role.as_ref().copied(), request);
    let known = role.as_ref().ok();
    let known = known.and_then(|role| basis.rules.grant_of(role));
    Role {
        role_arn: shown(&request.role_arn),
        provider_arn,
        via: known.map(|grant| grant.via.name()),
        root_task: known.and_then(Grant::root_task).map(RootTask::name),
        hub_role_arn: known.and_then(Grant::hub).map(ToString::to_string),
        hub_sts_request_id: None,
        reason: known
            .and_then(|grant| grant.reason.as_ref())
            .and(request.reason())
            .map(|reason| shown(&reason)),
        grant,
        session_name: session_name(asker, basis, role.ok()),
        source_identity: None,
        session_policy: request.policy.as_ref().map(|id| printable(id, MAX_POLICY)),
        duration_seconds: request.duration_seconds,
        sts_request_id: sts_request_id.map(str::to_owned),
    }
}

/// The ARN of the SAML provider, or the name of the grant, that provides the role. If the person
/// does not have the role, the ARN or name comes from the request.
fn through(
    role: Result<&entitlement::Role, &NotEntitled>,
    request: &RoleRequest,
) -> (Option<String>, Option<String>) {
    let named = match role {
        Ok(role) => Some(role.through.as_str().to_owned()),
        Err(_) => request.through.as_deref().map(shown),
    };
    match named {
        Some(word) if word.starts_with("arn:") => (Some(word), None),
        word => (None, word),
    }
}

/// The session name for the audit line: the name that AWS gets for this role or, if the person does
/// not have the role, the name in the assertion.
fn session_name(
    asker: &Asker<'_>,
    basis: &Basis,
    role: Option<&entitlement::Role>,
) -> Option<String> {
    let session = asker.session();
    let name = match role {
        Some(role) => {
            let parameters = basis.rules.session_parameters(&basis.rights, session, role);
            parameters
                .ok()
                .and_then(|parameters| parameters.session_name)
        }
        None => session.aws.session_name.clone(),
    };
    name.map(|name| name.to_string())
}

fn shown(text: &str) -> String {
    printable(text, MAX_ARN)
}
