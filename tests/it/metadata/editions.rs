//! Signed metadata: who signed it, how long it may be valid, and that an old edition never replaces a
//! newer one.

use std::path::Path;
use std::process::Output;

use chrono::SubsecRound as _;
use rolecall::demo::idp::{SigningOptions, sign};

use super::*;

/// The publisher's key.
fn federation() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::rsa(2048, Clock::system().now()).unwrap())
}

/// What a document says about its own age.
#[derive(Clone, Copy, Default)]
struct Dates {
    created: Option<DateTime<Utc>>,
    valid_until: Option<DateTime<Utc>>,
}

/// The metadata of `idp` with these dates, signed by the publisher.
fn edition(idp: &EmbeddedIdp, dates: Dates) -> String {
    let mut text = with_attribute(&metadata(idp), "ID=\"_metadata\"");
    if let Some(end) = dates.valid_until {
        text = with_attribute(&text, &valid_until(end));
    }
    if let Some(created) = dates.created {
        let info = format!(
            "<md:Extensions><r:PublicationInfo xmlns:r=\"urn:oasis:names:tc:SAML:metadata:rpi\" \
             publisher=\"urn:x\" creationInstant=\"{}\"/></md:Extensions><md:IDPSSODescriptor",
            created.format("%FT%TZ")
        );
        text = text.replacen("<md:IDPSSODescriptor", &info, 1);
    }
    sign(&text, "_metadata", federation(), &SigningOptions::default()).unwrap()
}

fn now() -> DateTime<Utc> {
    Clock::system().now().trunc_subsecs(0)
}

fn created(days_ago: i64) -> Dates {
    Dates {
        created: Some(now() - TimeDelta::days(days_ago)),
        valid_until: None,
    }
}

fn ending(days: i64) -> Dates {
    Dates {
        created: None,
        valid_until: Some(now() + TimeDelta::days(days)),
    }
}

/// Options of an application that accepts only metadata that the publisher signed.
fn signed_only(lines: &str) -> Options {
    Options {
        idp: format!("metadata_certificate_file = \"federation.crt\"\n{lines}"),
        files: vec![("federation.crt".into(), pem(federation()))],
        ..Options::default()
    }
}

/// Somebody on the network answers with last month's document, in which a key is still trusted that
/// the publisher has withdrawn since.
#[actix_web::test]
async fn an_older_signed_document_never_replaces_a_newer_one() {
    for (old, new, what) in [
        (created(30), created(1), "creationInstant"),
        (ending(3), ending(30), "validUntil"),
        (Dates::default(), ending(30), "no validUntil"),
        (ending(99), created(1), "no creationInstant"),
    ] {
        let [old, new] = [edition(first_idp(), old), edition(renewed_idp(), new)];
        let publisher = Publisher::start(Response::Document(new.clone()));
        let app = publisher.app_with(signed_only(""));
        refreshed(&app).await;
        assert_accepted(&app, renewed_idp()).await;
        publisher.publish(&old);
        let health = later(&app, TimeDelta::hours(25)).await;
        assert_eq!(health["metadata"], "kept", "{health}");
        let problem = health["problem"].as_str().unwrap();
        assert!(problem.contains(what), "{what}: {problem}");
        assert!(problem.contains("accepted before"), "{problem}");
        assert_refused(&app, first_idp(), "signature").await;
        assert_accepted(&app, renewed_idp()).await;

        // The saved copy remembers the newest edition across a restart.
        let copy = app.copy();
        let mut options = signed_only("");
        options.files.push(copy);
        let app = publisher.app_with(options);
        let health = refreshed(&app).await;
        assert_eq!(health["metadata"], "kept", "{health}");
        assert!(health["problem"].as_str().unwrap().contains(what));
        assert_refused(&app, first_idp(), "signature").await;
        publisher.publish(&new);
        let health = later(&app, TimeDelta::hours(1)).await;
        assert_eq!(health["metadata"], "current", "{health}");
    }
}

