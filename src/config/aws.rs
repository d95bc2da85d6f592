use url::Url;

use super::kind::{Kind, seconds, text};
use super::reader::{Reader, Reported};
use crate::aws::region::Region;

/// `[aws]`: STS and the console's sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// The region whose STS is asked for roles of the partition `aws`; other partitions have
    /// their own.
    pub region: Region,
    /// An STS instead of AWS's: for emulators.
    pub sts_endpoint: Option<Url>,
    /// A federation endpoint instead of AWS's: for emulators.
    pub signin_endpoint: Option<Url>,
    /// How long credentials live if the person does not say, in seconds, 900 to 43,200 and at
    /// most the maximum.
    pub default_duration_seconds: u32,
    /// The longest that a person may ask for, in seconds, 900 to 43,200.
    pub max_duration_seconds: u32,
}

impl Default for Aws {
    fn default() -> Self {
        Self {
            region: Region::from_static("us-east-1"),
            sts_endpoint: None,
            signin_endpoint: None,
            default_duration_seconds: 3_600,
            max_duration_seconds: 43_200,
        }
    }
}

impl Aws {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let default = Self::default();
        let region = reader.optional("region", &region());
        let sts_endpoint = reader.optional("sts_endpoint", &endpoint());
        let signin_endpoint = reader.optional("signin_endpoint", &endpoint());
        let durations = read_durations(reader);
        let (default_duration_seconds, max_duration_seconds) = durations?;
        Ok(Self {
            region: region?.unwrap_or(default.region),
            sts_endpoint: sts_endpoint?,
            signin_endpoint: signin_endpoint?,
            default_duration_seconds,
            max_duration_seconds,
        })
    }
}

/// The default and the maximum, in seconds. AssumeRoleWithSAML takes 900 to 43,200 (AWS STS API
/// reference). A default that nobody wrote gives way to a smaller maximum.
fn read_durations(reader: &mut Reader<'_>) -> Result<(u32, u32), Reported> {
    let range = seconds(900..=43_200);
    let default = Aws::default();
    let given = reader.optional("default_duration_seconds", &range);
    let max = reader.optional("max_duration_seconds", &range);
    let (given, max) = (given?, max?.unwrap_or(default.max_duration_seconds));
    match given {
        Some(given) if given > max => Err(reader.mistake(
            "default_duration_seconds",
            format!("{given} is more than aws.max_duration_seconds, {max}"),
            format!("a whole number of seconds from 900 to {max}"),
        )),
        Some(given) => Ok((given, max)),
        None => Ok((default.default_duration_seconds.min(max), max)),
    }
}

fn region() -> Kind<Region> {
    text("the code of a region, such as us-east-1", |text| {
        text.parse()
            .map_err(|_| format!("{text:?} is not a region"))
    })
}

fn endpoint() -> Kind<Url> {
    text(
        "a URL, http:// or https://, without user, query and fragment",
        |text| {
            let url = Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
            let has_user = !url.username().is_empty() || url.password().is_some();
            let has_tail = url.query().is_some() || url.fragment().is_some();
            if matches!(url.scheme(), "http" | "https") && !has_user && !has_tail {
                Ok(url)
            } else {
                Err(format!("{text:?} is not an endpoint"))
            }
        },
    )
}
