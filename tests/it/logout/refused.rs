//! Messages that must not end anyone's session.

use super::*;

/// The parameters may be in any order and contain unusual escapes. rolecall verifies the signature
/// over their original bytes, in the order that the specification defines.
#[actix_web::test]
async fn a_query_is_verified_byte_for_byte() {
    let bench = Bench::new("HTTP-Redirect");
    let endpoint = bench.app.at("/saml/slo");
    let lower = |query: &str| {
        let mut parts = query.split('%');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |text, part| {
            format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..])
        })
    };
    for state in [None, Some(""), Some("with space and ü")] {
        let agent = bench.signed_in().await;
        let request = bench.request("alice@example.com", &[]);
        let query = lower(&request.query(state, RSA_SHA256)).replace("%20", "+");
        let signature = escaped(&STANDARD.encode(signature(&bench.key, &query)));
        let mut parts: Vec<_> = query.split('&').collect();
        parts.reverse();
        let url = format!("{endpoint}?Signature={signature}&x=y&{}", parts.join("&"));
        let page = UserAgent::new().get(&url).await;
        let back = page
            .redirect()
            .unwrap_or_else(|| panic!("{state:?}: {page}"));
        let echoed = back.query_pairs().find(|(name, _)| name == "RelayState");
        assert_eq!(
            echoed.map(|(_, value)| value.into_owned()).as_deref(),
            state
        );
        assert!(!bench.is_signed_in(&agent).await);
        bench.app.clock.advance(TimeDelta::seconds(1));
    }
}

#[actix_web::test]
async fn a_logout_request_not_signed_by_the_idp_ends_no_session() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let endpoint = bench.app.at("/saml/slo");
    let request = bench.request("alice@example.com", &[]);
    let good = bench.url(&request);
    let other = KeyPair::generate("other");
    let signed_by = |key: &KeyPair, algorithm: &str| {
        let query = request.query(None, algorithm);
        let signature = escaped(&STANDARD.encode(signature(key, &query)));
        format!("{endpoint}?{query}&Signature={signature}")
    };
    let replaced = |old: &str, new: &str| {
        assert!(good.contains(old), "{old}");
        good.replace(old, new)
    };
    let (unsigned, _) = good.split_once("&SigAlg").unwrap();
    let (unsigned_value, _) = good.split_once("&Signature").unwrap();
    let bob = bench
        .request("bob@example.com", &[])
        .query(Some("state/1"), RSA_SHA256);
    let (_, tail) = good.split_once("&Signature").unwrap();
    for (url, check) in [
        (unsigned.to_owned(), "not_signed"),
        (unsigned_value.to_owned(), "binding"),
        (signed_by(&other, RSA_SHA256), "signature"),
        (signed_by(&bench.sp_key, RSA_SHA256), "signature"),
        (
            signed_by(&bench.key, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            "algorithm",
        ),
        (
            signed_by(
                &bench.key,
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            ),
            "algorithm",
        ),
        (
            signed_by(
                &bench.key,
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            ),
            "signature",
        ),
        (
            replaced("RelayState=state", "RelayState=stati"),
            "signature",
        ),
        (replaced("RelayState=state%2F1&", ""), "signature"),
        (format!("{endpoint}?{bob}&Signature{tail}"), "signature"),
        (format!("{good}&SAMLRequest=x"), "binding"),
        (format!("{good}&SAMLResponse=x"), "binding"),
        (format!("{good}&SAMLRe%71uest=x"), "binding"),
        (format!("{good}&RelayState=x"), "binding"),
        (format!("{good}&SAMLEncoding=x"), "binding"),
        (replaced("state%2F1", &"x".repeat(1025)), "binding"),
        (replaced("SAMLRequest=", "SAMLRequest=%2A"), "base64"),
        (
            format!(
                "{endpoint}?SAMLRequest={}",
                escaped(&STANDARD.encode("junk"))
            ),
            "deflate",
        ),
        (
            format!("{endpoint}?SAMLRequest={}", escaped(&bomb())),
            "deflate",
        ),
        (endpoint.clone(), "binding"),
    ] {
        let page = agent.get(&url).await;
        bench.assert_refused(&page, check);
    }
    for (form, check) in [
        (fields(&request, &request.xml, "x"), "not_signed"),
        (
            fields(
                &request,
                &request.signed(&SigningKey::rsa(2048, bench.app.now()).unwrap()),
                "x",
            ),
            "signature",
        ),
        (
            fields(
                &request,
                &request.signed(first_idp().key()).replace("alice", "bob"),
                "x",
            ),
            "signature",
        ),
    ] {
        let page = agent.post_form(&endpoint, &form).await;
        bench.assert_refused(&page, check);
    }
    assert!(bench.is_signed_in(&agent).await);
    // The good request is still accepted after the refused messages.
    assert!(agent.get(&good).await.redirect().is_some());
    assert!(!bench.is_signed_in(&agent).await);
}

/// Ten megabytes of spaces, compressed into a few kilobytes.
fn bomb() -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 10 << 20]).unwrap();
    STANDARD.encode(encoder.finish().unwrap())
}

