//! A person's request for a role.

use super::requirement;
use crate::aws::duration::SessionDuration;
use crate::aws::region::Region;

/// A person's request for a role, unchecked.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN, as the person sent it.
    pub role_arn: String,
    /// What gives the role to the person: the SAML provider's ARN or the grant's name. Needed if
    /// the person has the role through more than one.
    pub through: Option<String>,
    /// The requested lifetime in seconds; `None` means the configured default.
    pub duration_seconds: Option<u32>,
    /// The region for the console and for the user of the credentials; optional.
    pub region: Option<Region>,
    /// The ID of a configured session policy; optional.
    pub policy: Option<String>,
    /// The reason, in the person's words.
    pub reason: Option<String>,
    /// The code that an MFA device shows.
    pub token_code: Option<String>,
}

impl RoleRequest {
    /// The reason on one line; `None` if it is missing or not readable.
    pub fn reason(&self) -> Option<String> {
        requirement::reason(self)
    }

    /// The same role for a tool's question: with the shortest lifetime and no other options.
    pub(super) fn for_a_question(&self) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            through: self.through.clone(),
            duration_seconds: Some(SessionDuration::MINIMUM.seconds()),
            ..Self::default()
        }
    }
}
