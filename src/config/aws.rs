use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::Problem;
use super::file;
use super::kind::{Kind, flag, is_plain, label, quoted_url, seconds, text, texts};
use super::reader::{Reader, Reported};
use crate::aws::duration::SessionDuration;
use crate::aws::partition::Partition;
use crate::aws::region::Region;

/// The key for the file with a secret access key.
pub(super) const SECRET: &str = "secret_access_key_file";
pub(super) const SECRET_ALLOWED: &str = "the path of a file that contains the secret access key";

/// `[aws]`: endpoints, partitions, rolecall's own identity and the lifetimes of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// The region of AWS's endpoints and of console pages in this region's partition. For each
    /// other partition, the region is fixed.
    pub region: Region,
    /// An STS endpoint that replaces AWS's, for use with emulators.
    pub sts_endpoint: Option<Url>,
    /// A federation endpoint that replaces AWS's, for use with emulators.
    pub signin_endpoint: Option<Url>,
    /// The partitions in which people can get access.
    pub partitions: Vec<Partition>,
    /// rolecall's own AWS identity, for grants that need one.
    pub identity: Identity,
    /// Whether a grant takes precedence over the assertion if both provide the same role.
    pub prefer_grants: bool,
    /// The lifetime of credentials if the person does not choose one, in seconds: 900 to
    /// `max_duration_seconds`.
    pub default_duration_seconds: u32,
    /// The maximum lifetime that a person may choose, in seconds: 900 to 43,200.
    pub max_duration_seconds: u32,
}

impl Default for Aws {
    fn default() -> Self {
        Self {
            region: Region::from_static("us-east-1"),
            sts_endpoint: None,
            signin_endpoint: None,
            partitions: Partition::ALL.into(),
            identity: Identity::DefaultChain { profile: None },
            prefer_grants: true,
            default_duration_seconds: SessionDuration::HOUR.seconds(),
            max_duration_seconds: SessionDuration::MAXIMUM.seconds(),
        }
    }
}

impl Aws {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let region = reader.optional("region", &region());
        let sts_endpoint = reader.optional("sts_endpoint", &endpoint());
        let signin_endpoint = reader.optional("signin_endpoint", &endpoint());
        let partitions = reader.optional("partitions", &partitions());
        let identity = Identity::read(reader);
        let prefer_grants = reader.optional("prefer_grants", &flag());
        let durations = read_durations(reader);
        let (default_duration_seconds, max_duration_seconds) = durations?;
        Ok(Self {
            region: region?.unwrap_or(default.region),
            sts_endpoint: sts_endpoint?,
            signin_endpoint: signin_endpoint?,
            partitions: partitions?.unwrap_or(default.partitions),
            identity: identity?,
            prefer_grants: prefer_grants?.unwrap_or(default.prefer_grants),
            default_duration_seconds,
            max_duration_seconds,
        })
    }
}

/// rolecall's own AWS identity: where its credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The first credentials found in the default chain of AWS SDKs: environment, profile, web
    /// identity, container, instance.
    DefaultChain {
        /// The profile to use instead of the default one.
        profile: Option<String>,
    },
    /// The access key of an IAM user.
    Keys {
        /// The access key ID, such as `AKIA…`.
        access_key_id: String,
        /// The secret access key, from `secret_access_key_file`.
        secret_access_key: Secret,
    },
}

/// A secret in the configuration. It is never shown. Secrets of equal length are compared in
/// constant time.
#[derive(Clone, Debug)]
pub struct Secret(pub SecretString);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let [one, other] = [self, other].map(|secret| secret.0.expose_secret().as_bytes());
        one.len() == other.len() && openssl::memcmp::eq(one, other)
    }
}

impl Eq for Secret {}

