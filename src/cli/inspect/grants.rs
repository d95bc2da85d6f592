//! The report's section on grants: which configured grants apply to a message, and why the
//! others do not.

use super::aws;
use super::report::{count, is_for_aws};
use crate::aws::attribute::{RoleSessionName, SourceIdentity};
use crate::grant::facts::Attributes;
use crate::grant::{Facts, Grant};
use crate::printable::printable;
use crate::saml::inspection::{Inspection, Reading};

/// The maximum length of an attribute's values in this section, in characters.
const MAX_SHOWN: usize = 120;

/// The lines of this section: one for each grant.
pub(super) fn opinion(
    grants: &[Grant],
    inspection: &Inspection,
    show_secrets: bool,
) -> Vec<String> {
    let Some(reading) = &inspection.reading else {
        return vec![aws::UNREAD.to_owned()];
    };
    let attributes = reading.attributes();
    let aws = aws::read(&attributes, reading.left_out());
    let mut by_name = Attributes::new();
    for one in &attributes {
        let values = one.values.iter().cloned();
        by_name.entry(one.name.clone()).or_default().extend(values);
    }
    let facts = Facts {
        idp: inspection.idp.as_deref().unwrap_or_default(),
        name_id: name_id(reading),
        session_name: aws.session_name.as_ref().map(RoleSessionName::as_str),
        source_identity: aws.source_identity.as_ref().map(SourceIdentity::as_str),
        attributes: &by_name,
    };
    let lines = grants.iter().map(|grant| line(grant, &facts, show_secrets));
    lines.collect()
}

fn name_id(reading: &Reading) -> &str {
    let name_id = reading.opened().name_id.as_ref();
    name_id
        .map(|name_id| name_id.value.as_str())
        .unwrap_or_default()
}

fn line(grant: &Grant, facts: &Facts<'_>, show_secrets: bool) -> String {
    let name = &grant.name;
    if grant.idp.as_deref().is_some_and(|idp| idp != facts.idp) {
        return format!("  no      {name}: the grant is for users of another identity provider");
    }
    let failed = grant
        .when
        .iter()
        .find(|condition| !condition.holds(facts.attributes));
    if let Some(condition) = failed {
        let attribute = condition.attribute();
        let values = facts.attributes.get(attribute).map(Vec::as_slice);
        let sent = match values.unwrap_or_default() {
            [] => "was not sent".to_owned(),
            values if show_secrets || is_for_aws(attribute) => {
                format!("is {}", printable(&values.join(", "), MAX_SHOWN))
            }
            values => format!("has {}", count(values)),
        };
        return format!("  no      {name}: {attribute} {sent}, but must be {condition}");
    }
    match grant.session_parameters(facts, None) {
        Ok(_) => format!("  yes     {name}: {}", grant.via.name()),
        Err(error) => {
            let error = if show_secrets {
                error.to_string()
            } else {
                error.without_value()
            };
            format!("  no      {name}: {}", printable(&error, 2 * MAX_SHOWN))
        }
    }
}
