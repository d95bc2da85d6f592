//! Runs the samlp middleware for Node.js as the IdP. Its messages contain a Signature element
//! without a prefix, times with milliseconds, and typed attribute values.

use std::process::Command;

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    SignatureAlgorithm, SpRegistration, User, file_name_for, installed, program, project_file,
};
use crate::support::key_pair::KeyPair;
use crate::support::server::{Place, Ready, Server};
use crate::support::user_agent::UserAgent;

/// A running samlp. Tests can add people and service providers at any time; tests that share an
/// instance use distinct names.
///
/// samlp does not verify the signatures of requests, and does not accept requests with HTTP-POST.
pub struct Samlp {
    server: Server,
    key_pair: KeyPair,
}

impl Samlp {
    /// The instance that all tests of a test binary share.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Samlp> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// Starts an instance without users or service providers.
    pub async fn start() -> Self {
        let key_pair = KeyPair::generate("samlp for tests");
        let ready = Ready {
            path: "/metadata",
            contains: "IDPSSODescriptor",
        };
        let server = Server::start("samlp", ready, |place| command(place, &key_pair)).await;
        Self { server, key_pair }
    }

    pub fn add_user(&self, user: &User) {
        self.register("users", &user.name, &json!(user));
    }

    /// Adds or replaces a service provider.
    pub fn add_service_provider(&self, registration: &SpRegistration) {
        let document = document(registration);
        self.register("service-providers", &registration.entity_id, &document);
    }

    fn register(&self, kind: &str, name: &str, document: &Value) {
        let file = format!("{kind}/{}.json", file_name_for(name));
        self.server.place().write(&file, document.to_string());
    }

    /// The IdP's entity ID, which is also the URL of its metadata.
    pub fn entity_id(&self) -> String {
        self.server.place().base_url() + "/metadata"
    }

    pub async fn metadata_xml(&self) -> String {
        UserAgent::new().get(self.entity_id()).await.body
    }

    /// The URL for requests with HTTP-Redirect.
    pub fn sso_url(&self) -> String {
        self.server.place().base_url() + "/sso"
    }

    /// The URL at which an IdP-initiated login begins.
    pub fn idp_initiated_url(&self, sp_entity_id: &str, relay_state: &str) -> Url {
        let base = self.server.place().base_url() + "/initiate";
        let query = [("sp", sp_entity_id), ("RelayState", relay_state)];
        Url::parse_with_params(&base, query).expect("the base is a URL")
    }

    /// The IdP's signing key, for tests that sign messages as this IdP.
    pub fn key_pair(&self) -> &KeyPair {
        &self.key_pair
    }
}

fn command(place: &Place, key_pair: &KeyPair) -> Command {
    let modules = installed("samlp/node_modules");
    place.write("idp.key", &key_pair.key_pem);
    place.write("idp.crt", &key_pair.certificate_pem);
    place.make_directory("users");
    place.make_directory("service-providers");
    let mut command = Command::new(program("node"));
    command
        .arg(project_file("samlp/host.js"))
        .env("NODE_PATH", modules)
        .env("PARTNER_PORT", place.port.to_string())
        .env("PARTNER_DIRECTORY", &place.directory);
    command
}

fn document(registration: &SpRegistration) -> Value {
    let (signature, digest) = match registration.signature_algorithm {
        SignatureAlgorithm::RsaSha1 => ("rsa-sha1", "sha1"),
        SignatureAlgorithm::RsaSha256 => ("rsa-sha256", "sha256"),
        other => panic!("samlp cannot sign with {other:?}"),
    };
    json!({
        "entity_id": registration.entity_id,
        "acs_url": registration.acs_url,
        "sign_assertion": registration.sign_assertion,
        "sign_response": registration.sign_response,
        "signature_algorithm": signature,
        "digest_algorithm": digest,
        "name_id_format": registration.name_id_format.uri(),
        "name_id_attribute": registration.name_id_attribute,
        "more_audiences": registration.more_audiences,
        "lifetime_seconds": registration.lifetime_seconds,
        "encryption_certificate": registration.encryption_certificate,
    })
}