impl Identity {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let profile = reader.optional("profile", &label());
        let id = reader.optional("access_key_id", &access_key_id());
        let path = reader.secret_file(SECRET);
        match (profile?, id?, path?) {
            (profile, None, None) => Ok(Self::DefaultChain { profile }),
            (Some(_), _, _) => {
                let problem = "set, but access_key_id or secret_access_key_file is set as well";
                Err(reader.mistake("profile", problem, "a profile or an access key, not both"))
            }
            (None, Some(_), None) => Err(reader.mistake(SECRET, "missing", SECRET_ALLOWED)),
            (None, None, Some(_)) => {
                let allowed = "the ID of the access key, such as AKIA…";
                Err(reader.mistake("access_key_id", "missing", allowed))
            }
            (None, Some(access_key_id), Some(path)) => Ok(Self::Keys {
                access_key_id,
                secret_access_key: secret_access_key(reader, &path)?,
            }),
        }
    }
}

/// Reads the secret in `secret_access_key_file`.
pub(super) fn secret_access_key(reader: &mut Reader<'_>, path: &Path) -> Result<Secret, Reported> {
    secret(path).map_err(|problem| reader.mistake(SECRET, problem, SECRET_ALLOWED))
}

/// Reads a secret access key without surrounding white space. Error messages never quote the
/// content of the file.
fn secret(path: &Path) -> Result<Secret, Problem> {
    let text = Zeroizing::new(file::small_text(path)?);
    let secret = text.trim();
    if (16..=128).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Secret(SecretString::from(secret)))
    } else {
        Err(format!(
            "{} does not contain a secret access key (16 to 128 characters on one line)",
            path.display()
        )
        .into())
    }
}

/// An access key ID: 16 to 128 characters that match `\w` (STS API reference, Credentials). IDs of
/// temporary keys, `ASIA…`, are rejected because they are useless without a session token.
pub(super) fn access_key_id() -> Kind<String> {
    text("16 to 128 letters, digits and underscores", |text| {
        let fits = (16..=128).contains(&text.len());
        if text.starts_with("ASIA") {
            return Err(format!("{text:?} belongs to temporary credentials"));
        }
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            Ok(text.to_owned())
        } else {
            Err(format!("{text:?} is not an access key ID"))
        }
    })
}

/// Reads the default and the maximum duration, in seconds, within AWS's limits. If only the maximum
/// is set, and it is less than the built-in default duration, it is also the default.
fn read_durations(reader: &mut Reader<'_>) -> Result<(u32, u32), Reported> {
    let min = SessionDuration::MINIMUM.seconds();
    let range = seconds(min..=SessionDuration::MAXIMUM.seconds());
    let default = Aws::default();
    let given = reader.optional("default_duration_seconds", &range);
    let max = reader.optional("max_duration_seconds", &range);
    let (given, max) = (given?, max?.unwrap_or(default.max_duration_seconds));
    match given {
        Some(given) if given > max => Err(reader.mistake(
            "default_duration_seconds",
            format!("{given} is more than aws.max_duration_seconds ({max})"),
            format!("a whole number of seconds from {min} to {max}"),
        )),
        Some(given) => Ok((given, max)),
        None => Ok((default.default_duration_seconds.min(max), max)),
    }
}

fn region() -> Kind<Region> {
    text("a region code, such as us-east-1", |text| {
        text.parse()
            .map_err(|_| format!("{text:?} is not a region"))
    })
}

fn partitions() -> Kind<Vec<Partition>> {
    let names = Partition::ALL.map(Partition::as_str).join(", ");
    texts(
        format!("a list of at least one of the partitions {names}"),
        |text| {
            let partition = text.parse();
            partition.map_err(|error| format!("{text:?} is {error}"))
        },
    )
    .at_least_one()
}

fn endpoint() -> Kind<Url> {
    text(
        "an http:// or https:// URL without user name, password, query or fragment",
        |text| {
            let quoted = quoted_url(text);
            let url =
                Url::parse(text).map_err(|error| format!("{quoted} is not a URL: {error}"))?;
            if matches!(url.scheme(), "http" | "https") && is_plain(&url) {
                Ok(url)
            } else {
                Err(format!("{quoted} is not an endpoint"))
            }
        },
    )
}
