//! What the operations that give a session have in common.

use super::fault::Fault;
use super::parameters::Parameters;
use crate::demo::user::User;

/// What DurationSeconds may be.
#[derive(Clone, Copy)]
pub struct Seconds {
    /// If it is not there.
    pub default: i64,
    /// At least.
    pub min: i64,
    /// At most.
    pub max: i64,
}

impl Seconds {
    /// Of the operations that give a session of a role.
    pub const OF_ROLES: Self = Self {
        default: 3600,
        min: 900,
        max: 43_200,
    };
    /// Of those that give a session of an IAM user.
    pub const OF_USERS: Self = Self {
        default: 43_200,
        min: 900,
        max: 129_600,
    };

    /// Whether so many are within them.
    pub fn take(self, seconds: i64) -> bool {
        (self.min..=self.max).contains(&seconds)
    }
}

/// DurationSeconds, within the limits of STS's model.
pub fn seconds(parameters: &Parameters, limits: Seconds) -> Result<i64, Fault> {
    let Seconds { default, min, max } = limits;
    let Some(value) = parameters.find("DurationSeconds") else {
        return Ok(default);
    };
    let seconds: i64 = value
        .parse()
        .map_err(|_| Fault::validation("DurationSeconds is not an integer"))?;
    let constraint = if seconds < min {
        format!("have value greater than or equal to {min}")
    } else if seconds > max {
        format!("have value less than or equal to {max}")
    } else {
        return Ok(seconds);
    };
    Err(Fault::constraint(
        &format!("'{seconds}'"),
        "durationSeconds",
        &constraint,
    ))
}

/// Or else it is denied, in the words for which there is no caller.
pub fn may(allowed: bool, action: &str) -> Result<(), Fault> {
    if allowed {
        Ok(())
    } else {
        Err(Fault::access_denied(action))
    }
}

/// Or else the user's policy does not allow it.
pub fn user_may(user: &User, action: &str, resource: &str) -> Result<(), Fault> {
    if user.allowed.contains(&action) {
        Ok(())
    } else {
        Err(Fault::not_authorized(&user.arn(), action, resource))
    }
}
