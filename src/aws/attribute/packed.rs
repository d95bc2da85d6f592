//! Packed roles: a compact encoding of roles for the session record, which is kept as long as a
//! person is signed in.
//!
//! Each SAML provider is stored once. If a role is in its provider's account, the role's ARN is
//! stored without the prefix that the two ARNs share.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RoleGrant;
use crate::aws::arn::ProviderArn;

#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    #[serde(borrow)]
    providers: Vec<&'a str>,
    /// For each role, the index of its provider in `providers`, and its ARN. The ARN is stored
    /// without the prefix `arn:partition:iam::account:` if the provider's ARN begins with the same
    /// prefix.
    #[serde(borrow)]
    roles: Vec<(usize, &'a str)>,
}

pub fn serialize<S: Serializer>(roles: &[RoleGrant], serializer: S) -> Result<S::Ok, S::Error> {
    let mut packed = Packed {
        providers: Vec::new(),
        roles: Vec::with_capacity(roles.len()),
    };
    for RoleGrant { role, provider } in roles {
        let (provider, role) = (provider.as_str(), role.as_str());
        // The search starts at the end, because the provider is usually that of the previous role.
        let known = packed
            .providers
            .iter()
            .rposition(|known| *known == provider);
        let place = known.unwrap_or_else(|| {
            packed.providers.push(provider);
            packed.providers.len() - 1
        });
        let rest = role.strip_prefix(owner(provider)).unwrap_or(role);
        packed.roles.push((place, rest));
    }
    packed.serialize(serializer)
}

/// Deserializes packed roles. An invalid ARN or provider index is an error.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RoleGrant>, D::Error> {
    let packed = Packed::deserialize(deserializer)?;
    let providers = packed.providers.iter().map(|text| text.parse());
    let providers: Vec<ProviderArn> = providers
        .collect::<Result<_, _>>()
        .map_err(D::Error::custom)?;
    let mut whole = String::new();
    let role = |(place, text): (usize, &str)| {
        let provider = providers.get(place);
        let provider = provider.ok_or_else(|| D::Error::custom("no such provider"))?;
        whole.clear();
        if !text.starts_with("arn:") {
            whole.push_str(owner(provider.as_str()));
        }
        whole.push_str(text);
        Ok(RoleGrant {
            role: whole.parse().map_err(D::Error::custom)?,
            provider: provider.clone(),
        })
    };
    packed.roles.into_iter().map(role).collect()
}

/// The `arn:partition:iam::account:` prefix of an ARN.
fn owner(arn: &str) -> &str {
    let end = arn.match_indices(':').nth(4);
    end.map_or("", |(at, colon)| &arn[..at + colon.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Roles(#[serde(with = "super")] Vec<RoleGrant>);

    fn grant(text: &str) -> RoleGrant {
        text.parse().expect("a role and its provider")
    }

    #[test]
    fn roles_come_back_as_they_were() {
        for roles in [
            vec![],
            vec![grant(
                "arn:aws:iam::111111111111:role/a/b,arn:aws:iam::111111111111:saml-provider/corp",
            )],
            vec![
                // The role and the provider are in different accounts.
                grant("arn:aws:iam::111111111111:role/a,arn:aws:iam::222222222222:saml-provider/x"),
                grant(
                    "arn:aws:iam::222222222222:role/arn:/b,arn:aws:iam::222222222222:saml-provider/x",
                ),
                grant(
                    "arn:aws-cn:iam::111111111111:role/a,arn:aws-cn:iam::111111111111:saml-provider/x",
                ),
                grant("arn:aws:iam::111111111111:role/b,arn:aws:iam::222222222222:saml-provider/x"),
            ],
        ] {
            let octets = postcard::to_allocvec(&Roles(roles.clone())).unwrap();
            assert_eq!(postcard::from_bytes::<Roles>(&octets), Ok(Roles(roles)));
        }
    }

    #[test]
    fn each_further_role_of_an_account_takes_little_more_than_its_name() {
        let roles = (0..100).map(|number| {
            grant(&format!(
                "arn:aws:iam::111111111111:role/role-{number},arn:aws:iam::111111111111:saml-provider/corp"
            ))
        });
        let octets = postcard::to_allocvec(&Roles(roles.collect())).unwrap();
        assert!(octets.len() < 100 * 16, "{} bytes", octets.len());
    }

    #[test]
    fn invalid_packed_roles_are_refused() {
        let provider = "arn:aws:iam::111111111111:saml-provider/corp";
        for packed in [
            Packed {
                providers: vec![provider],
                roles: vec![(1, "role/a")],
            },
            Packed {
                providers: vec![provider],
                roles: vec![(0, "user/a")],
            },
            Packed {
                providers: vec!["arn:aws:iam::1:saml-provider/corp"],
                roles: vec![],
            },
        ] {
            let octets = postcard::to_allocvec(&packed).unwrap();
            assert!(postcard::from_bytes::<Roles>(&octets).is_err());
        }
    }
}
