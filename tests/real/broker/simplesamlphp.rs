//! Sign-ins and logouts at SimpleSAMLphp.

use super::*;
use crate::support::partners::simplesamlphp::SimpleSamlPhp;
use crate::support::partners::{NameIdFormat, SignatureAlgorithm};

const VARIANTS: [(bool, bool); 3] = [(true, false), (false, true), (true, true)];
const ALGORITHMS: [SignatureAlgorithm; 3] = [
    SignatureAlgorithm::RsaSha256,
    SignatureAlgorithm::RsaSha384,
    SignatureAlgorithm::RsaSha512,
];

#[actix_web::test]
async fn simplesamlphp_in_every_signing_variant_started_from_both_sides() {
    let idp = SimpleSamlPhp::shared().await;
    let options = Options {
        metadata: Some(idp.metadata_xml().await),
        ..unsolicited()
    };
    let app = TestApp::start_with(options);
    let user = user("broker-variants");
    idp.add_user(&user);
    for (sign_assertion, sign_response) in VARIANTS {
        for signature_algorithm in ALGORITHMS {
            let sp = SpRegistration {
                sign_assertion,
                sign_response,
                signature_algorithm,
                ..registration(&app)
            };
            idp.add_service_provider(&sp);
            solicited(&app, &user, &user.name).await;

            let agent = UserAgent::new();
            let start = idp.idp_initiated_url(&sp.entity_id, "/?from=idp");
            let form = agent.sign_in(start, &user.name, &user.password).await;
            let page = arrive(&app, &agent, &form).await;
            assert_eq!(page.url.query(), Some("from=idp"));
            assert_portal(&app, &page, &user.name);
            assert_eq!(app.last_audit()["unsolicited"], true);
        }
    }
}

/// Starts rolecall with a signing key, and registers it with SimpleSAMLphp. Both sides sign and
/// verify logout messages. `to_idp` and `to_us` are the bindings for messages to the IdP and to
/// rolecall.
async fn with_single_logout(to_idp: &str, to_us: &'static str) -> (TestApp, SpRegistration) {
    let idp = SimpleSamlPhp::shared().await;
    let metadata = idp.metadata_xml().await;
    let at = metadata.find("SingleLogoutService").unwrap();
    let service = metadata[at..].replacen("HTTP-Redirect", to_idp, 1);
    let key = KeyPair::generate("rolecall");
    let app = TestApp::start_with(Options {
        metadata: Some(format!("{}{service}", &metadata[..at])),
        key: Some(key.clone()),
        ..Options::default()
    });
    let sp = SpRegistration {
        request_certificate: Some(key.certificate_pem),
        single_logout: Some((app.at("/saml/slo"), to_us)),
        ..registration(&app)
    };
    idp.add_service_provider(&sp);
    (app, sp)
}

/// Follows redirects, and submits the forms that carry logout messages.
async fn through_logout(agent: &UserAgent, page: Page) -> Page {
    let mut page = agent.follow(page).await;
    for field in ["SAMLRequest", "SAMLResponse"] {
        if let Some(form) = page.form_with(field) {
            page = agent.follow(agent.submit(&form).await).await;
        }
    }
    page
}

#[actix_web::test]
async fn simplesamlphp_single_logout_works_from_both_sides() {
    let idp = SimpleSamlPhp::shared().await;
    let user = user("broker-logout");
    idp.add_user(&user);
    for (to_idp, to_us) in [
        ("HTTP-Redirect", "HTTP-Redirect"),
        ("HTTP-POST", "HTTP-Redirect"),
        ("HTTP-Redirect", "HTTP-POST"),
    ] {
        let (app, _) = with_single_logout(to_idp, to_us).await;
        let signed_in = solicited(&app, &user, &user.name).await;
        let page = signed_in.post_form(app.at("/logout"), &[]).await;
        let page = through_logout(&signed_in, page).await;
        assert!(
            page.body.contains("and at your identity provider."),
            "{to_idp} {to_us}: {page}"
        );
        // The IdP asks for the password again, because its session has ended.
        let page = signed_in.open(app.at("/login?idp=corp")).await;
        assert!(page.form_with("password").is_some(), "{page}");

        let signed_in = solicited(&app, &user, &user.name).await;
        let page = signed_in.get(idp.idp_initiated_logout_url()).await;
        let page = through_logout(&signed_in, page).await;
        assert!(
            page.url.path().ends_with("/logout.php"),
            "{to_idp} {to_us}: {page}"
        );
        let line = app.last_audit();
        assert_eq!(line["event"], "logout_by_idp", "{line}");
        assert_eq!(line["name_id"], user.name.as_str(), "{line}");
        let page = signed_in.get(app.at("/")).await;
        assert!(page.redirect().is_some(), "{page}");
    }
}

