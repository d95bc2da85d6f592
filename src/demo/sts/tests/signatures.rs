//! Tests of GetCallerIdentity and of request signatures.

use super::*;

const CALLER: &str = "Action=GetCallerIdentity&Version=2011-06-15";

impl Bench {
    async fn issued(&self) -> IssuedCredentials {
        let response = self.changed(|_| {}).await;
        let found = self.register.find(&response.text("AccessKeyId").unwrap());
        found.unwrap().as_ref().clone()
    }
}

#[actix_web::test]
async fn identifies_the_signer_of_a_request() {
    let bench = bench();
    let issued = bench.issued().await;
    let request = Signing::with(&issued, bench.clock.now()).request(CALLER);
    let response = bench.send(request).await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.xml);
    let arn = "arn:aws:sts::111111111111:assumed-role/Admin/alice";
    assert_eq!(response.text("Arn").unwrap(), arn);
    assert_eq!(response.text("UserId").unwrap(), issued.session.id());
    assert_eq!(response.text("Account").unwrap(), ACCOUNT);
}

#[actix_web::test]
async fn refuses_an_unsigned_request_and_malformed_signatures() {
    let bench = bench();
    let request = || {
        TestRequest::post()
            .uri("/sts")
            .insert_header(FORM)
            .set_payload(CALLER)
    };
    let response = bench.send(request()).await;
    response.refuses(
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    );
    for (value, message) in [
        ("Bearer x", "Unsupported AWS 'algorithm'."),
        (
            "AWS4-HMAC-SHA256 x",
            "Authorization header requires 'Credential' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "Credential must have exactly 5 slash-delimited elements",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request",
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request, SignedHeaders=host",
            "Authorization header requires 'Signature' parameter.",
        ),
    ] {
        let response = bench
            .send(request().insert_header(("authorization", value)))
            .await;
        response.refuses(400, "IncompleteSignature", message);
    }
}

#[actix_web::test]
async fn refuses_unknown_keys_and_tokens_of_other_credentials() {
    let bench = bench();
    let (issued, other) = (bench.issued().await, bench.issued().await);
    let signing = Signing::with(&issued, bench.clock.now());
    let message = "The security token included in the request is invalid.";
    for signing in [
        Signing {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA",
            ..Signing::with(&issued, signing.at)
        },
        Signing {
            token: None,
            ..Signing::with(&issued, signing.at)
        },
        Signing {
            token: Some(other.session_token.expose_secret()),
            ..signing
        },
    ] {
        let response = bench.send(signing.request(CALLER)).await;
        response.refuses(403, "InvalidClientTokenId", message);
    }
}

#[actix_web::test]
async fn refuses_expired_credentials() {
    let bench = bench();
    let issued = bench.issued().await;
    bench.clock.advance(TimeDelta::hours(1));
    let response = bench
        .send(Signing::with(&issued, bench.clock.now()).request(CALLER))
        .await;
    let message = "The security token included in the request is expired";
    response.refuses(403, "ExpiredToken", message);
}

#[actix_web::test]
async fn refuses_signatures_that_do_not_match() {
    let bench = bench();
    let issued = bench.issued().await;
    let now = bench.clock.now();
    let mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    let wrong_secret = Signing {
        secret: "wrong",
        ..Signing::with(&issued, now)
    };
    let response = bench.send(wrong_secret.request(CALLER)).await;
    response.refuses(403, "SignatureDoesNotMatch", mismatch);
    let changed_body = Signing::with(&issued, now)
        .request(CALLER)
        .set_payload("Action=GetCallerIdentity");
    bench
        .send(changed_body)
        .await
        .refuses(403, "SignatureDoesNotMatch", mismatch);
    let other_service = Signing {
        service: "iam",
        ..Signing::with(&issued, now)
    };
    let response = bench.send(other_service.request(CALLER)).await;
    let message = "Credential should be scoped to correct service: 'sts'.";
    response.refuses(403, "SignatureDoesNotMatch", message);
}

#[actix_web::test]
async fn refuses_signatures_from_another_time() {
    let bench = bench();
    let issued = bench.issued().await;
    for (minutes, words) in [
        (-6, "Signature expired: "),
        (6, "Signature not yet current: "),
    ] {
        let at = bench.clock.now() + TimeDelta::minutes(minutes);
        let response = bench.send(Signing::with(&issued, at).request(CALLER)).await;
        assert_eq!(
            response.text("Code").as_deref(),
            Some("SignatureDoesNotMatch")
        );
        assert!(response.text("Message").unwrap().starts_with(words));
        assert_eq!(response.status, StatusCode::FORBIDDEN);
    }
}
