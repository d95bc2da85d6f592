//! Profile name: the name of a profile in the credentials file.

use std::str::FromStr;

use serde::Deserialize;

use crate::aws::arn::checked_text;
use crate::aws::entitlement::Role;

/// The name of a profile: 1 to 128 of the characters `A-Z a-z 0-9 _ . @ + -`. It does not begin
/// with `-`.
///
/// The AWS SDKs also accept other characters, but those would need quoting on some command lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ProfileName {
    text: String,
}

/// The error for a string that is not a valid [`ProfileName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 128 characters long, contain only A-Z a-z 0-9 _ . @ + - and not begin with -"
)]
pub struct ProfileNameError;

/// The maximum length of the account name in a profile name, in characters. The remaining 65
/// characters are for a dash and a role name of at most 64 characters.
const ACCOUNT_MAXIMUM: usize = 63;

impl ProfileName {
    /// The maximum length of a profile name, in bytes.
    pub const LENGTH_MAXIMUM: usize = 128;

    /// `<account name>-<role name>`. Each run of characters that a profile name does not allow
    /// becomes one dash. The account ID replaces an account name that is missing or would become
    /// empty. It also replaces a name that is not ASCII, because names that differ only in letters
    /// outside ASCII would become the same.
    pub fn for_role(account_name: Option<&str>, role: &Role) -> Self {
        let account = account_name
            .filter(|name| name.is_ascii())
            .map(|name| spelt(name, ACCOUNT_MAXIMUM))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| role.arn.account().to_string());
        let role = spelt(ascii_name(role), Self::LENGTH_MAXIMUM);
        Self {
            text: format!("{account}-{role}").trim_end_matches('-').to_owned(),
        }
    }

    /// The name that a template produces for an account and a role. `{account}` is the account's
    /// name, or the account's ID if the account has no name; `{account_id}` is the ID; `{role}` is
    /// the role's name. Each run of characters that a profile name does not allow becomes one dash.
    /// If the profile name would be empty, or the expanded template is not ASCII,
    /// [`ProfileName::for_role`] provides the profile name instead.
    pub fn from_template(template: &str, account_name: Option<&str>, role: &Role) -> Self {
        let usual = || Self::for_role(account_name, role);
        let id = role.arn.account().as_str();
        let account = account_name.map_or_else(|| id.to_owned(), str::to_owned);
        let text = template
            .replace("{account}", &account)
            .replace("{account_id}", id)
            .replace("{role}", ascii_name(role));
        if !text.is_ascii() {
            return usual();
        }
        spelt(&text, Self::LENGTH_MAXIMUM)
            .parse()
            .unwrap_or_else(|_| usual())
    }

    /// Whether a template is valid. It must contain `{role}`, so that different roles get different
    /// names. Apart from the placeholders, it may contain at most 64 characters, and only those
    /// that a profile name allows.
    pub fn is_template(template: &str) -> bool {
        let rest = ["{account}", "{account_id}", "{role}"]
            .iter()
            .fold(template.to_owned(), |rest, known| rest.replace(known, ""));
        template.contains("{role}") && rest.len() <= 64 && rest.chars().all(is_allowed)
    }

    /// A name for formats that do not contain a profile name.
    pub(super) fn fallback() -> Self {
        Self {
            text: "rolecall".to_owned(),
        }
    }
}

/// The display name of a role, or the name in the role's ARN if the display name is not ASCII. The
/// name in an ARN is always ASCII, but a display name may contain any letters.
fn ascii_name(role: &Role) -> &str {
    if role.name.is_ascii() {
        &role.name
    } else {
        role.arn.name()
    }
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.@+-".contains(character)
}

