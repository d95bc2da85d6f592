//! A person's request for credentials or a console sign-in.

use super::requirement;
use crate::aws::duration::SessionDuration;
use crate::aws::region::Region;

/// A person's request for a role, an IAM user or a root user. Only the region has been checked.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The ARN of the role, IAM user or root user, exactly as the client sent it.
    pub role_arn: String,
    /// The source of the requested entitlement: the ARN of a SAML provider, or the name of a grant.
    /// Required if entitlements from several sources have this ARN.
    pub through: Option<String>,
    /// The requested lifetime in seconds; `None` means the configured default.
    pub duration_seconds: Option<u32>,
    /// The region in which to open the console or use the credentials; optional.
    pub region: Option<Region>,
    /// The ID of a configured session policy; optional.
    pub policy: Option<String>,
    /// The reason that the person entered.
    pub reason: Option<String>,
    /// The MFA code that the person entered.
    pub token_code: Option<String>,
}

impl RoleRequest {
    /// The reason on one line. `None` if it is missing, is too long, contains unprintable
    /// characters, or contains no letter or digit.
    pub fn reason(&self) -> Option<String> {
        requirement::reason(self)
    }

    /// The request for a tool call: the same role from the same source, for the shortest lifetime.
    pub(super) fn for_a_question(&self) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            through: self.through.clone(),
            duration_seconds: Some(SessionDuration::MINIMUM.seconds()),
            ..Self::default()
        }
    }
}
