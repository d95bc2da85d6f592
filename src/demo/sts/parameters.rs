//! Reads and checks the parameters of a request in the query protocol.

use super::fault::Fault;
use crate::aws::sts::{MfaSerial, TokenCode};

/// The form fields of a request, in order.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes a form-encoded body.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        serde_urlencoded::from_bytes(body)
            .map(Self)
            .map_err(|_| Fault::malformed_input())
    }

    /// The value of the first field with this name.
    pub fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a required field, which must have `min` to `max` characters. `member` is the
    /// field's name in the STS API model.
    pub fn required(
        &self,
        name: &str,
        member: &str,
        min: usize,
        max: usize,
    ) -> Result<&str, Fault> {
        let value = self
            .find(name)
            .ok_or_else(|| Fault::constraint("null", member, "not be null"))?;
        length(value, member, min, max)?;
        Ok(value)
    }

    /// The values of `{list}.member.1`, `{list}.member.2` and so on.
    pub fn members(&self, list: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| self.find(&format!("{list}.member.{index}")))
            .collect()
    }

    /// The values of `{list}.member.1.{field}`, `{list}.member.2.{field}` and so on.
    pub fn list(&self, list: &str, field: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| self.find(&format!("{list}.member.{index}.{field}")))
            .collect()
    }
}

/// Checks the length of a value, in characters, against the limits in the STS API model. The error
/// does not show the value, because it may be an assertion.
pub fn length(value: &str, member: &str, min: usize, max: usize) -> Result<(), Fault> {
    let length = value.chars().count();
    if length < min {
        let constraint = format!("have length greater than or equal to {min}");
        return Err(Fault::constraint("'****'", member, &constraint));
    }
    if length > max {
        let constraint = format!("have length less than or equal to {max}");
        return Err(Fault::constraint("'****'", member, &constraint));
    }
    Ok(())
}

/// Checks that a value, if there is one, can be parsed as `T`. If it cannot, the error contains
/// `pattern`, the value's pattern in the STS API model.
pub fn pattern<T: std::str::FromStr>(
    value: Option<&str>,
    member: &str,
    pattern: &str,
) -> Result<(), Fault> {
    match value {
        Some(value) if value.parse::<T>().is_err() => Err(Fault::constraint(
            &format!("'{value}'"),
            member,
            &format!("satisfy regular expression pattern: {pattern}"),
        )),
        _ => Ok(()),
    }
}

/// Reads SerialNumber and TokenCode, which must be sent together.
pub fn second_factor(parameters: &Parameters) -> Result<Option<(&str, &str)>, Fault> {
    let serial = parameters.find("SerialNumber");
    pattern::<MfaSerial>(serial, "serialNumber", "[\\w+=/:,.@-]*")?;
    let code = parameters.find("TokenCode");
    pattern::<TokenCode>(code, "tokenCode", "[\\d]*")?;
    match (serial, code) {
        (None, None) => Ok(None),
        (Some(serial), Some(code)) => Ok(Some((serial, code))),
        _ => Err(Fault::mfa()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_at_the_first_gap() {
        let body =
            b"PolicyArns.member.1.arn=a%20b&PolicyArns.member.2.arn=c&PolicyArns.member.4.arn=d";
        let parameters = Parameters::read(body).unwrap();
        assert_eq!(parameters.list("PolicyArns", "arn"), ["a b", "c"]);
        assert!(parameters.list("Other", "arn").is_empty());
    }
}
