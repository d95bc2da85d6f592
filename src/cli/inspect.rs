//! `rolecall inspect`.

mod aws;
mod grants;
mod input;
mod report;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use clap::Args;

use self::report::Report;
use super::{ConfigFile, Failure, logging};
use crate::clock::Clock;
use crate::config::Limit;
use crate::grant::Grant;
use crate::saml::ServiceProvider;
use crate::saml::inspection::{Bench, Inspection};

/// What `rolecall inspect` takes.
#[derive(Args, Debug)]
pub(super) struct Inspect {
    /// The message: as XML, as base64, or as the form that the browser posted (SAMLResponse=…); - is
    /// standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Hold it against the checks of the service with this configuration; ROLECALL_… variables win
    /// over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The id of the identity provider that it should be from; the one that it names, if not given
    #[arg(long, value_name = "ID", requires = "config")]
    idp: Option<String>,
    /// The moment to judge it at: an RFC 3339 time, or `issued`, the one at which it was issued
    #[arg(long, value_name = "TIME", default_value = "now")]
    at: Moment,
    /// Print the values of all attributes and the message itself. For five minutes from its issuance
    /// a message opens AWS for whoever reads it
    #[arg(long)]
    show_secrets: bool,
}

/// The service that a message is held against.
struct Service {
    sp: ServiceProvider,
    /// The largest body that it reads.
    body_bytes: Limit,
    /// The grants of the configuration.
    grants: Vec<Grant>,
}

/// When a message is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Now,
    Issued,
    At(DateTime<Utc>),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" => Ok(Self::Now),
            "issued" => Ok(Self::Issued),
            time => DateTime::parse_from_rfc3339(time)
                .map(|time| Self::At(time.to_utc()))
                .map_err(|_| {
                    "neither `now`, `issued` nor a time such as 2026-03-02T08:00:00Z".to_owned()
                }),
        }
    }
}

impl Inspect {
    /// Prints what there is to say about a message.
    ///
    /// # Errors
    /// If there is no message, if the configuration is no good, and if a check refuses the message:
    /// then the report is printed all the same.
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
                    failure.hint("--at issued judges it as of the moment at which it was issued")
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
        let sp = ServiceProvider::from_config(&config)?;
        actix_web::rt::System::new().block_on(sp.look(Clock::system().now()));
        if let Some(id) = &self.idp
            && sp.idp(id).is_none()
        {
            let known: Vec<_> = sp.idps().iter().map(|idp| idp.id.as_str()).collect();
            return Err(
                Failure::new(format!("there is no [[idp]] with the id {id:?}"))
                    .hint(format!("there is {}", known.join(", "))),
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
            // Where it does not say so, the report tells why it cannot be read.
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
    // Years of four digits only: calendars end, and a clock may be off.
    let time = DateTime::parse_from_rfc3339(&assertion.or(summary.issue_instant)?);
    time.ok().map(|time| time.to_utc())
}
