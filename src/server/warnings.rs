//! Warnings about settings that are allowed but probably unintended. `check-config` prints them,
//! and the service logs them at the start and after each reload.

use crate::config::{Config, Idp, NamedFiles};

/// All warnings about a configuration and the files that it refers to, one line each.
pub fn warnings(config: &Config, files: &NamedFiles) -> Vec<String> {
    let metadata = config.idps.iter().filter_map(metadata);
    metadata.chain(files.exposed()).collect()
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
