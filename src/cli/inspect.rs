//! `rolecall inspect`: explains a SAML response.

mod aws;
mod grants;
mod input;
mod report;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use clap::Args;
use thiserror::Error;

use self::report::Report;
use super::{ConfigFile, Failure, logging};
use crate::clock::Clock;
use crate::config::Limit;
use crate::grant::Grant;
use crate::saml::ServiceProvider;
use crate::saml::inspection::{Bench, Inspection};

#[derive(Args, Debug)]
pub(super) struct Inspect {
    /// The message: XML, base64, or the form that the browser posted (SAMLResponse=…). Use - for
    /// standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check the message as a service with this configuration file would; ROLECALL_… environment
    /// variables override the file's settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The id of the identity provider to check the message against. By default, the message's
    /// issuer determines the identity provider
    #[arg(long, value_name = "ID", requires = "config")]
    idp: Option<String>,
    /// The time at which to check the message: `now`, `issued` (the time at which the message was
    /// issued), or an RFC 3339 time
    #[arg(long, value_name = "TIME", default_value = "now")]
    at: Moment,
    /// Print the values of all attributes, and the message itself. Anyone who sees the message
    /// within five minutes of its issuance can use it to access AWS
    #[arg(long)]
    show_secrets: bool,
}

/// The parts of a configured service that a message is checked against.
struct Service {
    sp: ServiceProvider,
    /// The maximum size of a request body with a message, in bytes (`limits.body_bytes`).
    body_bytes: Limit,
    /// All configured grants, in the order of the configuration.
    grants: Vec<Grant>,
}

/// The time at which a message is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Now,
    Issued,
    At(DateTime<Utc>),
}

/// The argument of `--at` is not a [`Moment`].
#[derive(Debug, Error)]
#[error("not `now`, `issued` or a time such as 2026-03-02T08:00:00Z")]
struct MomentError;

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        match text {
            "now" => Ok(Self::Now),
            "issued" => Ok(Self::Issued),
            time => DateTime::parse_from_rfc3339(time)
                .map(|time| Self::At(time.to_utc()))
                .map_err(|_| MomentError),
        }
    }
}

impl Inspect {
    /// Prints a report on a message.
    ///
    /// # Errors
    ///
    /// If the input cannot be read or contains no message, if the configuration is invalid or does
    /// not contain the identity provider in `--idp`, if the message fails a check, or if the report
    /// cannot be written. The report on a refused message is still printed.
    pub(super) fn run(&self) -> Result<(), Failure> {
        logging::human();
        let input = input::read(&self.file)?;
        let service = self.service()?;
        let report = self.report(&input, service.as_ref());
        io::stdout()
            .write_all(report.to_string().as_bytes())
            .map_err(|error| Failure::new(format!("cannot write the report: {error}")))?;
        match report.refused() {
            None => Ok(()),
            Some(checks) => {
                let failure = Failure::new(format!("refused: {checks}"));
                Err(if self.at == Moment::Now && report.is_late() {
                    failure.hint("use --at issued to check the message at the time it was issued")
                } else {
                    failure
                })
            }
        }
    }

    fn service(&self) -> Result<Option<Service>, Failure> {
        let Some(path) = &self.config else {
            return Ok(None);
        };
        let file = ConfigFile { path: path.clone() };
        let config = file.load()?;
        let now = Clock::system().now();
        let sp = ServiceProvider::from_config(&config, now)?;
        actix_web::rt::System::new().block_on(sp.look(now));
        if let Some(id) = &self.idp
            && sp.idp(id).is_none()
        {
            let known: Vec<_> = sp.idps().iter().map(|idp| idp.id.as_str()).collect();
            return Err(
                Failure::new(format!("there is no [[idp]] with the id {id:?}"))
                    .hint(format!("configured ids: {}", known.join(", "))),
            );
        }
        let body_bytes = config.limits.body_bytes;
        Ok(Some(Service {
            sp,
            body_bytes,
            grants: config.grants,
        }))
    }

    fn report(&self, input: &input::Input, service: Option<&Service>) -> Report {
        let now = match self.at {
            Moment::Now => Clock::system().now(),
            Moment::At(time) => time,
            // Without a valid IssueInstant, the time does not matter: the service refuses the
            // message.
            Moment::Issued => issued_at(&input.xml).unwrap_or_else(|| Clock::system().now()),
        };
        let bench = service.map(|service| Bench {
            sp: &service.sp,
            idp: self.idp.as_deref(),
            now,
        });
        let inspection = Inspection::of(&input.xml, bench);
        Report::new(input, &inspection, service, now, self.show_secrets)
    }
}

fn issued_at(xml: &str) -> Option<DateTime<Utc>> {
    let summary = Inspection::of(xml, None).summary?;
    let assertion = summary
        .assertion
        .and_then(|assertion| assertion.issue_instant);
    // RFC 3339 allows only four-digit years, so later calculations with the time cannot overflow.
    let time = DateTime::parse_from_rfc3339(&assertion.or(summary.issue_instant)?);
    time.ok().map(|time| time.to_utc())
}
