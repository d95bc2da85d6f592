//! The printed report of an inspection.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::input::Input;
use super::{Service, aws, grants};
use crate::printable::printable;
use crate::saml::Attribute;
use crate::saml::explanation::apart;
use crate::saml::inspection::{CheckResult, Inspection, Verdict};
use crate::saml::summary::{AssertionSummary, Summary};

/// The name of an attribute for AWS begins with one of these.
const AWS: [&str; 2] = [
    "https://aws.amazon.com/SAML/",
    "https://www.amazonaws.cn/SAML/",
];

/// The width of the column of names, in characters.
const WIDTH: usize = 19;

/// Whether this is the name of an attribute for AWS, whose values are not secret.
pub(super) fn is_for_aws(attribute: &str) -> bool {
    AWS.iter().any(|prefix| attribute.starts_with(prefix))
}

/// The number of values, which replaces values that are hidden.
pub(super) fn count(values: &[String]) -> String {
    let noun = if values.len() == 1 { "value" } else { "values" };
    format!("{} {noun}", values.len())
}

/// The lines of a report (including headings), and the names of the refusals that it lists.
#[derive(Debug)]
pub(super) struct Report {
    lines: Vec<String>,
    refused: Vec<&'static str>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|line| writeln!(f, "{}", printable(line, usize::MAX)))
    }
}

impl Report {
    /// The report on a message that is checked at `now`.
    pub(super) fn new(
        input: &Input,
        inspection: &Inspection,
        service: Option<&Service>,
        now: DateTime<Utc>,
        show_secrets: bool,
    ) -> Self {
        let mut report = Self {
            lines: Vec::new(),
            refused: Vec::new(),
        };
        if let Some(summary) = &inspection.summary {
            report.message(summary, now);
        }
        if let Some(reading) = &inspection.reading {
            report.attributes(&reading.attributes(), reading.left_out(), show_secrets);
        }
        report.checks(input, inspection, service, now);
        let acs_url = service.map(|service| service.sp.acs_url.as_str());
        report.heading("How AWS would respond, according to its documentation");
        report
            .lines
            .extend(aws::opinion(input, inspection, acs_url, now));
        let grants = service.map(|service| service.grants.as_slice());
        if let Some(configured @ [_, ..]) = grants {
            report.heading("Which grants apply");
            report
                .lines
                .extend(grants::opinion(configured, inspection, show_secrets));
        }
        if show_secrets {
            report.heading("The message itself");
            report
                .lines
                .extend(input.xml.lines().map(|line| printable(line, usize::MAX)));
        }
        report
    }

    /// The names of the refusals, separated by commas; `None` if every check passed.
    pub(super) fn refused(&self) -> Option<String> {
        (!self.refused.is_empty()).then(|| self.refused.join(", "))
    }

