//! Runs a login's checks on one message and reports every result, for an administrator. A login
//! ends at the first check that fails; an inspection continues as far as it can.

use chrono::{DateTime, Utc};
use samael::schema::Assertion;

use super::check::{self, CHECKS};
use super::explanation::{Against, explain};
use super::idp::Published;
use super::login::Attribute;
use super::provider::SentRequest;
use super::request::RESPONSE_DEADLINE;
use super::response::{self, Opened, Unverified};
use super::summary::Summary;
use super::xml;
use super::{IdentityProvider, Refusal, ServiceProvider};

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The name of the check, such as `audience`.
    pub check: &'static str,
    /// The outcome, with the reason unless the message passed.
    pub outcome: CheckResult,
}

/// The outcome of a check: passed, failed, or not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckResult {
    /// The check ran, and the message passed it.
    Passed,
    /// The message failed the check. In a login, it would be refused.
    Refused {
        /// The name of the refusal, as in the audit trail.
        name: &'static str,
        /// The reason, with the actual and the expected value if they are known.
        explanation: String,
    },
    /// The check did not run. The value is the reason.
    NotAsked(&'static str),
}

/// The results of an inspection.
#[derive(Debug)]
pub struct Inspection {
    /// A summary of the message, if it could be parsed.
    pub summary: Option<Summary>,
    /// One verdict for each check, in the order in which a login runs the checks.
    pub verdicts: Vec<Verdict>,
    /// The content of the message, if it could be read.
    pub reading: Option<Reading>,
    /// The configured ID of the identity provider that the message was checked against.
    pub idp: Option<String>,
}

/// The content of a message. The content may be unverified: see [`Self::is_verified`].
#[derive(Debug)]
pub struct Reading {
    opened: Opened,
    /// Whether the signatures were verified with the identity provider's keys.
    pub is_verified: bool,
}

impl Reading {
    /// The response and its assertion.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The assertion's attributes, in the message's order.
    pub fn attributes(&self) -> Vec<Attribute> {
        check::attributes(&self.opened.assertion)
    }

    /// The Name of each attribute value that was left out, because it contains elements or is nil.
    pub fn left_out(&self) -> &[String] {
        &self.opened.left_out
    }
}

/// The service provider, identity provider and time that a message is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    /// The service provider to which the message must be addressed.
    pub sp: &'a ServiceProvider,
    /// The configured ID of the identity provider; `None` to use the provider that the message's
    /// issuer identifies.
    pub idp: Option<&'a str>,
    /// The time with which the message's times are compared.
    pub now: DateTime<Utc>,
}

impl Inspection {
    /// Whether the message passed every check that ran.
    pub fn is_accepted(&self) -> bool {
        let mut verdicts = self.verdicts.iter();
        !verdicts.any(|verdict| matches!(verdict.outcome, CheckResult::Refused { .. }))
    }

    /// Inspects a message. Without a bench, runs only the checks that need no configuration.
    pub fn of(text: &str, bench: Option<Bench<'_>>) -> Self {
        let mut inspection = Self {
            summary: None,
            verdicts: Vec::new(),
            reading: None,
            idp: None,
        };
        let ended = inspection.run(text, bench);
        let reason = match (ended, bench) {
            (None, Some(_)) => return inspection,
            (None, None) => "the configuration is needed",
            (Some(reason), _) => reason,
        };
        let names = NAMES
            .into_iter()
            .chain(CHECKS.iter().map(|check| check.name));
        let asked: Vec<_> = inspection
            .verdicts
            .iter()
            .map(|asked| asked.check)
            .collect();
        let rest = names.filter(|name| !asked.contains(name));
        inspection.verdicts.extend(rest.map(|check| Verdict {
            check,
            outcome: CheckResult::NotAsked(reason),
        }));
        inspection
    }