/// A publisher may also make its metadata valid for less time than before. The creationInstant then
/// shows that the document is newer.
#[actix_web::test]
async fn a_newer_signed_document_may_expire_earlier() {
    let dates = |created: i64, until: i64| Dates {
        valid_until: ending(until).valid_until,
        ..super::editions::created(created)
    };
    let first = edition(first_idp(), dates(2, 60));
    let publisher = Publisher::start(Response::Document(first));
    let app = publisher.app_with(signed_only(""));
    refreshed(&app).await;
    publisher.publish(&edition(renewed_idp(), dates(1, 30)));
    let health = later(&app, TimeDelta::hours(25)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_accepted(&app, renewed_idp()).await;
}

/// A reload that changes other settings of the IdP forgets nothing, even without a saved copy.
#[actix_web::test]
async fn a_reload_does_not_make_an_old_signed_document_new() {
    let app = TestApp::start_with(Options {
        metadata: Some(edition(renewed_idp(), created(1))),
        ..signed_only("")
    });
    app.write("idp.xml", &edition(first_idp(), created(30)));
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "kept");
    let text = app.read("rolecall.toml").unwrap();
    let changed = text.replace(
        "federation.crt\"",
        "federation.crt\"\nsingle_logout = false",
    );
    app.write("rolecall.toml", &changed);
    let error = app.handle().reload().await.unwrap_err().to_string();
    assert!(error.contains("idp[0].metadata_file"), "{error}");
    assert!(error.contains("older than one"), "{error}");
    assert_accepted(&app, renewed_idp()).await;
    assert_refused(&app, first_idp(), "signature").await;
    app.write("idp.xml", &edition(renewed_idp(), created(0)));
    app.handle().reload().await.unwrap();
    assert_accepted(&app, renewed_idp()).await;
}

/// Without a signature, anybody who can change the document can change its dates as well, and an
/// administrator may put back an older file.
#[actix_web::test]
async fn an_unsigned_file_may_be_replaced_by_an_older_one() {
    let dated = |idp: &EmbeddedIdp, days: i64| {
        let end = ending(days).valid_until.unwrap();
        with_attribute(&metadata(idp), &valid_until(end))
    };
    let app = TestApp::start_with(Options {
        metadata: Some(dated(renewed_idp(), 30)),
        ..Options::default()
    });
    app.write("idp.xml", &dated(first_idp(), 3));
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn metadata_without_an_end_is_refused_where_one_is_required() {
    for line in [
        "metadata_require_valid_until = true",
        "metadata_max_validity_days = 14",
    ] {
        let publisher = Publisher::start(Response::Document(metadata(first_idp())));
        let app = publisher.app_with(Options {
            idp: line.to_owned(),
            ..Options::default()
        });
        let health = refreshed(&app).await;
        assert_eq!(health["metadata"], "missing", "{health}");
        let problem = health["problem"].as_str().unwrap();
        assert!(problem.contains("no validUntil"), "{problem}");
        // The role descriptor's validUntil applies as well (saml-metadata 2.4.1).
        let end = valid_until(app.now() + TimeDelta::days(7));
        let nested = metadata(first_idp()).replacen(
            "<md:IDPSSODescriptor ",
            &format!("<md:IDPSSODescriptor {end} "),
            1,
        );
        publisher.publish(&nested);
        let health = later(&app, TimeDelta::minutes(1)).await;
        assert_eq!(health["metadata"], "current", "{health}");
        assert_accepted(&app, first_idp()).await;
        app.clock.advance(TimeDelta::days(7));
        assert_eq!(super::health(&app).await["metadata"], "expired");
    }
}

#[actix_web::test]
async fn metadata_that_is_valid_for_too_long_is_refused_until_its_end_is_near() {
    let end = Some(now() + TimeDelta::days(15) - TimeDelta::hours(2));
    let far = edition(
        first_idp(),
        Dates {
            created: None,
            valid_until: end,
        },
    );
    let publisher = Publisher::start(Response::Document(far));
    let app = publisher.app_with(signed_only("metadata_max_validity_days = 14"));
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "missing", "{health}");
    let problem = health["problem"].as_str().unwrap();
    assert!(problem.contains("more than 14 days"), "{problem}");
    let health = later(&app, TimeDelta::hours(23)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_accepted(&app, first_idp()).await;
}

/// A copy that the settings do not allow any more is not used, but still shows which edition is the
/// newest.
#[actix_web::test]
async fn a_copy_that_is_valid_for_too_long_still_counts_as_the_newest() {
    let publisher = Publisher::start(Response::Document(edition(renewed_idp(), ending(30))));
    let app = publisher.app_with(signed_only(""));
    refreshed(&app).await;
    let mut options = signed_only("metadata_max_validity_days = 14");
    options.files.push(app.copy());
    publisher.publish(&edition(first_idp(), ending(3)));
    let app = publisher.app_with(options);
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "missing", "{health}");
    let problem = health["problem"].as_str().unwrap();
    assert!(problem.contains("older than one"), "{problem}");
}

