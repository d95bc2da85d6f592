//! Runs SimpleSAMLphp as the IdP.

use std::process::Command;

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::{NameIdFormat, SpRegistration, User, file_name_for, installed, program, project_file};
use crate::support::key_pair::{KeyPair, base64_of_pem};
use crate::support::server::{Place, Ready, Server};
use crate::support::user_agent::UserAgent;

const METADATA: &str = "/simplesaml/saml2/idp/metadata.php";

/// A running SimpleSAMLphp. Tests can add people and service providers at any time; tests that
/// share an instance use distinct names.
pub struct SimpleSamlPhp {
    server: Server,
    key_pair: KeyPair,
}

impl SimpleSamlPhp {
    /// The instance that all tests of a test binary share.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<SimpleSamlPhp> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// Starts an instance without users or service providers.
    pub async fn start() -> Self {
        let key_pair = KeyPair::generate("SimpleSAMLphp for tests");
        let ready = Ready {
            path: METADATA,
            contains: "IDPSSODescriptor",
        };
        let server = Server::start("simplesamlphp", ready, |place| command(place, &key_pair)).await;
        Self { server, key_pair }
    }

    pub fn add_user(&self, user: &User) {
        self.register("users", &user.name, &json!(user));
    }

    /// Adds or replaces a service provider.
    pub fn add_service_provider(&self, registration: &SpRegistration) {
        let document = json!({
            "entity_id": registration.entity_id,
            "metadata_xml": registration.metadata_xml,
            "options": options(registration),
        });
        self.register("service-providers", &registration.entity_id, &document);
    }

    fn register(&self, kind: &str, name: &str, document: &Value) {
        let file = format!("{kind}/{}.json", file_name_for(name));
        self.server.place().write(&file, document.to_string());
    }

    /// The IdP's entity ID, which is also the URL of its metadata.
    pub fn entity_id(&self) -> String {
        self.server.place().base_url() + METADATA
    }

    pub async fn metadata_xml(&self) -> String {
        UserAgent::new().get(self.entity_id()).await.body
    }

    /// The URL for requests with HTTP-Redirect.
    pub fn sso_url(&self) -> String {
        self.server.place().base_url() + "/simplesaml/saml2/idp/SSOService.php"
    }

    /// The URL at which an IdP-initiated login begins.
    pub fn idp_initiated_url(&self, sp_entity_id: &str, relay_state: &str) -> Url {
        let query = [("spentityid", sp_entity_id), ("RelayState", relay_state)];
        Url::parse_with_params(&self.sso_url(), query).expect("the base is a URL")
    }

    /// The URL at which an IdP-initiated logout begins.
    pub fn idp_initiated_logout_url(&self) -> Url {
        let base = self.server.place().base_url() + "/simplesaml";
        let service = format!("{base}/saml2/idp/SingleLogoutService.php");
        let then = [("ReturnTo", format!("{base}/logout.php"))];
        Url::parse_with_params(&service, then).expect("the base is a URL")
    }

    /// The IdP's signing key, for tests that sign messages as this IdP.
    pub fn key_pair(&self) -> &KeyPair {
        &self.key_pair
    }

    /// Everything that the server has logged.
    pub fn log(&self) -> String {
        self.server.output()
    }
}

fn command(place: &Place, key_pair: &KeyPair) -> Command {
    let package = installed("simplesamlphp/usr/share/simplesamlphp");
    place.write("idp.key", &key_pair.key_pem);
    place.write("idp.crt", &key_pair.certificate_pem);
    for directory in ["sessions", "tmp", "users", "service-providers", "www"] {
        place.make_directory(directory);
    }
    let root = place.directory.join("www");
    std::os::unix::fs::symlink(package.join("www"), root.join("simplesaml"))
        .expect("a symbolic link in a new folder");

    let mut command = Command::new(program("php"));
    command
        .args(["-S", &format!("127.0.0.1:{}", place.port), "-t"])
        .arg(&root)
        // There are two workers, so that a browser with an open connection does not block other
        // browsers.
        .env("PHP_CLI_SERVER_WORKERS", "2")
        .env("SIMPLESAMLPHP_CONFIG_DIR", project_file("simplesamlphp"))
        .env("PARTNER_BASE_URL", place.base_url())
        .env("PARTNER_DIRECTORY", &place.directory);
    command
}

/// The registration as SimpleSAMLphp's options (see its reference for `saml20-sp-remote`).
fn options(registration: &SpRegistration) -> Value {
    let mut options = json!({
        "AssertionConsumerService": [{
            "Binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
            "Location": registration.acs_url,
            "index": 0,
        }],
        "saml20.sign.assertion": registration.sign_assertion,
        "saml20.sign.response": registration.sign_response,
        "signature.algorithm": registration.signature_algorithm.uri(),
        "NameIDFormat": registration.name_id_format.uri(),
        "audience": registration.more_audiences,
        "assertion.lifetime": registration.lifetime_seconds,
        "validate.authnrequest": registration.request_certificate.is_some(),
        "redirect.validate": registration.request_certificate.is_some(),
        "assertion.encryption": registration.encryption_certificate.is_some(),
    });
    if let Some((location, binding)) = &registration.single_logout {
        let binding = format!("urn:oasis:names:tc:SAML:2.0:bindings:{binding}");
        options["SingleLogoutService"] = json!([{ "Binding": binding, "Location": location }]);
        options["sign.logout"] = json!(true);
        options["validate.logout"] = json!(true);
    }
    let attribute = registration.name_id_attribute.as_ref();
    if let Some(attribute) =
        attribute.filter(|_| registration.name_id_format != NameIdFormat::Transient)
    {
        options["simplesaml.nameidattribute"] = json!(attribute);
    }
    let key = |pem: &String, signing: bool| {
        json!({
            "type": "X509Certificate",
            "signing": signing,
            "encryption": !signing,
            "X509Certificate": base64_of_pem(pem),
        })
    };
    let signing = registration
        .request_certificate
        .as_ref()
        .map(|pem| key(pem, true));
    let encryption = registration
        .encryption_certificate
        .as_ref()
        .map(|pem| key(pem, false));
    let keys: Vec<Value> = signing.into_iter().chain(encryption).collect();
    if !keys.is_empty() {
        options["keys"] = json!(keys);
    }
    options
}
