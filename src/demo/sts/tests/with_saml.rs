//! Tests of AssumeRoleWithSAML.

use super::*;

#[actix_web::test]
async fn a_valid_assertion_yields_credentials_and_their_subject() {
    let bench = bench();
    let response = bench
        .changed(|assertion| {
            set(assertion, attribute::SOURCE_IDENTITY, &["alice@hr"]);
            set(
                assertion,
                "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team",
                &["Ops"],
            );
        })
        .await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.xml);
    let text = |name| response.text(name).unwrap();
    let issued = bench.register.find(&text("AccessKeyId")).unwrap();
    assert_eq!(
        text("SecretAccessKey"),
        issued.secret_access_key.expose_secret()
    );
    assert_eq!(text("SessionToken"), issued.session_token.expose_secret());
    assert_eq!(
        text("Arn"),
        "arn:aws:sts::111111111111:assumed-role/Admin/alice"
    );
    assert_eq!(text("AssumedRoleId"), issued.session.id());
    assert_eq!(text("Issuer"), "http://127.0.0.1/idp");
    assert_eq!(text("Audience"), ACS);
    assert_eq!(text("Subject"), "alice@example.com");
    assert_eq!(text("SubjectType"), "persistent");
    assert_eq!(text("SourceIdentity"), "alice@hr");
    assert_eq!(text("PackedPolicySize"), "1");
    assert_eq!(issued.session.tags, [("Team".to_owned(), "Ops".to_owned())]);
    let expiration: DateTime<Utc> = text("Expiration").parse().unwrap();
    let remaining = expiration - bench.clock.now();
    assert_eq!(remaining.num_seconds(), 3600);
}

#[actix_web::test]
async fn the_name_qualifier_is_the_documented_one() {
    // The expected value is the output of this command:
    // printf '%s' 'http://127.0.0.1/idp111111111111/corp' | openssl sha1 -binary | base64
    let response = bench().changed(|_| {}).await;
    assert_eq!(
        response.text("NameQualifier").unwrap(),
        "1mvdFjpXu9t8ZZjNHMKlfqR1w1s="
    );
}

#[actix_web::test]
async fn one_assertion_works_for_several_roles_in_either_order_of_the_pair() {
    let bench = Bench::new(vec![role("Admin"), role("Reader")]);
    let pair = format!(" {} , {} ", provider(), role("Reader").arn());
    let person = Bench::person().with_attribute(attribute::ROLE, [pair]);
    let field = bench.idp.form_field(&bench.spec(&person)).unwrap();
    for name in ["Admin", "Reader"] {
        let mut form = Bench::form(&field);
        form[2].1 = role(name).arn();
        assert_eq!(bench.post(&form).await.status, StatusCode::OK, "{name}");
    }
}

#[actix_web::test]
async fn either_signature_suffices_and_sha1_is_accepted() {
    let bench = bench();
    let sha1 = SigningOptions::with_methods(algorithm::RSA_SHA1, algorithm::SHA1);
    for (signed, options) in [
        (Signed::Assertion, SigningOptions::default()),
        (Signed::Response, SigningOptions::default()),
        (Signed::Both, sha1),
    ] {
        let spec = bench.spec(&Bench::person());
        let xml = bench.idp.signed_xml(&spec, signed, &options).unwrap();
        let response = bench.post(&Bench::form(&encode(&xml))).await;
        assert_eq!(response.status, StatusCode::OK, "{}", response.xml);
    }
}