/// Converts `name` to a part of a profile name. Each run of dashes and disallowed characters
/// becomes one dash, and dashes at either end are removed. The result has at most `maximum`
/// characters.
fn spelt(name: &str, maximum: usize) -> String {
    let dashed: String = name
        .chars()
        .map(|character| {
            if is_allowed(character) {
                character
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    let joined: String = parts.join("-").chars().take(maximum).collect();
    joined.trim_end_matches('-').to_owned()
}

impl FromStr for ProfileName {
    type Err = ProfileNameError;

    fn from_str(text: &str) -> Result<Self, ProfileNameError> {
        let fits = (1..=Self::LENGTH_MAXIMUM).contains(&text.len());
        if fits && !text.starts_with('-') && text.chars().all(is_allowed) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(ProfileNameError)
        }
    }
}

checked_text!(ProfileName, ProfileNameError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::aws::arn::PrincipalArn;
    use crate::aws::entitlement::Through;

    fn role(arn: &str) -> Role {
        let arn: PrincipalArn = arn.parse().expect("an ARN");
        Role::new(arn, Through::Grant("a grant".to_owned()))
    }

    fn name(account: Option<&str>, name: &str) -> String {
        let role = role(&format!("arn:aws:iam::123456789012:role/{name}"));
        ProfileName::for_role(account, &role).to_string()
    }

    #[test]
    fn the_default_name_joins_account_and_role() {
        for (account, role, expected) in [
            (Some("prod"), "Admin", "prod-Admin"),
            (Some("Shop (EU) / prod"), "path/Admin", "Shop-EU-prod-Admin"),
            (Some("a]\n[default"), "Admin", "a-default-Admin"),
            (Some("--prod--"), "a=b,c", "prod-a-b-c"),
            (None, "Admin", "123456789012-Admin"),
            (Some(""), "Admin", "123456789012-Admin"),
            (Some(" / "), "Admin", "123456789012-Admin"),
            (Some("本番"), "Admin", "123456789012-Admin"),
            (Some("Köln"), "Admin", "123456789012-Admin"),
            (Some("prod"), ",=", "prod"),
        ] {
            assert_eq!(name(account, role), expected);
        }
    }

    #[test]
    fn a_profile_name_uses_the_grant_name_where_possible() {
        let user = role("arn:aws:iam::123456789012:user/apps/robot");
        for (label, expected) in [
            ("billing console", "prod-billing-console"),
            ("Größe", "prod-robot"),
        ] {
            let name = label.to_owned();
            let role = Role {
                name,
                ..user.clone()
            };
            assert_eq!(
                ProfileName::for_role(Some("prod"), &role).to_string(),
                expected
            );
        }
    }

    #[test]
    fn refuses_what_needs_quoting() {
        for text in [
            "",
            "-prod",
            "a b",
            "a]",
            "a\nb",
            "a$b",
            "ä",
            &"a".repeat(129),
        ] {
            assert_eq!(
                text.parse::<ProfileName>(),
                Err(ProfileNameError),
                "{text:?}"
            );
        }
        for text in ["default", "prod-Admin", "a.b@c+d_e"] {
            assert!(text.parse::<ProfileName>().is_ok(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_account_and_role_yield_a_valid_profile_name(
            account in any::<String>(),
            role in "[a-zA-Z0-9_+=,.@-]{1,64}",
        ) {
            let name = name(Some(&account), &role);
            prop_assert!(name.parse::<ProfileName>().is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_template_formats_profile_names() {
        let role = role("arn:aws:iam::111111111111:role/path/Read+Only");
        for (template, name, made) in [
            (
                "{account}-{role}",
                Some("Data Platform"),
                "Data-Platform-Read+Only",
            ),
            ("{account}-{role}", None, "111111111111-Read+Only"),
            (
                "aws.{account_id}.{role}",
                Some("x"),
                "aws.111111111111.Read+Only",
            ),
            ("{role}@{account}", Some("Größe"), "111111111111-Read+Only"),
        ] {
            let profile = ProfileName::from_template(template, name, &role);
            assert_eq!(profile.as_str(), made, "{template} {name:?}");
        }
        for template in ["{role}", "{account}-{role}", "x.{account_id}_{role}@y"] {
            assert!(ProfileName::is_template(template), "{template}");
        }
        for template in [
            "",
            "{account}",
            "{rôle}-{role}",
            "{role} x",
            "{role}{user}",
            "[{role}]",
        ] {
            assert!(!ProfileName::is_template(template), "{template}");
        }
    }
}
