//! The IAM users in the embedded AWS, with their access keys and MFA devices.

use secrecy::SecretString;

use super::credentials::unique_id;

/// An IAM user with one access key.
#[derive(Clone, Debug)]
pub struct User {
    /// The partition, such as `aws`.
    pub partition: String,
    /// The account ID, twelve digits.
    pub account: String,
    /// The name, without a path.
    pub name: String,
    /// The access key ID: `AKIA` and 16 letters and digits.
    pub access_key_id: String,
    /// The secret access key, with which the user's requests are signed.
    pub secret_access_key: SecretString,
    /// The unchanging code of the user's MFA device; `None` if the user has no device.
    pub mfa_code: Option<String>,
    /// The actions that the user's policy allows, such as `sts:GetFederationToken`. Actions that a
    /// role's trust policy controls are not included.
    pub allowed: Vec<&'static str>,
}

impl User {
    /// A user in the partition `aws`, without an MFA device and without permissions.
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

    /// The user's ARN, `arn:PARTITION:iam::ACCOUNT:user/NAME`.
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

    /// The serial number of the user's MFA device. The device is virtual, so this is an ARN.
    pub fn mfa_serial(&self) -> String {
        format!(
            "arn:{}:iam::{}:mfa/{}",
            self.partition, self.account, self.name
        )
    }

    /// Whether `serial` is the serial number of the user's MFA device, and `code` is the device's
    /// code.
    pub fn has_second_factor(&self, serial: &str, code: &str) -> bool {
        self.mfa_serial() == serial && self.mfa_code.as_deref() == Some(code)
    }
}