#[actix_web::test]
async fn an_encrypted_assertion_requires_a_key_at_iam() {
    let bench = bench();
    let rsa = Rsa::generate(2048).and_then(PKey::from_rsa).unwrap();
    let spec = bench.spec(&Bench::person());
    let xml = bench.idp.encrypted_xml(
        &spec,
        Signed::Both,
        &SigningOptions::default(),
        &self_signed(&rsa, bench.clock.now()).unwrap(),
        &EncryptionOptions::default(),
    );
    let form = Bench::form(&encode(&xml.unwrap()));
    let message = "No private key matches the encrypted assertion";
    let response = bench.post(&form).await;
    response.refuses(400, "InvalidIdentityToken", message);
    let bench = bench.decrypting(DecryptionKey::new(&rsa).unwrap());
    assert_eq!(bench.post(&form).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn refuses_missing_and_over_long_parameters() {
    let bench = bench();
    for (name, member) in [
        ("RoleArn", "roleArn"),
        ("PrincipalArn", "principalArn"),
        ("SAMLAssertion", "sAMLAssertion"),
    ] {
        bench.without(name).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"),
        );
    }
    let long = "A".repeat(100_001);
    for (value, constraint) in [
        ("AAA", "greater than or equal to 4"),
        (long.as_str(), "less than or equal to 100000"),
    ] {
        bench.with(&[("SAMLAssertion", value)]).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value '****' at 'sAMLAssertion' failed to satisfy constraint: Member must have length {constraint}"),
        );
    }
}

#[actix_web::test]
async fn refuses_an_assertion_that_is_not_base64_or_not_saml() {
    let bench = bench();
    let response = bench.with(&[("SAMLAssertion", "%%%%")]).await;
    response.refuses(400, "InvalidIdentityToken", "Invalid base64 SAMLResponse");
    let response = bench.with(&[("SAMLAssertion", &encode("<a/>"))]).await;
    response.refuses(400, "InvalidIdentityToken", "Could not parse SAMLResponse");
}

#[actix_web::test]
async fn refuses_a_provider_that_is_not_registered() {
    let arn = provider_arn("aws", ACCOUNT, "other");
    let response = bench().with(&[("PrincipalArn", &arn)]).await;
    response.refuses(
        400,
        "InvalidIdentityToken",
        "Specified provider doesn't exist",
    );
}

#[actix_web::test]
async fn refuses_signatures_by_any_key_but_the_registered_one() {
    let bench = bench();
    let spec = bench.spec(&Bench::person());
    let unsigned = bench
        .idp
        .signed_xml(&spec, Signed::Neither, &SigningOptions::default());
    let signed = bench
        .idp
        .signed_xml(&spec, Signed::Both, &SigningOptions::default());
    let altered = signed.unwrap().replace(">alice<", ">admin<");
    let other = EmbeddedIdp::new(
        bench.idp.entity_id(),
        bench.idp.sso_url().clone(),
        bench.clock.now(),
    );
    let forged = other.unwrap().form_field(&spec).unwrap();
    for field in [encode(&unsigned.unwrap()), encode(&altered), forged] {
        let response = bench.post(&Bench::form(&field)).await;
        response.refuses(400, "InvalidIdentityToken", "Response signature invalid");
    }
}

