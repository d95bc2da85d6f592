//! The audited events, and what an audit line says about their origin.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::aws::attribute::Dropped;
use crate::printable::shown;
use crate::saml::Person;
use crate::saml::summary::Summary;
use crate::tally::{Beyond, Kind};

/// What caused an audit line: a request with its client and its session, or a reload.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Origin<'a> {
    /// The request ID, which is also shown on error pages. A reload gets a new ID.
    pub request_id: &'a str,
    /// The client's IP address. A forwarded address is used only if the request comes from a proxy
    /// in `http.trusted_proxies`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The User-Agent header, made printable and truncated to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<&'a str>,
    /// The session's audit name. `None` outside a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<&'a str>,
    /// The digest of the configuration in effect (see [`Digest`](crate::config::Digest)).
    pub rules: &'a str,
}

impl<'a> Origin<'a> {
    /// Returns this origin without its client.
    #[must_use]
    pub fn of_nobody(self) -> Self {
        Self {
            ip: None,
            user_agent: None,
            session: None,
            ..self
        }
    }

    /// Returns this origin with `session` as the session's audit name.
    #[must_use]
    pub fn in_session(self, session: Option<&'a str>) -> Self {
        Self { session, ..self }
    }
}

/// The person that an audit line is about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Who {
    /// The configured ID of the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp: Option<String>,
    /// The value of the person's NameID, made printable and truncated to 256 characters.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown_name")]
    pub name_id: Option<String>,
    /// The value of the attribute that identifies the person (`idp.person_attribute`), made printable
    /// and truncated to 256 characters.
    #[serde(
        rename = "person",
        skip_serializing_if = "Option::is_none",
        serialize_with = "shown_name"
    )]
    pub stable_id: Option<String>,
}

#[expect(clippy::ref_option, reason = "the macro passes the field")]
fn shown_name<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().map(shown).serialize(serializer)
}

fn shown_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    shown(text).serialize(serializer)
}

fn shown_texts<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(|text| shown(text)))
}

impl From<&Person> for Who {
    fn from(person: &Person) -> Self {
        Self {
            idp: Some(person.idp.clone()),
            name_id: Some(person.name_id.clone()),
            stable_id: person.stable_id().map(str::to_owned),
        }
    }
}

/// The requested role, IAM user or root user. If the person got credentials or a sign-in URL, this
/// also contains the metadata of the credentials.
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// The requested ARN. Some grants provide an IAM user or a root user instead of a role.
    pub role_arn: String,
    /// The SAML provider's ARN, if the role comes from the assertion. If the person does not have
    /// the role, the ARN comes from the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_arn: Option<String>,
    /// The grant's name, if the role or user comes from a grant. If the person does not have the
    /// role or user, the name comes from the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// How the grant's credentials are obtained: `assume-role`, `chain`, `web-identity`,
    /// `federation-token`, `session-token` or `root-task`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<&'static str>,
    /// The name of the task policy, if the request is for an AssumeRoot session. Audit monitoring
    /// should alert on every line that contains this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_task: Option<&'static str>,
    /// The ARN of the hub, the first role in a chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_role_arn: Option<String>,
    /// The request ID from STS for the hub's credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_sts_request_id: Option<String>,
    /// The reason that the person entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The session name that AWS gets or, if the person does not have the requested role or user,
    /// the session name in the assertion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The source identity that STS returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The ID of the requested session policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_policy: Option<String>,
    /// The lifetime of the credentials, in seconds. In [`Event::RoleRefused`] and
    /// [`Event::ToolUsed`], the requested lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
    /// The request ID from STS for the credentials or, if an STS request failed, for that request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts_request_id: Option<String>,
}

/// A dropped value of an AWS attribute (see [`Dropped`]).
#[derive(Clone, Debug, Serialize)]
pub struct DroppedValue {
    /// The attribute's name, made printable and truncated to 200 characters.
    pub attribute: String,
    /// The value, made printable and truncated to 200 characters.
    pub value: String,
    /// The stable code of the reason for dropping the value.
    pub reason: &'static str,
    /// The reason as a human-readable message.
    pub detail: String,
}

impl From<&Dropped> for DroppedValue {
    fn from(dropped: &Dropped) -> Self {
        Self {
            attribute: dropped.attribute.clone(),
            value: dropped.value.clone(),
            reason: dropped.reason.name(),
            detail: dropped.reason.to_string(),
        }
    }
}

