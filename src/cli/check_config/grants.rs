//! Grants in the summary: a line for each grant, and warnings about questionable grants and IAM
//! users.

use crate::aws::arn::PrincipalArn;
use crate::config::IamUser;
use crate::grant::Grant;

/// Describes a grant on one line: its name, its kind, what it provides and who gets it.
pub(super) fn sentence(grant: &Grant) -> String {
    let people = people(grant.idp.as_ref(), grant.when.len());
    let (name, via) = (&grant.name, grant.via.name());
    let what = match (grant.root_task(), grant.roles.as_slice()) {
        (Some(task), roots) => format!("{} in {} account(s)", task.name(), roots.len()),
        (None, [user @ PrincipalArn::User(_)]) => user.to_string(),
        (None, roles) => format!("{} role(s)", roles.len()),
    };
    format!("{name}: {via}, {what}, {people}")
}

/// Describes the people who get a grant or may use the tools: their identity provider, and the
/// number of conditions that they must meet.
pub(super) fn people(idp: Option<&String>, conditions: usize) -> String {
    match (idp, conditions) {
        (None, 0) => "for everybody".to_owned(),
        (Some(idp), 0) => format!("for everybody who signs in at {idp}"),
        (None, number) => format!("for people who meet {number} condition(s)"),
        (Some(idp), number) => {
            format!("for people who sign in at {idp} and meet {number} condition(s)")
        }
    }
}

/// Warnings about grants and IAM users that are valid but probably not intended.
pub(super) fn warnings(grants: &[Grant], users: &[IamUser]) -> Vec<String> {
    let shadowed = grants.iter().enumerate().flat_map(|(index, grant)| {
        let before = grants.iter().take(index);
        let of_everybody = before.filter(|earlier| is_for_all_of(earlier, grant));
        of_everybody.flat_map(move |earlier| {
            let same = |role: &&PrincipalArn| {
                earlier.variant() == grant.variant() && earlier.roles.contains(role)
            };
            grant.roles.iter().filter(same).map(move |role| {
                let (name, first) = (&grant.name, &earlier.name);
                format!(
                    "{name}: never provides {role}, because {first} provides it to the same people"
                )
            })
        })
    });
    let nameless = grants.iter().filter(|grant| {
        let is_named = grant.names_sessions() && grant.session_name.constant().is_some();
        is_named
            && grant
                .source_identity
                .as_ref()
                .is_none_or(|t| t.constant().is_some())
    });
    let nameless = nameless.map(|grant| {
        let name = &grant.name;
        format!(
            "{name}: session_name is the same for everybody, so CloudTrail cannot tell people apart"
        )
    });
    let is_used = |user: &&IamUser| {
        let arn = PrincipalArn::User(user.arn.clone());
        grants.iter().any(|grant| grant.roles.contains(&arn))
    };
    let idle = users.iter().filter(|user| !is_used(user));
    let idle = idle.map(|user| format!("no grant uses the access key of {}", user.arn));
    shadowed.chain(nameless).chain(idle).collect()
}

/// Whether everybody who gets the later grant also gets the earlier one. The later grant must have
/// all conditions of the earlier one. The earlier grant must be for the same identity provider as
/// the later one, or for all identity providers.
fn is_for_all_of(earlier: &Grant, later: &Grant) -> bool {
    let is_same_idp = earlier.idp.is_none() || earlier.idp == later.idp;
    let is_implied = earlier
        .when
        .iter()
        .all(|condition| later.when.contains(condition));
    is_same_idp && is_implied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::sts::RootTask;
    use crate::config::Secret;
    use crate::grant::condition::Test;
    use crate::grant::{Condition, Via};

    fn grant(name: &str, group: Option<&str>) -> Grant {
        let when = group.map(|group| {
            let test = Test::AnyOf(vec![group.to_owned()]);
            Condition::new("groups".to_owned(), test)
        });
        let role = "arn:aws:iam::111111111111:role/Admin".parse().unwrap();
        Grant::new(
            name,
            when.into_iter().collect(),
            vec![role],
            Via::WebIdentity,
        )
    }

    #[test]
    fn a_grant_that_never_applies_causes_a_warning() {
        let some = grant("some", Some("admins"));
        let warnings_of = |grants: &[&Grant]| {
            let grants: Vec<_> = grants.iter().map(|&grant| grant.clone()).collect();
            warnings(&grants, &[])
        };
        let all = grant("all", None);
        assert!(warnings_of(&[&some, &all]).is_empty());
        let warned = warnings_of(&[&all, &some]);
        let expected = "some: never provides arn:aws:iam::111111111111:role/Admin, because all \
                        provides it to the same people";
        assert_eq!(warned, [expected]);
        assert_eq!(warnings_of(&[&some, &some]).len(), 1);
        let of_others = Grant {
            idp: Some("other".to_owned()),
            ..all
        };
        assert!(warnings_of(&[&of_others, &some]).is_empty());
    }

    #[test]
    fn a_user_or_root_grant_that_never_applies_causes_a_warning() {
        let root = |name: &str, task| Grant {
            roles: vec!["arn:aws:iam::111111111111:root".parse().unwrap()],
            via: Via::RootTask { task },
            ..grant(name, None)
        };
        let (unlock, audit) = (RootTask::UnlockBucket, RootTask::AuditCredentials);
        assert_eq!(
            warnings(&[root("a", unlock), root("b", unlock)], &[]).len(),
            1
        );
        assert!(warnings(&[root("a", unlock), root("b", audit)], &[]).is_empty());
        let user = IamUser {
            arn: "arn:aws:iam::111111111111:user/robot".parse().unwrap(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret("secret".into()),
        };
        let warned = warnings(&[], std::slice::from_ref(&user));
        assert_eq!(
            warned,
            ["no grant uses the access key of arn:aws:iam::111111111111:user/robot"]
        );
        let with_it = Grant {
            roles: vec![user.arn.as_str().parse().unwrap()],
            via: Via::FederationToken,
            ..grant("g", None)
        };
        assert!(warnings(&[with_it], &[user]).is_empty());
    }

    #[test]
    fn a_session_name_shared_by_everybody_causes_a_warning() {
        let named = |source_identity: Option<&str>| {
            let grant = Grant {
                session_name: "rolecall".parse().unwrap(),
                source_identity: source_identity.map(|text| text.parse().unwrap()),
                ..grant("g", None)
            };
            warnings(&[grant], &[]).len()
        };
        assert_eq!(named(None), 1);
        assert_eq!(named(Some("everybody")), 1);
        assert_eq!(named(Some("{NameID}")), 0);
    }
}
