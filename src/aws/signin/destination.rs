//! Destination: the AWS console page that a sign-in opens.

use url::Url;

use crate::aws::partition::{NoConsole, Partition};
use crate::aws::region::Region;

/// The maximum length of a destination, in characters.
const LENGTH_MAXIMUM: usize = 2_048;

/// A page of one partition's console, or a page on an emulator's origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(Url);

/// Why a string is not a [`Destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// The partition's console hosts are not public.
    #[error(transparent)]
    NoConsole(#[from] NoConsole),
    /// The string has more than 2,048 characters.
    #[error("the destination is longer than 2048 characters")]
    TooLong,
    /// The string contains a space, a control character or a backslash. Browsers and servers
    /// interpret these characters differently.
    #[error("the destination contains a space, a control character or a backslash")]
    Character,
    /// The string is neither a URL nor a path that [`Destination::parse`] accepts.
    #[error("the destination is not a page of this partition's console")]
    NotConsole,
}

impl Destination {
    /// The home page of the partition's console (see [`Partition::console_url`]).
    pub fn home(partition: Partition, region: &Region) -> Result<Self, DestinationError> {
        Ok(Self(partition.console_url(region)?))
    }

    /// Parses the URL or the path of a page of the partition's console. A URL must have the scheme
    /// `https`, a console host, and no user or port. A path must begin with exactly one `/`. If
    /// `endpoint` is an emulator's federation endpoint, a URL on its origin is accepted, too.
    pub fn parse(
        text: &str,
        partition: Partition,
        region: &Region,
        endpoint: Option<&Url>,
    ) -> Result<Self, DestinationError> {
        if text.chars().count() > LENGTH_MAXIMUM {
            return Err(DestinationError::TooLong);
        }
        if text.contains(|character: char| {
            character.is_control() || character.is_whitespace() || character == '\\'
        }) {
            return Err(DestinationError::Character);
        }
        let home = partition.console_url(region)?;
        let url = if is_path(text) {
            home.join(text).ok()
        } else {
            absolute(text)
        };
        url.filter(|url| is_on_console(url, partition) || is_on_origin_of(url, endpoint))
            .map(Self)
            .ok_or(DestinationError::NotConsole)
    }

    /// The absolute URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A path begins with exactly one slash; two slashes would introduce a host.
fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//")
}

/// Parses a URL that begins with its scheme and host exactly as the parser serializes them. This
/// excludes a user, a default port, another spelling of the host and a missing slash after the
/// scheme.
fn absolute(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let rest = text.strip_prefix(&url.origin().ascii_serialization())?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])).then_some(url)
}

fn is_on_console(url: &Url, partition: Partition) -> bool {
    url.scheme() == "https"
        && url.port().is_none()
        && url
            .host_str()
            .is_some_and(|host| partition.is_console_host(host))
}

