//! The roles in the embedded AWS, with the relevant parts of their trust policies.

use super::credentials::{Holder, Origin, Session, unique_id};

/// An IAM role in the embedded AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The partition, such as `aws` or `aws-cn`.
    pub partition: String,
    /// The account ID, twelve digits.
    pub account: String,
    /// The name, without a path.
    pub name: String,
    /// MaxSessionDuration, in seconds, 3600 to 43200.
    pub max_session_seconds: i64,
    /// Who may assume the role, and how.
    pub trust: TrustPolicy,
}

/// A role's trust policy, reduced to what the embedded STS checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each bool is a separate statement or condition"
)]
pub struct TrustPolicy {
    /// The ARNs of the SAML providers among the policy's principals.
    pub providers: Vec<String>,
    /// The values of `SAML:aud` that the policy allows: URLs of assertion consumer services.
    pub audiences: Vec<String>,
    /// Whether a statement denies everybody access.
    pub denies: bool,
    /// Whether the policy allows `sts:TagSession`.
    pub allows_tags: bool,
    /// Whether the policy allows `sts:SetSourceIdentity`.
    pub allows_source_identity: bool,
    /// The ARNs of the users and roles that may call AssumeRole.
    pub principals: Vec<String>,
    /// The OpenID Connect provider among the principals, with the subject that the policy allows.
    pub oidc: Option<OidcTrust>,
    /// The external ID that a condition requires.
    pub external_id: Option<String>,
    /// Whether a condition requires MFA.
    pub wants_mfa: bool,
}

/// A statement in a role's trust policy that allows tokens from an OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcTrust {
    /// The provider's ARN.
    pub provider_arn: String,
    /// The subject that a condition requires; `None` allows any subject.
    pub subject: Option<String>,
}

impl Role {
    /// A role with sessions of at most twelve hours. Its trust policy allows sign-ins at `acs_url`
    /// through the account's SAML provider `provider`. It also allows session tags and a source
    /// identity.
    pub fn new(partition: &str, account: &str, name: &str, provider: &str, acs_url: &str) -> Self {
        Self {
            partition: partition.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
            max_session_seconds: 43_200,
            trust: TrustPolicy {
                providers: vec![provider_arn(partition, account, provider)],
                audiences: vec![acs_url.to_owned()],
                denies: false,
                allows_tags: true,
                allows_source_identity: true,
                principals: Vec::new(),
                oidc: None,
                external_id: None,
                wants_mfa: false,
            },
        }
    }

    /// A role with sessions of at most twelve hours. Only the user or role with the ARN `principal`
    /// may assume it, optionally with session tags and a source identity.
    pub fn trusting(partition: &str, account: &str, name: &str, principal: &str) -> Self {
        let role = Self::new(partition, account, name, "", "");
        let trust = TrustPolicy {
            providers: Vec::new(),
            audiences: Vec::new(),
            principals: vec![principal.to_owned()],
            ..role.trust
        };
        Self { trust, ..role }
    }

    /// A session of this role with the session name `name`, without tags or a source identity.
    pub fn session(&self, name: String, origin: Origin) -> Session {
        Session {
            partition: self.partition.clone(),
            account: self.account.clone(),
            holder: Holder::Role {
                arn: self.arn(),
                name: self.name.clone(),
                id: unique_id("AROA", &self.arn()),
                session_name: name,
            },
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            origin,
        }
    }

    /// The role's ARN, `arn:PARTITION:iam::ACCOUNT:role/NAME`.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:role/{}",
            self.partition, self.account, self.name
        )
    }

    /// The value of the SAML attribute Role for this role and the first SAML provider in its trust
    /// policy.
    pub fn attribute_value(&self) -> String {
        let provider = self.trust.providers.first();
        format!(
            "{},{}",
            self.arn(),
            provider.map(String::as_str).unwrap_or_default()
        )
    }
}

/// The ARN of the SAML provider `name` in `account`.
pub fn provider_arn(partition: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:saml-provider/{name}")
}
