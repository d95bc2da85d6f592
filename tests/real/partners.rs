//! Tests that the IdPs, moto and the AWS CLI start, and that they work in the ways that other tests
//! rely on.

use crate::support::partners::aws_cli::AwsCli;
use crate::support::partners::moto::{self, Moto};
use crate::support::partners::nanoidp::{Canonicalization, NanoIdp};
use crate::support::partners::samlp::Samlp;
use crate::support::partners::simplesamlphp::SimpleSamlPhp;
use crate::support::partners::{NameIdFormat, SignatureAlgorithm, SpRegistration, User};
use crate::support::saml::{AuthnRequest, ROLE, ROLE_SESSION_NAME, Received};
use crate::support::user_agent::{Form, UserAgent};

const READER: &str =
    "arn:aws:iam::123456789012:role/Reader,arn:aws:iam::123456789012:saml-provider/Corp";
const WRITER: &str =
    "arn:aws:iam::123456789012:saml-provider/Corp,arn:aws:iam::123456789012:role/Writer";

/// A service provider that no other test in this run uses.
fn service_provider(name: &str) -> SpRegistration {
    SpRegistration::new(
        &format!("https://{name}.example.com/saml/metadata"),
        &format!("https://{name}.example.com/saml/acs"),
    )
}

/// A person with two roles. No other test in this run uses this person.
fn person(name: &str) -> User {
    User::new(name)
        .with(ROLE, [READER, WRITER])
        .with(ROLE_SESSION_NAME, [name])
}

fn request_to(sp: &SpRegistration, sso_url: &str) -> AuthnRequest {
    AuthnRequest::new(
        "_0123456789abcdef0123456789abcdef",
        &sp.entity_id,
        &sp.acs_url,
        sso_url,
    )
}

/// Asserts that the IdP's response is addressed to `sp`, and contains `name_id` and the roles of a
/// person from [`person`].
fn assert_says(form: &Form, sp: &SpRegistration, name_id: &str) -> Received {
    let received = Received::from_form(form);
    assert_eq!(form.action.as_str(), sp.acs_url);
    assert_eq!(received.name_id(), name_id);
    assert_eq!(received.attribute(ROLE), [READER, WRITER]);
    assert!(
        received.texts("Audience").contains(&sp.entity_id),
        "{}",
        received.xml
    );
    let recipients = received.xml_attribute("SubjectConfirmationData", "Recipient");
    assert_eq!(recipients, [sp.acs_url.as_str()]);
    received
}

mod simplesamlphp {
    use super::*;
    use crate::support::key_pair::KeyPair;

    async fn known(name: &str) -> (&'static SimpleSamlPhp, SpRegistration, User) {
        let idp = SimpleSamlPhp::shared().await;
        let (sp, user) = (service_provider(name), person(name));
        idp.add_service_provider(&sp);
        idp.add_user(&user);
        (idp, sp, user)
    }

    async fn unsolicited(idp: &SimpleSamlPhp, sp: &SpRegistration, user: &User) -> Form {
        let start = idp.idp_initiated_url(&sp.entity_id, "/somewhere");
        UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await
    }

    #[tokio::test]
    async fn describes_itself() {
        let idp = SimpleSamlPhp::shared().await;
        let metadata = Received::from_xml(idp.metadata_xml().await);
        assert_eq!(
            metadata.xml_attribute("EntityDescriptor", "entityID"),
            [idp.entity_id()]
        );
        let sso = metadata.xml_attribute("SingleSignOnService", "Location");
        assert!(sso.contains(&idp.sso_url()), "{sso:?}");
        let certificate = idp.key_pair().certificate_base64();
        assert!(metadata.xml.contains(&certificate), "{}", metadata.xml);
    }

    #[tokio::test]
    async fn signs_in_without_a_request() {
        let (idp, sp, user) = known("ssp-unasked").await;
        let form = unsolicited(idp, &sp, &user).await;
        let received = assert_says(&form, &sp, "ssp-unasked");
        assert_eq!(form.field("RelayState"), Some("/somewhere"));
        assert_eq!(
            received.xml_attribute("Response", "InResponseTo"),
            [] as [&str; 0]
        );
        assert_eq!(received.signed_elements(), ["Response", "Assertion"]);
        let formats = received.xml_attribute("NameID", "Format");
        assert_eq!(formats, [NameIdFormat::Persistent.uri()]);
    }

