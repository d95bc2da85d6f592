//! What the operations that give a session of a role have in common.

use super::fault::Fault;
use super::parameters::Parameters;

const DEFAULT_SECONDS: i64 = 3600;
const MIN_SECONDS: i64 = 900;
/// The longest that a session of a role lasts.
pub const MAX_SECONDS: i64 = 43_200;

/// DurationSeconds, within the limits of STS's model.
pub fn seconds(parameters: &Parameters) -> Result<i64, Fault> {
    let Some(value) = parameters.find("DurationSeconds") else {
        return Ok(DEFAULT_SECONDS);
    };
    let seconds: i64 = value
        .parse()
        .map_err(|_| Fault::validation("DurationSeconds is not an integer"))?;
    let constraint = match seconds {
        ..MIN_SECONDS => format!("have value greater than or equal to {MIN_SECONDS}"),
        MIN_SECONDS..=MAX_SECONDS => return Ok(seconds),
        _ => format!("have value less than or equal to {MAX_SECONDS}"),
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
