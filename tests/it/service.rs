//! The service as its operators see it: health, metadata, static files, stopping.

use reqwest::StatusCode;

use crate::support::app::TestApp;
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn health_is_told_on_the_internal_listener_only() {
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
async fn metadata_says_who_we_are() {
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

#[actix_web::test]
async fn a_stopped_service_is_gone() {
    let app = TestApp::start();
    app.stop().await;
    let address = app
        .url
        .strip_prefix("http://localhost")
        .map(|port| format!("127.0.0.1{port}"));
    assert!(std::net::TcpStream::connect(address.unwrap()).is_err());
}

#[actix_web::test]
async fn a_page_that_is_not_there() {
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
