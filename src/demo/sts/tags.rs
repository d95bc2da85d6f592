//! Session tags in the parameters of signed operations.

use std::collections::HashSet;

use super::fault::Fault;
use super::parameters::{Parameters, pattern};
use crate::aws::attribute::{TagKey, TagValue};

/// The maximum number of tags in a session.
pub(super) const MAXIMUM: usize = 50;

/// Reads and checks the tags in a request.
pub(super) fn of_request(parameters: &Parameters) -> Result<Vec<(String, String)>, Fault> {
    let keys = parameters.list("Tags", "Key");
    let values = parameters.list("Tags", "Value");
    if keys.len() != values.len() {
        return Err(Fault::constraint(
            "null",
            "tags.1.member.value",
            "not be null",
        ));
    }
    if keys.len() > MAXIMUM {
        return Err(Fault::constraint(
            "'[...]'",
            "tags",
            "have length less than or equal to 50",
        ));
    }
    let mut seen = HashSet::new();
    let tags = keys.into_iter().zip(values).map(|(key, value)| {
        pattern::<TagKey>(
            Some(key),
            "tags.1.member.key",
            "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
        )?;
        pattern::<TagValue>(
            Some(value),
            "tags.1.member.value",
            "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
        )?;
        if !seen.insert(key.to_lowercase()) {
            return Err(Fault::invalid_parameter_value(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        Ok((key.to_owned(), value.to_owned()))
    });
    tags.collect()
}
