//! A person's request for a role.

use super::requirement;
use crate::aws::duration::SessionDuration;
use crate::aws::region::Region;

/// A person's request for a role, unchecked.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN, exactly as the client sent it.
    pub role_arn: String,
    /// The SAML provider's ARN or the name of the grant through which the person has the role.
    /// Required if there is more than one.
    pub through: Option<String>,
    /// The requested lifetime in seconds; `None` means the configured default.
    pub duration_seconds: Option<u32>,
    /// The region in which to open the console, also passed on with the credentials; optional.
    pub region: Option<Region>,
    /// The ID of a configured session policy; optional.
    pub policy: Option<String>,
    /// The reason that the person entered.
    pub reason: Option<String>,
    /// The code that an MFA device shows.
    pub token_code: Option<String>,
}

impl RoleRequest {
    /// The reason on one line; `None` if it is missing, too long or not readable.
    pub fn reason(&self) -> Option<String> {
        requirement::reason(self)
    }

    /// A request for the same role to call a tool with: the shortest lifetime and no other options.
    pub(super) fn for_a_question(&self) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            through: self.through.clone(),
            duration_seconds: Some(SessionDuration::MINIMUM.seconds()),
            ..Self::default()
        }
    }
}
