//! Credentials: temporary AWS credentials that every text format can represent.

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::{ExposeSecret, SecretString};

/// The temporary credentials of one session.
///
/// All values except the expiration are non-empty printable ASCII without spaces, so that every
/// text format can represent them. The secret values never appear in debug output; the access key
/// ID is not a secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: SecretString,
    expiration: DateTime<Utc>,
}

/// The error for a value that cannot be part of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is empty or contains a space or a character that is not printable ASCII")]
pub struct CredentialsError(&'static str);

impl Credentials {
    /// Credentials that are valid until `expiration`. Returns an error if one of the other values
    /// is empty or contains a space or a character that is not printable ASCII.
    pub fn new(
        access_key_id: String,
        secret_access_key: SecretString,
        session_token: SecretString,
        expiration: DateTime<Utc>,
    ) -> Result<Self, CredentialsError> {
        check("the access key ID", &access_key_id)?;
        check("the secret access key", secret_access_key.expose_secret())?;
        check("the session token", session_token.expose_secret())?;
        Ok(Self {
            access_key_id,
            secret_access_key,
            session_token,
            expiration,
        })
    }

    /// The access key ID (`ASIA…`). It is not a secret: AWS's logs show it.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key, with which requests are signed.
    pub fn secret_access_key(&self) -> &SecretString {
        &self.secret_access_key
    }

    /// The session token. AWS does not limit its length.
    pub fn session_token(&self) -> &SecretString {
        &self.session_token
    }

    /// When AWS stops accepting the credentials.
    pub fn expiration(&self) -> DateTime<Utc> {
        self.expiration
    }

    /// [`Credentials::expiration`] in RFC 3339 format, to the second: `2006-01-02T15:04:05Z`.
    pub fn expiration_text(&self) -> String {
        self.expiration.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

fn check(what: &'static str, value: &str) -> Result<(), CredentialsError> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(CredentialsError(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(id: &str, secret: &str, token: &str) -> Result<Credentials, CredentialsError> {
        Credentials::new(id.into(), secret.into(), token.into(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn takes_every_printable_character_but_the_space() {
        let all: String = ('!'..='~').collect();
        assert!(credentials(&all, &all, &all).is_ok());
    }

    #[test]
    fn refuses_what_a_text_format_cannot_carry() {
        for bad in ["", " ", "a b", "a\nb", "a\r", "\0", "\u{7f}", "\u{e4}"] {
            assert!(credentials(bad, "s", "t").is_err(), "{bad:?}");
            assert!(credentials("i", bad, "t").is_err(), "{bad:?}");
            assert!(credentials("i", "s", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!("{:?}", credentials("ASIAEXAMPLE", "hunter2", "tokentoken"));
        assert!(shown.contains("ASIAEXAMPLE"));
        assert!(!shown.contains("hunter2") && !shown.contains("tokentoken"));
    }

    #[test]
    fn expiration_is_rfc_3339_to_the_second() {
        let credentials = credentials("i", "s", "t").expect("credentials");
        assert_eq!(credentials.expiration_text(), "1970-01-01T00:00:00Z");
    }
}
