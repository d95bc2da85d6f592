use std::path::Path;

use chrono::DateTime;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::symm::Cipher;
use secrecy::ExposeSecret as _;

use super::*;
use crate::grant::SessionParameters;

pub(crate) fn write(path: &Path, bits: u32) {
    let rsa = Rsa::generate(bits).unwrap();
    std::fs::write(path, rsa.private_key_to_pem().unwrap()).unwrap();
}

pub(crate) fn issuer(files: Vec<PathBuf>) -> Result<Issuer, KeyError> {
    let name = Url::parse("https://aws.example.com/").unwrap();
    let jwks_uri = name.join(JWKS_PATH).unwrap();
    Issuer::read(&name, jwks_uri, files)
}

/// The claims of a token, verified with the key published under its `kid`.
fn verified(issuer: &Issuer, token: &str) -> Value {
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.alg, Algorithm::RS256);
    let jwks = issuer.jwks();
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys
        .iter()
        .find(|key| key["kid"] == *header.kid.as_ref().unwrap());
    let key: Jwk = serde_json::from_value(key.unwrap().clone()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.set_audience(&["sts.amazonaws.com"]);
    let key = DecodingKey::from_jwk(&key).unwrap();
    jsonwebtoken::decode::<Value>(token, &key, &validation)
        .unwrap()
        .claims
}

#[test]
fn a_token_carries_the_claims_that_aws_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pem");
    write(&file, 2048);
    let issuer = issuer(vec![file]).unwrap();
    let parameters = SessionParameters {
        source_identity: "ada".parse().ok(),
        tags: vec![("Department".parse().unwrap(), "RD".parse().unwrap())],
        transitive_tags: vec!["Department".parse().unwrap()],
        ..SessionParameters::default()
    };
    let subject = Subject {
        name: "corp:ada@example.com",
        authn_context: Some("urn:x:mfa"),
        parameters: &parameters,
    };
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let token = issuer.token(subject, now).unwrap();
    let claims = verified(&issuer, token.expose_secret());
    assert_eq!(claims["iss"], "https://aws.example.com");
    assert_eq!(claims["sub"], "corp:ada@example.com");
    assert_eq!(claims["amr"], json!(["urn:x:mfa"]));
    assert_eq!(claims["exp"], 1_790_000_300);
    assert_eq!(claims["https://aws.amazon.com/source_identity"], "ada");
    let tags = &claims["https://aws.amazon.com/tags"];
    assert_eq!(tags["principal_tags"], json!({ "Department": ["RD"] }));
    assert_eq!(tags["transitive_tag_keys"], json!(["Department"]));
    // Each token has its own ID and contains only the claims for its subject.
    let plain = SessionParameters::default();
    let subject = Subject {
        parameters: &plain,
        authn_context: None,
        ..subject
    };
    let other = verified(&issuer, issuer.token(subject, now).unwrap().expose_secret());
    assert_ne!(other["jti"], claims["jti"]);
    for name in [
        "amr",
        "https://aws.amazon.com/tags",
        "https://aws.amazon.com/source_identity",
    ] {
        assert!(other.get(name).is_none(), "{name}");
    }
}

#[test]
fn keys_overlap_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.pem"), folder.path().join("new.pem"));
    write(&old, 2048);
    write(&new, 2048);
    let issuer = issuer(vec![old.clone(), new.clone()]).unwrap();
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let parameters = SessionParameters::default();
    let subject = Subject {
        name: "x",
        authn_context: None,
        parameters: &parameters,
    };
    let before = issuer.token(subject, now).unwrap();
    assert!(!issuer.reload().unwrap(), "the keys have not changed");
    // The files are swapped: the new key now signs, and the old key is still published.
    let swap = folder.path().join("swap.pem");
    std::fs::rename(&old, &swap).unwrap();
    std::fs::rename(&new, &old).unwrap();
    std::fs::rename(&swap, &new).unwrap();
    assert!(issuer.reload().unwrap());
    let after = issuer.token(subject, now).unwrap();
    let kid = |token: &secrecy::SecretString| {
        jsonwebtoken::decode_header(token.expose_secret())
            .unwrap()
            .kid
    };
    assert_ne!(kid(&before), kid(&after));
    for token in [before, after] {
        verified(&issuer, token.expose_secret());
    }
    // If a file does not contain a key, the previous keys stay in use.
    std::fs::write(&old, "nothing").unwrap();
    assert!(issuer.reload().is_err());
    assert_eq!(issuer.jwks()["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn the_documents_contain_no_private_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pem");
    write(&file, 2048);
    let issuer = issuer(vec![file]).unwrap();
    let jwks = issuer.jwks();
    let key = jwks["keys"][0].as_object().unwrap();
    let mut names: Vec<_> = key.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!((&key["alg"], &key["use"]), (&json!("RS256"), &json!("sig")));
    let discovery = issuer.discovery();
    assert_eq!(discovery["issuer"], "https://aws.example.com");
    assert_eq!(discovery["jwks_uri"], "https://aws.example.com/oidc/jwks");
    assert!(!format!("{issuer:?}").contains("PRIVATE"));
}

#[test]
fn only_rsa_keys_of_sufficient_length_sign() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    write(&file, 1024);
    assert!(matches!(SigningKey::read(&file), Err(KeyError::Weak(_))));
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let ec = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    std::fs::write(&file, ec.private_key_to_pem_pkcs8().unwrap()).unwrap();
    assert!(matches!(SigningKey::read(&file), Err(KeyError::Weak(_))));
    let rsa = Rsa::generate(2048).unwrap();
    let locked = rsa.private_key_to_pem_passphrase(Cipher::aes_128_cbc(), b"pass");
    std::fs::write(&file, locked.unwrap()).unwrap();
    assert!(matches!(SigningKey::read(&file), Err(KeyError::Key(_))));
    std::fs::write(&file, rsa.public_key_to_pem().unwrap()).unwrap();
    assert!(matches!(SigningKey::read(&file), Err(KeyError::Key(_))));
    assert!(matches!(
        SigningKey::read(folder.path()),
        Err(KeyError::Key(_))
    ));
    let none = folder.path().join("none");
    assert!(matches!(
        SigningKey::read(&none),
        Err(KeyError::File { .. })
    ));
    let pkcs8 = PKey::from_rsa(rsa).unwrap().private_key_to_pem_pkcs8();
    std::fs::write(&file, pkcs8.unwrap()).unwrap();
    assert!(SigningKey::read(&file).is_ok());
}
