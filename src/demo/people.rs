//! The people who can sign in to the embedded IdP.

use super::idp::name_id_format;
use super::idp::response::AttributeSpec;

/// A person with the data that the embedded IdP needs for its pages and assertions.
#[derive(Clone, Debug)]
pub struct Person {
    /// The identifier in the IdP's forms and sessions: letters, digits and hyphens.
    pub id: String,
    /// The person's full name, which the IdP's page shows.
    pub name: String,
    /// What this person demonstrates, for the IdP's page and the demo's introduction.
    pub summary: String,
    /// The value of the NameID in assertions.
    pub name_id: String,
    /// The format of the NameID, a URI.
    pub name_id_format: String,
    /// The attributes in assertions about the person.
    pub attributes: Vec<AttributeSpec>,
}

impl Person {
    /// A person with a persistent NameID and no attributes.
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

    /// Adds an attribute with the NameFormat `uri` to the person's assertions.
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
    /// The roles: one value `roleArn,providerArn` for each role.
    pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
    /// The name of the session, which is part of the session's ARN.
    pub const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
    /// The duration of a console session, in seconds. The embedded STS also limits the lifetime of
    /// credentials to this value.
    pub const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";
    /// The identity of the person who uses the session.
    pub const SOURCE_IDENTITY: &str = "https://aws.amazon.com/SAML/Attributes/SourceIdentity";
    /// The prefix of attribute names for session tags. The rest of the name is the tag's key.
    pub const PRINCIPAL_TAG: &str = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:";
    /// The keys of the tags that later sessions in a role chain inherit.
    pub const TRANSITIVE_TAG_KEYS: &str =
        "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys";
}
