//! `rolecall check-config`: lists all mistakes in a configuration, or summarizes a valid one.

mod grants;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use super::{ConfigFile, Failure, limits, logging};
use chrono::{DateTime, Utc};

use crate::aws::partition::Partition;
use crate::clock::Clock;
use crate::config::{Config, Identity, MetadataSource, Mistake, Mistakes, environment};
use crate::grant::Grant;
use crate::printable::{printable, shown};
use crate::saml::ServiceProvider;
use crate::server::{file_mistakes, read_files, warnings};

/// Prints a summary of a valid configuration, including the values for registering rolecall with
/// identity providers.
pub(super) fn run(file: &ConfigFile) -> Result<(), Failure> {
    logging::human();
    let summary = check(&file.path, environment::of_process()?)?;
    io::stdout()
        .write_all(summary.as_bytes())
        .map_err(|error| Failure::new(format!("cannot write the summary: {error}")))
}

fn check(
    path: &Path,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<String, Failure> {
    let (config, files) = Config::load_with_files(path, environment);
    let now = Clock::system().now();
    let config = config.map_err(|mistakes| mistakes.and(file_mistakes(&files, now)))?;
    let (saml, _) = read_files(&config, now)?;
    fetch(&config, &saml, now)?;
    let mut summary = format!("ok: {}\n", path.display());
    let warnings = warnings(&config, &files).into_iter();
    let warnings = warnings.map(|warning| ("warning", warning));
    for (name, value) in facts(&config, &saml, now).into_iter().chain(warnings) {
        writeln!(summary, "{name:<13}{}", printable(&value, usize::MAX)).map_err(Failure::new)?;
    }
    Ok(summary)
}

/// Refreshes the metadata, and reports each identity provider for which this fails or whose
/// metadata has expired.
fn fetch(config: &Config, saml: &ServiceProvider, now: DateTime<Utc>) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(saml.look(now));
    let mut mistakes = Vec::new();
    for (index, idp) in saml.idps().iter().enumerate() {
        let key = match config.idps.get(index).map(|idp| &idp.metadata) {
            Some(MetadataSource::Url(_)) => "metadata_url",
            _ => "metadata_file",
        };
        let unusable = idp.published(now).err().map(|error| error.to_string());
        if let Some(problem) = idp.health(now).problem.or(unusable) {
            mistakes.push(Mistake {
                key: format!("idp[{index}].{key}"),
                problem,
                allowed: "SAML 2.0 metadata of one identity provider, with its signing certificate"
                    .to_owned(),
            });
        }
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(Mistakes::from(mistakes).into())
    }
}

fn facts(
    config: &Config,
    saml: &ServiceProvider,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
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
    for idp in saml.idps() {
        let entity_id = idp.latest().map(|latest| latest.entity_id.clone());
        let entity_id = shown(&entity_id.unwrap_or_default());
        facts.push(("idp", format!("{}: {entity_id}", idp.id)));
        let attribute = idp.person_attribute.iter();
        facts.extend(attribute.map(|name| ("person", format!("{}: identified by {name}", idp.id))));
        let health = idp.health(now);
        let certificates = health.signing_certificates.iter().map(|certificate| {
            let end = certificate.not_after.map(|end| end.date_naive());
            let until = end.map_or_else(String::new, |end| format!(", until {end}"));
            (
                "certificate",
                format!("{}: {}{until}", idp.id, certificate.sha256),
            )
        });
        facts.extend(certificates);
        let warnings = health.warnings.into_iter();
        facts.extend(warnings.map(|warning| ("warning", format!("{}: {warning}", idp.id))));
    }
    facts.push(("limits", limits::sentence(config)));
    let warnings = limits::warnings(config).into_iter();
    facts.extend(warnings.map(|warning| ("warning", warning)));
    facts.extend(
        config
            .grants
            .iter()
            .map(|grant| ("grant", grants::sentence(grant))),
    );
    let warnings = grants::warnings(&config.grants, &config.iam_users).into_iter();
    facts.extend(warnings.map(|warning| ("warning", warning)));
    let users = config.iam_users.iter();
    facts.extend(users.map(|user| ("iam user", format!("{}: {}", user.arn, user.access_key_id))));
    if config.aws.partitions != Partition::ALL {
        let partitions: Vec<_> = config
            .aws
            .partitions
            .iter()
            .map(ToString::to_string)
            .collect();
        facts.push(("partitions", partitions.join(", ")));
    }
    if let Some(tools) = &config.tools {
        let people = grants::people(tools.idp.as_ref(), tools.when.len());
        facts.push(("tools", people));
    }
    if config.grants.iter().any(Grant::is_signed_by_us) {
        facts.push(("aws identity", identity(&config.aws.identity)));
    }
    if let Some(oidc) = &config.oidc {
        facts.push((
            "issuer",
            oidc.issuer.as_str().trim_end_matches('/').to_owned(),
        ));
    }
    facts
}