    #[tokio::test]
    async fn signs_in_when_asked_and_silently_the_second_time() {
        let (idp, sp, user) = known("ssp-asked").await;
        let request = request_to(&sp, &idp.sso_url());
        let browser = UserAgent::new();
        let form = browser
            .sign_in(request.redirect_url("opaque"), &user.name, &user.password)
            .await;
        let received = assert_says(&form, &sp, "ssp-asked");
        assert_eq!(form.field("RelayState"), Some("opaque"));
        assert_eq!(
            received.xml_attribute("Response", "InResponseTo"),
            [request.id.as_str()]
        );

        let page = browser.open(request.redirect_url("again")).await;
        assert!(page.form_with("SAMLResponse").is_some(), "{page}");
        let forced = AuthnRequest {
            force_authn: true,
            ..request
        };
        let page = browser.open(forced.redirect_url("forced")).await;
        assert!(page.form_with("password").is_some(), "{page}");
    }

    #[tokio::test]
    async fn signs_the_configured_elements_with_the_configured_methods() {
        let (idp, sp, user) = known("ssp-signing").await;
        for (sign_assertion, sign_response, algorithm) in [
            (true, false, SignatureAlgorithm::RsaSha256),
            (false, true, SignatureAlgorithm::RsaSha384),
            (true, true, SignatureAlgorithm::RsaSha512),
            (true, false, SignatureAlgorithm::RsaSha1),
        ] {
            let sp = SpRegistration {
                sign_assertion,
                sign_response,
                signature_algorithm: algorithm,
                ..sp.clone()
            };
            idp.add_service_provider(&sp);
            let received = assert_says(&unsolicited(idp, &sp, &user).await, &sp, "ssp-signing");
            let mut signed = Vec::new();
            signed.extend(sign_response.then_some("Response"));
            signed.extend(sign_assertion.then_some("Assertion"));
            assert_eq!(received.signed_elements(), signed);
            let methods = received.xml_attribute("SignatureMethod", "Algorithm");
            assert_eq!(methods, vec![algorithm.uri(); signed.len()]);
        }
    }

    #[tokio::test]
    async fn gives_the_name_id_that_is_configured() {
        let (idp, sp, user) = known("ssp-name-id").await;
        let email = SpRegistration {
            name_id_format: NameIdFormat::Email,
            name_id_attribute: Some("mail".to_owned()),
            ..sp.clone()
        };
        idp.add_service_provider(&email);
        let form = unsolicited(idp, &email, &user).await;
        let received = assert_says(&form, &email, "ssp-name-id@example.com");
        assert_eq!(
            received.xml_attribute("NameID", "Format"),
            [NameIdFormat::Email.uri()]
        );

        let transient = SpRegistration {
            name_id_format: NameIdFormat::Transient,
            ..sp
        };
        idp.add_service_provider(&transient);
        let first = Received::from_form(&unsolicited(idp, &transient, &user).await).name_id();
        let second = Received::from_form(&unsolicited(idp, &transient, &user).await).name_id();
        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn checks_request_signatures_when_configured() {
        let (idp, sp, user) = known("ssp-signed-request").await;
        let (known_key, other_key) = (KeyPair::generate("known"), KeyPair::generate("other"));
        let certificate = Some(known_key.certificate_pem.clone());
        idp.add_service_provider(&SpRegistration {
            request_certificate: certificate,
            ..sp.clone()
        });
        let request = request_to(&sp, &idp.sso_url());

        let start = request.signed_redirect_url("opaque", &known_key.key_pem);
        let form = UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await;
        assert_says(&form, &sp, "ssp-signed-request");

        for (refused, reason) in [
            (
                request.redirect_url("opaque"),
                "no signature found on message",
            ),
            (
                request.signed_redirect_url("opaque", &other_key.key_pem),
                "Unable to validate",
            ),
        ] {
            let page = UserAgent::new().open(refused).await;
            assert!(page.body.contains(reason), "{page}");
            assert!(
                page.forms()
                    .iter()
                    .all(|form| form.password_fields.is_empty()),
                "{page}"
            );
        }
    }

    #[tokio::test]
    async fn reads_the_metadata_of_a_service_provider() {
        let (idp, _, user) = known("ssp-metadata").await;
        let sp = service_provider("ssp-by-metadata");
        let metadata = format!(
            r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{}"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ssp-by-metadata.example.com/saml/slo"/><AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{}" index="0"/></SPSSODescriptor></EntityDescriptor>"#,
            sp.entity_id, sp.acs_url
        );
        idp.add_service_provider(&SpRegistration {
            metadata_xml: Some(metadata),
            ..sp.clone()
        });
        let form = unsolicited(idp, &sp, &user).await;
        assert_says(&form, &sp, "ssp-metadata");
    }

    #[tokio::test]
    async fn encrypts_when_configured() {
        let (idp, sp, user) = known("ssp-encrypted").await;
        let certificate = Some(KeyPair::generate("service provider").certificate_pem);
        idp.add_service_provider(&SpRegistration {
            encryption_certificate: certificate,
            ..sp.clone()
        });
        let received = Received::from_form(&unsolicited(idp, &sp, &user).await);
        assert_eq!(received.texts("EncryptedAssertion").len(), 1);
        assert_eq!(received.texts("NameID"), [] as [&str; 0]);
    }

    #[tokio::test]
    async fn refuses_a_wrong_password() {
        let (idp, sp, user) = known("ssp-wrong").await;
        let browser = UserAgent::new();
        let page = browser.open(idp.idp_initiated_url(&sp.entity_id, "")).await;
        let form = page.form_with("password").expect("a form with a password");
        let form = form.with("username", &user.name).with("password", "not it");
        let page = browser.follow(browser.submit(&form).await).await;
        assert!(page.form_with("SAMLResponse").is_none(), "{page}");
        assert!(
            page.body.contains("Incorrect username or password"),
            "{page}"
        );
    }
}

mod samlp {
    use super::*;
    use crate::support::key_pair::KeyPair;

