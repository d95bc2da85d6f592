//! The saved copies of fetched metadata: what they belong to, and when they are removed.

use rolecall::demo::idp::{SigningOptions, sign};

use super::*;

impl TestApp {
    /// The names of all files in the folder with the copies.
    fn copies(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path("kept")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// The only copy, as a file for another application: its path and its content.
    pub fn copy(&self) -> (String, String) {
        let names = self.copies();
        assert_eq!(names.len(), 1, "{names:?}");
        let path = format!("kept/{}", names[0]);
        let text = self.read(&path).unwrap();
        (path, text)
    }

    /// Replaces `old` in the configuration by `new`.
    fn reconfigure(&self, old: &str, new: &str) {
        let text = self.read("rolecall.toml").unwrap();
        assert!(text.contains(old), "{text}");
        self.write("rolecall.toml", &text.replace(old, new));
    }
}

/// An administrator moves away from a compromised IdP, and the new URL does not respond yet, or the
/// same URL must now serve other metadata.
#[actix_web::test]
async fn a_copy_is_not_used_for_another_url_certificate_or_entity_id() {
    let federation = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let document = with_attribute(&metadata(first_idp()), "ID=\"_metadata\"");
    let document = sign(
        &document,
        "_metadata",
        &federation,
        &SigningOptions::default(),
    )
    .unwrap();
    let next = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let certificate = ("federation.crt".to_owned(), pem(&federation));
    // The publisher's next certificate is added, so the copy would still verify.
    let both = format!("{}{}", pem(&federation), pem(&next));
    let signed = "metadata_certificate_file = \"federation.crt\"";
    let entity_id = format!("{signed}\nentity_id = \"{IDP}\"");
    let silent = Publisher::start(Response::Status(StatusCode::BAD_GATEWAY));
    let publisher = Publisher::start(Response::Document(document.clone()));
    let options = |lines: &str, more: Vec<(String, String)>| Options {
        idp: lines.to_owned(),
        files: [vec![certificate.clone()], more].concat(),
        ..Options::default()
    };
    let app = publisher.app_with(options(signed, Vec::new()));
    refreshed(&app).await;
    let copy = app.copy();
    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));

    // Nothing has changed, so the copy is used.
    let restarted = publisher.app_with(options(signed, vec![copy.clone()]));
    assert_eq!(refreshed(&restarted).await["metadata"], "kept");

    let changed = ("federation.crt".to_owned(), both.clone());
    for (publisher, options) in [
        (&silent, options(signed, vec![copy.clone()])),
        (&publisher, options(signed, vec![changed, copy.clone()])),
        (&publisher, options(&entity_id, vec![copy.clone()])),
        (&publisher, options("", vec![copy.clone()])),
    ] {
        let app = publisher.app_with(options);
        let health = refreshed(&app).await;
        assert_eq!(health["metadata"], "missing", "{health}");
        let page = UserAgent::new().get(app.at("/login?idp=corp")).await;
        assert_eq!(page.status.as_u16(), 503, "{page}");
    }

    // The same changes by a reload.
    app.write("federation.crt", &both);
    app.handle().reload().await.unwrap();
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "missing");
    app.write("federation.crt", &certificate.1);
    app.handle().reload().await.unwrap();
    assert_eq!(health(&app).await["metadata"], "kept");
    let url = |publisher: &Publisher| format!("metadata_url = \"{}\"", publisher.url);
    app.reconfigure(&url(&publisher), &url(&silent));
    app.handle().reload().await.unwrap();
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "missing");
}

/// Earlier versions saved copies under the digest of the URL alone.
#[actix_web::test]
async fn copies_that_nothing_uses_any_more_are_removed() {
    let good = metadata(first_idp());
    let publisher = Publisher::start(Response::Status(StatusCode::BAD_GATEWAY));
    let files = [
        "kept/corp-378c5ddc.xml",
        "kept/corp-0123456789abcdef0123456789abcdef.xml",
        "kept/gone-0123456789abcdef0123456789abcdef.xml",
        "kept/notes.xml",
    ];
    let files = files.map(|name| (name.to_owned(), good.clone())).to_vec();
    let app = publisher.app_with(Options {
        files,
        ..Options::default()
    });
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "missing", "{health}");
    // Until the URL responds, an administrator may still undo the change.
    let mut left = app.copies();
    left.sort();
    assert_eq!(
        left,
        [
            "corp-0123456789abcdef0123456789abcdef.xml",
            "corp-378c5ddc.xml",
            "notes.xml"
        ]
    );
    publisher.publish(&good);
    assert_eq!(
        later(&app, TimeDelta::minutes(1)).await["metadata"],
        "current"
    );
    let left = app.copies();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&"notes.xml".to_owned()), "{left:?}");
}

#[actix_web::test]
async fn the_last_good_copy_is_used_when_the_idp_is_down_at_the_start() {
    let good = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(good.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    let copy = app.copy();
    assert_eq!(copy.1, good);

    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    let files = vec![copy];
    let app = publisher.app_with(Options {
        files,
        ..Options::default()
    });
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "kept", "{health}");
    assert_accepted(&app, first_idp()).await;
}

/// rolecall starts even if its copy of the metadata is unreadable, because it fetches the metadata
/// again.
#[actix_web::test]
async fn an_unreadable_copy_does_not_prevent_startup() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    // Use a folder instead of a file, because this test may run as root, who can read any file.
    let copy = app.path(&app.copy().0);
    std::fs::remove_file(&copy).unwrap();
    std::fs::create_dir(&copy).unwrap();
    let config = rolecall::config::Config::load(&app.path("rolecall.toml"), []).unwrap();
    rolecall::saml::ServiceProvider::from_config(&config, app.now()).unwrap();
}
