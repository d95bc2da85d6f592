//! Tests that keys can be set from the environment.

use super::*;
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;

/// Environment variables for all keys that can be set at the same time, with one table in each
/// list. Only the `policy_file` of a grant and the keys of `[oidc]` and `[tools]` are missing.
/// `PATH` must be ignored.
const EVERY_KEY: &[(&str, &str)] = &[
    ("PATH", "/bin"),
    ("ROLECALL_PUBLIC_URL", "https://sso.example.org:8443"),
    ("ROLECALL_HTTP__LISTEN", "[::1]:2"),
    ("ROLECALL_HTTP__INTERNAL_LISTEN", "[::1]:3"),
    ("ROLECALL_SAML__ENTITY_ID", "urn:example:rolecall"),
    (
        "ROLECALL_SAML__AUDIENCES",
        "urn:amazon:webservices, urn:other",
    ),
    ("ROLECALL_SAML__KEY_FILE", "/k.key"),
    ("ROLECALL_SAML__ENCRYPTION_KEY_FILE", "/e.key"),
    ("ROLECALL_SAML__ENCRYPTION_CERTIFICATE_FILE", "/f.crt"),
    ("ROLECALL_SAML__DECRYPTION_KEY_FILES", "/g.key, /h.key"),
    ("ROLECALL_HTTP__TRUSTED_PROXIES", "10.0.0.0/8,::1"),
    ("ROLECALL_HTTP__FORWARDED_HEADER", "Forwarded"),
    ("ROLECALL_HTTP__TLS_KEY_FILE", "/t.key"),
    ("ROLECALL_HTTP__TLS_CERTIFICATE_FILE", "/t.crt"),
    ("ROLECALL_LIMITS__REQUESTS_PER_MINUTE", "0"),
    ("ROLECALL_LIMITS__BODY_BYTES", "1"),
    ("ROLECALL_LIMITS__CONNECTIONS", "2"),
    ("ROLECALL_LIMITS__HEADER_SECONDS", "3"),
    ("ROLECALL_LIMITS__WAITING_MILLISECONDS", "4"),
    ("ROLECALL_LIMITS__SESSION_MEGABYTES", "5"),
    ("ROLECALL_LIMITS__LOGINS_PER_MINUTE", "6"),
    ("ROLECALL_LIMITS__UNFINISHED_PER_ADDRESS", "7"),
    ("ROLECALL_LIMITS__REFUSALS_PER_MINUTE", "8"),
    ("ROLECALL_SAML__CERTIFICATE_FILE", "/c.crt"),
    ("ROLECALL_SAML__CLOCK_SKEW_SECONDS", "0"),
    ("ROLECALL_IDP__0__ID", "one"),
    ("ROLECALL_IDP__0__NAME", "One"),
    ("ROLECALL_IDP__0__METADATA_URL", "https://one.example/m"),
    ("ROLECALL_IDP__0__METADATA_CERTIFICATE_FILE", "/m.crt"),
    ("ROLECALL_IDP__0__METADATA_REQUIRE_VALID_UNTIL", "true"),
    ("ROLECALL_IDP__0__METADATA_MAX_VALIDITY_DAYS", "14"),
    ("ROLECALL_IDP__0__ENTITY_ID", "urn:one"),
    ("ROLECALL_SAML__METADATA_DIRECTORY", "/d"),
    ("ROLECALL_IDP__0__ALLOW_UNSOLICITED", "true"),
    ("ROLECALL_IDP__0__ALLOW_SHA1", "true"),
    ("ROLECALL_IDP__0__EMAIL_DOMAINS", "Example.org"),
    ("ROLECALL_IDP__0__ALLOW_CBC", "true"),
    ("ROLECALL_IDP__0__REQUEST_BINDING", "post"),
    ("ROLECALL_IDP__0__SINGLE_LOGOUT", "false"),
    ("ROLECALL_IDP__0__FORCE_AUTHN", "true"),
    ("ROLECALL_IDP__0__NAME_ID_FORMAT", "urn:n"),
    ("ROLECALL_IDP__0__ISSUER_FORMAT", "urn:i"),
    ("ROLECALL_IDP__0__PERSON_ATTRIBUTE", "mail"),
    ("ROLECALL_IDP__0__AUTHN_CONTEXTS", "urn:a, urn:b"),
    ("ROLECALL_AWS__REGION", "us-gov-west-1"),
    ("ROLECALL_AWS__STS_ENDPOINT", "http://127.0.0.1:5000"),
    (
        "ROLECALL_AWS__SIGNIN_ENDPOINT",
        "http://127.0.0.1:5001/federation",
    ),
    ("ROLECALL_AWS__PARTITIONS", "aws, aws-cn"),
    ("ROLECALL_AWS__PROFILE", "p"),
    (
        "ROLECALL_IAM_USER__0__ARN",
        "arn:aws:iam::111111111111:user/proxy",
    ),
    (
        "ROLECALL_IAM_USER__0__ACCESS_KEY_ID",
        "AKIAIOSFODNN7EXAMPLE",
    ),
    (
        "ROLECALL_IAM_USER__0__SECRET_ACCESS_KEY_FILE",
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/secret-access-key"),
    ),
    ("ROLECALL_AWS__PREFER_GRANTS", "false"),
    ("ROLECALL_GRANT__0__NAME", "prod admins"),
    ("ROLECALL_GRANT__0__IDP", "one"),
    ("ROLECALL_GRANT__0__WHEN__0__ATTRIBUTE", "groups"),
    ("ROLECALL_GRANT__0__WHEN__0__ANY_OF", "a, b"),
    (
        "ROLECALL_GRANT__0__ROLE_ARNS",
        "arn:aws:iam::111111111111:role/Admin",
    ),
    ("ROLECALL_GRANT__0__VIA", "chain"),
    (
        "ROLECALL_GRANT__0__HUB_ROLE_ARN",
        "arn:aws:iam::111111111111:role/Hub",
    ),
    ("ROLECALL_GRANT__0__OFFER_HUB", "true"),
    ("ROLECALL_GRANT__0__SESSION_NAME", "{NameID|local}"),
    ("ROLECALL_GRANT__0__SOURCE_IDENTITY", "{attribute:uid}"),
    ("ROLECALL_GRANT__0__EXTERNAL_ID", "id"),
    ("ROLECALL_GRANT__0__MAX_DURATION_SECONDS", "900"),
    ("ROLECALL_GRANT__0__REQUIRE_REASON", "true"),
    ("ROLECALL_GRANT__0__REASON_TAG", "Reason"),
    ("ROLECALL_GRANT__0__REQUIRE_FRESH_LOGIN_SECONDS", "60"),
    (
        "ROLECALL_GRANT__0__POLICY_ARNS",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    ("ROLECALL_AWS__DEFAULT_DURATION_SECONDS", "900"),
    ("ROLECALL_AWS__MAX_DURATION_SECONDS", "900"),
    ("ROLECALL_PORTAL__NAME", "Cloud door"),
    ("ROLECALL_PORTAL__CONTACT", "Cloud team"),
    ("ROLECALL_PORTAL__LOGO_FILE", ICON),
    ("ROLECALL_PORTAL__LOGO_DARK_FILE", ICON),
    ("ROLECALL_PORTAL__ACCENT", "#5a47b0"),
    ("ROLECALL_PORTAL__PROFILE_NAME", "{role}.{account_id}"),
    ("ROLECALL_PORTAL__REGIONS", "eu-central-1, us-east-1"),
    ("ROLECALL_DESTINATION__0__NAME", "Logs"),
    ("ROLECALL_DESTINATION__0__PATH", "/cloudwatch/home"),
    ("ROLECALL_PORTAL__CONTACT_URL", "mailto:cloud@example.org"),
    ("ROLECALL_PORTAL__SECURITY_CONTACT", "https://example.org/s"),
    ("ROLECALL_SESSION_POLICY__0__ID", "read-only"),
    ("ROLECALL_SESSION_POLICY__0__NAME", "Read-only"),
    ("ROLECALL_SESSION_POLICY__0__ON_EACH_ROLE", "true"),
    (
        "ROLECALL_SESSION_POLICY__0__POLICY_ARNS",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    (
        "ROLECALL_SESSION_POLICY__0__POLICY_FILE",
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/files/session-policy.json"
        ),
    ),
    ("ROLECALL_ACCOUNT__0__ID", "000000000001"),
    ("ROLECALL_ACCOUNT__0__NAME", "prod"),
    ("ROLECALL_ACCOUNT__0__ENVIRONMENT", "production"),
    ("ROLECALL_ACCOUNT__0__COLOR", "red"),
    ("ROLECALL_SESSION__MAX_AGE_SECONDS", "300"),
    ("ROLECALL_AUDIT__FILE", "/dev/null"),
    ("ROLECALL_AUDIT__SYNC", "line"),
];

fn limits_of_every_key() -> Limits {
    Limits {
        requests_per_minute: None,
        body_bytes: NonZeroU32::new(1),
        connections: NonZeroU32::new(2),
        header_seconds: NonZeroU32::new(3),
        waiting_milliseconds: NonZeroU32::new(4),
        session_megabytes: NonZeroU32::new(5),
        logins_per_minute: NonZeroU32::new(6),
        unfinished_per_address: NonZeroU32::new(7),
        refusals_per_minute: NonZeroU32::new(8),
    }
}

/// The configuration that results from [`EVERY_KEY`].
fn config_of_every_key() -> Config {
    Config {
        public_url: Url::parse("https://sso.example.org:8443").unwrap(),
        http: Http {
            listen: "[::1]:2".parse().unwrap(),
            internal_listen: "[::1]:3".parse().unwrap(),
            tls: Some(KeyPair {
                key_file: "/t.key".into(),
                certificate_file: "/t.crt".into(),
                keys: ["http.tls_key_file", "http.tls_certificate_file"].map(str::to_owned),
            }),
            trusted_proxies: Some(vec![
                "10.0.0.0/8".parse().unwrap(),
                "::1/128".parse().unwrap(),
            ]),
            forwarded_header: ForwardedHeader::Forwarded,
        },
        limits: limits_of_every_key(),
        saml: Saml {
            entity_id: "urn:example:rolecall".to_owned(),
            audiences: vec!["urn:amazon:webservices".to_owned(), "urn:other".to_owned()],
            key_pair: Some(KeyPair {
                key_file: "/k.key".into(),
                certificate_file: "/c.crt".into(),
                keys: ["saml.key_file", "saml.certificate_file"].map(str::to_owned),
            }),
            encryption_key_pair: Some(KeyPair {
                key_file: "/e.key".into(),
                certificate_file: "/f.crt".into(),
                keys: [
                    "saml.encryption_key_file",
                    "saml.encryption_certificate_file",
                ]
                .map(str::to_owned),
            }),
            decryption_key_files: vec!["/g.key".into(), "/h.key".into()],
            metadata_directory: Some("/d".into()),
            clock_skew_seconds: 0,
        },
        idps: vec![idp_of_every_key()],
        portal: portal_of_every_key(),
        aws: Aws {
            region: "us-gov-west-1".parse().unwrap(),
            partitions: vec![Partition::Aws, Partition::Cn],
            sts_endpoint: Some(Url::parse("http://127.0.0.1:5000").unwrap()),
            signin_endpoint: Some(Url::parse("http://127.0.0.1:5001/federation").unwrap()),
            identity: Identity::DefaultChain {
                profile: Some("p".to_owned()),
            },
            prefer_grants: false,
            default_duration_seconds: 900,
            max_duration_seconds: 900,
        },
        iam_users: vec![IamUser {
            arn: "arn:aws:iam::111111111111:user/proxy".parse().unwrap(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()),
        }],
        grants: grant::of_every_key(),
        oidc: None,
        tools: None,
        session_policies: vec![NamedPolicy {
            id: "read-only".to_owned(),
            name: "Read-only".to_owned(),
            on_each_role: true,
            policy: SessionPolicy::new(
                vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
                Some(include_str!("../../../tests/files/session-policy.json").to_owned()),
            )
            .unwrap(),
        }],
        accounts: vec![Account {
            id: "000000000001".to_owned(),
            name: "prod".to_owned(),
            environment: Some("production".to_owned()),
            color: Color::Red,
        }],
        session: Session {
            max_age_seconds: 300,
        },
        audit: Audit {
            file: Some("/dev/null".into()),
            sync: Sync::Line,
        },
    }
}

fn portal_of_every_key() -> Portal {
    Portal {
        name: "Cloud door".to_owned(),
        contact: Some("Cloud team".to_owned()),
        contact_url: Some(Url::parse("mailto:cloud@example.org").unwrap()),
        security_contact: Some(Url::parse("https://example.org/s").unwrap()),
        profile_name: "{role}.{account_id}".to_owned(),
        logo: Some(Logo::read(Path::new(ICON)).unwrap()),
        logo_dark: Some(Logo::read(Path::new(ICON)).unwrap()),
        accent: Some("#5a47b0".parse().unwrap()),
        regions: vec![
            "eu-central-1".parse().unwrap(),
            "us-east-1".parse().unwrap(),
        ],
        destinations: vec![Destination {
            name: "Logs".to_owned(),
            path: "/cloudwatch/home".to_owned(),
        }],
    }
}

#[test]
fn every_key_can_be_set_by_a_variable_that_overrides_the_file() {
    let file = "[http]\nlisten = \"127.0.0.1:1\"\n[saml]\naudiences = []";
    assert_eq!(load(file, EVERY_KEY).unwrap(), config_of_every_key());
}

fn idp_of_every_key() -> Idp {
    Idp {
        id: "one".to_owned(),
        name: "One".to_owned(),
        email_domains: vec!["example.org".to_owned()],
        metadata: MetadataSource::Url(Url::parse("https://one.example/m").unwrap()),
        metadata_certificate_file: Some("/m.crt".into()),
        metadata_require_valid_until: true,
        metadata_max_validity_days: NonZeroU32::new(14),
        entity_id: Some("urn:one".to_owned()),
        allow_unsolicited: true,
        allow_sha1: true,
        allow_cbc: true,
        request_binding: Some(Binding::Post),
        single_logout: false,
        prompt: Prompt::Always,
        name_id_format: Some("urn:n".to_owned()),
        issuer_format: Some("urn:i".to_owned()),
        person_attribute: Some("mail".to_owned()),
        authn_contexts: vec!["urn:a".to_owned(), "urn:b".to_owned()],
    }
}