    async fn known(name: &str) -> (&'static Samlp, SpRegistration, User) {
        let idp = Samlp::shared().await;
        let (sp, user) = (service_provider(name), person(name));
        idp.add_service_provider(&sp);
        idp.add_user(&user);
        (idp, sp, user)
    }

    async fn unsolicited(idp: &Samlp, sp: &SpRegistration, user: &User) -> Form {
        let start = idp.idp_initiated_url(&sp.entity_id, "/somewhere");
        UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await
    }

    #[tokio::test]
    async fn describes_itself() {
        let idp = Samlp::shared().await;
        let metadata = Received::from_xml(idp.metadata_xml().await);
        assert_eq!(
            metadata.xml_attribute("EntityDescriptor", "entityID"),
            [idp.entity_id()]
        );
        let sso = metadata.xml_attribute("SingleSignOnService", "Location");
        assert_eq!(sso, [idp.sso_url(), idp.sso_url()]);
        assert!(
            metadata.xml.contains(&idp.key_pair().certificate_base64()),
            "{}",
            metadata.xml
        );
    }

    #[tokio::test]
    async fn signs_in_without_a_request() {
        let (idp, sp, user) = known("samlp-unasked").await;
        let form = unsolicited(idp, &sp, &user).await;
        let received = assert_says(&form, &sp, "samlp-unasked");
        assert_eq!(form.field("RelayState"), Some("/somewhere"));
        assert_eq!(received.xml_attribute("Response", "InResponseTo"), [""; 0]);
        assert_eq!(received.signed_elements(), ["Response", "Assertion"]);
        assert!(
            received
                .xml
                .contains(r#"<Signature xmlns="http://www.w3.org/2000/09/xmldsig#""#)
        );
        let issued = received.xml_attribute("Assertion", "IssueInstant");
        assert!(issued.iter().all(|time| time.contains('.')), "{issued:?}");
    }

    #[tokio::test]
    async fn signs_in_when_asked() {
        let (idp, sp, user) = known("samlp-asked").await;
        let request = request_to(&sp, &idp.sso_url());
        let start = request.redirect_url("opaque");
        let form = UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await;
        let received = assert_says(&form, &sp, "samlp-asked");
        assert_eq!(form.field("RelayState"), Some("opaque"));
        assert_eq!(
            received.xml_attribute("Response", "InResponseTo"),
            [request.id]
        );
    }

    #[tokio::test]
    async fn signs_the_configured_elements() {
        let (idp, sp, user) = known("samlp-signing").await;
        for (sign_assertion, sign_response) in [(true, false), (false, true)] {
            let sp = SpRegistration {
                sign_assertion,
                sign_response,
                ..sp.clone()
            };
            idp.add_service_provider(&sp);
            let received = assert_says(&unsolicited(idp, &sp, &user).await, &sp, "samlp-signing");
            let signed = if sign_assertion {
                "Assertion"
            } else {
                "Response"
            };
            assert_eq!(received.signed_elements(), [signed]);
            let methods = received.xml_attribute("SignatureMethod", "Algorithm");
            assert_eq!(methods, [SignatureAlgorithm::RsaSha256.uri()]);
        }
    }

    #[tokio::test]
    async fn encrypts_when_configured() {
        let (idp, sp, user) = known("samlp-encrypted").await;
        let certificate = Some(KeyPair::generate("service provider").certificate_pem);
        idp.add_service_provider(&SpRegistration {
            encryption_certificate: certificate,
            ..sp.clone()
        });
        let received = Received::from_form(&unsolicited(idp, &sp, &user).await);
        assert_eq!(received.texts("EncryptedAssertion").len(), 1);
        let methods = received.xml_attribute("EncryptionMethod", "Algorithm");
        assert_eq!(methods[0], "http://www.w3.org/2009/xmlenc11#aes256-gcm");
    }
}

mod nanoidp {
    use super::*;

