//! Format: credentials rendered as text for shells and programs.
//!
//! Most of these formats are also output formats of `aws configure export-credentials`. Credentials
//! are printable ASCII without spaces ([`Credentials`] checks this). Every format preserves all of
//! these characters, with the exceptions described at [`Format::Cmd`] and
//! [`Format::CredentialsFile`].

mod profile;
mod quote;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

pub use self::profile::{ProfileName, ProfileNameError};
use super::credentials::Credentials;
use super::region::Region;

/// A text format for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `export NAME='value'` for bash, zsh and every other POSIX shell.
    Bash,
    /// `set -gx NAME 'value'` for fish.
    Fish,
    /// `$Env:NAME="value"` for PowerShell.
    PowerShell,
    /// `set NAME=value` with CRLF, for the Windows Command Prompt, not for batch files. Characters
    /// that the prompt would interpret are escaped with `^`, because quotes would become part of
    /// the value. A `!` is lost under delayed expansion, which is off by default (`cmd /v:on` turns
    /// it on).
    Cmd,
    /// `setenv NAME 'value'` for csh.
    Csh,
    /// `NAME=value` for `.env` files, which a POSIX shell can also read.
    Dotenv,
    /// A profile in `~/.aws/credentials`. The file format has no quoting, so some SDKs would read a
    /// value that begins with `#` or `;` as a comment. Values from AWS never begin with these.
    CredentialsFile,
    /// The output of a `credential_process`: JSON, version 1.
    CredentialProcess,
}

impl Format {
    /// All formats, in display order.
    pub const ALL: [Self; 8] = [
        Self::Bash,
        Self::Fish,
        Self::PowerShell,
        Self::Cmd,
        Self::Csh,
        Self::Dotenv,
        Self::CredentialsFile,
        Self::CredentialProcess,
    ];

    /// A stable ID for URLs, forms and scripts.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Cmd => "cmd",
            Self::Csh => "csh",
            Self::Dotenv => "dotenv",
            Self::CredentialsFile => "credentials-file",
            Self::CredentialProcess => "credential-process",
        }
    }

    /// The file name for downloads, or `None` if this format is not usually stored in a file.
    pub const fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Dotenv => Some(".env"),
            Self::CredentialsFile => Some("credentials"),
            Self::CredentialProcess => Some("credentials.json"),
            _ => None,
        }
    }

    /// The format with this ID, if there is one.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }

    /// The credentials in this format. All formats except [`Format::CredentialProcess`] include the
    /// Region if one is given. Only [`Format::CredentialsFile`] includes the profile name.
    pub fn render(
        self,
        credentials: &Credentials,
        region: Option<&Region>,
        profile: &ProfileName,
    ) -> SecretString {
        let values = Values {
            secret_access_key: credentials.secret_access_key().expose_secret(),
            session_token: credentials.session_token().expose_secret(),
            ..Values::masked(credentials, "", region)
        };
        // The string is copied rather than moved. A move would shrink it to fit, which may leave
        // the old buffer in memory without clearing it.
        SecretString::from(self.write(&values, profile).as_str())
    }

    /// Like [`Format::render`], but with `mask` instead of the secret access key and the session
    /// token.
    pub fn masked(
        self,
        credentials: &Credentials,
        mask: &str,
        region: Option<&Region>,
        profile: &ProfileName,
    ) -> String {
        let values = Values::masked(credentials, mask, region);
        self.write(&values, profile).to_string()
    }

    fn write(self, values: &Values<'_>, profile: &ProfileName) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(values.room()));
        match self {
            Self::Bash => values.lines(&mut text, "export ", "=", quote::posix, "\n"),
            Self::Fish => values.lines(&mut text, "set -gx ", " ", quote::fish, "\n"),
            Self::PowerShell => values.lines(&mut text, "$Env:", "=", quote::powershell, "\n"),
            Self::Cmd => values.lines(&mut text, "set ", "=", quote::cmd, "\r\n"),
            Self::Csh => values.lines(&mut text, "setenv ", " ", quote::csh, "\n"),
            Self::Dotenv => values.lines(&mut text, "", "=", quote::dotenv, "\n"),
            Self::CredentialsFile => values.profile(&mut text, profile),
            Self::CredentialProcess => values.json(&mut text),
        }
        text
    }
}

/// The output of a `credential_process`, which contains neither a Region nor a profile name.
pub fn credential_process(credentials: &Credentials) -> SecretString {
    let any = ProfileName::fallback();
    Format::CredentialProcess.render(credentials, None, &any)
}

struct Values<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: String,
    region: Option<&'a str>,
}

type Quote = fn(&mut String, &str);

impl<'a> Values<'a> {
    fn masked(credentials: &'a Credentials, mask: &'a str, region: Option<&'a Region>) -> Self {
        Self {
            access_key_id: credentials.access_key_id(),
            secret_access_key: mask,
            session_token: mask,
            expiration: credentials.expiration_text(),
            region: region.map(Region::as_str),
        }
    }

    /// A capacity in bytes that is enough for any format, so that the output is never reallocated.
    /// A reallocation would leave a copy of the secrets in memory.
    fn room(&self) -> usize {
        let values =
            self.access_key_id.len() + self.secret_access_key.len() + self.session_token.len();
        1_024 + 8 * values
    }

    /// The environment variables, as documented for the AWS CLI. Version 1 of the CLI reads the
    /// Region only from `AWS_DEFAULT_REGION`; the SDKs read it from `AWS_REGION`.
    fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let region = |name| self.region.map(|region| (name, region));
        [
            Some(("AWS_ACCESS_KEY_ID", self.access_key_id)),
            Some(("AWS_SECRET_ACCESS_KEY", self.secret_access_key)),
            Some(("AWS_SESSION_TOKEN", self.session_token)),
            Some(("AWS_CREDENTIAL_EXPIRATION", self.expiration.as_str())),
            region("AWS_REGION"),
            region("AWS_DEFAULT_REGION"),
        ]
        .into_iter()
        .flatten()
    }

    fn lines(&self, text: &mut String, before: &str, between: &str, quote: Quote, end: &str) {
        for (name, value) in self.variables() {
            text.push_str(before);
            text.push_str(name);
            text.push_str(between);
            quote(text, value);
            text.push_str(end);
        }
    }

    fn profile(&self, text: &mut String, profile: &ProfileName) {
        let settings = [
            Some(("aws_access_key_id", self.access_key_id)),
            Some(("aws_secret_access_key", self.secret_access_key)),
            Some(("aws_session_token", self.session_token)),
            Some(("x_security_token_expires", self.expiration.as_str())),
            self.region.map(|region| ("region", region)),
        ];
        text.push('[');
        text.push_str(profile.as_str());
        text.push_str("]\n");
        for (name, value) in settings.into_iter().flatten() {
            text.push_str(name);
            text.push_str(" = ");
            text.push_str(value);
            text.push('\n');
        }
    }

    fn json(&self, text: &mut String) {
        let process = Process {
            version: 1,
            access_key_id: self.access_key_id,
            secret_access_key: self.secret_access_key,
            session_token: self.session_token,
            expiration: &self.expiration,
        };
        let json = serde_json::to_string(&process).map(Zeroizing::new);
        text.push_str(&json.expect("a number and four strings always serialize"));
    }
}

/// The JSON output of a `credential_process` (AWS SDKs and Tools Reference Guide, "Process
/// credential provider").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Process<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: &'a str,
}

#[cfg(test)]
mod tests;
