//! What a person asks for.

use super::asked;
use crate::aws::duration::SessionDuration;
use crate::aws::region::Region;

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN.
    pub role_arn: String,
    /// What gives the role to the person: the SAML provider's ARN or the grant's name; needed where
    /// the role comes with several.
    pub through: Option<String>,
    /// How long, in seconds; the configured default if not given.
    pub duration_seconds: Option<u32>,
    /// The region of the console, and for the credentials' user; none if not given.
    pub region: Option<Region>,
    /// The id of a configured session policy; none if not given.
    pub policy: Option<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// What an MFA device shows.
    pub token_code: Option<String>,
}

impl RoleRequest {
    /// Why, on one line; none if there is nothing that can be read.
    pub fn reason(&self) -> Option<String> {
        asked::reason(self)
    }

    /// The same role, for a question: as short as can be, and with nothing that was chosen beside it.
    pub(super) fn for_a_question(&self) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            through: self.through.clone(),
            duration_seconds: Some(SessionDuration::MINIMUM.seconds()),
            ..Self::default()
        }
    }
}