    async fn signs_with(canonicalization: Canonicalization, name: &str) {
        let idp = NanoIdp::shared(canonicalization).await;
        let metadata = Received::from_xml(idp.metadata_xml().await);
        assert_eq!(
            metadata.xml_attribute("EntityDescriptor", "entityID"),
            [idp.entity_id()]
        );

        let (sp, user) = (service_provider(name), person(name));
        idp.add_user(&user).await;
        let request = request_to(&sp, &idp.sso_url());
        let start = request.redirect_url("opaque");
        let form = UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await;
        let received = assert_says(&form, &sp, &format!("{name}@example.com"));
        assert_eq!(form.field("RelayState"), Some("opaque"));
        assert_eq!(received.signed_elements(), ["Assertion"]);
        assert_eq!(
            received.assertion_children().last().map(String::as_str),
            Some("Signature")
        );
        let methods = received.xml_attribute("CanonicalizationMethod", "Algorithm");
        assert_eq!(methods, [canonicalization.uri()]);
    }

    #[tokio::test]
    async fn signs_with_exclusive_canonicalization() {
        signs_with(Canonicalization::Exclusive, "nano-exclusive").await;
    }

    #[tokio::test]
    async fn signs_with_inclusive_canonicalization_1_0() {
        signs_with(Canonicalization::Inclusive10, "nano-inclusive-10").await;
    }

    #[tokio::test]
    async fn signs_with_inclusive_canonicalization_1_1() {
        signs_with(Canonicalization::Inclusive11, "nano-inclusive-11").await;
    }
}

mod sts {
    use super::*;

    #[tokio::test]
    async fn a_dropped_server_leaves_nothing_behind() {
        let moto = Moto::start().await;
        let (endpoint, directory) = (moto.endpoint(), moto.directory().to_owned());
        assert!(directory.is_dir());
        assert!(reqwest::get(&endpoint).await.is_ok());
        drop(moto);
        assert!(
            reqwest::get(&endpoint)
                .await
                .expect_err("nobody answers")
                .is_connect()
        );
        assert!(!directory.exists());
    }

    #[tokio::test]
    async fn the_aws_cli_asks_moto_who_it_is() {
        let endpoint = Moto::shared().await.endpoint();
        let environment = [
            ("AWS_ENDPOINT_URL_STS", endpoint.as_str()),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "not a secret"),
        ];
        let output = AwsCli::new()
            .run(&["sts", "get-caller-identity"], &environment)
            .await;
        assert_eq!(output.json()["Account"], moto::ACCOUNT);
    }

    #[tokio::test]
    async fn the_aws_cli_redeems_an_assertion_at_moto() {
        let idp = SimpleSamlPhp::shared().await;
        let sp = service_provider("moto");
        let user = User::new("one-role")
            .with(ROLE, [READER])
            .with(ROLE_SESSION_NAME, ["one-role"]);
        idp.add_service_provider(&sp);
        idp.add_user(&user);
        let start = idp.idp_initiated_url(&sp.entity_id, "");
        let form = UserAgent::new()
            .sign_in(start, &user.name, &user.password)
            .await;

        let endpoint = Moto::shared().await.endpoint();
        let cli = AwsCli::new();
        let region = ("AWS_DEFAULT_REGION", "us-east-1");
        let sts = ("AWS_ENDPOINT_URL_STS", endpoint.as_str());
        let (role, provider) = READER.split_once(',').expect("a role and its provider");
        let arguments = [
            "sts",
            "assume-role-with-saml",
            "--role-arn",
            role,
            "--principal-arn",
            provider,
            "--saml-assertion",
            form.field("SAMLResponse")
                .expect("the form contains a SAMLResponse"),
        ];
        let response = cli.run(&arguments, &[region, sts]).await.json();
        let credentials = &response["Credentials"];
        let part = |name: &str| credentials[name].as_str().expect("a string").to_owned();
        let (id, secret, token) = (
            part("AccessKeyId"),
            part("SecretAccessKey"),
            part("SessionToken"),
        );

        let environment = [
            region,
            sts,
            ("AWS_ACCESS_KEY_ID", &id),
            ("AWS_SECRET_ACCESS_KEY", &secret),
            ("AWS_SESSION_TOKEN", &token),
        ];
        let identity = cli
            .run(&["sts", "get-caller-identity"], &environment)
            .await
            .json();
        let arn = format!(
            "arn:aws:sts::{}:assumed-role/Reader/one-role",
            moto::ACCOUNT
        );
        assert_eq!(identity["Arn"], arn);
    }

    #[tokio::test]
    async fn the_aws_cli_does_not_use_the_credentials_of_this_machine() {
        let output = AwsCli::new()
            .run(&["sts", "get-caller-identity"], &[])
            .await;
        assert!(!output.success);
        assert!(
            output.stderr.contains("Unable to locate credentials"),
            "{output:?}"
        );
    }
}