fn is_on_origin_of(url: &Url, endpoint: Option<&Url>) -> bool {
    endpoint.is_some_and(|endpoint| url.origin().is_tuple() && url.origin() == endpoint.origin())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<String, DestinationError> {
        parse_on(text, Partition::Aws, None)
    }

    fn parse_on(
        text: &str,
        partition: Partition,
        endpoint: Option<&str>,
    ) -> Result<String, DestinationError> {
        let region = "eu-central-1".parse().expect("a region");
        let endpoint = endpoint.map(|endpoint| endpoint.parse().expect("a URL"));
        Destination::parse(text, partition, &region, endpoint.as_ref())
            .map(|destination| destination.as_str().to_owned())
    }

    #[test]
    fn accepts_console_urls() {
        for url in [
            "https://console.aws.amazon.com/s3/home?region=eu-central-1#buckets/a%20b",
            "https://eu-central-1.console.aws.amazon.com/ec2/home?a=https://evil.example",
        ] {
            assert_eq!(parse(url), Ok(url.to_owned()));
        }
        assert_eq!(
            parse("https://console.aws.amazon.com"),
            Ok("https://console.aws.amazon.com/".to_owned())
        );
        assert_eq!(
            parse_on("https://console.amazonaws.cn/ec2", Partition::Cn, None),
            Ok("https://console.amazonaws.cn/ec2".to_owned())
        );
    }

    #[test]
    fn accepts_console_paths() {
        for (path, url) in [
            ("/", "https://eu-central-1.console.aws.amazon.com/"),
            (
                "/s3/home?x=1#y",
                "https://eu-central-1.console.aws.amazon.com/s3/home?x=1#y",
            ),
            (
                "/../..//evil.com",
                "https://eu-central-1.console.aws.amazon.com//evil.com",
            ),
            (
                "/@evil.com",
                "https://eu-central-1.console.aws.amazon.com/@evil.com",
            ),
            ("/ä", "https://eu-central-1.console.aws.amazon.com/%C3%A4"),
        ] {
            assert_eq!(parse(path), Ok(url.to_owned()));
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "s3/home",
            "//evil.com",
            "///evil.com",
            "http://console.aws.amazon.com/",
            "https:console.aws.amazon.com/",
            "https:/console.aws.amazon.com/",
            "https:///console.aws.amazon.com/",
            "HTTPS://console.aws.amazon.com/",
            "https://Console.aws.amazon.com/",
            "https://console.aws.amazon.com:443/",
            "https://console.aws.amazon.com:8443/",
            "https://ada@console.aws.amazon.com/",
            "https://@console.aws.amazon.com/",
            "https://console.aws.amazon.com@evil.com/",
            "https://console.aws.amazon.com./",
            "https://console.aws.amazon.com.evil.com/",
            "https://evilconsole.aws.amazon.com/",
            "https://evil.console.aws.amazon.com/",
            "https://consol%65.aws.amazon.com/",
            "https://ｃonsole.aws.amazon.com/",
            "https://signin.aws.amazon.com/oauth?Action=logout",
            "https://console.amazonaws.cn/",
            "https://evil.com/?https://console.aws.amazon.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "null://console.aws.amazon.com/",
        ] {
            assert_eq!(parse(text), Err(DestinationError::NotConsole), "{text:?}");
        }
        for text in [
            "/\\evil.com",
            "\\\\evil.com",
            "/\t/evil.com",
            "\n//evil.com",
            " https://console.aws.amazon.com/",
            "https://console.aws.amazon.com/ ",
            "https://evil.com\\@console.aws.amazon.com/",
            "/a\0b",
        ] {
            assert_eq!(parse(text), Err(DestinationError::Character), "{text:?}");
        }
        let long = format!("/{}", "a".repeat(2_048));
        assert_eq!(parse(&long), Err(DestinationError::TooLong));
    }

    #[test]
    fn the_emulators_origin_is_allowed_only_with_the_emulator() {
        let own = "http://127.0.0.1:5001/console";
        let endpoint = Some("http://127.0.0.1:5001/federation");
        assert_eq!(parse(own), Err(DestinationError::NotConsole));
        assert_eq!(parse_on(own, Partition::Aws, endpoint), Ok(own.to_owned()));
        for other in [
            "http://127.0.0.1:5002/console",
            "https://127.0.0.1:5001/console",
            "http://127.0.0.1:5001.evil.com/",
            "http://ada@127.0.0.1:5001/",
            "http://localhost:5001/",
            "javascript:alert(1)",
        ] {
            let result = parse_on(other, Partition::Aws, endpoint);
            assert_eq!(result, Err(DestinationError::NotConsole), "{other:?}");
        }
    }

    #[test]
    fn isolated_partitions_have_no_destinations() {
        let error = DestinationError::NoConsole(NoConsole(Partition::Iso));
        assert_eq!(parse_on("/", Partition::Iso, None), Err(error));
        let region = "us-east-1".parse().expect("a region");
        assert_eq!(Destination::home(Partition::Iso, &region), Err(error));
        assert!(error.to_string().contains("aws-iso"));
    }

    proptest! {
        #[test]
        fn whatever_passes_stays_on_the_console(
            text in "(https?:|/)?[/\\\\@.:a-z]{0,3}(console\\.aws\\.amazon\\.com|evil)?[-./?#@:%\\\\a-z\t]{0,12}"
        ) {
            if let Ok(url) = parse(&text) {
                let rest = url
                    .strip_prefix("https://console.aws.amazon.com/")
                    .or_else(|| url.strip_prefix("https://eu-central-1.console.aws.amazon.com/"));
                prop_assert!(rest.is_some(), "{url}");
            }
        }
    }
}
