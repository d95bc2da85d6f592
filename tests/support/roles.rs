//! The roles in the tests' AWS, and people who have them.

use rolecall::demo::people::Person;
use rolecall::demo::role::Role;

use super::saml::{ROLE, ROLE_SESSION_NAME};

pub const READER: &str = "arn:aws:iam::111111111111:role/reader";
pub const SHORT: &str = "arn:aws:iam::111111111111:role/short";
pub const VAULT: &str = "arn:aws:iam::111111111111:role/vault";
pub const GONE: &str = "arn:aws:iam::111111111111:role/gone";
pub const CHINA: &str = "arn:aws-cn:iam::222222222222:role/reader";

/// The roles that exist in the tests' AWS: all of the above except [`GONE`].
pub fn roles(acs_url: &str) -> Vec<Role> {
    let role = |name| Role::new("aws", "111111111111", name, "corp", acs_url);
    let mut short = role("short");
    short.max_session_seconds = 7200;
    let mut vault = role("vault");
    vault.trust.denies = true;
    vec![
        role("reader"),
        short,
        vault,
        Role::new("aws-cn", "222222222222", "reader", "corp", acs_url),
    ]
}

/// A person whose assertion contains all of the roles above, including [`GONE`].
pub fn somebody(name: &str) -> Person {
    let values = [READER, SHORT, VAULT, GONE, CHINA].map(|arn| {
        let provider = arn.split(":role/").next().unwrap();
        format!("{arn},{provider}:saml-provider/corp")
    });
    Person::new(name, name)
        .with_attribute(ROLE, values)
        .with_attribute(ROLE_SESSION_NAME, [name])
}
