//! Partition: one of the separate AWS clouds, each with its own endpoints and console.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

pub use super::region::{Region, RegionError};

/// An AWS partition. Its name is the second field of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Partition {
    /// The commercial Regions.
    #[serde(rename = "aws")]
    Aws,
    /// The Regions in China, run by Sinnet and NWCD.
    #[serde(rename = "aws-cn")]
    Cn,
    /// AWS GovCloud (US).
    #[serde(rename = "aws-us-gov")]
    UsGov,
    /// The AWS European Sovereign Cloud.
    #[serde(rename = "aws-eusc")]
    Eusc,
    /// The AWS Top Secret Regions.
    #[serde(rename = "aws-iso")]
    Iso,
    /// The AWS Secret Regions.
    #[serde(rename = "aws-iso-b")]
    IsoB,
    /// The isolated Regions in Europe.
    #[serde(rename = "aws-iso-e")]
    IsoE,
    /// The isolated Regions with the prefix `us-isof-`.
    #[serde(rename = "aws-iso-f")]
    IsoF,
}

/// The error for a string that is not the name of a partition in [`Partition::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an AWS partition such as aws or aws-cn")]
pub struct UnknownPartition;

/// The error for a partition that has no public sign-in or console hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("console sign-in is not available in the partition {0}: its sign-in host is not public")]
pub struct NoConsole(pub Partition);

/// The hosts of a partition's web console, without a Region prefix.
struct ConsoleHosts {
    signin: &'static str,
    console: &'static str,
}

impl Partition {
    /// All partitions that rolecall supports.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::Cn,
        Self::UsGov,
        Self::Eusc,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// The partition with this name in ARNs (such as `aws-cn`), if there is one.
    pub fn from_arn_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == name)
    }

    /// The name used in ARNs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Cn => "aws-cn",
            Self::UsGov => "aws-us-gov",
            Self::Eusc => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// The Region of the STS endpoint for this partition: the configured Region if it is in this
    /// partition, otherwise the partition's default Region.
    ///
    /// A Region belongs to only one partition, and STS in one partition does not accept credentials
    /// from another partition.
    pub fn sts_region(self, configured: &Region) -> Region {
        if configured.partition() == self {
            configured.clone()
        } else {
            Region::from_static(self.first_region())
        }
    }

    const fn first_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::Cn => "cn-north-1",
            Self::UsGov => "us-gov-west-1",
            Self::Eusc => "eusc-de-east-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoE => "eu-isoe-west-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// The federation endpoint, such as `https://signin.aws.amazon.com/federation` (IAM User Guide,
    /// "Enabling custom identity broker access to the AWS console"). If the partition has Regional
    /// endpoints, the result is the endpoint in the configured Region. A configured Region in
    /// another partition is replaced as in [`Partition::sts_region`].
    pub fn signin_url(self, configured: &Region) -> Result<Url, NoConsole> {
        let host = self.console_hosts().ok_or(NoConsole(self))?.signin;
        let region = self.sts_region(configured);
        Ok(match self {
            // The host without a Region in its name is in us-east-1.
            Self::Aws if region.as_str() == "us-east-1" => page(host, "/federation"),
            Self::Aws | Self::Eusc => page(&format!("{region}.{host}"), "/federation"),
            _ => page(host, "/federation"),
        })
    }

    /// The console's home page in the configured Region. A configured Region in another partition
    /// is replaced as in [`Partition::sts_region`].
    pub fn console_url(self, configured: &Region) -> Result<Url, NoConsole> {
        let host = self.console_hosts().ok_or(NoConsole(self))?.console;
        let region = self.sts_region(configured);
        let mut url = match self {
            Self::Aws if region.as_str() != "us-east-1" => {
                page(&format!("{region}.{host}"), "/console/home")
            }
            _ => page(host, "/console/home"),
        };
        url.query_pairs_mut().append_pair("region", region.as_str());
        Ok(url)
    }

    /// Whether `host` is the host of this partition's console, or that host with one of the
    /// partition's Regions as an additional label in front. `host` must be in lower case, as a URL
    /// parser returns it.
    pub fn is_console_host(self, host: &str) -> bool {
        let Some(console) = self.console_hosts().map(|hosts| hosts.console) else {
            return false;
        };
        host == console
            || host
                .strip_suffix(console)
                .and_then(|front| front.strip_suffix('.'))
                .and_then(|label| label.parse::<Region>().ok())
                .is_some_and(|region| region.partition() == self)
    }

    const fn console_hosts(self) -> Option<ConsoleHosts> {
        let (signin, console) = match self {
            Self::Aws => ("signin.aws.amazon.com", "console.aws.amazon.com"),
            Self::Cn => ("signin.amazonaws.cn", "console.amazonaws.cn"),
            Self::UsGov => (
                "signin.amazonaws-us-gov.com",
                "console.amazonaws-us-gov.com",
            ),
            Self::Eusc => ("signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
            Self::Iso | Self::IsoB | Self::IsoE | Self::IsoF => return None,
        };
        Some(ConsoleHosts { signin, console })
    }
}