/// SimpleSAMLphp encrypts with AES-CBC, which rolecall accepts only if the configuration allows it
/// and the Response is signed. AES-GCM, which samlp uses, has neither restriction.
#[actix_web::test]
async fn simplesamlphp_encrypts() {
    let idp = SimpleSamlPhp::shared().await;
    let metadata = Some(idp.metadata_xml().await);
    let user = user("broker-encrypted");
    idp.add_user(&user);
    let key = KeyPair::generate("rolecall, encryption");
    let encrypting = |app: &TestApp, sign_assertion, sign_response| {
        idp.add_service_provider(&SpRegistration {
            sign_assertion,
            sign_response,
            encryption_certificate: Some(key.certificate_pem.clone()),
            ..registration(app)
        });
    };
    let app = TestApp::start_with(Options {
        idp: "allow_cbc = true".to_owned(),
        metadata: metadata.clone(),
        encryption_key: Some(key.clone()),
        ..Options::default()
    });
    for sign_assertion in [false, true] {
        encrypting(&app, sign_assertion, true);
        solicited(&app, &user, &user.name).await;
    }
    encrypting(&app, true, false);
    assert_refused(&app, &user, "encryption_algorithm").await;

    let strict = TestApp::start_with(Options {
        metadata: metadata.clone(),
        encryption_key: Some(key.clone()),
        ..Options::default()
    });
    encrypting(&strict, true, true);
    assert_refused(&strict, &user, "encryption_algorithm").await;
    let keyless = TestApp::start_with(Options {
        metadata,
        ..Options::default()
    });
    encrypting(&keyless, true, true);
    assert_refused(&keyless, &user, "no_decryption_key").await;
}

#[actix_web::test]
async fn simplesamlphp_refuses_unsigned_requests_and_accepts_ours() {
    let idp = SimpleSamlPhp::shared().await;
    let key = KeyPair::generate("rolecall");
    let metadata = Some(idp.metadata_xml().await);
    let app = TestApp::start_with(Options {
        metadata,
        key: Some(key.clone()),
        ..Options::default()
    });
    let user = user("broker-signed");
    idp.add_user(&user);
    idp.add_service_provider(&SpRegistration {
        request_certificate: Some(key.certificate_pem.clone()),
        ..registration(&app)
    });
    solicited(&app, &user, &user.name).await;
    // SimpleSAMLphp refuses a request without a signature, so the login above proves that
    // SimpleSAMLphp verified the signature.
    let agent = UserAgent::new();
    let mut url = app.begin(&agent).await.url;
    let unsigned: Vec<_> = url
        .query_pairs()
        .filter(|(name, _)| name != "Signature" && name != "SigAlg")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(unsigned);
    let page = agent.open(url).await;
    assert!(
        page.status.is_server_error()
            || page
                .forms()
                .iter()
                .all(|form| form.password_fields.is_empty()),
        "{page}"
    );
}

#[actix_web::test]
async fn simplesamlphp_takes_signed_requests_by_post() {
    let idp = SimpleSamlPhp::shared().await;
    let key = KeyPair::generate("rolecall");
    let metadata = idp.metadata_xml().await;
    let by_post = metadata.replace(
        "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"",
        "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\"",
    );
    assert_ne!(metadata, by_post);
    let user = user("broker-post");
    idp.add_user(&user);
    for signed in [true, false] {
        let app = TestApp::start_with(Options {
            metadata: Some(by_post.clone()),
            key: signed.then(|| key.clone()),
            ..Options::default()
        });
        idp.add_service_provider(&SpRegistration {
            request_certificate: Some(key.certificate_pem.clone()),
            ..registration(&app)
        });
        if signed {
            solicited(&app, &user, &user.name).await;
            continue;
        }
        let agent = UserAgent::new();
        let page = agent.get(app.at("/login?idp=corp")).await;
        let form = page.form_with("SAMLRequest").expect("a form for the IdP");
        let page = agent.follow(agent.submit(&form).await).await;
        assert!(page.form_with("password").is_none(), "{page}");
    }
}

