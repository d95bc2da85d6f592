//! Who can sign in.

use super::idp::name_id_format;
use super::idp::response::AttributeSpec;

/// Someone who can sign in at the embedded IdP.
#[derive(Clone, Debug)]
pub struct Person {
    /// What the IdP's own forms and cookie call them: letters, digits and hyphens.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// What signing in as this person shows.
    pub summary: String,
    /// The subject's NameID.
    pub name_id: String,
    /// Its format.
    pub name_id_format: String,
    /// What the IdP says of them.
    pub attributes: Vec<AttributeSpec>,
}

impl Person {
    /// A person with a persistent NameID, and no attributes yet.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            summary: String::new(),
            name_id: format!("{id}@example.com"),
            name_id_format: name_id_format::PERSISTENT.to_owned(),
            attributes: Vec::new(),
        }
    }

    /// The same person with one more attribute.
    pub fn with_attribute<V: Into<String>>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.attributes.push(AttributeSpec::new(name, values));
        self
    }
}

/// The names of AWS's SAML attributes (IAM User Guide, "Configure SAML assertions").
pub mod attribute {
    /// `roleArn,providerArn`, a value a role.
    pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
    /// The name of the session.
    pub const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
    /// Seconds.
    pub const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
    /// Who is behind the session.
    pub const SOURCE_IDENTITY: &str = "https://aws.amazon.com/SAML/Attributes/SourceIdentity";
    /// The prefix of session tags.
    pub const PRINCIPAL_TAG: &str = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:";
    /// Which tags go along when roles are chained.
    pub const TRANSITIVE_TAG_KEYS: &str =
        "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys";
}