#[actix_web::test]
async fn a_signed_logout_request_must_be_current_and_addressed_to_us() {
    let bench = Bench::with(
        "HTTP-Redirect",
        Options {
            two_idps: true,
            ..Options::default()
        },
    );
    let agent = bench.signed_in().await;
    let now = bench.app.now();
    let request = bench.request("alice@example.com", &[]);
    let issued = |by: TimeDelta| {
        request.replaced(
            &format!(
                "IssueInstant=\"{}\"",
                attribute(&request.xml, "IssueInstant")
            ),
            &format!("IssueInstant=\"{}\"", instant(now + by)),
        )
    };
    let ends = |time: DateTime<Utc>| {
        request.replaced(attribute(&request.xml, "NotOnOrAfter"), &instant(time))
    };
    let end = "</samlp:LogoutRequest>";
    let assertion = first_idp()
        .signed_xml(
            &bench
                .app
                .respond(&person("alice"), &bench.app.begin(&UserAgent::new()).await),
            rolecall::demo::idp::Signed::Assertion,
            &SigningOptions::default(),
        )
        .unwrap();
    let assertion = crate::saml::bench::element(&assertion, "saml:Assertion").to_owned();
    for (message, check) in [
        (request.replaced("/saml/slo", "/saml/acs"), "destination"),
        (
            request.replaced("Destination=", "Destinatio="),
            "destination",
        ),
        (
            request.replaced(IDP, "https://evil.example.com/"),
            "unknown_idp",
        ),
        (
            request.replaced(IDP, crate::support::app::OTHER_IDP),
            "signature",
        ),
        (issued(TimeDelta::minutes(-7)), "logout_time"),
        (issued(TimeDelta::minutes(2)), "logout_time"),
        (
            request.replaced("IssueInstant=", "IssueInstan="),
            "logout_time",
        ),
        (ends(now - TimeDelta::minutes(2)), "logout_time"),
        (
            request.replaced("Version=\"2.0\"", "Version=\"1.1\""),
            "version",
        ),
        (
            request.replaced("<saml:NameID>alice@example.com</saml:NameID>", ""),
            "missing_element",
        ),
        (
            request.replaced("saml:NameID", "saml:EncryptedID"),
            "unexpected_element",
        ),
        (
            request.replaced("alice@example.com<", "<!---->alice@example.com<"),
            "comment",
        ),
        (
            request.replaced(end, &format!("{assertion}{end}")),
            "several_assertions",
        ),
        (
            request.replaced(end, &format!("<x><saml:NameID>bob</saml:NameID></x>{end}")),
            "unexpected_element",
        ),
        (
            request.replaced("LogoutRequest", "LogoutResponse"),
            "unexpected_element",
        ),
        (
            request.replaced("LogoutRequest", "AuthnRequest"),
            "not_a_logout_message",
        ),
    ] {
        let page = agent.get(bench.url(&message)).await;
        bench.assert_refused(&page, check);
    }
    assert!(bench.is_signed_in(&agent).await);
}

/// The Format of the Issuer must be entity in logout messages too (saml-profiles 4.4.4).
#[actix_web::test]
async fn the_format_of_the_issuer_is_checked() {
    const X509: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    let formatted = |bench: &Bench| {
        let issuer = format!("<saml:Issuer Format=\"{X509}\">");
        let request = bench.request("alice@example.com", &[]);
        request.replaced("<saml:Issuer>", &issuer)
    };
    let bench = Bench::new("HTTP-Redirect");
    let alice = bench.signed_in().await;
    let page = UserAgent::new().get(bench.url(&formatted(&bench))).await;
    bench.assert_refused(&page, "issuer_format");
    assert!(bench.is_signed_in(&alice).await);
    let options = Options {
        idp: format!("issuer_format = \"{X509}\""),
        ..Options::default()
    };
    let bench = Bench::with("HTTP-Redirect", options);
    let alice = bench.signed_in().await;
    UserAgent::new().get(bench.url(&formatted(&bench))).await;
    assert!(!bench.is_signed_in(&alice).await);
}

#[actix_web::test]
async fn a_logout_request_cannot_be_replayed() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let url = bench.url(&bench.request("alice@example.com", &[]));
    assert!(agent.get(&url).await.redirect().is_some());
    bench.app.clock.advance(TimeDelta::seconds(1));
    let agent = bench.signed_in().await;
    bench.assert_refused(&agent.get(&url).await, "replay");
    assert!(bench.is_signed_in(&agent).await);
}

/// A logout message is not accepted as a login response, or vice versa.
#[actix_web::test]
async fn logout_messages_and_login_messages_are_not_interchangeable() {
    let bench = Bench::new("HTTP-POST");
    let app = &bench.app;
    let agent = bench.signed_in().await;
    for message in [
        bench.request("alice@example.com", &[]),
        bench.response("_request", SUCCESS),
    ] {
        let field = STANDARD.encode(message.signed(first_idp().key()));
        let form = vec![("SAMLResponse".to_owned(), field)];
        let page = UserAgent::new().post_form(app.at("/saml/acs"), &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN.as_u16(), "{page}");
        assert_eq!(app.last_audit()["check"], "not_a_response");
    }
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let page = agent.post_form(app.at("/saml/slo"), &form).await;
    bench.assert_refused(&page, "not_a_logout_message");
    // A response to an unknown request is refused.
    let response = by_post(&bench.response("_somebody_elses", SUCCESS));
    let page = agent.post_form(app.at("/saml/slo"), &response).await;
    bench.assert_refused(&page, "unknown_logout");
    assert!(bench.is_signed_in(&agent).await);
}
