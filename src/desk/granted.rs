//! What the desk hands out.

use super::decision::Decision;
use super::trail::Recorded;
use crate::aws::arn::RoleArn;
use crate::aws::entitlement::Role;
use crate::aws::sts::Issued;
use crate::grant::Told;

/// Credentials, and the role they are for. Only the desk makes one, when its audit line is written.
#[derive(Debug)]
pub struct Granted {
    /// The role.
    pub role: Role,
    /// What STS gave.
    pub issued: Issued,
    /// What it was told of the person.
    pub told: Told,
    /// Whether they live shorter than was asked for: because of the role's or the grant's maximum, of
    /// role chaining or of the assertion's `SessionNotOnOrAfter`.
    pub is_shortened: bool,
    /// What a chain began at.
    pub hub: Option<Hub>,
    _recorded: Recorded,
}

/// The role that a chain began at, with credentials that nobody gets to see.
#[derive(Debug)]
pub struct Hub {
    /// The role.
    pub arn: RoleArn,
    pub(super) issued: Issued,
}

/// What AWS gave, before anybody may see it.
pub(super) struct Obtained {
    pub issued: Issued,
    pub hub: Option<Hub>,
}

impl Hub {
    /// STS's ID of the request that gave it.
    pub fn sts_request_id(&self) -> Option<&str> {
        self.issued.request_id.as_deref()
    }
}

impl Granted {
    pub(super) fn new(decision: Decision, obtained: Obtained, recorded: Recorded) -> Self {
        let Obtained { issued, hub } = obtained;
        Self {
            is_shortened: issued.duration_seconds < decision.wanted.seconds(),
            role: decision.role,
            told: decision.call.told,
            issued,
            hub,
            _recorded: recorded,
        }
    }

    /// Credentials that were shortened, for tests of pages.
    #[cfg(test)]
    pub(crate) fn shortened(role: Role, issued: Issued, told: Told) -> Self {
        Self {
            role,
            issued,
            told,
            is_shortened: true,
            hub: None,
            _recorded: Recorded::not_really(),
        }
    }
}