    /// Whether one of the reasons for the refusal is that the message is too old.
    pub(super) fn is_late(&self) -> bool {
        const LATE: [&str; 4] = [
            "issued_too_long_ago",
            "expired",
            "confirmation_expired",
            "session_ended",
        ];
        self.refused.iter().any(|name| LATE.contains(name))
    }

    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.lines.push(text.to_owned());
    }

    fn line(&mut self, name: &str, value: &str) {
        self.lines.push(format!("  {name:<WIDTH$}{value}"));
    }

    fn some(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.line(name, value);
        }
    }

    fn time(&mut self, name: &str, value: Option<&String>, now: DateTime<Utc>) {
        if let Some(value) = value {
            self.line(name, &format!("{value}{}", apart(value, now)));
        }
    }

    fn message(&mut self, summary: &Summary, now: DateTime<Utc>) {
        self.heading(&format!("Contents of the {}", summary.root));
        self.some("id", summary.id.as_ref());
        self.some("issuer", summary.issuer.as_ref());
        self.time("issued", summary.issue_instant.as_ref(), now);
        self.some("destination", summary.destination.as_ref());
        self.some("in response to", summary.in_response_to.as_ref());
        if !summary.status.is_empty() {
            self.line("status", &summary.status.join(", "));
        }
        if summary.signatures.is_empty() && summary.encryption.is_none() {
            self.line("signature", "none");
        }
        for signature in &summary.signatures {
            let text = format!(
                "of the {}: {}, digest {}, {}",
                signature.of, signature.method, signature.digest, signature.canonicalization
            );
            self.line("signature", &text);
            for certificate in &signature.certificates {
                self.line("", &format!("contains the certificate {certificate}"));
            }
        }
        if let Some(encryption) = &summary.encryption {
            let text = format!("{}, {}", encryption.cipher, encryption.key_transport);
            self.line("encryption", &text);
        }
        match &summary.assertion {
            Some(assertion) => self.assertion(assertion, now),
            None if summary.encryption.is_some() => {
                self.heading("The Assertion is encrypted");
                self.lines
                    .push("  It was not decrypted. The checks below show why.".to_owned());
            }
            None => self.heading("There is no Assertion"),
        }
    }

    fn assertion(&mut self, assertion: &AssertionSummary, now: DateTime<Utc>) {
        self.heading("Contents of the Assertion");
        self.some("id", assertion.id.as_ref());
        self.some("issuer", assertion.issuer.as_ref());
        self.time("issued", assertion.issue_instant.as_ref(), now);
        self.some("name id", assertion.name_id.as_ref());
        self.some("format", assertion.name_id_format.as_ref());
        for confirmation in &assertion.confirmations {
            self.line("confirmation", &confirmation.method);
            self.some("  recipient", confirmation.recipient.as_ref());
            self.some("  in response to", confirmation.in_response_to.as_ref());
            self.time("  not before", confirmation.not_before.as_ref(), now);
            self.time(
                "  not on or after",
                confirmation.not_on_or_after.as_ref(),
                now,
            );
        }
        self.time("not before", assertion.not_before.as_ref(), now);
        self.time("not on or after", assertion.not_on_or_after.as_ref(), now);
        for audience in &assertion.audiences {
            self.line("audience", audience);
        }
        for authentication in &assertion.authentications {
            self.time("signed in", authentication.instant.as_ref(), now);
            self.some("  by", authentication.context.as_ref());
            let end = authentication.session_not_on_or_after.as_ref();
            self.time("  session ends", end, now);
        }
    }

    fn attributes(&mut self, attributes: &[Attribute], left_out: &[String], show_secrets: bool) {
        self.heading("Attributes");
        let mut hidden = false;
        for attribute in attributes {
            self.lines
                .push(format!("  {}", printable(&attribute.name, 200)));
            if show_secrets || is_for_aws(&attribute.name) {
                let values = attribute.values.iter();
                self.lines
                    .extend(values.map(|value| format!("    {}", printable(value, 2048))));
            } else {
                hidden = true;
                let count = count(&attribute.values);
                self.lines.push(format!("    ({count})"));
            }
            let without = left_out
                .iter()
                .filter(|name| **name == attribute.name)
                .count();
            if without > 0 {
                self.lines.push(format!(
                    "    ({without} left out: not text, but elements or nil)"
                ));
            }
        }
        if attributes.is_empty() {
            self.lines.push("  none".to_owned());
        }
        if hidden {
            self.lines
                .push("  Use --show-secrets to see values that are not for AWS.".to_owned());
        }
    }

    /// Checks the size of the form, as the service does before it reads the message.
    fn size(&mut self, input: &Input, service: &Service) {
        let Some(limit) = service.body_bytes else {
            return;
        };
        let form = serde_urlencoded::to_string([("SAMLResponse", &input.field)]);
        let size = form.map_or(0, |form| form.len());
        if size > usize::try_from(limit.get()).unwrap_or(usize::MAX) {
            self.refused.push("too_large");
            self.lines.push(format!(
                "  REFUSED size: the form has {size} bytes, but limits.body_bytes is {limit} [too_large]"
            ));
        } else {
            self.lines.push("  ok      size".to_owned());
        }
    }

    fn checks(
        &mut self,
        input: &Input,
        inspection: &Inspection,
        service: Option<&Service>,
        now: DateTime<Utc>,
    ) {
        let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.heading(&match &inspection.idp {
            Some(idp) => format!("rolecall's checks for the identity provider {idp}, at {time}"),
            None => format!("rolecall's checks, at {time}"),
        });
        if let Some(service) = service {
            self.size(input, service);
        }
        let mut not_asked: Vec<(&str, Vec<&str>)> = Vec::new();
        for Verdict { check, outcome } in &inspection.verdicts {
            match outcome {
                CheckResult::Passed => self.lines.push(format!("  ok      {check}")),
                CheckResult::NotAsked(why) => match not_asked.last_mut() {
                    Some((reason, checks)) if reason == why => checks.push(check),
                    _ => not_asked.push((why, vec![check])),
                },
                CheckResult::Refused { name, explanation } => {
                    self.refused.push(name);
                    self.lines
                        .push(format!("  REFUSED {check}: {explanation} [{name}]"));
                }
            }
        }
        for (reason, checks) in not_asked {
            let checks = checks.join(", ");
            self.lines
                .push(format!("  -       not checked, because {reason}: {checks}"));
        }
        if let Some(reading) = &inspection.reading {
            if !reading.is_verified && inspection.idp.is_some() {
                let note = "  The signature was not verified, so the later checks prove nothing.";
                self.lines.push(note.to_owned());
            }
            let known = "  -       not checked, because this requires the running service's records: whether the login is in progress, whether the message was used before, and whether the login began in another browser";
            self.lines.push(known.to_owned());
        }
    }
}
