//! Refuses attributes and namespace declarations that two readers would resolve differently.

use std::collections::HashSet;

use uppsala::Element;

use crate::saml::Refusal;
use crate::saml::xml::ns;

/// The attributes that must not have a prefix. A reader that matches only local names, such as
/// samael's, would accept `evil:Recipient` as `Recipient`.
const READ: [&str; 18] = [
    "Algorithm",
    "AuthnInstant",
    "Destination",
    "Format",
    "InResponseTo",
    "IssueInstant",
    "Method",
    "Name",
    "NotBefore",
    "NotOnOrAfter",
    "Recipient",
    "SessionIndex",
    "SessionNotOnOrAfter",
    "URI",
    "Value",
    "Version",
    "Consent",
    "PrefixList",
];

/// Checks the attributes of one element after another, and remembers all IDs to find duplicates.
#[derive(Default)]
pub struct Checker<'d> {
    ids: HashSet<&'d str>,
}

impl<'d> Checker<'d> {
    /// Checks the attributes and the namespace declarations of one element.
    pub fn check(&mut self, element: &'d Element<'_>) -> Result<(), Refusal> {
        for (prefix, name) in &element.namespace_declarations {
            absolute(prefix, name)?;
        }
        for attribute in &element.attributes {
            let name = &*attribute.name.local_name;
            let prefixed = attribute.name.namespace_uri.is_some();
            if is_id(name) {
                self.id(element, name, prefixed, &attribute.value)?;
            } else if prefixed && READ.contains(&name) {
                return Err(Refusal::ShadowedAttribute(name.to_owned()));
            }
        }
        Ok(())
    }

    fn id(
        &mut self,
        element: &Element<'_>,
        name: &str,
        prefixed: bool,
        value: &'d str,
    ) -> Result<(), Refusal> {
        let expected = match element.name.namespace_uri.as_deref() {
            Some(ns::ASSERTION | ns::PROTOCOL) => name == "ID",
            Some(ns::SIGNATURE | ns::ENCRYPTION) => name == "Id",
            _ => true,
        };
        if prefixed || !expected {
            return Err(Refusal::ForeignId);
        }
        if value.contains(':') {
            return Err(Refusal::InvalidId);
        }
        if !self.ids.insert(value) {
            return Err(Refusal::DuplicateId);
        }
        Ok(())
    }
}

/// Whether some XML signature library treats an attribute with this name as an ID.
fn is_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("AssertionID")
}

/// Requires a namespace name to begin with a scheme. An empty name is allowed only for the default
/// namespace: `xmlns=""` removes the default namespace (Namespaces in XML 1.0, 6.1 and 2.2).
fn absolute(prefix: &str, name: &str) -> Result<(), Refusal> {
    let scheme = name.split_once(':').map(|(scheme, _)| scheme);
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    if has_scheme || name.is_empty() && prefix.is_empty() {
        Ok(())
    } else {
        Err(Refusal::RelativeNamespace)
    }
}
