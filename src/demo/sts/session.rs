//! Code shared by the operations that create a session.

use super::fault::Fault;
use super::parameters::Parameters;
use crate::demo::user::User;

/// The default value of DurationSeconds and the limits on its value.
#[derive(Clone, Copy)]
pub struct Seconds {
    /// The value if the parameter is missing, in seconds.
    pub default: i64,
    /// The minimum value, in seconds.
    pub min: i64,
    /// The maximum value, in seconds.
    pub max: i64,
}

impl Seconds {
    /// The values for AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity and console
    /// sign-in.
    pub const OF_ROLES: Self = Self {
        default: 3600,
        min: 900,
        max: 43_200,
    };
    /// The values for GetSessionToken and GetFederationToken.
    pub const OF_USERS: Self = Self {
        default: 43_200,
        min: 900,
        max: 129_600,
    };

    /// Whether `seconds` is within the limits.
    pub fn take(self, seconds: i64) -> bool {
        (self.min..=self.max).contains(&seconds)
    }
}

/// Reads DurationSeconds and checks it against the limits.
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

/// Returns an error unless `allowed`. The error contains no caller, because it is for unsigned
/// requests.
pub fn may(allowed: bool, action: &str) -> Result<(), Fault> {
    if allowed {
        Ok(())
    } else {
        Err(Fault::access_denied(action))
    }
}

/// Returns an error unless the user's policy allows the action.
pub fn user_may(user: &User, action: &str, resource: &str) -> Result<(), Fault> {
    if user.allowed.contains(&action) {
        Ok(())
    } else {
        Err(Fault::not_authorized(&user.arn(), action, resource))
    }
}