#[actix_web::test]
async fn refuses_another_issuer() {
    let response = bench()
        .changed(|assertion| assertion.issuer = "urn:else".to_owned())
        .await;
    let message = "Issuer not present in specified provider";
    response.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn refuses_an_assertion_older_than_five_minutes() {
    let bench = bench();
    let mut spec = bench.spec(&Bench::person());
    let assertion = spec.assertion.as_mut().unwrap();
    let later = bench.clock.now() + TimeDelta::hours(1);
    assertion.conditions.as_mut().unwrap().not_on_or_after = Some(later);
    assertion.subject.as_mut().unwrap().confirmations[0].not_on_or_after = Some(later);
    let field = bench.idp.form_field(&spec).unwrap();
    bench.clock.advance(TimeDelta::seconds(295));
    assert_eq!(
        bench.post(&Bench::form(&field)).await.status,
        StatusCode::OK
    );
    bench.clock.advance(TimeDelta::seconds(6));
    let response = bench.post(&Bench::form(&field)).await;
    let message = "Token must be redeemed within 5 minutes of issuance";
    response.refuses(400, "ExpiredTokenException", message);
}

#[actix_web::test]
async fn refuses_an_expired_assertion() {
    let bench = bench();
    let now = bench.clock.now();
    let expired =
        |response: Response| response.refuses(400, "ExpiredTokenException", "Response has expired");
    expired(
        bench
            .changed(|assertion| assertion.conditions.as_mut().unwrap().not_on_or_after = Some(now))
            .await,
    );
    expired(
        bench
            .changed(|assertion| {
                assertion.subject.as_mut().unwrap().confirmations[0].not_on_or_after = Some(now);
            })
            .await,
    );
    expired(
        bench
            .changed(|assertion| {
                assertion.authn.as_mut().unwrap().session_not_on_or_after = Some(now);
            })
            .await,
    );
}

#[actix_web::test]
async fn refuses_an_assertion_from_the_future() {
    let bench = bench();
    let future = bench.clock.now() + TimeDelta::minutes(2);
    let response = bench
        .changed(|assertion| assertion.issue_instant = future)
        .await;
    response.refuses(
        400,
        "InvalidIdentityToken",
        "Response is issued in the future",
    );
    let response = bench
        .changed(|assertion| assertion.conditions.as_mut().unwrap().not_before = Some(future))
        .await;
    response.refuses(400, "InvalidIdentityToken", "Response is not yet valid");
}

#[actix_web::test]
async fn refuses_an_assertion_for_another_audience() {
    let bench = bench();
    let response = bench
        .changed(|assertion| {
            assertion.conditions.as_mut().unwrap().audience_restrictions =
                vec![vec!["urn:else".to_owned()]];
        })
        .await;
    let message = "Response does not contain the required audience.";
    response.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn refuses_an_assertion_without_subject_or_recipient() {
    let bench = bench();
    let response = bench
        .changed(|assertion| assertion.subject.as_mut().unwrap().name_id = None)
        .await;
    response.refuses(
        400,
        "InvalidIdentityToken",
        "Subject is required in AuthnResponse",
    );
    let response = bench
        .changed(|assertion| assertion.subject.as_mut().unwrap().confirmations[0].recipient = None)
        .await;
    response.refuses(
        400,
        "InvalidIdentityToken",
        "Recipient is required in AuthnResponse",
    );
}

#[actix_web::test]
async fn refuses_a_missing_or_invalid_session_name() {
    let bench = bench();
    let response = bench
        .changed(|assertion| set(assertion, attribute::ROLE_SESSION_NAME, &[]))
        .await;
    response.refuses(
        400,
        "InvalidIdentityToken",
        "RoleSessionName is required in AuthnResponse",
    );
    let long = "a".repeat(65);
    for name in ["a", "a b", "ä-ä", long.as_str()] {
        let response = bench
            .changed(|assertion| set(assertion, attribute::ROLE_SESSION_NAME, &[name]))
            .await;
        let message = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        response.refuses(400, "InvalidIdentityToken", message);
    }
}

#[actix_web::test]
async fn refuses_an_invalid_source_identity() {
    let bench = bench();
    for name in ["a", "aws:alice"] {
        let response = bench
            .changed(|assertion| set(assertion, attribute::SOURCE_IDENTITY, &[name]))
            .await;
        let message =
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"";
        response.refuses(400, "InvalidIdentityToken", message);
    }
}

#[actix_web::test]
async fn refuses_tags_beyond_their_limits() {
    let bench = bench();
    let tag = |key: &str| format!("{}{key}", attribute::PRINCIPAL_TAG);
    let refusal =
        |response: Response, message| response.refuses(400, "InvalidIdentityToken", message);
    let wrong = "A session tag in AuthnResponse is too long or contains characters that tags must not contain";
    for (key, value) in [
        ("k".repeat(129), "v".to_owned()),
        ("k".to_owned(), "v".repeat(257)),
        (String::new(), "v".to_owned()),
        ("AWS:k".to_owned(), "v".to_owned()),
        ("k".to_owned(), "this & that".to_owned()),
        ("k*".to_owned(), "v".to_owned()),
    ] {
        let response = bench.changed(|a| set(a, &tag(&key), &[&value])).await;
        refusal(response, wrong);
    }
    let odd = bench.changed(|a| set(a, &tag("Größe / m²"), &["1.5 = a+b@c_d-e:f"]));
    assert_eq!(odd.await.status, StatusCode::OK);
    let many = "AuthnResponse contains more than 50 session tags";
    refusal(
        bench
            .changed(|a| (0..51).for_each(|i| set(a, &tag(&format!("k{i}")), &["v"])))
            .await,
        many,
    );
    let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    refusal(
        bench
            .changed(|a| {
                set(a, &tag("Team"), &["v"]);
                set(a, &tag("team"), &["v"]);
            })
            .await,
        twice,
    );
    let transitive = "The specified transitive tag key must be included in the requested tags.";
    refusal(
        bench
            .changed(|a| set(a, attribute::TRANSITIVE_TAG_KEYS, &["Team"]))
            .await,
        transitive,
    );
}

#[actix_web::test]
async fn refuses_a_role_that_the_assertion_does_not_name() {
    let bench = Bench::new(vec![role("Admin"), role("Reader")]);
    let response = bench.with(&[("RoleArn", &role("Reader").arn())]).await;
    response.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    );
}

#[actix_web::test]
async fn refuses_requests_that_the_trust_policy_does_not_allow() {
    let changes: [fn(&mut Role); 4] = [
        |role| role.trust.denies = true,
        |role| role.trust.audiences = vec!["https://signin.aws.amazon.com/saml".to_owned()],
        |role| role.trust.providers = vec![provider_arn("aws", ACCOUNT, "other")],
        |role| role.name = "Other".to_owned(),
    ];
    for change in changes {
        let mut role = role("Admin");
        change(&mut role);
        let response = Bench::new(vec![role]).changed(|_| {}).await;
        response.refuses(
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        );
    }
}

#[actix_web::test]
async fn refuses_roles_of_identity_center() {
    let reserved = role("AWSReservedSSO_Admin_0123456789abcdef");
    let bench = Bench::new(vec![reserved.clone()]);
    let mut spec = bench.spec(&Bench::person());
    set(
        spec.assertion.as_mut().unwrap(),
        attribute::ROLE,
        &[&reserved.attribute_value()],
    );
    let mut form = Bench::form(&bench.idp.form_field(&spec).unwrap());
    form[2].1 = reserved.arn();
    let response = bench.post(&form).await;
    response.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    );
}

