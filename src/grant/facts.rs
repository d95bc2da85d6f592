//! What an identity provider said of a person, as far as grants look at it.

use std::collections::BTreeMap;

/// The values of attributes, by their names.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// What conditions and templates are about.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The configured id of the identity provider.
    pub idp: &'a str,
    /// The subject's NameID.
    pub name_id: &'a str,
    /// AWS's attribute RoleSessionName.
    pub session_name: Option<&'a str>,
    /// AWS's attribute SourceIdentity.
    pub source_identity: Option<&'a str>,
    /// The attributes that a grant looks at, by Name.
    pub attributes: &'a Attributes,
}
