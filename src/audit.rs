//! The audit trail: one JSON line an event.
//!
//! An event never holds an assertion, a credential, a sign-in URL or a cookie. Sessions appear
//! under a name derived from their secret, so that their lines can be joined and nothing more.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use thiserror::Error;

use crate::aws::attribute::Dropped;
use crate::saml::Person;
use crate::saml::summary::Summary;

/// An audit trail that cannot be kept.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The file cannot be opened for appending.
    #[error("audit.file: cannot open {path}: {source}")]
    Open {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A line could not be written.
    #[error("the audit trail cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Where the lines go.
#[derive(Debug)]
enum Sink {
    StandardOutput,
    File(Mutex<File>),
}

/// The audit trail.
#[derive(Debug)]
pub struct Audit {
    sink: Sink,
}

/// Who asked, from where.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Origin<'a> {
    /// The request's ID, as the person sees it on error pages.
    pub request_id: &'a str,
    /// The address that the request comes from, as far as `http.trusted_proxies` are believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// User-Agent, cut to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<&'a str>,
    /// The session's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<&'a str>,
    /// The digest of the configuration that held for this request: the same at all nodes that have the
    /// same one.
    pub rules: &'a str,
}

impl<'a> Origin<'a> {
    /// The same, in the session of this name.
    #[must_use]
    pub fn in_session(self, session: Option<&'a str>) -> Self {
        Self { session, ..self }
    }
}

/// Who it is about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Who {
    /// The configured id of the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp: Option<String>,
    /// The subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_id: Option<String>,
}

impl From<&Person> for Who {
    fn from(person: &Person) -> Self {
        Self {
            idp: Some(person.idp.clone()),
            name_id: Some(person.name_id.clone()),
        }
    }
}

/// What became of a role.
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// The role's ARN, as asked for.
    pub role_arn: String,
    /// The SAML provider's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_arn: Option<String>,
    /// The grant of the configuration that gives the role, where it is not the assertion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// How the grant's credentials are had: `assume-role`, `chain`, `web-identity`, `federation-token`,
    /// `session-token` or `root-task`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<&'static str>,
    /// The task policy, of a root user's session: whoever watches the trail looks for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_task: Option<&'static str>,
    /// The role that a chain begins at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_role_arn: Option<String>,
    /// STS's ID of the request that gave that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_sts_request_id: Option<String>,
    /// Why, in the person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The role session name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The source identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The id of the session policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_policy: Option<String>,
    /// How long the credentials live, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
    /// STS's request ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts_request_id: Option<String>,
}

/// A value of an AWS attribute that was malformed.
#[derive(Clone, Debug, Serialize)]
pub struct DroppedValue {
    /// The attribute's name, made printable as the value.
    pub attribute: String,
    /// The value, cut to 200 characters.
    pub value: String,
    /// The name of the reason.
    pub reason: &'static str,
    /// The reason.
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

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A login became a session.
    LoginAccepted {
        /// Whether the IdP started it.
        unsolicited: bool,
        /// The assertion's ID.
        assertion_id: String,
        /// How many roles the person may use.
        roles: usize,
        /// The names of the grants that give some of them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        grants: Vec<String>,
        /// Values of AWS attributes that were malformed, at most 100.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<DroppedValue>,
        /// How many more there were.
        #[serde(skip_serializing_if = "is_zero")]
        dropped_beyond: usize,
    },
    /// A login was refused.
    LoginRefused {
        /// The check's name.
        check: &'static str,
        /// The reason: what the message says, and what was expected.
        detail: String,
        /// What the message says of itself, if it was one; nothing of it is known to be true.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Box<Summary>>,
    },
    /// Credentials were handed over.
    CredentialsIssued(Role),
    /// The browser was sent to the console.
    ConsoleOpened(Role),
    /// Credentials or console were refused.
    RoleRefused {
        /// What was asked for: `credentials` or `console`.
        action: &'static str,
        /// The error's code.
        code: String,
        /// The reason.
        detail: String,
        /// The role.
        #[serde(flatten)]
        role: Role,
    },
    /// AWS was asked something with a role.
    ToolUsed {
        /// The permission that it takes, such as `sts:DecodeAuthorizationMessage`.
        tool: &'static str,
        /// The access key that was asked about.
        #[serde(skip_serializing_if = "Option::is_none")]
        access_key_id: Option<String>,
        /// The error's code, where AWS did not answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// The role.
        #[serde(flatten)]
        role: Role,
    },
    /// A session was ended by its person.
    Logout,
    /// A session is over before its time, because of a change of the configuration.
    SessionEnded {
        /// Why: `idp_removed` or `idp_replaced`.
        cause: &'static str,
        /// The same in words.
        detail: String,
    },
    /// The configuration was read again and holds from now on: `rules` is its digest.
    RulesReloaded {
        /// The digest of the one before.
        before: String,
        /// Keys that have changed and need a restart.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        need_restart: Vec<&'static str>,
    },
    /// The IdP ended sessions of a person.
    LogoutByIdp {
        /// Which; all, if there are none.
        session_indexes: Vec<String>,
    },
    /// A logout message was refused.
    LogoutRefused {
        /// The check's name.
        check: &'static str,
        /// The reason.
        detail: String,
    },
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct Line<'a> {
    time: DateTime<Utc>,
    #[serde(flatten)]
    event: &'a Event,
    #[serde(flatten)]
    who: &'a Who,
    #[serde(flatten)]
    origin: &'a Origin<'a>,
}

impl Audit {
    /// To standard output.
    pub fn to_standard_output() -> Self {
        Self {
            sink: Sink::StandardOutput,
        }
    }

    /// Appends to a file, which only its owner may read.
    pub fn to_file(path: &Path) -> Result<Self, AuditError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| AuditError::Open {
            path: path.display().to_string(),
            source,
        })?;
        Ok(Self {
            sink: Sink::File(Mutex::new(file)),
        })
    }

    /// Writes one line. Whoever hands over credentials must not do so when this fails.
    pub fn record(
        &self,
        time: DateTime<Utc>,
        event: &Event,
        who: &Who,
        origin: &Origin<'_>,
    ) -> Result<(), AuditError> {
        let mut line = serde_json::to_vec(&Line {
            time,
            event,
            who,
            origin,
        })
        .map_err(io::Error::other)?;
        line.push(b'\n');
        match &self.sink {
            Sink::StandardOutput => {
                let mut output = io::stdout().lock();
                output.write_all(&line)?;
                output.flush()?;
            }
            // The file is opened for appending, and each line is one write: a poisoned lock
            // leaves nothing half done that the next line could not stand after.
            Sink::File(file) => {
                file.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .write_all(&line)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_is_named_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let error = Audit::to_file(folder.path()).unwrap_err().to_string();
        let named = format!("audit.file: cannot open {}: ", folder.path().display());
        assert!(error.starts_with(&named), "{error}");
    }
}
