//! Facts: the data about a person that conditions and templates use. All of it except
//! [`Facts::idp`] comes from the identity provider.

use std::collections::BTreeMap;

/// The values of each attribute, by attribute name.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// The input of conditions and templates.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The configured ID of the identity provider.
    pub idp: &'a str,
    /// The NameID of the subject.
    pub name_id: &'a str,
    /// The AWS attribute `RoleSessionName`.
    pub session_name: Option<&'a str>,
    /// The AWS attribute `SourceIdentity`.
    pub source_identity: Option<&'a str>,
    /// The attributes that conditions and templates use, by `Name`.
    pub attributes: &'a Attributes,
}
