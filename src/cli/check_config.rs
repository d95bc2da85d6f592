//! `rolecall check-config`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use super::{ConfigFile, Failure, logging};
use crate::config::Config;
use crate::saml::ServiceProvider;

/// Says that all is well, and what identity providers need to know of it.
pub(super) fn run(file: &ConfigFile) -> Result<(), Failure> {
    logging::human();
    let summary = check(&file.path, &file.load()?)?;
    io::stdout()
        .write_all(summary.as_bytes())
        .map_err(|error| Failure::new(format!("cannot write the summary: {error}")))
}

fn check(path: &Path, config: &Config) -> Result<String, Failure> {
    let saml = ServiceProvider::from_config(config)?;
    let mut summary = format!("ok: {}\n", path.display());
    for (name, value) in facts(config, &saml) {
        writeln!(summary, "{name:<12}{value}").map_err(Failure::new)?;
    }
    Ok(summary)
}

fn facts(config: &Config, saml: &ServiceProvider) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("public url", config.public_url.to_string()),
        ("acs url", saml.acs_url.clone()),
        ("entity id", saml.entity_id.clone()),
        (
            "requests",
            if saml.key.is_some() {
                "signed"
            } else {
                "not signed"
            }
            .to_owned(),
        ),
    ];
    facts.extend(
        saml.idps()
            .iter()
            .map(|idp| ("idp", format!("{}: {}", idp.id, idp.entity_id))),
    );
    facts
}

#[cfg(test)]
mod tests {
    use std::fs;

    use url::Url;

    use super::*;
    use crate::clock::Clock;
    use crate::demo::idp::EmbeddedIdp;

    const CONFIG: &str = r#"
        public_url = "https://aws.example.com"
        [[idp]]
        id = "corp"
        name = "Example Corp"
        metadata_file = "corp-idp.xml"
    "#;

    fn check_in(folder: &Path, config: &str) -> Result<String, String> {
        let path = folder.join("rolecall.toml");
        fs::write(&path, config).unwrap();
        let config = Config::load(&path, []).unwrap();
        check(&path, &config).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_good_configuration_is_summed_up() {
        let folder = tempfile::tempdir().unwrap();
        let sso_url = Url::parse("https://idp.example.com/sso").unwrap();
        let now = Clock::system().now();
        let idp = EmbeddedIdp::new("https://idp.example.com", sso_url, now).unwrap();
        let metadata = idp.metadata_xml().unwrap();
        fs::write(folder.path().join("corp-idp.xml"), metadata).unwrap();
        let summary = check_in(folder.path(), CONFIG).unwrap();
        assert!(summary.starts_with("ok: "), "{summary}");
        assert!(
            summary.contains("https://aws.example.com/saml/acs"),
            "{summary}"
        );
        assert!(
            summary.contains("https://aws.example.com/saml/metadata"),
            "{summary}"
        );
        assert!(
            summary.contains("corp: https://idp.example.com"),
            "{summary}"
        );
    }

    #[test]
    fn files_that_are_named_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let keys = "[saml]\nkey_file = \"sp.key\"\ncertificate_file = \"sp.crt\"\n";
        let failure = check_in(folder.path(), &format!("{CONFIG}\n{keys}")).unwrap_err();
        assert_eq!(failure.lines().count(), 2, "{failure}");
        assert!(failure.contains("error: saml.key_file: "), "{failure}");
        assert!(
            failure.contains("error: idp[0].metadata_file: "),
            "{failure}"
        );
    }
}
