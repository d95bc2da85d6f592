//! The JSON API's list of roles.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::app::{TestApp, person};
use crate::support::user_agent::UserAgent;

fn body(page: &crate::support::user_agent::Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("not JSON: {page}"))
}

#[actix_web::test]
async fn roles() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let page = agent.get(app.at("/api/roles")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert_eq!(body(&page)["error"]["code"], "not_signed_in");

    app.sign_in(&agent, &person("alice")).await;
    let roles = body(&agent.get(app.at("/api/roles")).await);
    assert_eq!(roles["name_id"], "alice@example.com");
    assert_eq!(roles["idp"], "corp");
    assert!(roles["expires_at"].as_str().unwrap().ends_with('Z'));
    let expected = json!([{
        "id": "111111111111",
        "name": "prod",
        "roles": [{
            "arn": "arn:aws:iam::111111111111:role/reader",
            "name": "reader",
            "provider_arn": "arn:aws:iam::111111111111:saml-provider/corp",
            "partition": "aws",
            "needs": [],
            "max_duration_seconds": 43_200,
            "console": true,
            "served": true,
        }],
    }]);
    assert_eq!(roles["accounts"], expected);
}
