//! Documents that are invalid, late, missing or expired, and how the service recovers.

use cpu_time::ThreadTime;
use rolecall::saml::metadata::{IdpMetadata, MAX_BYTES};

use super::*;

#[actix_web::test]
async fn invalid_documents_leave_the_last_valid_one_in_use() {
    let good = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(good.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    let location = "https://idp.example.com/sso?tenant=a%26amp;b";
    assert!(
        good.contains("Location=\"https://idp.example.com/sso"),
        "{good}"
    );
    let at = |new: &str| {
        let start = good.find("Location=\"").unwrap() + 10;
        let end = start + good[start..].find('"').unwrap();
        format!("{}{new}{}", &good[..start], &good[end..])
    };
    let no_key = {
        let (start, end) = ("<md:KeyDescriptor", "</md:KeyDescriptor>");
        let (start, end) = (
            good.find(start).unwrap(),
            good.find(end).unwrap() + end.len(),
        );
        format!("{}{}", &good[..start], &good[end..])
    };
    for (response, said) in [
        (Response::Document(no_key), "no signing certificate"),
        (
            Response::Document(at("javascript:alert(1)")),
            "not an https URL",
        ),
        (
            Response::Document(at("http://idp.example.com/sso")),
            "not an https URL",
        ),
        (Response::Document(format!("<!DOCTYPE x>{good}")), "DTD"),
        (
            Response::Document(format!("{good}<!--{}-->", "x".repeat(5 << 20))),
            "larger than",
        ),
        (
            Response::Document(good.replace(IDP, "https://evil.example/")),
            "the entity ID changed",
        ),
        (
            Response::Document("<html>not found</html>".to_owned()),
            "neither an EntityDescriptor",
        ),
        (
            Response::Document(good.replacen("<md:KeyDescriptor", "<md:x:y/><md:KeyDescriptor", 1)),
            "a colon in the wrong place",
        ),
        (Response::Status(StatusCode::NOT_FOUND), "404"),
        (Response::Redirect("http://idp.example.com/"), "not https"),
    ] {
        publisher.answers(response);
        let health = later(&app, TimeDelta::hours(25)).await;
        let problem = health["problem"].as_str().unwrap_or_default();
        assert!(problem.contains(said), "{said}: {health}");
        assert_eq!(health["metadata"], "kept", "{said}");
        assert_accepted(&app, first_idp()).await;
    }
    publisher.publish(&good);
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_eq!(health["problem"], Value::Null, "{location}");
}

/// The service starts, reports that metadata is missing, and recovers once the metadata server
/// works.
#[actix_web::test]
async fn without_metadata_only_the_affected_idp_is_unavailable() {
    let publisher = Publisher::start(Response::Status(StatusCode::BAD_GATEWAY));
    let app = publisher.app_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "missing", "{health}");
    let agent = UserAgent::new();
    let page = agent.get(app.at("/login?idp=corp")).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert!(page.body.contains("cannot be used right now"), "{page}");
    let page = app.sign_in_at_the_other(&agent, &person("bob")).await;
    assert_eq!(page.status, StatusCode::OK.as_u16(), "{page}");

    publisher.publish(&metadata(first_idp()));
    let health = later(&app, TimeDelta::minutes(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn expired_metadata_prevents_sign_in() {
    let hour = TimeDelta::hours(1);
    let ends =
        |app: &TestApp| with_attribute(&metadata(first_idp()), &valid_until(app.now() + hour));
    let app = TestApp::start();
    app.write("idp.xml", &ends(&app));
    app.handle().refresh_metadata().await;
    let report = health(&app).await;
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("the metadata expires"),
        "{report}"
    );
    assert_accepted(&app, first_idp()).await;
    app.clock.advance(hour - TimeDelta::minutes(5));
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    app.clock
        .advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    // A login that began before the metadata expired is refused too.
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let page = agent.post_form(app.at("/saml/acs"), &form).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert_eq!(app.last_audit()["check"], "idp_unavailable");
    let page = agent.get(app.at("/login?idp=corp")).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert_eq!(health(&app).await["metadata"], "expired");
    app.write("idp.xml", &ends(&app));
    app.handle().refresh_metadata().await;
    assert_accepted(&app, first_idp()).await;
}

/// No request waits for a metadata server that does not respond: rolecall uses its saved copy of
/// the metadata.
#[actix_web::test]
async fn a_silent_metadata_server_does_not_delay_requests() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    publisher.answers(Response::Never);
    let app = publisher.app_with(Options {
        files: vec![app.copy()],
        ..Options::default()
    });
    assert_accepted(&app, first_idp()).await;
    assert_eq!(health(&app).await["metadata"], "kept");
}

/// After the failure, the URL returns the same document as before.
#[actix_web::test]
async fn a_metadata_url_recovers_after_a_failure() {
    let document = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(document.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    let health = later(&app, TimeDelta::hours(25)).await;
    assert_eq!(health["metadata"], "kept", "{health}");
    publisher.publish(&document);
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert!(health["problem"].is_null(), "{health}");
    // A document that was invalid before the failure is still invalid afterwards, and the reason is
    // reported again.
    publisher.publish("<nonsense/>");
    let bad = later(&app, TimeDelta::hours(25)).await;
    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    later(&app, TimeDelta::hours(1)).await;
    publisher.publish("<nonsense/>");
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["problem"], bad["problem"], "{health}");
}

#[actix_web::test]
async fn a_metadata_file_recovers_after_it_was_missing() {
    let app = TestApp::start();
    let document = app.read("idp.xml").unwrap();
    // The service read the file at startup.
    assert_eq!(health(&app).await["metadata"], "current");
    let path = app.path("idp.xml");
    std::fs::remove_file(&path).unwrap();
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "kept");
    app.write("idp.xml", &document);
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "current");
}

/// Documents are read on a thread that neither serves requests nor does housekeeping. The processor
/// time of the thread that refreshes the metadata shows that it did not read this one.
#[actix_web::test]
async fn an_expensive_document_delays_nobody() {
    let app = TestApp::start_with(Options {
        idp: format!("entity_id = \"{IDP}\""),
        ..Options::default()
    });
    let one = metadata(first_idp());
    let one = &one[one.find("<md:EntityDescriptor").unwrap()..];
    let other = |number: usize| one.replace(IDP, &format!("https://{number}.example.com/"));
    let others: String = (0..400).map(other).collect();
    let many = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{one}{others}\
         </md:EntitiesDescriptor>"
    );
    assert!(many.len() < MAX_BYTES, "{}", many.len());
    let began = ThreadTime::now();
    IdpMetadata::parse(&many, Some(IDP)).unwrap();
    let reading = began.elapsed();
    app.write("idp.xml", &many);
    let began = ThreadTime::now();
    app.handle().refresh_metadata().await;
    let refreshing = began.elapsed();
    assert_eq!(health(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
    assert!(
        refreshing < reading / 2,
        "refreshing: {refreshing:?}, reading: {reading:?}"
    );
}