/// Runs `rolecall check-config` with the configuration in this folder.
fn check_config(folder: &Path) -> Output {
    let config = folder.join("rolecall.toml");
    let mut run = crate::program::rolecall();
    run.args(["check-config", "--config"]).arg(config);
    run.output().unwrap()
}

#[test]
fn metadata_files_that_are_valid_for_too_long_are_mistakes_even_next_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let until = |days| valid_until(now() + TimeDelta::days(days));
    write(
        "idp.xml",
        &with_attribute(&metadata(first_idp()), &until(15)),
    );
    let config = |more: &str| {
        let text = format!(
            "public_url = \"http://localhost:8080\"\n{more}\n[[idp]]\nid = \"corp\"\nname = \"x\"\n\
             metadata_file = \"idp.xml\"\nmetadata_max_validity_days = 14\n"
        );
        write("rolecall.toml", &text);
        let run = check_config(folder.path());
        String::from_utf8(run.stderr).unwrap()
    };
    for more in ["", "color = \"red\""] {
        let printed = config(more);
        assert!(printed.contains("idp[0].metadata_file: "), "{printed}");
        assert!(printed.contains("more than 14 days"), "{printed}");
        assert_eq!(printed.contains("color"), !more.is_empty(), "{printed}");
    }
    write(
        "idp.xml",
        &with_attribute(&metadata(first_idp()), &until(14)),
    );
    let printed = config("");
    assert!(!printed.contains("error"), "{printed}");
}

#[test]
fn signed_metadata_that_need_not_expire_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("idp.xml", &edition(first_idp(), ending(7)));
    write("federation.crt", &pem(federation()));
    let warnings = |lines: &str| {
        let text = format!(
            "public_url = \"http://localhost:8080\"\n[[idp]]\nid = \"corp\"\nname = \"x\"\n\
             metadata_file = \"idp.xml\"\nmetadata_certificate_file = \"federation.crt\"\n{lines}\n"
        );
        write("rolecall.toml", &text);
        let run = check_config(folder.path());
        let printed = String::from_utf8(run.stdout).unwrap();
        assert!(run.status.success(), "{printed}");
        let warnings = printed
            .lines()
            .filter(|line| line.contains("can be used again"));
        warnings.map(str::to_owned).collect::<Vec<_>>()
    };
    let both = warnings("");
    assert_eq!(both.len(), 1, "{both:?}");
    assert!(both[0].contains("corp: ") && both[0].contains("metadata_require_valid_until"));
    let one = warnings("metadata_require_valid_until = true");
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(!one[0].contains("metadata_require_valid_until"), "{one:?}");
    let none = warnings("metadata_max_validity_days = 14");
    assert!(none.is_empty(), "{none:?}");
}

#[actix_web::test]
async fn metadata_must_be_signed_where_a_certificate_is_configured() {
    let federation = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let other = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let signed = |idp: &EmbeddedIdp, key: &SigningKey| {
        let document = with_attribute(&metadata(idp), "ID=\"_metadata\"");
        sign(&document, "_metadata", key, &SigningOptions::default()).unwrap()
    };
    let publisher = Publisher::start(Response::Document(signed(first_idp(), &federation)));
    let app = publisher.app_with(Options {
        idp: "metadata_certificate_file = \"federation.crt\"".to_owned(),
        files: vec![("federation.crt".into(), pem(&federation))],
        ..Options::default()
    });
    assert_eq!(refreshed(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
    let changed = signed(first_idp(), &federation).replace("sso?tenant", "evil?tenant");
    for (document, said) in [
        (metadata(renewed_idp()), "carries no signature"),
        (signed(renewed_idp(), &other), "does not verify"),
        (changed, "does not verify"),
    ] {
        publisher.publish(&document);
        let health = later(&app, TimeDelta::hours(25)).await;
        let problem = health["problem"].as_str().unwrap_or_default();
        assert!(problem.contains(said), "{said}: {health}");
        assert_accepted(&app, first_idp()).await;
        assert_refused(&app, renewed_idp(), "signature").await;
    }
    publisher.publish(&signed(renewed_idp(), &federation));
    assert_eq!(
        later(&app, TimeDelta::hours(1)).await["metadata"],
        "current"
    );
    assert_accepted(&app, renewed_idp()).await;
}