fn identity(identity: &Identity) -> String {
    match identity {
        Identity::DefaultChain { profile: None } => {
            "the default chain: environment, profile, web identity, container, instance".to_owned()
        }
        Identity::DefaultChain {
            profile: Some(profile),
        } => format!("the profile {profile}"),
        Identity::Keys { access_key_id, .. } => format!("the access key {access_key_id}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use openssl::pkey::PKey;
    use openssl::x509::X509;
    use url::Url;

    use super::*;
    use crate::clock::Clock;
    use crate::demo::idp::EmbeddedIdp;
    use crate::demo::idp::key::self_signed;

    const CONFIG: &str = r#"
        public_url = "https://aws.example.com"
        [http]
        trusted_proxies = ["127.0.0.1"]
        [[idp]]
        id = "corp"
        name = "Example Corp"
        metadata_file = "corp-idp.xml"
    "#;

    fn check_in(folder: &Path, config: &str) -> Result<String, String> {
        let path = folder.join("rolecall.toml");
        fs::write(&path, config).unwrap();
        check(&path, []).map_err(|failure| failure.to_string())
    }

    fn write_metadata(folder: &Path) {
        let sso_url = Url::parse("https://idp.example.com/sso").unwrap();
        let now = Clock::system().now();
        let idp = EmbeddedIdp::new("https://idp.example.com", sso_url, now).unwrap();
        fs::write(folder.join("corp-idp.xml"), idp.metadata_xml().unwrap()).unwrap();
    }

    #[test]
    fn a_valid_configuration_is_summarized() {
        let folder = tempfile::tempdir().unwrap();
        write_metadata(folder.path());
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
        assert!(summary.contains("certificate  corp: "), "{summary}");
    }

    #[test]
    fn grants_are_summarized_with_warnings() {
        let folder = tempfile::tempdir().unwrap();
        write_metadata(folder.path());
        let secret = include_str!("../../tests/files/secret-access-key");
        fs::write(folder.path().join("secret"), secret).unwrap();
        let more = r#"
            [[iam_user]]
            arn = "arn:aws:iam::111111111111:user/robot"
            access_key_id = "AKIAIOSFODNN7EXAMPLE"
            secret_access_key_file = "secret"
            [[grant]]
            name = "unlock"
            when = []
            via = "root-task"
            root_arns = ["arn:aws:iam::222222222222:root"]
            task_policy = "S3UnlockBucketPolicy"
            [aws]
            partitions = ["aws"]
            [tools]
            when = []
        "#;
        let summary = check_in(folder.path(), &format!("{CONFIG}{more}")).unwrap();
        for line in [
            "grant        unlock: root-task, S3UnlockBucketPolicy in 1 account(s), for everybody\n",
            "iam user     arn:aws:iam::111111111111:user/robot: AKIAIOSFODNN7EXAMPLE\n",
            "partitions   aws\n",
            "tools        for everybody\n",
            "aws identity the default chain",
            "warning      no grant uses the access key of arn:aws:iam::111111111111:user/robot\n",
            "warning      iam_user[0].secret_access_key_file: every user on this machine can read",
        ] {
            assert!(summary.contains(line), "{line}: {summary}");
        }
        assert!(!summary.contains(secret.trim()), "{summary}");
    }

    /// The configuration keys in the printed mistakes, in order.
    fn keys(failure: &str) -> Vec<&str> {
        let mistakes = failure.split_inclusive('\n');
        mistakes
            .filter_map(|line| line.strip_prefix("rolecall: error: ")?.split_once(": "))
            .map(|(key, _)| key)
            .collect()
    }

    #[test]
    fn files_that_are_named_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let pair = "[saml]\nkey_file = \"sp.key\"\ncertificate_file = \"sp.crt\"\n";
        let failure = check_in(folder.path(), &format!("{CONFIG}\n{pair}")).unwrap_err();
        assert_eq!(keys(&failure), ["saml.key_file", "idp[0].metadata_file"]);
    }

    #[test]
    fn keys_that_cannot_decrypt_are_mistakes() {
        let folder = tempfile::tempdir().unwrap();
        write_metadata(folder.path());
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&curve).and_then(PKey::from_ec_key).unwrap();
        let certificate = self_signed(&key, Clock::system().now()).unwrap();
        let certificate = X509::from_der(&certificate).unwrap();
        let write = |name, pem| fs::write(folder.path().join(name), pem).unwrap();
        write("ec.key", key.private_key_to_pem_pkcs8().unwrap());
        write("ec.crt", certificate.to_pem().unwrap());
        let saml = r#"
            [saml]
            encryption_key_file = "ec.key"
            encryption_certificate_file = "ec.crt"
            decryption_key_files = ["ec.key", "missing.key"]
        "#;
        let failure = check_in(folder.path(), &format!("{CONFIG}\n{saml}")).unwrap_err();
        assert_eq!(
            keys(&failure),
            [
                "saml.encryption_key_file",
                "saml.decryption_key_files[0]",
                "saml.decryption_key_files[1]"
            ]
        );
    }

    #[test]
    fn too_many_decryption_keys_are_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        write_metadata(folder.path());
        let key = openssl::rsa::Rsa::generate(2048).unwrap();
        fs::write(folder.path().join("k"), key.private_key_to_pem().unwrap()).unwrap();
        let with = |files: &str| format!("{CONFIG}\n[saml]\ndecryption_key_files = [{files}]");
        check_in(folder.path(), &with(r#""k", "k", "k""#)).unwrap();
        let failure = check_in(folder.path(), &with(r#""k", "k", "k", "k""#)).unwrap_err();
        assert_eq!(keys(&failure), ["saml.decryption_key_files[3]"]);
    }

    #[test]
    fn the_metadata_directory_must_be_writable() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let config = CONFIG.replace(
            "metadata_file = \"corp-idp.xml\"",
            "metadata_url = \"https://127.0.0.1:1/\"",
        );
        let with = |directory: &str| {
            let saml = format!("[saml]\nmetadata_directory = \"{directory}\"");
            keys(&check_in(folder.path(), &format!("{config}\n{saml}")).unwrap_err()).join(" ")
        };
        assert_eq!(with("/proc/nodir/metadata"), "saml.metadata_directory");
        assert_eq!(with("file/kept"), "saml.metadata_directory");
        // This directory is fine, but no server listens on 127.0.0.1:1.
        assert_eq!(with("kept/here"), "idp[0].metadata_url");
        assert!(
            !folder.path().join("kept").exists(),
            "a check creates nothing"
        );
    }

    #[test]
    fn mistakes_in_files_are_listed_with_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let key = openssl::rsa::Rsa::generate(2048).unwrap();
        let pem = key.private_key_to_pem().unwrap();
        fs::write(folder.path().join("sp.key"), pem).unwrap();
        let config = r#"
            public_url = "ftp://aws.example.com"
            [saml]
            key_file = "sp.key"
            certificate_file = "sp.crt"
            [[idp]]
            id = "corp"
            metadata_file = "corp-idp.xml"
        "#;
        let failure = check_in(folder.path(), config).unwrap_err();
        assert_eq!(
            keys(&failure),
            [
                "public_url",
                "idp[0].name",
                "saml.certificate_file",
                "idp[0].metadata_file"
            ]
        );
    }

    #[test]
    fn a_duplicate_identity_provider_is_a_mistake_in_the_second_table() {
        let folder = tempfile::tempdir().unwrap();
        write_metadata(folder.path());
        let more = |id: &str, file: &str| {
            format!("[[idp]]\nid = \"{id}\"\nname = \"x\"\nmetadata_file = \"{file}\"\n")
        };
        let absent = more("absent", "absent.xml");
        let twice = more("twice", "corp-idp.xml");
        let failure = check_in(folder.path(), &format!("{CONFIG}\n{absent}{twice}")).unwrap_err();
        assert_eq!(
            keys(&failure),
            ["idp[1].metadata_file", "idp[2].metadata_file"]
        );
        assert!(
            failure.contains("idp[0].metadata_file has the same entity ID"),
            "{failure}"
        );
    }
}
