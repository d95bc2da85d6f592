//! AssumeRoleWithSAML (STS API reference), for SAML providers that are registered with IAM.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

use super::Sts;
use super::assertion::Redeemed;
use super::fault::Fault;
use super::parameters::Parameters;
use super::policy::SessionPolicies;
use super::session::{Seconds, may, seconds};
use crate::demo::credentials::{IssuedCredentials, Origin, Session};
use crate::demo::role::Role;

const ACTION: &str = "sts:AssumeRoleWithSAML";
/// The maximum length of a base64 assertion, in characters.
pub(super) const MAX_ASSERTION: usize = 100_000;
/// The prefix of the names of roles that only IAM Identity Center may assume.
pub const RESERVED: &str = "AWSReservedSSO_";

#[derive(Debug)]
pub struct Assumed {
    pub credentials: Arc<IssuedCredentials>,
    pub issuer: String,
    pub audience: String,
    pub subject: String,
    pub subject_type: String,
    pub name_qualifier: String,
    pub packed_policy_size: Option<usize>,
}

impl Assumed {
    /// The expiration time of the credentials, such as `2026-01-31T12:00:00Z`.
    pub fn expiration(&self) -> String {
        self.credentials.expiration()
    }
}

impl Sts {
    pub(super) fn assume_role_with_saml(&self, parameters: &Parameters) -> Result<Assumed, Fault> {
        let now = self.clock.now();
        let request = Request::read(parameters)?;
        let provider = self
            .providers
            .get(request.principal_arn)
            .ok_or_else(|| Fault::invalid_identity_token("Specified provider doesn't exist"))?;
        let redeemed = provider.redeem(request.assertion, &self.audiences, now)?;
        let session_name = redeemed.values.session_name()?;
        let source_identity = redeemed.values.source_identity()?;
        let tags = redeemed.values.tags()?;
        let role = self.allowed_role(&request, &redeemed)?;
        may(role.trust.allows_tags || tags.is_empty(), "sts:TagSession")?;
        let sets_identity = role.trust.allows_source_identity || source_identity.is_none();
        may(sets_identity, "sts:SetSourceIdentity")?;
        let expires = expires(&request, role, &redeemed, now)?;
        let packed_policy_size = request.policies.packed_size(&tags)?;
        let session = Session {
            source_identity,
            tags,
            transitive_tags: redeemed.values.transitive_tags(),
            ..role.session(session_name, Origin::AssumeRoleWithSaml)
        };
        let credentials = self.register.issue(session, expires);
        Ok(Assumed {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            name_qualifier: name_qualifier(&redeemed.issuer, request.principal_arn),
            issuer: redeemed.issuer,
            audience: redeemed.recipient,
            subject: redeemed.subject,
            subject_type: redeemed.subject_type,
            packed_policy_size,
        })
    }

    /// The requested role, if it is in the assertion and its trust policy allows the request. As in
    /// AWS, the error does not reveal the reason.
    fn allowed_role(&self, request: &Request<'_>, redeemed: &Redeemed) -> Result<&Role, Fault> {
        let allowed = |role: &&Role| {
            let trust = &role.trust;
            redeemed
                .values
                .names_role(request.role_arn, request.principal_arn)
                && !trust.denies
                && !role.name.starts_with(RESERVED)
                && trust
                    .providers
                    .iter()
                    .any(|arn| arn == request.principal_arn)
                && trust.audiences.contains(&redeemed.recipient)
        };
        self.roles
            .get(request.role_arn)
            .filter(allowed)
            .ok_or_else(|| Fault::access_denied(ACTION))
    }
}

struct Request<'a> {
    role_arn: &'a str,
    principal_arn: &'a str,
    assertion: &'a str,
    seconds: i64,
    policies: SessionPolicies<'a>,
}

impl<'a> Request<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, Fault> {
        Ok(Self {
            role_arn: parameters.required("RoleArn", "roleArn", 20, 2048)?,
            principal_arn: parameters.required("PrincipalArn", "principalArn", 20, 2048)?,
            assertion: parameters.required("SAMLAssertion", "sAMLAssertion", 4, MAX_ASSERTION)?,
            seconds: seconds(parameters, Seconds::OF_ROLES)?,
            policies: SessionPolicies::read(parameters)?,
        })
    }
}

/// The expiration time of the credentials. SessionDuration and SessionNotOnOrAfter can only shorten
/// the requested duration. If that duration exceeds the role's maximum, the result is an error.
fn expires(
    request: &Request<'_>,
    role: &Role,
    redeemed: &Redeemed,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Fault> {
    if request.seconds > role.max_session_seconds {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let longest = redeemed
        .values
        .session_duration()?
        .unwrap_or(Seconds::OF_ROLES.max);
    let expires = now + TimeDelta::seconds(request.seconds.min(longest));
    let session_end = redeemed.session_end.unwrap_or(expires);
    Ok(expires.min(session_end).trunc_subsecs(0))
}

/// The NameQualifier: a hash of the issuer, the account and the provider's name. The API reference
/// defines it as `BASE64 ( SHA1 ( "https://example.com/saml" + "123456789012" + "/MySAMLIdP" ) )`.
fn name_qualifier(issuer: &str, provider_arn: &str) -> String {
    let account = provider_arn.split(':').nth(4).unwrap_or_default();
    let provider = provider_arn.rsplit('/').next().unwrap_or_default();
    let text = format!("{issuer}{account}/{provider}");
    STANDARD.encode(openssl::sha::sha1(text.as_bytes()))
}