fn page(host: &str, path: &str) -> Url {
    Url::parse(&format!("https://{host}{path}"))
        .expect("hosts are constants in this file, with at most a checked Region in front")
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = UnknownPartition;

    fn from_str(name: &str) -> Result<Self, UnknownPartition> {
        Self::from_arn_name(name).ok_or(UnknownPartition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        code.parse().expect("a region")
    }

    #[test]
    fn partition_names_are_spelled_as_in_arns() {
        for partition in Partition::ALL {
            assert_eq!(partition.as_str().parse(), Ok(partition));
            let json = serde_json::to_string(&partition).expect("JSON");
            assert_eq!(json, format!("\"{partition}\""));
            assert_eq!(
                serde_json::from_str::<Partition>(&json).expect("partition"),
                partition
            );
        }
        assert_eq!(Partition::from_arn_name("AWS"), None);
        assert_eq!("aws-mars".parse::<Partition>(), Err(UnknownPartition));
    }

    #[test]
    fn the_first_region_lies_in_its_partition() {
        for partition in Partition::ALL {
            let first = region(partition.first_region());
            assert_eq!(first.partition(), partition);
        }
    }

    #[test]
    fn the_configured_sts_region_is_used_only_in_its_own_partition() {
        let frankfurt = region("eu-central-1");
        assert_eq!(Partition::Aws.sts_region(&frankfurt), frankfurt);
        assert_eq!(Partition::Cn.sts_region(&frankfurt), region("cn-north-1"));
        assert_eq!(
            Partition::UsGov.sts_region(&frankfurt),
            region("us-gov-west-1")
        );
        assert_eq!(
            Partition::Eusc.sts_region(&frankfurt),
            region("eusc-de-east-1")
        );

        let ningxia = region("cn-northwest-1");
        assert_eq!(Partition::Cn.sts_region(&ningxia), ningxia);
        assert_eq!(Partition::Aws.sts_region(&ningxia), region("us-east-1"));
    }

    #[test]
    fn federation_endpoints() {
        for (partition, configured, expected) in [
            (
                Partition::Aws,
                "us-east-1",
                "https://signin.aws.amazon.com/federation",
            ),
            (
                Partition::Aws,
                "cn-north-1",
                "https://signin.aws.amazon.com/federation",
            ),
            (
                Partition::Aws,
                "eu-central-1",
                "https://eu-central-1.signin.aws.amazon.com/federation",
            ),
            (
                Partition::Cn,
                "us-east-1",
                "https://signin.amazonaws.cn/federation",
            ),
            (
                Partition::UsGov,
                "us-east-1",
                "https://signin.amazonaws-us-gov.com/federation",
            ),
            (
                Partition::Eusc,
                "us-east-1",
                "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation",
            ),
        ] {
            let url = partition
                .signin_url(&region(configured))
                .expect("a console");
            assert_eq!(url.as_str(), expected);
        }
    }

    #[test]
    fn console_home_pages_are_on_console_hosts() {
        for (partition, configured, expected) in [
            (
                Partition::Aws,
                "us-east-1",
                "https://console.aws.amazon.com/console/home?region=us-east-1",
            ),
            (
                Partition::Aws,
                "eu-central-1",
                "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1",
            ),
            (
                Partition::Cn,
                "us-east-1",
                "https://console.amazonaws.cn/console/home?region=cn-north-1",
            ),
            (
                Partition::UsGov,
                "us-gov-east-1",
                "https://console.amazonaws-us-gov.com/console/home?region=us-gov-east-1",
            ),
            (
                Partition::Eusc,
                "us-east-1",
                "https://console.amazonaws-eusc.eu/console/home?region=eusc-de-east-1",
            ),
        ] {
            let url = partition
                .console_url(&region(configured))
                .expect("a console");
            assert_eq!(url.as_str(), expected);
            assert!(partition.is_console_host(url.host_str().expect("a host")));
        }
    }

    #[test]
    fn isolated_partitions_have_no_console_sign_in() {
        for partition in [
            Partition::Iso,
            Partition::IsoB,
            Partition::IsoE,
            Partition::IsoF,
        ] {
            let configured = region("us-east-1");
            assert_eq!(partition.signin_url(&configured), Err(NoConsole(partition)));
            assert_eq!(
                partition.console_url(&configured),
                Err(NoConsole(partition))
            );
            assert!(!partition.is_console_host("console.aws.amazon.com"));
        }
    }

    #[test]
    fn only_the_partitions_own_hosts_are_console_hosts() {
        for host in [
            "console.aws.amazon.com",
            "eu-central-1.console.aws.amazon.com",
            "ap-southeast-5.console.aws.amazon.com",
        ] {
            assert!(Partition::Aws.is_console_host(host), "{host}");
        }
        for host in [
            "",
            ".console.aws.amazon.com",
            "console.aws.amazon.com.",
            "evilconsole.aws.amazon.com",
            "evil.console.aws.amazon.com",
            "eu-central-1console.aws.amazon.com",
            "eu-central-1.evil.console.aws.amazon.com",
            "evil.eu-central-1.console.aws.amazon.com",
            "console.aws.amazon.com.evil.com",
            "eu-central-1.console.aws.amazon.com.evil.com",
            "cn-north-1.console.aws.amazon.com",
            "console.amazonaws.cn",
            "signin.aws.amazon.com",
            "aws.amazon.com",
            "Console.aws.amazon.com",
        ] {
            assert!(!Partition::Aws.is_console_host(host), "{host}");
        }
        assert!(Partition::Cn.is_console_host("cn-north-1.console.amazonaws.cn"));
        assert!(!Partition::Cn.is_console_host("us-east-1.console.amazonaws.cn"));
    }
}
