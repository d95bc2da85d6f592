//! The page about the person who is signed in.

use askama::Template;

use super::frame::Frame;
use super::markup;
use crate::web::assets;
use crate::web::texts::Timestamp;

/// The page that shows the person's identity and the AWS attributes from the assertion.
#[derive(Debug, Template)]
#[template(path = "me.html")]
pub struct MePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The person's NameID, if it is not the name.
    pub name_id: Option<String>,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The format of the NameID, if the identity provider states one.
    pub name_id_format: Option<String>,
    /// When the rolecall session began.
    pub began: Timestamp,
    /// When the rolecall session ends.
    pub session_expires: Timestamp,
    /// The number of roles that the person has.
    pub roles: usize,
    /// The names of the grants that provide at least one of the person's roles or hub roles.
    pub grants: Vec<String>,
    /// For each chain with a hub role that the person does not have, an explanation that the
    /// chain's roles are not available.
    pub without_hub: Vec<String>,
    /// Whether the assertion lacks a session name that the person needs. Without a session name,
    /// AWS refuses the assertion's roles.
    pub lacks_session_name: bool,
    /// The role session name from the assertion.
    pub session_name: Option<String>,
    /// The source identity from the assertion.
    pub source_identity: Option<String>,
    /// The duration of console sessions, in words, if the assertion specifies it.
    pub console_duration: Option<String>,
    /// The session tags from the assertion.
    pub tags: Vec<TagView>,
    /// The dropped attribute values from the identity provider.
    pub dropped: Vec<DroppedView>,
    /// The number of dropped values that are not listed.
    pub dropped_beyond: usize,
}

/// A session tag.
#[derive(Debug)]
pub struct TagView {
    /// The key of the tag.
    pub name: String,
    /// The value of the tag.
    pub value: String,
    /// Whether the tag is transitive, so that role chaining passes it on.
    pub is_transitive: bool,
}

/// A dropped attribute value from the identity provider.
#[derive(Debug)]
pub struct DroppedView {
    /// The name of the SAML attribute.
    pub attribute: String,
    /// The value, shortened if it is long.
    pub value: String,
    /// Why the value was dropped, in words.
    pub reason: String,
}
