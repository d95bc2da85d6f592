//! Measures the verification pipeline, from the form field to the person who signed in. For
//! comparison, it also measures a single RSA verification and samael's own verifier.
//!
//! Run this benchmark with `cargo bench --bench verification`. Machines are noisy, so compare
//! ratios within one run. A full run also draws `target/bench/verification.svg`, a chart of the
//! responses verified per second by message size.

#[path = "support/messages.rs"]
mod messages;
#[path = "support/picture.rs"]
mod picture;

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group,
    measurement::WallTime,
};
use messages::{Algorithm, Bench};
use mimalloc::MiMalloc;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use picture::{Line, Picture};
use rolecall::demo::idp::{Signed, encode};
use rolecall::saml::encryption::Cipher;
use rolecall::saml::policy::Carried;
use rolecall::saml::{Refusal, check, policy, reading, response, signature, xml};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};

/// The allocator that `rolecall` uses.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SIZES: [usize; 5] = [1, 10, 100, 200, 500];
const SIGNATURES: [(&str, Signed); 2] = [
    ("one signature", Signed::Assertion),
    ("two signatures", Signed::Both),
];
const RSA_2048: Algorithm = Algorithm::Rsa(2048);

/// Measures one RSA-2048 verification, which no login with an RSA-2048 key can avoid. The command
/// `openssl speed rsa2048` also measures this operation.
fn floor(criterion: &mut Criterion) {
    let key = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
    let signature = signer.sign_oneshot_to_vec(b"octets").expect("a signature");
    let mut group = group(criterion, "floor");
    group.bench_function("RSA-2048 verification (OpenSSL)", |b| {
        b.iter(|| {
            let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
            let is_good = verifier.verify_oneshot(black_box(&signature), b"octets");
            assert!(is_good.expect("the verification runs"));
        });
    });
    group.finish();
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(1));
    group
}

/// Measures the whole pipeline with different message sizes, key types and numbers of signatures,
/// and with encryption.
fn whole(criterion: &mut Criterion) {
    let bench = Bench::new(RSA_2048);
    for (name, signed) in SIGNATURES {
        let mut group = group(criterion, name);
        for roles in SIZES {
            let field = bench.field(roles, signed);
            println!("{roles} roles: {} bytes of XML", field.len() / 4 * 3);
            login(
                &mut group,
                BenchmarkId::from_parameter(roles),
                &bench,
                &field,
            );
        }
        group.finish();
    }
    let mut group = group(criterion, "ten roles");
    for (name, algorithm) in [
        ("RSA-2048", RSA_2048),
        ("RSA-4096", Algorithm::Rsa(4096)),
        ("P-256", Algorithm::P256),
    ] {
        let bench = Bench::new(algorithm);
        let field = bench.field(10, Signed::Assertion);
        login(
            &mut group,
            BenchmarkId::from_parameter(name),
            &bench,
            &field,
        );
    }
    let field = bench.encrypted(10, Cipher::Gcm(16));
    let id = BenchmarkId::from_parameter("RSA-2048, signed twice and encrypted");
    login(&mut group, id, &bench, &field);
    group.finish();
}

fn login(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, bench: &Bench, field: &str) {
    group.bench_with_input(id, field, |b, field| {
        b.iter(|| bench.login(black_box(field)));
    });
}

