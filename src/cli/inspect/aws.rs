//! The report's section on AWS: how AWS would respond to a message, according to AWS's
//! documentation. Nothing is sent to AWS; the checks are those of the embedded STS.

use chrono::{DateTime, Utc};
use samael::schema::Assertion;

use super::input::Input;
use crate::aws::attribute::{AwsAttributes, RoleGrant};
use crate::aws::sts::ASSERTION_MAXIMUM;
use crate::demo::sts::{AWS_AUDIENCES, RESERVED, objections};
use crate::printable::printable;
use crate::saml::Attribute;
use crate::saml::inspection::{CheckResult, Inspection, Reading};

/// The only line of this section, and of the section on grants, if the assertion could not be read.
pub(super) const UNREAD: &str = "  unknown, because the message could not be read";

/// Parses the attributes that AWS uses, and skips all others.
pub(super) fn read(attributes: &[Attribute], left_out: &[String]) -> AwsAttributes {
    let pairs = attributes
        .iter()
        .map(|one| (one.name.as_str(), one.values.as_slice()));
    let mut read = AwsAttributes::read(pairs);
    for name in left_out {
        read.leave_out(name);
    }
    read
}

/// The lines of this section: whether AWS would refuse the message and why, the roles, and what IAM
/// must contain.
pub(super) fn opinion(
    input: &Input,
    inspection: &Inspection,
    acs_url: Option<&str>,
    now: DateTime<Utc>,
) -> Vec<String> {
    let Some(reading) = &inspection.reading else {
        return vec![UNREAD.to_owned()];
    };
    let read = read(&reading.attributes(), reading.left_out());
    let refused = refused(input, inspection, reading, &read, now);
    let mut lines: Vec<_> = refused
        .iter()
        .map(|reason| format!("  REFUSED {reason}"))
        .collect();
    if refused.is_empty() {
        let ok = "  ok      if the SAML provider in IAM has this identity provider's keys";
        lines.push(ok.to_owned());
    }
    lines.extend(read.dropped.iter().map(|dropped| {
        let (attribute, value) = (&dropped.attribute, &dropped.value);
        format!("  ignored {attribute}: {value}: {}", dropped.reason)
    }));
    lines.extend(roles(&read.roles));
    if !read.roles.is_empty() {
        lines.extend(trust_policies(&read, &reading.opened().assertion, acs_url));
    }
    if !names_aws(&reading.opened().assertion) {
        lines.push(format!(
            "  The assertion has no AWS audience ({}). AWS's guides require one.",
            AWS_AUDIENCES.join(", ")
        ));
    }
    let summary = inspection.summary.as_ref();
    if summary.is_some_and(|summary| summary.encryption.is_some()) {
        let note = "  The assertion is encrypted, so the SAML provider in IAM also needs the \
                    decryption key.";
        lines.push(note.to_owned());
    }
    lines
}

fn refused(
    input: &Input,
    inspection: &Inspection,
    reading: &Reading,
    read: &AwsAttributes,
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut refused = Vec::new();
    if input.field.len() > ASSERTION_MAXIMUM {
        refused.push(format!(
            "ValidationError: SAMLAssertion may have at most {ASSERTION_MAXIMUM} characters"
        ));
    }
    if is_forged(inspection) {
        let fault =
            "InvalidIdentityToken: Response signature invalid, if IAM has the same metadata";
        refused.push(fault.to_owned());
    }
    let faults = objections(reading.opened(), now).into_iter();
    refused.extend(faults.map(|fault| format!("{}: {}", fault.code, fault.message)));
    if read.roles.is_empty() {
        refused.push("AccessDenied: the assertion contains no role".to_owned());
    }
    refused
}

/// Whether the message is unsigned, or its signature cannot be verified with the keys in the
/// identity provider's metadata.
fn is_forged(inspection: &Inspection) -> bool {
    inspection.verdicts.iter().any(|verdict| {
        matches!(
            verdict.outcome,
            CheckResult::Refused {
                name: "signature" | "not_signed",
                ..
            }
        )
    })
}

/// The roles, each under the SAML provider that it must trust. Roles of IAM Identity Center are
/// listed as refused.
fn roles(grants: &[RoleGrant]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut provider = None;
    for grant in grants {
        let role = grant.role.as_str();
        if role.contains(RESERVED) {
            let fault = format!("  REFUSED AccessDenied: {role} is a role of IAM Identity Center");
            lines.push(fault);
            continue;
        }
        if provider.replace(&grant.provider) != Some(&grant.provider) {
            lines.push(format!(
                "  Roles that must trust {}",
                grant.provider.as_str()
            ));
        }
        lines.push(format!("    {role}"));
    }
    lines
}

/// The lines that show what the trust policy of each role must contain.
fn trust_policies(
    read: &AwsAttributes,
    assertion: &Assertion,
    acs_url: Option<&str>,
) -> Vec<String> {
    let mut actions = vec!["sts:AssumeRoleWithSAML"];
    if !read.principal_tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if read.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    let audience = match (acs_url, recipient(assertion)) {
        (Some(acs_url), Some(recipient)) if acs_url != recipient => {
            format!("{acs_url}, once the IdP sends it as the recipient")
        }
        (_, Some(recipient)) => printable(recipient, 2048),
        (_, None) => "(there is no recipient)".to_owned(),
    };
    vec![
        "  The trust policy of each role must contain".to_owned(),
        format!("    SAML:aud         {audience}"),
        format!("    Action           {}", actions.join(", ")),
    ]
}

fn recipient(assertion: &Assertion) -> Option<&str> {
    let confirmations = assertion.subject.as_ref()?.subject_confirmations.as_ref()?;
    confirmations.iter().find_map(|confirmation| {
        let data = confirmation.subject_confirmation_data.as_ref()?;
        data.recipient.as_deref()
    })
}

fn names_aws(assertion: &Assertion) -> bool {
    let conditions = assertion.conditions.iter();
    let mut audiences = conditions
        .flat_map(|conditions| conditions.audience_restrictions.iter().flatten())
        .flat_map(|restriction| &restriction.audience);
    audiences.any(|audience| AWS_AUDIENCES.contains(&audience.trim()))
}