#[actix_web::test]
async fn simplesamlphp_reads_our_metadata() {
    let idp = SimpleSamlPhp::shared().await;
    let key = KeyPair::generate("rolecall");
    let metadata = Some(idp.metadata_xml().await);
    let app = TestApp::start_with(Options {
        metadata,
        key: Some(key),
        ..Options::default()
    });
    let ours = UserAgent::new().get(app.at("/saml/metadata")).await.body;
    let user = user("broker-metadata");
    idp.add_user(&user);
    idp.add_service_provider(&SpRegistration {
        metadata_xml: Some(ours),
        ..registration(&app)
    });
    solicited(&app, &user, &user.name).await;
}

#[actix_web::test]
async fn simplesamlphp_with_an_email_address_and_a_second_silent_login() {
    let idp = SimpleSamlPhp::shared().await;
    let options = Options {
        metadata: Some(idp.metadata_xml().await),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    let user = user("broker-email").with("mail", ["broker@example.com"]);
    idp.add_user(&user);
    idp.add_service_provider(&SpRegistration {
        name_id_format: NameIdFormat::Email,
        name_id_attribute: Some("mail".to_owned()),
        ..registration(&app)
    });
    let agent = solicited(&app, &user, "broker@example.com").await;
    // At the second login, the IdP asks for no password. Renewals, which replace a stale assertion,
    // rely on this.
    let page = agent.open(app.at("/login?idp=corp")).await;
    let form = page
        .form_with("SAMLResponse")
        .expect("the IdP responds at once");
    assert_portal(
        &app,
        &arrive(&app, &agent, &form).await,
        "broker@example.com",
    );
}

#[actix_web::test]
async fn simplesamlphp_honors_force_authn() {
    let idp = SimpleSamlPhp::shared().await;
    let app = TestApp::start_with(Options {
        idp: "force_authn = true".to_owned(),
        metadata: Some(idp.metadata_xml().await),
        ..Options::default()
    });
    let user = user("broker-force");
    idp.add_user(&user);
    idp.add_service_provider(&registration(&app));
    let agent = solicited(&app, &user, &user.name).await;
    let page = agent.open(app.at("/login?idp=corp")).await;
    assert!(page.form_with("SAMLResponse").is_none(), "{page}");
    assert!(page.form_with("password").is_some(), "{page}");
}

#[actix_web::test]
async fn simplesamlphp_honors_the_requested_authn_context() {
    let idp = SimpleSamlPhp::shared().await;
    let user = user("broker-context");
    idp.add_user(&user);
    let metadata = idp.metadata_xml().await;
    let start = |classes: &str| {
        let app = TestApp::start_with(Options {
            idp: format!("authn_contexts = {classes}"),
            metadata: Some(metadata.clone()),
            ..Options::default()
        });
        idp.add_service_provider(&registration(&app));
        app
    };
    let password = r#"["urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"]"#;
    solicited(&start(password), &user, &user.name).await;
    // SimpleSAMLphp ignores the requested context, and reports the one that it used.
    let strict = start(r#"["https://refeds.org/profile/mfa"]"#);
    assert_refused(&strict, &user, "authn_context").await;
}

#[actix_web::test]
async fn aws_as_the_only_audience() {
    let idp = SimpleSamlPhp::shared().await;
    let options = Options {
        metadata: Some(idp.metadata_xml().await),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    let user = user("broker-audience");
    idp.add_user(&user);
    idp.add_service_provider(&SpRegistration {
        more_audiences: vec!["urn:amazon:webservices".to_owned()],
        ..registration(&app)
    });
    solicited(&app, &user, &user.name).await;
}
