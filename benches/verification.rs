//! The verification pipeline, from the form field to who signed in, beside the one RSA
//! verification that it cannot do without.
//!
//! `cargo bench --bench verification`. Machines are noisy: compare within one run, as ratios.

use std::hint::black_box;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use rolecall::demo::idp::encryption::{EncryptionOptions, encrypt};
use rolecall::demo::idp::key::self_signed;
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty, Signed, SigningOptions, encode, sign};
use rolecall::demo::people::Person;
use rolecall::saml::check::{self, Expected};
use rolecall::saml::encryption::{Cipher, Decryption, DecryptionKey};
use rolecall::saml::{Login, Refusal, Trust, response};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};
use url::Url;

const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";

struct Bench {
    idp: EmbeddedIdp,
    sp: RelyingParty,
    audiences: Vec<String>,
    now: DateTime<Utc>,
    trust: Trust,
}

impl Bench {
    fn new() -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a moment");
        let sso = Url::parse("https://idp.example.com/sso").expect("an address");
        let idp = EmbeddedIdp::new("https://idp.example.com/metadata", sso, now).expect("a key");
        let trust = idp.trust().expect("a good key");
        let sp = RelyingParty {
            entity_id: "https://aws.example.com/saml/metadata".to_owned(),
            acs_url: "https://aws.example.com/saml/acs".to_owned(),
        };
        let audiences = vec![sp.entity_id.clone()];
        Self {
            idp,
            sp,
            audiences,
            now,
            trust,
        }
    }

    fn field(&self, roles: usize, signed: Signed) -> String {
        let values = (0..roles).map(|number| {
            let account = 100_000_000_000 + number / 5;
            format!("arn:aws:iam::{account}:role/team-role-{number},arn:aws:iam::{account}:saml-provider/corp")
        });
        let person = Person::new("alice", "Alice").with_attribute(ROLE, values);
        let spec = self
            .idp
            .response(&person, &self.sp, Some("_request"), self.now);
        let xml = self
            .idp
            .signed_xml(&spec, signed, &SigningOptions::default());
        encode(&xml.expect("the IdP signs"))
    }

    fn login(&self, field: &str) -> Login {
        let opened =
            response::open(field, &self.trust, &Decryption::NONE).expect("the message is good");
        let expected = Expected {
            idp: "corp",
            idp_entity_id: self.idp.entity_id(),
            acs_url: &self.sp.acs_url,
            audiences: &self.audiences,
            request_id: Some("_request"),
            authenticated_since: None,
            authn_contexts: &[],
            now: self.now,
            skew: TimeDelta::seconds(60),
        };
        check::check(opened, &expected).expect("the message is for us")
    }
}

fn verification(criterion: &mut Criterion) {
    let bench = Bench::new();
    let mut group = criterion.benchmark_group("verification");
    for (name, signed) in [
        ("one signature", Signed::Assertion),
        ("two signatures", Signed::Both),
    ] {
        for roles in [1, 10, 100, 200] {
            let field = bench.field(roles, signed);
            group.throughput(Throughput::Elements(1));
            let id = BenchmarkId::new(
                name,
                format!("{roles} roles, {} bytes", field.len() / 4 * 3),
            );
            group.bench_with_input(id, &field, |b, field| {
                b.iter(|| bench.login(black_box(field)));
            });
        }
    }
    group.finish();
}

/// Refused ciphertexts: the time must not tell what is wrong with one. Compare the first two, and the
/// last two.
fn decryption(criterion: &mut Criterion) {
    let bench = Bench::new();
    let key = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
    let certificate = self_signed(&key, bench.now).expect("a certificate");
    let keys = [DecryptionKey::new(&key).expect("a good key")];
    let decryption = Decryption {
        keys: &keys,
        allow_cbc: true,
    };
    let xml = response::decode(&bench.field(100, Signed::Assertion)).expect("base64");
    let message = |cipher, change: fn(&mut Vec<u8>)| {
        let options = EncryptionOptions::with_cipher(cipher);
        let xml = encrypt(&xml, &certificate, &options).expect("it encrypts");
        let start = xml.rfind("CipherValue>").map(|end| xml[..end].rfind('>'));
        let start = start.flatten().expect("a ciphertext") + 1;
        let end = start + xml[start..].find('<').expect("its end");
        let mut octets = STANDARD.decode(xml[start..end].trim()).expect("base64");
        change(&mut octets);
        let changed = STANDARD.encode(octets);
        let xml = format!("{}{changed}{}", &xml[..start], &xml[end..]);
        let id = xml
            .split("ID=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let id = id.expect("the response has an ID").to_owned();
        let signed = sign(&xml, &id, bench.idp.key(), &SigningOptions::default());
        encode(&signed.expect("the IdP signs"))
    };
    // The last octet of the last block but one changes the last octet of the plaintext.
    let padding = |octets: &mut Vec<u8>| {
        let at = octets.len() - 17;
        octets[at] ^= 0x80;
    };
    let text = |octets: &mut Vec<u8>| {
        let at = octets.len() - 32;
        octets[at] ^= 0x80;
    };
    let tag = |octets: &mut Vec<u8>| {
        let at = octets.len() - 1;
        octets[at] ^= 0x80;
    };
    let mut group = criterion.benchmark_group("refused ciphertexts");
    for (name, field) in [
        ("CBC, text", message(Cipher::Cbc(16), text)),
        ("CBC, padding", message(Cipher::Cbc(16), padding)),
        ("GCM, text", message(Cipher::Gcm(16), text)),
        ("GCM, tag", message(Cipher::Gcm(16), tag)),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let refusal = response::open(black_box(&field), &bench.trust, &decryption);
                assert_eq!(refusal.err(), Some(Refusal::Decryption));
            });
        });
    }
    group.finish();
}

/// What a login cannot be cheaper than: `openssl speed rsa2048` measures the same.
fn rsa(criterion: &mut Criterion) {
    let key = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
    let signature = signer.sign_oneshot_to_vec(b"octets").expect("a signature");
    let mut group = criterion.benchmark_group("floor");
    group.throughput(Throughput::Elements(1));
    group.bench_function("RSA-2048 verification (OpenSSL)", |b| {
        b.iter(|| {
            let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
            assert!(
                verifier
                    .verify_oneshot(black_box(&signature), b"octets")
                    .expect("it runs")
            );
        });
    });
    group.finish();
}

/// The same message through samael's own verifier, which is libxml2 and xmlsec1.
fn samael(criterion: &mut Criterion) {
    let bench = Bench::new();
    let certificates = [CertificateDer::from(
        bench.idp.key().certificate_der().to_vec(),
    )];
    let mut group = criterion.benchmark_group("samael and xmlsec1");
    for roles in [1, 100] {
        let xml = response::decode(&bench.field(roles, Signed::Assertion)).expect("base64");
        group.throughput(Throughput::Elements(1));
        group.bench_with_input(BenchmarkId::new("one signature", roles), &xml, |b, xml| {
            b.iter(|| {
                Crypto::reduce_xml_to_signed(black_box(xml), &certificates, ReduceMode::default())
                    .expect("the message is good")
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(50);
    targets = rsa, verification, decryption, samael
}
criterion_main!(benches);
