//! Warnings about settings that are allowed but probably unintended. `check-config` prints them,
//! and the service logs them at the start and after each reload.

use crate::config::{Config, Idp, NamedFiles};
use crate::saml::login::TRANSIENT;

/// All warnings about a configuration and the files that it refers to, one line each.
pub fn warnings(config: &Config, files: &NamedFiles) -> Vec<String> {
    let metadata = config.idps.iter().filter_map(metadata);
    let transient = config.idps.iter();
    let transient = transient.filter_map(|idp| transient_name_ids(idp, config));
    metadata.chain(transient).chain(files.exposed()).collect()
}

/// Signatures do not say when a document was current, so signed metadata should expire.
fn metadata(idp: &Idp) -> Option<String> {
    let id = &idp.id;
    let is_signed = idp.metadata_certificate_file.is_some();
    if !is_signed || idp.metadata_max_validity_days.is_some() {
        return None;
    }
    let consequence = "old signed metadata can be used again";
    Some(if idp.metadata_require_valid_until {
        format!(
            "{id}: {consequence} for as long as its validUntil says, because \
             metadata_max_validity_days is not set"
        )
    } else {
        format!(
            "{id}: {consequence}, because metadata_certificate_file is set without \
             metadata_require_valid_until and metadata_max_validity_days"
        )
    })
}

/// A person with a transient NameID looks like a new person at each login, so limits for each person
/// have no effect.
fn transient_name_ids(idp: &Idp, config: &Config) -> Option<String> {
    let is_requested = idp.name_id_format.as_deref() == Some(TRANSIENT);
    if !is_requested || idp.person_attribute.is_some() {
        return None;
    }
    let id = &idp.id;
    let mut warning = format!(
        "{id}: people cannot be recognized at their next login, because name_id_format requests \
         transient NameIDs and person_attribute is not set"
    );
    let with_code = config.grants.iter().filter(|grant| grant.wants_code_at(id));
    let with_code: Vec<_> = with_code.map(|grant| grant.name.as_str()).collect();
    if !with_code.is_empty() {
        warning += "; each login starts a new count of wrong MFA codes for ";
        warning += &with_code.join(", ");
    }
    Some(warning)
}