/// An audited event. Each variant has its own event name.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A person signed in and a session began.
    LoginAccepted {
        /// Whether the login was IdP-initiated.
        unsolicited: bool,
        /// The assertion's `ID` attribute.
        #[serde(serialize_with = "shown_text")]
        assertion_id: String,
        /// The number of roles, IAM users and root tasks that the person may use.
        roles: usize,
        /// The names of the grants that provide at least one of these roles, users or tasks, or the
        /// hub of a chain.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        grants: Vec<String>,
        /// The first 100 dropped values of AWS attributes.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<DroppedValue>,
        /// The number of dropped values that `dropped` does not list.
        #[serde(skip_serializing_if = "is_zero")]
        dropped_beyond: usize,
    },
    /// A login was refused or could not be completed.
    LoginRefused {
        /// The stable name of the check that failed, or the stable code of another error.
        check: &'static str,
        /// The reason as a human-readable message, if possible with the actual and the expected
        /// values.
        detail: String,
        /// A summary of the SAML response, if the request contained one. The summary is unverified.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Box<Summary>>,
    },
    /// Temporary credentials were issued to the person.
    CredentialsIssued(Role),
    /// A sign-in URL for the AWS console was issued.
    ConsoleOpened(Role),
    /// A request for credentials or for a console sign-in was refused or failed.
    RoleRefused {
        /// The requested action: `credentials` or `console`.
        action: &'static str,
        /// The stable code of the error.
        code: String,
        /// The reason as a human-readable message.
        detail: String,
        /// The requested role, IAM user or root user.
        #[serde(flatten)]
        role: Role,
    },
    /// A person used an AWS tool with a role, or tried to.
    ToolUsed {
        /// The IAM permission that the call needs, such as `sts:DecodeAuthorizationMessage`.
        tool: &'static str,
        /// The ID of the access key, if the tool looked up an access key.
        #[serde(skip_serializing_if = "Option::is_none")]
        access_key_id: Option<String>,
        /// The stable code of the error, if the call failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The reason as a human-readable message, if the call failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// The role that was requested for the call.
        #[serde(flatten)]
        role: Role,
    },
    /// The person signed out.
    Logout,
    /// A configuration change ended a session early.
    SessionEnded {
        /// The stable code of the cause: `idp_removed` or `idp_replaced`.
        cause: &'static str,
        /// The cause as a human-readable message.
        detail: String,
    },
    /// A reload replaced the rules. The `rules` field of this line is the digest of the new
    /// configuration.
    RulesReloaded {
        /// The digest of the previous configuration.
        before: String,
        /// The configuration keys with new values that take effect only after a restart.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        need_restart: Vec<&'static str>,
    },
    /// An IdP's LogoutRequest was processed: the sessions that it specifies have ended.
    LogoutByIdp {
        /// The session indexes in the LogoutRequest. If there are none, all of the person's
        /// sessions have ended.
        #[serde(serialize_with = "shown_texts")]
        session_indexes: Vec<String>,
    },
    /// A LogoutRequest or LogoutResponse was refused.
    LogoutRefused {
        /// The stable name of the check that failed, or the stable code of another error.
        check: &'static str,
        /// The reason as a human-readable message.
        detail: String,
    },
    /// Lines about refused logins and logouts that were not written, because one address caused too
    /// many of them within a minute.
    RefusalsUnwritten(Beyond),
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Event {
    /// The kind of a refusal that anybody can cause without being signed in; `None` for all other
    /// events.
    pub fn refusal(&self) -> Option<Kind> {
        let (event, check) = match self {
            Self::LoginRefused { check, .. } => ("login_refused", *check),
            Self::LogoutRefused { check, .. } => ("logout_refused", *check),
            _ => return None,
        };
        Some(Kind { event, check })
    }

    /// Whether the caller acts only once the line has been written: it hands something out, or puts
    /// new rules into effect. If such a line is not confirmed in time, nothing happens, so the line
    /// must not claim the opposite. All other lines report what has already happened.
    pub(super) fn precedes_its_effect(&self) -> bool {
        match self {
            Self::LoginAccepted { .. }
            | Self::CredentialsIssued(_)
            | Self::ConsoleOpened(_)
            | Self::RulesReloaded { .. } => true,
            Self::ToolUsed { code, .. } => code.is_none(),
            Self::LoginRefused { .. }
            | Self::RoleRefused { .. }
            | Self::Logout
            | Self::SessionEnded { .. }
            | Self::LogoutByIdp { .. }
            | Self::LogoutRefused { .. }
            | Self::RefusalsUnwritten(_) => false,
        }
    }
}

/// An audit line, without the fields that the writer adds.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub time: DateTime<Utc>,
    #[serde(flatten)]
    pub event: &'a Event,
    #[serde(flatten)]
    pub who: &'a Who,
    #[serde(flatten)]
    pub origin: &'a Origin<'a>,
}