/// Measures each stage of the pipeline alone.
fn stages(criterion: &mut Criterion) {
    let bench = Bench::new(RSA_2048);
    for roles in SIZES {
        let field = bench.field(roles, Signed::Assertion);
        let text = response::decode(&field).expect("base64");
        let document = xml::parse(&text).expect("XML");
        let structure = policy::check(&document).expect("a good structure");
        let Some(Carried::Plain(assertion)) = structure.assertion else {
            panic!("the assertion must not be encrypted")
        };
        let mut group = group(criterion, &format!("stages of {roles} roles"));
        group.bench_function("decode", |b| {
            b.iter(|| response::decode(black_box(&field)));
        });
        group.bench_function("parse", |b| b.iter(|| xml::parse(black_box(&text)).is_ok()));
        group.bench_function("policy", |b| {
            b.iter(|| policy::check(black_box(&document)));
        });
        group.bench_function("verify", |b| {
            b.iter(|| signature::verify(black_box(&document), &structure.signed, &bench.trust));
        });
        // The stage `verify` includes this one.
        group.bench_function("canonicalise", |b| {
            b.iter(|| signature::signed_octets(black_box(&document), assertion, &structure.unread));
        });
        group.bench_function("read into types", |b| {
            b.iter(|| reading::assertion(black_box(&document), assertion));
        });
        group.bench_function("checks", |b| {
            b.iter_batched(
                || bench.open(&field).expect("the message is good"),
                |opened| check::check(opened, &bench.expected()),
                BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

/// Measures the refusal of messages that are about as large as a response with ten roles. The cost
/// of a refusal matters because sending junk is free.
fn refused(criterion: &mut Criterion) {
    let bench = Bench::new(RSA_2048);
    let good = bench.field(10, Signed::Assertion);
    let xml = response::decode(&good).expect("base64");
    let mut group = group(criterion, "refused");
    group.bench_function("(accepted)", |b| b.iter(|| bench.login(black_box(&good))));
    for (name, field) in [
        ("not base64", format!("{}!", &good[1..])),
        ("not XML", encode(&"x".repeat(xml.len()))),
        ("not XML at the end", encode(&xml[..xml.len() - 1])),
        (
            "no Response",
            encode(&xml.replace("samlp:Response", "samlp:Resp0nse")),
        ),
        (
            "two assertions",
            encode(&xml.replace("<saml:Subject>", "<saml:Assertion/><saml:Subject>")),
        ),
        ("not signed", {
            let without = xml.find("<ds:Signature").zip(xml.find("</ds:Signature>"));
            let (start, end) = without.expect("a signature");
            encode(&format!("{}{}", &xml[..start], &xml[end + 15..]))
        }),
        (
            "signed by somebody else",
            Bench::new(RSA_2048).field(10, Signed::Assertion),
        ),
    ] {
        assert!(bench.open(&field).is_err(), "{name} is refused");
        group.bench_function(name, |b| b.iter(|| bench.open(black_box(&field)).is_err()));
    }
    group.finish();
}

/// Measures the refusal of ciphertexts. The times must not reveal why a ciphertext was refused:
/// compare the two CBC times with each other, and likewise the two GCM times.
fn decryption(criterion: &mut Criterion) {
    let bench = Bench::new(RSA_2048);
    let flip = |back: usize| {
        move |octets: &mut Vec<u8>| {
            let at = octets.len() - back;
            octets[at] ^= 0x80;
        }
    };
    let mut group = group(criterion, "refused ciphertexts");
    for (name, cipher, back) in [
        ("CBC, text", Cipher::Cbc(16), 32),
        // A change to the last byte of the next-to-last block changes the last byte of the
        // plaintext, which is the length of the padding.
        ("CBC, padding", Cipher::Cbc(16), 17),
        ("GCM, text", Cipher::Gcm(16), 32),
        ("GCM, tag", Cipher::Gcm(16), 1),
    ] {
        let field = bench.encrypted_with(100, cipher, flip(back));
        group.bench_function(name, |b| {
            b.iter(|| {
                let refusal = bench.open(black_box(&field));
                assert_eq!(refusal.err(), Some(Refusal::Decryption));
            });
        });
    }
    group.finish();
}

/// Measures samael's own verifier, which uses libxml2 and xmlsec1, for comparison.
fn samael(criterion: &mut Criterion) {
    let bench = Bench::new(RSA_2048);
    let certificates = [CertificateDer::from(
        bench.idp.key().certificate_der().to_vec(),
    )];
    let mut group = group(criterion, "samael and xmlsec1");
    for roles in [1, 100] {
        let xml = bench.xml(roles, Signed::Assertion);
        group.bench_with_input(BenchmarkId::from_parameter(roles), &xml, |b, xml| {
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
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .sample_size(40);
    targets = floor, whole, stages, refused, decryption, samael
}

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    draw();
}

/// Draws the chart if criterion has recorded all measurements for it. Filtered runs and test runs
/// do not record all of them.
fn draw() {
    let bench = Bench::new(RSA_2048);
    let lines: Option<Vec<Line>> = SIGNATURES
        .into_iter()
        .map(|(name, signed)| {
            let mut line = Line::new(name);
            for roles in SIZES {
                let kilobytes = bench.xml(roles, signed).len() / 1_000;
                let kilobytes = f64::from(u32::try_from(kilobytes).ok()?);
                line.point(kilobytes, 1e9 / nanoseconds(name, roles)?);
            }
            Some(line)
        })
        .collect();
    let picture = Picture {
        title: "Responses verified on one processor",
        horizontal: "kB of XML",
        vertical: "responses/s",
    };
    if let Some(lines) = lines {
        picture.draw("verification", &lines);
    }
}

/// The mean time that criterion recorded, if any.
fn nanoseconds(group: &str, roles: usize) -> Option<f64> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/criterion");
    let file = format!("{folder}/{group}/{roles}/new/estimates.json");
    let text = std::fs::read_to_string(file).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["mean"]["point_estimate"].as_f64()
}