#[actix_web::test]
async fn refuses_tags_and_source_identity_where_the_trust_policy_lacks_them() {
    let mut plain = role("Admin");
    plain.trust.allows_tags = false;
    plain.trust.allows_source_identity = false;
    let bench = Bench::new(vec![plain]);
    assert_eq!(bench.changed(|_| {}).await.status, StatusCode::OK);
    let tag = format!("{}Team", attribute::PRINCIPAL_TAG);
    let response = bench
        .changed(|assertion| set(assertion, &tag, &["Ops"]))
        .await;
    response.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:TagSession",
    );
    let response = bench
        .changed(|assertion| set(assertion, attribute::SOURCE_IDENTITY, &["alice"]))
        .await;
    response.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:SetSourceIdentity",
    );
}

#[actix_web::test]
async fn refuses_durations_out_of_range() {
    let mut short = role("Admin");
    short.max_session_seconds = 3600;
    let bench = Bench::new(vec![short]);
    for (seconds, constraint) in [
        ("899", "greater than or equal to 900"),
        ("43201", "less than or equal to 43200"),
    ] {
        bench.with(&[("DurationSeconds", seconds)]).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {constraint}"),
        );
    }
    let response = bench.with(&[("DurationSeconds", "3601")]).await;
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    response.refuses(400, "ValidationError", message);
    assert_eq!(
        bench.with(&[("DurationSeconds", "3600")]).await.status,
        StatusCode::OK
    );
    let response = bench.with(&[("DurationSeconds", "soon")]).await;
    response.refuses(400, "ValidationError", "DurationSeconds is not an integer");
    let response = bench
        .changed(|assertion| set(assertion, attribute::SESSION_DURATION, &["60"]))
        .await;
    let message = "SessionDuration in AuthnResponse must be between 900 and 43200";
    response.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn the_idp_can_only_shorten_the_duration() {
    let bench = bench();
    let seconds = |response: &Response| {
        let expiration: DateTime<Utc> = response.text("Expiration").unwrap().parse().unwrap();
        (expiration - bench.clock.now()).num_seconds()
    };
    let end = bench.clock.now() + TimeDelta::seconds(600);
    let response = bench
        .changed(|a| a.authn.as_mut().unwrap().session_not_on_or_after = Some(end))
        .await;
    assert_eq!(seconds(&response), 600);
    let response = bench
        .changed(|a| set(a, attribute::SESSION_DURATION, &["900"]))
        .await;
    assert_eq!(seconds(&response), 900);
    let response = bench
        .changed(|a| set(a, attribute::SESSION_DURATION, &["43200"]))
        .await;
    assert_eq!(seconds(&response), 3600);
}

