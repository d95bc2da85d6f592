//! Role grant: one value of the `Role` attribute.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::DropReason;
use crate::aws::arn::{ProviderArn, RoleArn};

/// A role and the SAML provider through which it may be assumed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoleGrant {
    /// The role to assume.
    pub role: RoleArn,
    /// The SAML provider, which is in the role's partition.
    pub provider: ProviderArn,
}

impl RoleGrant {
    /// Reads two ARNs separated by a comma, in either order, with or without spaces around them.
    ///
    /// `last` is the provider of the previous role. If this role has the same provider, which is
    /// usual, the provider's ARN is shared instead of being parsed again.
    pub(super) fn read(value: &str, last: Option<&ProviderArn>) -> Result<Self, DropReason> {
        let (first, second) = split(value.trim()).ok_or(DropReason::NotAPair)?;
        let provider_first = first.contains(":saml-provider/") && !first.contains(":role/");
        let (role, provider) = if provider_first {
            (second, first)
        } else {
            (first, second)
        };
        let role: RoleArn = role.parse().map_err(DropReason::Role)?;
        let provider = match last {
            Some(last) if last.as_str() == provider => last.clone(),
            _ => provider.parse().map_err(DropReason::Provider)?,
        };
        if role.partition() != provider.partition() {
            return Err(DropReason::TwoPartitions);
        }
        Ok(Self { role, provider })
    }
}

impl FromStr for RoleGrant {
    type Err = DropReason;

    fn from_str(value: &str) -> Result<Self, DropReason> {
        Self::read(value, None)
    }
}

/// Splits `value` at the comma that is followed by an ARN. There must be exactly one such comma.
/// Any other commas are part of the role's path or name.
fn split(value: &str) -> Option<(&str, &str)> {
    let mut pairs = value.match_indices(',').filter_map(|(at, comma)| {
        let (first, rest) = value.split_at(at);
        let second = rest.strip_prefix(comma)?.trim_start();
        second.starts_with("arn:").then_some((first, second))
    });
    match (pairs.next(), pairs.next()) {
        (Some((first, second)), None) => Some((first.trim_end(), second)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::arn::{AccountIdError, ArnError};

    const ROLE: &str = "arn:aws:iam::123456789012:role/Admin";
    const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/Corp";

    #[test]
    fn accepts_both_orders_and_spaces() {
        let expected = RoleGrant {
            role: ROLE.parse().expect("a role"),
            provider: PROVIDER.parse().expect("a provider"),
        };
        for value in [
            format!("{ROLE},{PROVIDER}"),
            format!("{PROVIDER},{ROLE}"),
            format!("  {ROLE} ,\t{PROVIDER}\n"),
            format!("\r\n {PROVIDER}\n,\n{ROLE} "),
        ] {
            assert_eq!(value.parse(), Ok(expected.clone()), "{value:?}");
        }
    }

    #[test]
    fn a_roles_name_may_hold_commas() {
        let role = "arn:aws:iam::123456789012:role/a,b/Admin,Dev,";
        for value in [format!("{role},{PROVIDER}"), format!("{PROVIDER},{role}")] {
            let grant: RoleGrant = value.parse().expect("a grant");
            assert_eq!(grant.role.as_str(), role);
        }
    }

    #[test]
    fn anything_but_one_pair_is_refused() {
        let provider = |error| Err(DropReason::Provider(error));
        for (value, expected) in [
            (String::new(), Err(DropReason::NotAPair)),
            (",".to_owned(), Err(DropReason::NotAPair)),
            (ROLE.to_owned(), Err(DropReason::NotAPair)),
            (format!("{ROLE},"), Err(DropReason::NotAPair)),
            (format!("{ROLE},Admin"), Err(DropReason::NotAPair)),
            (format!("{ROLE};{PROVIDER}"), Err(DropReason::NotAPair)),
            (
                format!("{ROLE},{PROVIDER},{ROLE},{PROVIDER}"),
                Err(DropReason::NotAPair),
            ),
            (format!("{ROLE},{ROLE}"), provider(ArnError::NotAProvider)),
            (
                format!("{PROVIDER},{PROVIDER}"),
                Err(DropReason::Role(ArnError::NotARole)),
            ),
            (
                format!("{ROLE},{PROVIDER},x"),
                provider(ArnError::Name { maximum: 128 }),
            ),
            (
                format!("arn:aws:iam::12:role/Admin,{PROVIDER}"),
                Err(DropReason::Role(ArnError::Account(AccountIdError))),
            ),
            (
                format!("{ROLE},arn:aws-cn:iam::123456789012:saml-provider/Corp"),
                Err(DropReason::TwoPartitions),
            ),
        ] {
            assert_eq!(value.parse::<RoleGrant>(), expected, "{value:?}");
        }
    }
}
