//! Region: the location of an AWS endpoint.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::partition::Partition;

/// The code of an AWS Region, such as `eu-central-1` or `us-gov-west-1`.
///
/// Only the form is checked, so that new Regions work. A code consists of two to four letters, one
/// or more words of letters, and a number of one or two digits, joined by `-`. Letters are in lower
/// case, and the code has at most 32 characters. A valid code is a well-formed DNS label and needs
/// no quoting in any shell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// The error for a string that is not a [`Region`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a region code such as eu-central-1")]
pub struct RegionError;

impl Region {
    /// The Region code, such as `eu-central-1`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition of this Region, according to the prefixes in AWS's published
    /// `partitions.json`. A Region without any of these prefixes is in `aws`.
    pub fn partition(&self) -> Partition {
        match self.0.as_str() {
            code if code.starts_with("cn-") => Partition::Cn,
            code if code.starts_with("us-gov-") => Partition::UsGov,
            code if code.starts_with("eusc-") => Partition::Eusc,
            code if code.starts_with("us-iso-") => Partition::Iso,
            code if code.starts_with("us-isob-") => Partition::IsoB,
            code if code.starts_with("eu-isoe-") => Partition::IsoE,
            code if code.starts_with("us-isof-") => Partition::IsoF,
            _ => Partition::Aws,
        }
    }

    /// A Region from a code that is hard-coded in this crate.
    pub(crate) fn from_static(code: &'static str) -> Self {
        debug_assert!(is_well_formed(code));
        Self(code.to_owned())
    }
}

fn is_well_formed(code: &str) -> bool {
    let labels: Vec<&str> = code.split('-').collect();
    let [area, words @ .., number] = labels.as_slice() else {
        return false;
    };
    code.len() <= 32
        && (2..=4).contains(&area.len())
        && is_word(area)
        && !words.is_empty()
        && words.iter().all(|word| is_word(word))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(code: &str) -> Result<Self, RegionError> {
        if is_well_formed(code) {
            Ok(Self(code.to_owned()))
        } else {
            Err(RegionError)
        }
    }
}

impl TryFrom<String> for Region {
    type Error = RegionError;

    fn try_from(code: String) -> Result<Self, RegionError> {
        code.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_the_regions_of_every_partition() {
        for (code, partition) in [
            ("us-east-1", Partition::Aws),
            ("ap-southeast-7", Partition::Aws),
            ("mx-central-1", Partition::Aws),
            ("cn-northwest-1", Partition::Cn),
            ("us-gov-east-1", Partition::UsGov),
            ("eusc-de-east-1", Partition::Eusc),
            ("us-iso-east-1", Partition::Iso),
            ("us-isob-east-1", Partition::IsoB),
            ("eu-isoe-west-1", Partition::IsoE),
            ("us-isof-south-1", Partition::IsoF),
        ] {
            assert_eq!(
                code.parse::<Region>().map(|region| region.partition()),
                Ok(partition)
            );
        }
    }

    #[test]
    fn refuses_what_is_not_a_region_code() {
        for code in [
            "",
            "us",
            "us-1",
            "us-east",
            "us-east-",
            "us-east-123",
            "US-EAST-1",
            "us_east_1",
            "us-east-1.evil",
            "us--east-1",
            "-east-1",
            "us-east-1\n",
            "europe-west-1",
            "us-eäst-1",
            "us-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1",
        ] {
            assert_eq!(code.parse::<Region>(), Err(RegionError), "{code:?}");
        }
    }

    #[test]
    fn is_validated_when_read_from_json() {
        let region: Region = serde_json::from_str("\"eu-west-1\"").expect("a region");
        assert_eq!(
            serde_json::to_string(&region).expect("JSON"),
            "\"eu-west-1\""
        );
        assert!(serde_json::from_str::<Region>("\"eu west 1\"").is_err());
    }

    proptest! {
        #[test]
        fn whatever_passes_is_a_dns_label(code in "[a-z0-9.@/ -]{0,20}") {
            if let Ok(region) = code.parse::<Region>() {
                let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                prop_assert!(region.as_str().bytes().all(is_label));
                prop_assert!(!region.as_str().starts_with('-') && !region.as_str().ends_with('-'));
            }
        }
    }
}
