//! Validates rolecall's metadata against the OASIS schemas with `xmllint` from libxml2.

use std::path::Path;
use std::process::Command;

use crate::support::app::{Options, TestApp};
use crate::support::key_pair::KeyPair;
use crate::support::partners::program;
use crate::support::user_agent::UserAgent;

/// Where Debian's packages `opensaml-schemas` and `xmltooling-schemas` install the schemas.
const FOLDERS: [&str; 2] = ["/usr/share/xml/opensaml", "/usr/share/xml/xmltooling"];

/// Copies the schemas into one folder, and replaces the URLs in their references to one another
/// with file names.
fn copy_schemas(to: &Path) {
    for folder in FOLDERS {
        let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        for file in files.map(|file| file.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "xsd") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let local = text
                .split("schemaLocation=\"")
                .enumerate()
                .map(|(index, part)| {
                    let end = if index == 0 {
                        0
                    } else {
                        part.find('"').unwrap()
                    };
                    let name = part[..end].rsplit('/').next().unwrap();
                    format!("{name}{}", &part[end..])
                });
            let local = local.collect::<Vec<_>>().join("schemaLocation=\"");
            std::fs::write(to.join(file.file_name().unwrap()), local).unwrap();
        }
    }
}

fn validate(schemas: &Path, document: &str) -> Result<(), String> {
    let file = schemas.join("document.xml");
    std::fs::write(&file, document).unwrap();
    let output = Command::new(program("xmllint"))
        .args(["--nonet", "--noout", "--schema"])
        .arg(schemas.join("saml-schema-metadata-2.0.xsd"))
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(said)
    }
}

#[actix_web::test]
async fn ours_is_valid_with_and_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    copy_schemas(folder.path());
    for key in [None, Some(KeyPair::generate("rolecall"))] {
        let app = TestApp::start_with(Options {
            key,
            ..Options::default()
        });
        let ours = UserAgent::new().get(app.at("/saml/metadata")).await.body;
        validate(folder.path(), &ours).unwrap();
        // An invalid document proves that the check can fail.
        let broken = ours.replace("protocolSupportEnumeration", "protocols");
        assert!(
            validate(folder.path(), &broken)
                .unwrap_err()
                .contains("protocols")
        );
    }
}
