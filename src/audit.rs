//! The audit trail: one JSON line per event.
//!
//! An event never contains an assertion, a credential, a sign-in URL or a cookie. A session appears
//! under a name derived from its secret, which only serves to join its lines.

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

/// Why the audit trail cannot be written.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The file cannot be opened for appending.
    #[error("audit.file: cannot open {path}: {source}")]
    Open {
        /// The path of the file.
        path: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// A line could not be written.
    #[error("the audit trail cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Where the lines are written.
#[derive(Debug)]
enum Sink {
    StandardOutput,
    File(Mutex<File>),
}

/// The audit trail and its sink.
#[derive(Debug)]
pub struct Audit {
    sink: Sink,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Origin<'a> {
    /// The request's ID, which error pages show.
    pub request_id: &'a str,
    /// The client's address. Forwarded addresses count only from `http.trusted_proxies`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The User-Agent header, cut to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<&'a str>,
    /// The session's audit name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<&'a str>,
    /// The digest of the configuration in effect for this request. Nodes with the same
    /// configuration have the same digest.
    pub rules: &'a str,
}

impl<'a> Origin<'a> {
    /// The same origin, in the session with this name.
    #[must_use]
    pub fn in_session(self, session: Option<&'a str>) -> Self {
        Self { session, ..self }
    }
}

/// The person that the line is about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Who {
    /// The configured ID of the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp: Option<String>,
    /// The NameID of the subject.
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

/// The role that was requested, and what AWS issued for it.
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// The role's ARN, as requested.
    pub role_arn: String,
    /// The SAML provider's ARN, if the assertion gives the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_arn: Option<String>,
    /// The grant that gives the role, if the assertion does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// How the grant's credentials are obtained: `assume-role`, `chain`, `web-identity`,
    /// `federation-token`, `session-token` or `root-task`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<&'static str>,
    /// The task policy of a root user's session. Monitoring of the trail should look for this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_task: Option<&'static str>,
    /// The role that a chain begins at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_role_arn: Option<String>,
    /// STS's ID of the request that issued the hub's credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_sts_request_id: Option<String>,
    /// The reason, in the person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The role session name that AWS gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The source identity that STS returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The ID of the session policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_policy: Option<String>,
    /// The lifetime of the credentials, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
    /// STS's ID of the request for this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts_request_id: Option<String>,
}

/// A malformed value of an AWS attribute.
#[derive(Clone, Debug, Serialize)]
pub struct DroppedValue {
    /// The attribute's name, made printable like the value.
    pub attribute: String,
    /// The value, made printable and cut to 200 characters.
    pub value: String,
    /// The stable name of the reason.
    pub reason: &'static str,
    /// The reason in words.
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

/// What happened; one variant per event name.
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
        /// Malformed values of AWS attributes, at most 100.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<DroppedValue>,
        /// How many more malformed values there were.
        #[serde(skip_serializing_if = "is_zero")]
        dropped_beyond: usize,
    },
    /// A login was refused.
    LoginRefused {
        /// The stable name of the check that failed.
        check: &'static str,
        /// The reason: what the message says, and what was expected.
        detail: String,
        /// A summary of the message, if there was one. None of it is verified.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<Box<Summary>>,
    },
    /// Credentials were issued.
    CredentialsIssued(Role),
    /// The browser was sent to the AWS console.
    ConsoleOpened(Role),
    /// Credentials or a console sign-in were refused.
    RoleRefused {
        /// The requested action: `credentials` or `console`.
        action: &'static str,
        /// The stable code of the error.
        code: String,
        /// The reason in words.
        detail: String,
        /// The role that was requested.
        #[serde(flatten)]
        role: Role,
    },
    /// An AWS tool was called with a role.
    ToolUsed {
        /// The IAM permission that the call needs, such as `sts:DecodeAuthorizationMessage`.
        tool: &'static str,
        /// The access key that the question was about.
        #[serde(skip_serializing_if = "Option::is_none")]
        access_key_id: Option<String>,
        /// The stable code of the error, if the call failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The reason in words, if the call failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// The role that the call was made with.
        #[serde(flatten)]
        role: Role,
    },
    /// The person signed out.
    Logout,
    /// A change of the configuration ended a session early.
    SessionEnded {
        /// The cause: `idp_removed` or `idp_replaced`.
        cause: &'static str,
        /// The cause in words.
        detail: String,
    },
    /// A reload replaced the rules; `rules` is the digest of the new configuration.
    RulesReloaded {
        /// The digest of the previous configuration.
        before: String,
        /// Configuration keys that have changed and need a restart.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        need_restart: Vec<&'static str>,
    },
    /// An IdP ended sessions of a person.
    LogoutByIdp {
        /// The session indexes that the IdP named. If empty, all of the person's sessions ended.
        session_indexes: Vec<String>,
    },
    /// A logout message was refused.
    LogoutRefused {
        /// The stable name of the check that failed.
        check: &'static str,
        /// The reason in words.
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
    /// An audit trail on standard output.
    pub fn to_standard_output() -> Self {
        Self {
            sink: Sink::StandardOutput,
        }
    }

    /// An audit trail that appends to a file. A new file is readable only by its owner.
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

    /// Writes one line. If this fails, the caller must not issue credentials.
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
            // A poisoned lock is safe to use: the file is opened for appending and each line is one
            // write, so a panic leaves nothing half done that could spoil the next line.
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
    fn an_unopenable_file_is_reported_with_its_configuration_key() {
        let folder = tempfile::tempdir().unwrap();
        let error = Audit::to_file(folder.path()).unwrap_err().to_string();
        let named = format!("audit.file: cannot open {}: ", folder.path().display());
        assert!(error.starts_with(&named), "{error}");
    }
}
