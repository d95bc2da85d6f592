//! Redirects of metadata servers, with the program and a TLS server that it trusts.

use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::path::Path;

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

use super::*;

/// Starts a TLS server for `localhost`, and writes its certificate to `file`. `/redirect/N`
/// redirects N times before it leads to the metadata. `/to?URL` redirects to URL.
fn start_tls(file: &Path) -> String {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    let [from, until] = [0, 1].map(|days| Asn1Time::days_from_now(days).unwrap());
    certificate.set_not_before(&from).unwrap();
    certificate.set_not_after(&until).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let mut alternative = SubjectAlternativeName::new();
    let context = certificate.x509v3_context(None, None);
    let alternative = alternative.dns("localhost").build(&context).unwrap();
    certificate.append_extension(alternative).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();
    std::fs::write(file, certificate.to_pem().unwrap()).unwrap();
    let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    tls.set_private_key(&key).unwrap();
    tls.set_certificate(&certificate).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = tls.build();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that does not trust the server ends the handshake.
            if let Ok(mut stream) = tls.accept(stream.unwrap()) {
                let response = respond(&head(&mut stream));
                stream.write_all(response.as_bytes()).unwrap();
                stream.shutdown().unwrap();
            }
        }
    });
    format!("https://localhost:{port}")
}

/// The target in the head of a request.
fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    head.split(' ').nth(1).unwrap().to_owned()
}

fn respond(target: &str) -> String {
    let found = |to: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    };
    let left = target.strip_prefix("/redirect/");
    match left.and_then(|left| left.parse::<u32>().ok()) {
        Some(0) => {
            let body = metadata(first_idp());
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
        }
        Some(left) => found(&format!("/redirect/{}", left - 1)),
        None => found(target.split_once('?').unwrap().1),
    }
}

/// Runs `check-config` with this `metadata_url`, and returns what it prints. The program trusts only
/// the certificate in the folder.
async fn check(folder: &Path, url: &str) -> String {
    let file = folder.join("rolecall.toml");
    let config = format!(
        "public_url = \"http://localhost:8080\"\n[saml]\nmetadata_directory = \"kept\"\n\
         [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_url = \"{url}\"\n"
    );
    std::fs::write(&file, config).unwrap();
    let mut command = crate::program::rolecall();
    command.args(["check-config", "--config"]).arg(&file);
    command.env("SSL_CERT_FILE", folder.join("localhost.crt"));
    let run = web::block(move || command.output().unwrap()).await.unwrap();
    String::from_utf8([run.stdout, run.stderr].concat()).unwrap()
}

#[actix_web::test]
async fn a_redirect_never_leaves_https_not_even_to_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let tls = start_tls(&folder.path().join("localhost.crt"));
    // Another user of this machine may listen here.
    let plain = Publisher::start(Response::Document(metadata(first_idp())));
    let port = plain.url.rsplit(':').next().unwrap().to_owned();
    for target in [
        plain.url.clone(),
        format!("http://localhost:{port}"),
        "http://[::1]/".to_owned(),
        "http://idp.example.com/".to_owned(),
    ] {
        let printed = check(folder.path(), &format!("{tls}/to?{target}")).await;
        assert!(
            printed.contains("a redirect to a URL that is not https"),
            "{target}: {printed}"
        );
    }
    let printed = check(folder.path(), &format!("{tls}/to?file:///etc/passwd")).await;
    assert!(printed.contains("the server answered 302"), "{printed}");
    assert_eq!(plain.asked(), 0);

    // A redirect from http on this machine to https does not come back.
    let back = format!("{tls}/to?{}", plain.url);
    let first = Publisher::start(Response::Redirect(back.leak()));
    let printed = check(folder.path(), &first.url).await;
    assert!(printed.contains("not https"), "{printed}");
    assert_eq!(plain.asked(), 0);

    // Other redirects are followed.
    let there = format!("{tls}/redirect/0");
    let first = Publisher::start(Response::Redirect(there.leak()));
    let printed = check(folder.path(), &first.url).await;
    assert!(printed.starts_with("ok: "), "{printed}");
    let first = Publisher::start(Response::Redirect(plain.url.leak()));
    let printed = check(folder.path(), &first.url).await;
    assert!(printed.starts_with("ok: "), "{printed}");
}

#[actix_web::test]
async fn at_most_three_redirects_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let tls = start_tls(&folder.path().join("localhost.crt"));
    let printed = check(folder.path(), &format!("{tls}/redirect/3")).await;
    assert!(printed.starts_with("ok: "), "{printed}");
    let printed = check(folder.path(), &format!("{tls}/redirect/4")).await;
    assert!(printed.contains("too many redirects"), "{printed}");
}
