//! Roles that are assumed through a hub role.

use super::*;
use crate::support::app::Started;

const AUDIT: &str = "arn:aws:iam::222222222222:role/Audit";
const FAR: &str = "arn:aws:iam::222222222222:role/Far";

#[actix_web::test]
async fn a_chain_uses_its_hub_without_showing_it() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("carol", &["auditors"])).await;
    assert!(
        portal.body.contains(AUDIT) && !portal.body.contains(HUB),
        "{portal}"
    );
    assert!(portal.text().contains("Up to 1 hour"), "{portal}");
    let page = credentials(&app, &agent, AUDIT, &[("duration_seconds", "43200")]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let (session, expires) = session_of(&app, &page);
    assert_eq!(session.origin, Origin::RoleChaining);
    assert_eq!(expires, app.now() + TimeDelta::hours(1));
    // The hub session's values from the assertion are kept, and the grant adds its own tag.
    assert_eq!(session.source_identity.as_deref(), Some("ada.l"));
    assert_eq!(tag(&session, "Team").as_deref(), Some("blue"));
    assert_eq!(tag(&session, "Why").as_deref(), Some("audit"));
    assert!(page.text().contains("Valid for 1 hour"), "{page}");
    let line = app.last_audit();
    assert_eq!(
        (&line["via"], &line["grant"]),
        (&json!("chain"), &json!("audit"))
    );
    assert_eq!(line["hub_role_arn"], HUB);
    let requests = [&line["hub_sts_request_id"], &line["sts_request_id"]];
    assert!(requests.iter().all(|id| id.is_string()), "{line}");
    assert_ne!(requests[0], requests[1], "{line}");
    // Nobody gets credentials for the hub role itself.
    for through in ["", "arn:aws:iam::111111111111:saml-provider/corp"] {
        let role = format!("{HUB} {through}");
        let page = credentials(&app, &agent, role.trim(), &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    }
    // AWS accepts no SessionDuration for the console session of a chained role, so rolecall sends
    // none.
    let console = agent.post_form(app.at("/console"), &form(AUDIT, &[])).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    // A stale assertion is renewed, as it is for a role in the assertion.
    app.clock.advance(TimeDelta::seconds(600));
    let page = credentials(&app, &agent, AUDIT, &[]).await;
    Started::from_redirect(&page);
}

/// If the reason were requested first, it would be lost during the new sign-in.
#[actix_web::test]
async fn a_stale_hub_assertion_is_renewed_before_a_reason_is_requested() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("carol", &["why"])).await;
    let why = "arn:aws:iam::222222222222:role/Why";
    let page = credentials(&app, &agent, why, &[]).await;
    assert!(page.form_with("reason").is_some(), "{page}");
    app.clock.advance(TimeDelta::seconds(600));
    let page = credentials(&app, &agent, why, &[]).await;
    Started::from_redirect(&page);
}

#[actix_web::test]
async fn a_hub_that_we_assume_ourselves_needs_no_assertion() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(3600));
    let page = credentials(&app, &agent, FAR, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let (session, _) = session_of(&app, &page);
    assert_eq!(session.source_identity.as_deref(), Some("ada"));
    assert_eq!(session.origin, Origin::RoleChaining);
}
