//! Health checks, rolecall's own metadata, shutdown, size limits, wrong methods and unknown paths.

use futures_util::future::join3;
use reqwest::StatusCode;

use crate::credentials::form;
use crate::support::app::{Options, TestApp, person};
use crate::support::capture::Capture;
use crate::support::key_pair::KeyPair;
use crate::support::patience::until;
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn health_is_served_only_on_the_internal_listener() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for path in ["/healthz/live", "/healthz/ready"] {
        let page = agent.get(format!("{}{path}", app.internal_url)).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        assert_eq!(agent.get(app.at(path)).await.status, StatusCode::NOT_FOUND);
    }
    for path in ["/", "/saml/metadata", "/api/roles"] {
        let page = agent.get(format!("{}{path}", app.internal_url)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[actix_web::test]
async fn the_sp_metadata_identifies_the_service() {
    let app = TestApp::start();
    let page = UserAgent::new().get(app.at("/saml/metadata")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["content-type"], "application/samlmetadata+xml");
    let descriptor: samael::metadata::EntityDescriptor = page.body.parse().unwrap();
    assert_eq!(descriptor.entity_id, Some(app.at("/saml/metadata")));
    let roles = descriptor.sp_sso_descriptors.unwrap();
    assert_eq!(
        roles[0].assertion_consumer_services[0].location,
        app.at("/saml/acs")
    );
    assert_eq!(roles[0].want_assertions_signed, Some(true));
    assert_eq!(roles[0].authn_requests_signed, Some(false));
}

/// The keys in rolecall's metadata: the use and the encryption methods of each.
async fn keys(options: Options) -> Vec<(String, Vec<String>)> {
    let app = TestApp::start_with(options);
    let page = UserAgent::new().get(app.at("/saml/metadata")).await;
    let descriptor: samael::metadata::EntityDescriptor = page.body.parse().unwrap();
    let role = descriptor.sp_sso_descriptors.unwrap().remove(0);
    let keys = role.key_descriptors.unwrap_or_default().into_iter();
    keys.map(|key| {
        assert_eq!(key.key_info.x509_data.unwrap().certificates.len(), 1);
        let methods = key.encryption_methods.unwrap_or_default();
        let methods = methods.into_iter().map(|method| method.algorithm);
        (key.key_use.unwrap(), methods.collect())
    })
    .collect()
}

#[actix_web::test]
async fn the_sp_metadata_lists_the_supported_encryption_methods() {
    let key = KeyPair::generate("rolecall");
    let signing = Options {
        key: Some(key.clone()),
        ..Options::default()
    };
    // A signing key is not published for encryption.
    assert_eq!(keys(signing).await, [("signing".to_owned(), vec![])]);
    let oaep = [
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    ];
    let gcm = ["aes128-gcm", "aes192-gcm", "aes256-gcm"]
        .map(|name| format!("http://www.w3.org/2009/xmlenc11#{name}"));
    let cbc = ["aes128-cbc", "aes192-cbc", "aes256-cbc"]
        .map(|name| format!("http://www.w3.org/2001/04/xmlenc#{name}"));
    for (idp, ciphers) in [
        ("", gcm.to_vec()),
        ("allow_cbc = true", [gcm.clone(), cbc].concat()),
    ] {
        let found = keys(Options {
            key: Some(key.clone()),
            encryption_key: Some(key.clone()),
            idp: idp.to_owned(),
            ..Options::default()
        });
        let algorithms = [ciphers, oaep.map(str::to_owned).to_vec()].concat();
        let expected = [
            ("signing".to_owned(), vec![]),
            ("encryption".to_owned(), algorithms),
        ];
        assert_eq!(found.await, expected);
    }
}

#[actix_web::test]
async fn a_stopped_service_closes_its_port() {
    let app = TestApp::start();
    app.stop().await;
    let address = app
        .url
        .strip_prefix("http://localhost")
        .map(|port| format!("127.0.0.1{port}"));
    assert!(std::net::TcpStream::connect(address.unwrap()).is_err());
}

#[actix_web::test]
async fn a_request_that_has_begun_is_finished() {
    // STS holds its responses until the test releases them.
    let sts = Capture::holding(usize::MAX);
    let app = TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let fields = form("arn:aws:iam::111111111111:role/reader", &[]);
    let credentials = agent.post_form(app.at("/credentials"), &fields);
    let stop = async {
        sts.begins().await;
        app.stop().await;
    };
    let meanwhile = async {
        sts.begins().await;
        let ready = format!("{}/healthz/ready", app.internal_url);
        until(async || match UserAgent::new().get(&ready).await.status {
            StatusCode::SERVICE_UNAVAILABLE => Ok(()),
            other => Err(other),
        })
        .await;
        sts.respond();
    };
    let (page, (), ()) = join3(credentials, stop, meanwhile).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(app.last_audit()["event"], "credentials_issued");
}

#[actix_web::test]
async fn the_sizes_of_headers_and_bodies_are_limited() {
    let app = TestApp::start();
    // A separate user agent, because its connection cannot be used again after the request head is
    // rejected.
    let other = UserAgent::new();
    let large = other
        .request(reqwest::Method::GET, app.at("/"))
        .header("x-large", "x".repeat(200_000));
    let page = other.send(large).await;
    assert!(page.status.is_client_error(), "{page}");
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    for (path, kibibytes) in [
        ("/credentials", 512),
        ("/credentials/several", 512),
        ("/console", 512),
        ("/api/credentials", 16),
        ("/login/replace", 16),
    ] {
        let body = [("role_arn".to_owned(), "x".repeat(kibibytes * 1024))];
        let page = agent.post_form(app.at(path), &body).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}: {page}");
    }
    assert_eq!(
        agent.get(app.at("/saml/metadata")).await.status,
        StatusCode::OK
    );
}

#[actix_web::test]
async fn a_wrong_method_is_refused() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for path in [
        "/credentials",
        "/console",
        "/logout",
        "/login/replace",
        "/saml/acs",
    ] {
        let page = agent.get(app.at(path)).await;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{page}");
    }
    for path in ["/?signed-out=here", "/saml/metadata"] {
        let page = agent
            .send(agent.request(reqwest::Method::HEAD, app.at(path)))
            .await;
        assert_eq!(
            (page.status, page.body.as_str()),
            (StatusCode::OK, ""),
            "{path}"
        );
    }
    let page = agent.get(app.at("/api/credentials")).await;
    let error: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(error["error"]["code"], "method_not_allowed");
}

#[actix_web::test]
async fn an_unknown_page_is_not_found() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let page = agent.get(app.at("/nowhere?<script>")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.body
            .contains(page.headers["x-request-id"].to_str().unwrap()),
        "{page}"
    );
    let page = agent.get(app.at("/api/nowhere")).await;
    let error: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(error["error"]["code"], "not_found");
    assert_eq!(
        error["error"]["request_id"],
        page.headers["x-request-id"].to_str().unwrap()
    );
}