    /// Runs the checks. If a problem prevents the remaining checks, returns that problem.
    fn run(&mut self, text: &str, bench: Option<Bench<'_>>) -> Option<&'static str> {
        let unread = Some("the message cannot be read");
        let none = Against {
            idps: bench.map_or(&[], |bench| bench.sp.idps()),
            ..Against::default()
        };
        // A login parses only documents with the root `Response`; an inspection shows any XML. If
        // the text cannot be parsed, the refusal is the same as in a login.
        let document = xml::parse(text).or_else(|_| response::tree(text));
        let Some(document) = self.note(NAMES[0], none, document) else {
            return unread;
        };
        let root = document.document_element();
        self.summary = root.map(|root| Summary::of(&document, root));
        let Some(message) = self.note(NAMES[1], none, Unverified::of(document)) else {
            return unread;
        };
        let Some(bench) = bench else {
            self.read_without_verifying(&message);
            return None;
        };
        let idp = bench.idp(&message).ok_or(Refusal::UnknownIdp);
        let Some(idp) = self.note(NAMES[2], none, idp) else {
            self.read_without_verifying(&message);
            return Some("the message's identity provider is not known");
        };
        self.idp = Some(idp.id.clone());
        match idp.published(bench.now) {
            Ok(published) => {
                self.verdicts.push(Verdict {
                    check: NAMES[3],
                    outcome: CheckResult::Passed,
                });
                self.judge(&message, bench, idp, &published)
            }
            Err(unavailable) => {
                self.verdicts.push(Verdict {
                    check: NAMES[3],
                    outcome: CheckResult::Refused {
                        name: "idp_unavailable",
                        explanation: unavailable.to_string(),
                    },
                });
                self.read_without_verifying(&message);
                Some("the identity provider has no usable metadata")
            }
        }
    }

    fn judge(
        &mut self,
        message: &Unverified<'_>,
        bench: Bench<'_>,
        idp: &IdentityProvider,
        published: &Published,
    ) -> Option<&'static str> {
        let against = Against {
            certificates: &published.certificates,
            idps: bench.sp.idps(),
            ..Against::default()
        };
        let opened = message.open(&published.trust, &bench.sp.decryption(idp));
        if let Err(status @ Refusal::Status { .. }) = opened {
            self.verdicts.push(Verdict {
                check: NAMES[4],
                outcome: CheckResult::NotAsked("an error response grants nothing"),
            });
            self.note::<()>("status", against, Err(status));
            return Some("there is no assertion");
        }
        if let Some(mut opened) = self.note(NAMES[4], against, opened) {
            let decrypted = opened.decrypted.take();
            self.summary = Some(message.summary().with_decrypted(decrypted));
            self.reading = Some(Reading {
                opened,
                is_verified: true,
            });
        } else {
            self.read_without_verifying(message);
        }
        let Some(reading) = self.reading.take() else {
            return Some("the assertion cannot be read");
        };
        // Only the running service knows which requests it sent, and when. The inspection therefore
        // takes the request ID from the message, and assumes the earliest time at which the request
        // could have been sent.
        let confirmation = confirmed_request(&reading.opened.assertion);
        let answers = message.claimed_request().or(confirmation);
        let may = answers.is_some() || idp.allow_unsolicited;
        let may = may.then_some(()).ok_or(Refusal::UnsolicitedNotAllowed);
        self.note(NAMES[5], against, may);
        let issued = reading.opened.assertion.issue_instant.min(bench.now);
        let at = issued
            .checked_sub_signed(RESPONSE_DEADLINE)
            .unwrap_or(issued);
        let asked = answers.map(|id| SentRequest {
            id,
            at,
            anew: false,
        });
        let expected = bench.sp.expected(idp, published, asked, bench.now);
        let against = Against {
            expected: Some(expected),
            ..against
        };
        for check in CHECKS {
            let result = (check.run)(&reading.opened, &expected);
            self.note(check.name, against, result);
        }
        self.reading = Some(reading);
        None
    }

    fn read_without_verifying(&mut self, message: &Unverified<'_>) {
        self.reading = message.read_without_verifying().map(|opened| Reading {
            opened,
            is_verified: false,
        });
    }

    fn note<T>(
        &mut self,
        check: &'static str,
        against: Against<'_>,
        result: Result<T, Refusal>,
    ) -> Option<T> {
        let (outcome, value) = match result {
            Ok(value) => (CheckResult::Passed, Some(value)),
            Err(refusal) => {
                let unknown = Summary::default();
                let summary = self.summary.as_ref().unwrap_or(&unknown);
                let explanation = explain(&refusal, summary, against);
                let name = refusal.name();
                (CheckResult::Refused { name, explanation }, None)
            }
        };
        self.verdicts.push(Verdict { check, outcome });
        value
    }
}

/// The request ID in the subject confirmation: some identity providers include it nowhere else.
fn confirmed_request(assertion: &Assertion) -> Option<&str> {
    let confirmations = assertion.subject.as_ref()?.subject_confirmations.as_ref()?;
    confirmations.iter().find_map(|confirmation| {
        let data = confirmation.subject_confirmation_data.as_ref()?;
        data.in_response_to.as_deref()
    })
}

/// The names of the checks that run before the profile's checks.
const NAMES: [&str; 6] = [
    "well-formed XML, without DTD, comments and the like",
    "structure",
    "identity provider",
    "metadata of the identity provider",
    "signature and decryption",
    "permission to start a login",
];

impl<'a> Bench<'a> {
    /// The identity provider chosen for the inspection or, if none was chosen, the one that the
    /// message's issuer identifies. `None` if there is no such identity provider.
    fn idp(&self, message: &Unverified<'_>) -> Option<&'a IdentityProvider> {
        let idp = match self.idp {
            Some(id) => self.sp.idp(id),
            None => self.sp.idp_by_entity_id(message.claimed_issuer()?),
        };
        idp.map(|idp| &**idp)
    }
}
