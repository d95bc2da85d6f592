//! `rolecall metadata`: prints the service provider's SAML metadata.

use std::io::{self, Write as _};

use super::{ConfigFile, Failure, logging};
use crate::clock::Clock;
use crate::saml::ServiceProvider;

/// Prints the metadata that the service would publish with this configuration.
pub(super) fn run(file: &ConfigFile) -> Result<(), Failure> {
    logging::human();
    let saml = ServiceProvider::from_config(&file.load()?, Clock::system().now())?;
    writeln!(io::stdout(), "{}", saml.metadata_xml().trim_end())
        .map_err(|error| Failure::new(format!("cannot write the metadata: {error}")))
}
