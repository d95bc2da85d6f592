use super::condition::Test;
use super::facts::Attributes;
use super::*;

fn attributes() -> Attributes {
    let value = |text: &str| vec![text.to_owned()];
    Attributes::from([
        ("groups".to_owned(), value("aws-admins")),
        ("department".to_owned(), value("Research")),
        ("odd".to_owned(), value("<b>")),
    ])
}

fn facts(attributes: &Attributes) -> Facts<'_> {
    Facts {
        idp: "corp",
        name_id: "Ada@example.com",
        session_name: Some("ada"),
        source_identity: None,
        attributes,
    }
}

fn grant() -> Grant {
    let roles = vec!["arn:aws:iam::111111111111:role/Admin".parse().unwrap()];
    let via = Via::AssumeRole {
        mfa_serial: None,
        contexts: Vec::new(),
    };
    Grant::new("admins", Vec::new(), roles, via)
}

fn condition(attribute: &str, value: &str) -> Condition {
    Condition::new(attribute.to_owned(), Test::AnyOf(vec![value.to_owned()]))
}

#[test]
fn all_conditions_and_the_identity_provider_must_match() {
    let attributes = attributes();
    let facts = facts(&attributes);
    assert!(grant().is_for(&facts));
    let fits = condition("groups", "aws-admins");
    let fails = condition("groups", "staff");
    for (idp, when, expected) in [
        (None, vec![fits.clone()], true),
        (Some("corp"), vec![fits.clone()], true),
        (Some("other"), vec![fits.clone()], false),
        (None, vec![fails.clone()], false),
        (None, vec![fits.clone(), fails.clone()], false),
        (None, vec![fails, fits], false),
    ] {
        let idp = idp.map(str::to_owned);
        let grant = Grant {
            idp,
            when,
            ..grant()
        };
        assert_eq!(grant.is_for(&facts), expected, "{grant:?}");
    }
}

#[test]
fn sts_receives_the_values_of_the_templates() {
    let attributes = attributes();
    let grant = Grant {
        session_name: "{NameID}".parse().unwrap(),
        source_identity: Some("{NameID|local|lower}".parse().unwrap()),
        tags: vec![
            (
                "Department".parse().unwrap(),
                "{attribute:department}".parse().unwrap(),
            ),
            ("By".parse().unwrap(), "rolecall".parse().unwrap()),
        ],
        transitive_tags: vec!["By".parse().unwrap()],
        reason: Some(Reason {
            tag: Some("Reason".parse().unwrap()),
        }),
        ..grant()
    };
    let parameters = grant
        .session_parameters(&facts(&attributes), Some("INC-7: disk (full)"))
        .unwrap();
    assert_eq!(parameters.session_name.unwrap().as_str(), "Ada@example.com");
    assert_eq!(parameters.source_identity.unwrap().as_str(), "ada");
    let tags = parameters
        .tags
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let expected = [
        ("Department", "Research"),
        ("By", "rolecall"),
        ("Reason", "INC-7: disk -full-"),
    ];
    assert_eq!(tags.collect::<Vec<_>>(), expected);
    assert_eq!(parameters.transitive_tags, grant.transitive_tags);
    // Without a reason, there is no `Reason` tag.
    let parameters = grant.session_parameters(&facts(&attributes), None).unwrap();
    assert_eq!(parameters.tags.len(), 2);
    let looked_at: Vec<_> = grant.attributes().collect();
    assert_eq!(looked_at, ["department"]);
}

#[test]
fn values_that_aws_would_reject_are_refused_not_truncated() {
    let attributes = attributes();
    let long = format!("x{}", "y".repeat(64));
    let parameters = |grant: Grant| grant.session_parameters(&facts(&attributes), Some("a < b"));
    let template = |text: &str| text.parse::<Template>().unwrap();
    for (grant, begins) in [
        (
            Grant {
                session_name: template("{attribute:department}/x"),
                ..grant()
            },
            "session_name: \"Research/x\" is invalid: it must be 2 to 64",
        ),
        (
            Grant {
                session_name: template("{attribute:uid}"),
                ..grant()
            },
            "session_name: the identity provider sends no value for uid",
        ),
        (
            Grant {
                session_name: template(&long),
                ..grant()
            },
            "session_name: \"xyyy",
        ),
        (
            Grant {
                source_identity: Some(template("{SourceIdentity}")),
                ..grant()
            },
            "source_identity: the identity provider sends no value for SourceIdentity",
        ),
        (
            Grant {
                tags: vec![("x".parse().unwrap(), template("{attribute:odd}"))],
                ..grant()
            },
            "tags.x: \"<b>\" is invalid: it must be at most 256",
        ),
    ] {
        let error = parameters(grant).expect_err(begins).to_string();
        assert!(error.starts_with(begins), "{error}");
    }
}

#[test]
fn a_chained_session_lasts_at_most_an_hour() {
    let chain = |max: Option<u32>| Grant {
        via: Via::Chain {
            hub: "arn:aws:iam::111111111111:role/Hub".parse().unwrap(),
            offers_hub: false,
        },
        max_duration: max.and_then(|max| max.try_into().ok()),
        ..grant()
    };
    let longest = |grant: Grant| grant.longest().map(TokenDuration::seconds);
    assert_eq!(longest(chain(None)), Some(3600));
    assert_eq!(longest(chain(Some(900))), Some(900));
    assert_eq!(longest(grant()), None);
}

#[test]
fn a_chain_keeps_the_session_parameters_of_its_hub() {
    let tag = |key: &str| (key.parse().unwrap(), "x".parse().unwrap());
    let before = SessionParameters {
        session_name: "hub".parse().ok(),
        source_identity: "ada".parse().ok(),
        tags: vec![tag("Team"), tag("Cost")],
        transitive_tags: vec!["Team".parse().unwrap()],
        contexts: Vec::new(),
    };
    let parameters = SessionParameters {
        session_name: "ada.l".parse().ok(),
        tags: vec![tag("Why")],
        ..SessionParameters::default()
    };
    let after = parameters.after(&before);
    assert_eq!(after.session_name.unwrap().as_str(), "ada.l");
    assert_eq!(after.source_identity.unwrap().as_str(), "ada");
    assert_eq!(after.tags, [tag("Why"), tag("Team")]);
    assert_eq!(after.transitive_tags, ["Team".parse().unwrap()]);
}
