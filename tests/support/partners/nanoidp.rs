//! Runs nanoidp as the IdP. nanoidp can use canonicalizations that the other IdPs do not use, and
//! puts the Signature at the end of the assertion. The schema does not allow a Signature there, but
//! service providers tolerate one in practice.

use std::process::Command;

use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, OnceCell};

use super::{User, installed};
use crate::support::server::{Place, Ready, Server};
use crate::support::user_agent::UserAgent;

/// How nanoidp canonicalizes what it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canonicalization {
    /// Exclusive XML Canonicalization 1.0, the usual one.
    Exclusive,
    /// Canonical XML 1.0, inclusive.
    Inclusive10,
    /// Canonical XML 1.1, inclusive.
    Inclusive11,
}

impl Canonicalization {
    /// The identifier in `ds:CanonicalizationMethod`.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Exclusive => "http://www.w3.org/2001/10/xml-exc-c14n#",
            Self::Inclusive10 => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Self::Inclusive11 => "http://www.w3.org/2006/12/xml-c14n11",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::Exclusive => "exc_c14n",
            Self::Inclusive10 => "c14n",
            Self::Inclusive11 => "c14n11",
        }
    }
}

/// A running nanoidp. It signs assertions with RSA-SHA256, issues the e-mail address as NameID,
/// responds to every service provider, and does not support IdP-initiated logins.
pub struct NanoIdp {
    server: Server,
    users: Mutex<Map<String, Value>>,
}

impl NanoIdp {
    /// The instance with this canonicalization. All tests of a test binary share the instance.
    pub async fn shared(canonicalization: Canonicalization) -> &'static Self {
        static EXCLUSIVE: OnceCell<NanoIdp> = OnceCell::const_new();
        static INCLUSIVE_10: OnceCell<NanoIdp> = OnceCell::const_new();
        static INCLUSIVE_11: OnceCell<NanoIdp> = OnceCell::const_new();
        let cell = match canonicalization {
            Canonicalization::Exclusive => &EXCLUSIVE,
            Canonicalization::Inclusive10 => &INCLUSIVE_10,
            Canonicalization::Inclusive11 => &INCLUSIVE_11,
        };
        cell.get_or_init(|| Self::start(canonicalization)).await
    }

    /// Starts an instance without users.
    pub async fn start(canonicalization: Canonicalization) -> Self {
        let ready = Ready {
            path: "/saml/metadata",
            contains: "IDPSSODescriptor",
        };
        let command = |place: &Place| command(place, canonicalization);
        let server = Server::start("nanoidp", ready, command).await;
        Self {
            server,
            users: Mutex::new(Map::new()),
        }
    }

    /// Adds a person. Their `mail` becomes the NameID. Assertions about them contain all their
    /// attributes.
    pub async fn add_user(&self, user: &User) {
        let mut users = self.users.lock().await;
        let mail = user
            .attributes
            .get("mail")
            .and_then(|values| values.first());
        let entry = json!({
            "password": user.password,
            "email": mail,
            "attributes": user.attributes,
        });
        users.insert(user.name.clone(), entry);
        self.server
            .place()
            .write("users.yaml", json!({ "users": *users }).to_string());
        let reload = self.server.place().base_url() + "/api/config/reload";
        let response = UserAgent::new().post_form(reload, &[]).await;
        assert!(
            response.status.is_success(),
            "nanoidp does not accept the users: {response}"
        );
    }

    pub fn entity_id(&self) -> String {
        self.server.place().base_url() + "/saml"
    }

    pub async fn metadata_xml(&self) -> String {
        UserAgent::new()
            .get(self.server.place().base_url() + "/saml/metadata")
            .await
            .body
    }

    /// The URL for requests with HTTP-Redirect or HTTP-POST.
    pub fn sso_url(&self) -> String {
        self.server.place().base_url() + "/saml/sso"
    }
}

fn command(place: &Place, canonicalization: Canonicalization) -> Command {
    let program = installed("python/bin/nanoidp");
    let settings = json!({
        "server": { "host": "127.0.0.1", "port": place.port },
        "oauth": { "issuer": place.base_url(), "clients": [] },
        "saml": { "c14n_algorithm": canonicalization.setting() },
        "session": { "secret_key": "only for tests" },
    });
    // JSON is also valid YAML.
    place.write("settings.yaml", settings.to_string());
    place.write("users.yaml", r#"{"users": {}}"#);
    let mut command = Command::new(program);
    command
        .arg("--config")
        .arg(&place.directory)
        .args(["--host", "127.0.0.1", "--port", &place.port.to_string()])
        .current_dir(&place.directory);
    command
}
