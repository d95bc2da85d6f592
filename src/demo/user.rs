//! The IAM users that the embedded AWS knows, with their access keys and second factors.

use secrecy::SecretString;

use super::credentials::unique_id;

/// An IAM user with one access key.
#[derive(Clone, Debug)]
pub struct User {
    /// The partition.
    pub partition: String,
    /// The account's twelve digits.
    pub account: String,
    /// The name, without a path.
    pub name: String,
    /// `AKIA` and 16 letters and digits.
    pub access_key_id: String,
    /// 40 characters.
    pub secret_access_key: SecretString,
    /// What its MFA device shows; it has none, if this is nothing. The device is not one of time: what
    /// it shows does not change.
    pub mfa_code: Option<String>,
    /// What its policy allows, of what does not go by the policy of a role: `sts:GetFederationToken` and
    /// the like.
    pub allowed: Vec<&'static str>,
}

impl User {
    /// A user without an MFA device, whose policy allows nothing of that kind.
    pub fn new(account: &str, name: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        Self {
            partition: "aws".to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.into(),
            mfa_code: None,
            allowed: Vec::new(),
        }
    }

    /// The user's ARN.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:user/{}",
            self.partition, self.account, self.name
        )
    }

    /// The user's unique ID, `AIDA…`.
    pub fn id(&self) -> String {
        unique_id("AIDA", &self.arn())
    }

    /// The serial number of its MFA device.
    pub fn mfa_serial(&self) -> String {
        format!(
            "arn:{}:iam::{}:mfa/{}",
            self.partition, self.account, self.name
        )
    }

    /// Whether this is what its MFA device shows.
    pub fn has_second_factor(&self, serial: &str, code: &str) -> bool {
        self.mfa_serial() == serial && self.mfa_code.as_deref() == Some(code)
    }
}
