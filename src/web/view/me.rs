//! Who the person is.

use askama::Template;

use super::frame::Frame;
use super::markup;
use crate::web::assets;
use crate::web::texts::Timestamp;

/// Who the person is, and what AWS will be told of them.
#[derive(Debug, Template)]
#[template(path = "me.html")]
pub struct MePage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The format of the name, if the identity provider says one.
    pub name_id_format: Option<String>,
    /// When the session began.
    pub began: Timestamp,
    /// When the session ends.
    pub session_expires: Timestamp,
    /// How many roles there are.
    pub roles: usize,
    /// The grants that give some of them, by name.
    pub grants: Vec<String>,
    /// Why the roles of chains are not there, in words.
    pub without_hub: Vec<String>,
    /// Whether the assertion gives roles, which AWS refuses without a session name.
    pub lacks_session_name: bool,
    /// The role session name.
    pub session_name: Option<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// How long console sessions last, in words, where the identity provider says so.
    pub console_duration: Option<String>,
    /// The session tags.
    pub tags: Vec<TagView>,
    /// What the identity provider wrote in a form that AWS does not take.
    pub dropped: Vec<DroppedView>,
    /// How many more there were.
    pub dropped_beyond: usize,
}

/// A session tag.
#[derive(Debug)]
pub struct TagView {
    /// The tag's key.
    pub name: String,
    /// The tag's value.
    pub value: String,
    /// Whether it goes along to further roles.
    pub is_transitive: bool,
}

/// A value that was left out.
#[derive(Debug)]
pub struct DroppedView {
    /// The attribute's name.
    pub attribute: String,
    /// The value, cut short.
    pub value: String,
    /// Why.
    pub reason: String,
}