#[actix_web::test]
async fn refuses_session_policies_beyond_their_limits() {
    let bench = bench();
    let policy = |padding: usize| format!(r#"{{"Statement":[],"x":"{}"}}"#, "x".repeat(padding));
    let response = bench.with(&[("Policy", "{")]).await;
    response.refuses(
        400,
        "MalformedPolicyDocument",
        "The policy is not in the valid JSON format.",
    );
    let response = bench.with(&[("Policy", "[]")]).await;
    response.refuses(400, "MalformedPolicyDocument", "Syntax errors in policy.");
    let response = bench.with(&[("Policy", &policy(2048))]).await;
    response.refuses(400, "ValidationError", "1 validation error detected: Value '****' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048");
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let full = policy(2048 - policy(0).len());
    assert_eq!(
        bench.with(&[("Policy", &full)]).await.status,
        StatusCode::OK
    );
    let response = bench
        .with(&[("Policy", &full), ("PolicyArns.member.1.arn", arn)])
        .await;
    response.refuses(
        400,
        "PackedPolicyTooLarge",
        "Packed policy consumes 101% of allotted space, please use smaller policy.",
    );
    let arns: Vec<String> = (1..=11)
        .map(|i| format!("PolicyArns.member.{i}.arn"))
        .collect();
    let arns: Vec<(&str, &str)> = arns.iter().map(|name| (name.as_str(), arn)).collect();
    assert_eq!(bench.with(&arns[..10]).await.status, StatusCode::OK);
    let response = bench.with(&arns).await;
    response.refuses(400, "ValidationError", "1 validation error detected: Value '[...]' at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10");
    let response = bench
        .with(&[("PolicyArns.member.1.arn", "arn:aws:iam::aws:role/Something")])
        .await;
    response.refuses(
        400,
        "ValidationError",
        "ARN arn:aws:iam::aws:role/Something is not valid.",
    );
}

#[actix_web::test]
async fn refuses_tags_beyond_the_packed_size() {
    let bench = bench();
    let random = || crate::crypto::random_token().unwrap();
    let response = bench
        .changed(|a| {
            for index in 0..50 {
                let value: String = (0..5).map(|_| random()).collect();
                set(
                    a,
                    &format!("{}{index}", attribute::PRINCIPAL_TAG),
                    &[&value],
                );
            }
        })
        .await;
    assert_eq!(
        response.text("Code").as_deref(),
        Some("PackedPolicyTooLarge")
    );
    assert_eq!(response.status, StatusCode::BAD_REQUEST);
}
