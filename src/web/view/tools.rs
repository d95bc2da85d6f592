//! The page on which people ask AWS about refused requests and access keys.

use askama::Template;

use super::frame::Frame;
use super::markup;
use super::portal::ChoiceOption;
use crate::web::assets;

/// The page on which people ask AWS about a refused request or an access key.
#[derive(Debug, Template)]
#[template(path = "tools.html")]
pub struct ToolsPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The roles with which the tools can query AWS.
    pub roles: Vec<ChoiceOption>,
    /// The encoded message that was decoded; empty if none was.
    pub message: String,
    /// The refused request that the decoded message describes; `None` if no message was decoded.
    pub refused: Option<RefusedRequestView>,
    /// The access key ID that was looked up; empty if none was.
    pub access_key_id: String,
    /// The access key's account: its ID, and its name if one is configured. `None` if no access key
    /// was looked up.
    pub account: Option<(String, Option<String>)>,
}

/// The details of a refused request, from the decoded message.
#[derive(Debug)]
pub struct RefusedRequestView {
    /// A sentence that states whether a policy denies the request or no policy allows it.
    pub verdict: String,
    /// The ARN of the principal that made the request, or the principal's ID if the message has no
    /// ARN.
    pub principal: String,
    /// The action of the request, such as `ec2:RunInstances`.
    pub action: String,
    /// The ARN of the resource; empty if the message contains none.
    pub resource: String,
    /// The values in the context of the request, by condition key.
    pub conditions: Vec<(String, Vec<String>)>,
    /// The policy statements that matched the request, each as JSON.
    pub statements: Vec<String>,
}
