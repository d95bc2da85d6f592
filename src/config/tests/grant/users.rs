//! Tests of `[[iam_user]]`, and of the grants for IAM users and root users.

use super::*;
use crate::aws::sts::RootTask;

const PROXY: &str = "user_arn = \"arn:aws:iam::111111111111:user/proxy\"\n";
const POLICY: &str = "policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n";
const ROOT: &str = "root_arns = [\"arn:aws:iam::222222222222:root\"]\n\
    task_policy = \"S3UnlockBucketPolicy\"\n";

#[test]
fn grants_can_name_users_and_root_users() {
    let lines = format!(
        "{PROXY}{POLICY}session_name = \"{{NameID|local}}\"\nmax_duration_seconds = 129600"
    );
    let config = other("federation-token", &lines).unwrap();
    let grant = &config.grants[0];
    assert_eq!(grant.via, Via::FederationToken);
    assert_eq!(grant.longest().map(u32::from), Some(129_600));
    assert_eq!(
        grant.roles[0].as_str(),
        "arn:aws:iam::111111111111:user/proxy"
    );

    let lines = format!("{PROXY}mfa_serial = \"arn:aws:iam::111111111111:mfa/proxy\"");
    let config = other("session-token", &lines).unwrap();
    assert!(config.grants[0].mfa_serial().is_some() && !config.grants[0].via.has_console());

    let config = other("root-task", ROOT).unwrap();
    let grant = &config.grants[0];
    assert_eq!(grant.root_task(), Some(RootTask::UnlockBucket));
    assert!(grant.reason.is_some(), "a reason is always required");
    assert_eq!(grant.fresh_login_seconds, Some(300));
    assert_eq!(grant.longest().map(u32::from), Some(900));
    let later = format!("{ROOT}require_fresh_login_seconds = 900");
    let config = other("root-task", &later).unwrap();
    assert_eq!(config.grants[0].fresh_login_seconds, Some(900));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table with a row for each mistake")]
fn grants_other_than_roles_have_their_own_limits() {
    let nobody = "user_arn = \"arn:aws:iam::111111111111:user/nobody\"\n";
    let federated = format!("{PROXY}{POLICY}");
    for (via, lines, key) in [
        ("federation-token", POLICY, "user_arn"),
        ("federation-token", &format!("{nobody}{POLICY}"), "user_arn"),
        ("federation-token", PROXY, "policy_arns"),
        (
            "federation-token",
            &format!("{federated}max_duration_seconds = 129601"),
            "max_duration_seconds",
        ),
        (
            "federation-token",
            &format!("{federated}session_name = \"everybody\""),
            "session_name",
        ),
        (
            "federation-token",
            &format!("{federated}session_name = \"{{NameID}}:x\""),
            "session_name",
        ),
        (
            "federation-token",
            &format!("{federated}source_identity = \"{{NameID}}\""),
            "source_identity",
        ),
        (
            "federation-token",
            &format!("{federated}tags = {{ a = \"b\" }}\ntransitive_tags = [\"a\"]"),
            "transitive_tags",
        ),
        (
            "federation-token",
            &format!("{federated}mfa_serial = \"123456789\""),
            "mfa_serial",
        ),
        (
            "federation-token",
            &format!("{federated}{ROOT}"),
            "task_policy",
        ),
        (
            "federation-token",
            &format!("{federated}session_name = \"{}{{NameID}}\"", "x".repeat(33)),
            "session_name",
        ),
        (
            "session-token",
            &format!("{PROXY}mfa_serial = \"arn:aws:iam::222222222222:mfa/proxy\""),
            "mfa_serial",
        ),
        (
            "session-token",
            &format!("{PROXY}mfa_serial = \"arn:aws:iam::111111111111:u2f/user/proxy/x\""),
            "mfa_serial",
        ),
        ("session-token", "", "user_arn"),
        ("session-token", &format!("{PROXY}{POLICY}"), "policy_arns"),
        (
            "session-token",
            &format!("{PROXY}tags = {{ a = \"b\" }}"),
            "tags",
        ),
        (
            "session-token",
            &format!("{PROXY}session_name = \"{{NameID}}\""),
            "session_name",
        ),
        (
            "session-token",
            &format!("{PROXY}require_reason = true\nreason_tag = \"Reason\""),
            "reason_tag",
        ),
        (
            "session-token",
            &format!("{PROXY}role_arns = [\"arn:aws:iam::111111111111:role/A\"]"),
            "role_arns",
        ),
        (
            "session-token",
            &format!("{PROXY}external_id = \"xx\""),
            "external_id",
        ),
        (
            "root-task",
            "task_policy = \"S3UnlockBucketPolicy\"",
            "root_arns",
        ),
        (
            "root-task",
            "root_arns = [\"arn:aws:iam::222222222222:root\"]",
            "task_policy",
        ),
        (
            "root-task",
            "root_arns = [\"222222222222\"]\ntask_policy = \"S3UnlockBucketPolicy\"",
            "root_arns",
        ),
        (
            "root-task",
            "root_arns = [\"arn:aws:iam::222222222222:root\"]\ntask_policy = \"AdministratorAccess\"",
            "task_policy",
        ),
        (
            "root-task",
            &format!("{ROOT}reason_tag = \"Reason\""),
            "reason_tag",
        ),
        (
            "root-task",
            &format!("{ROOT}require_reason = false"),
            "require_reason",
        ),
        (
            "root-task",
            &format!("{ROOT}max_duration_seconds = 900"),
            "max_duration_seconds",
        ),
        (
            "root-task",
            &format!("{ROOT}policy_arns = [\"arn:aws:iam::aws:policy/X\"]"),
            "policy_arns",
        ),
    ] {
        let mistakes = other(via, lines).expect_err(lines);
        let keys: Vec<_> = mistakes.iter().map(|mistake| mistake.key.clone()).collect();
        let key = format!("grant[0].{key}");
        assert!(keys.contains(&key), "{via} {lines}: {keys:?}");
        // `root_arns` and `task_policy` belong to another operation, so each is a mistake.
        let most = if lines.contains("task_policy") && via == "federation-token" {
            2
        } else {
            1
        };
        assert!(keys.len() <= most, "{via} {lines}: {keys:?}");
    }
}

/// rolecall calls AssumeRole and AssumeRoot with one AWS identity, which belongs to one partition.
#[test]
fn users_are_unique_and_root_users_are_in_our_partition() {
    let other_key = USER.replace("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE");
    let twice = format!("{USER}{other_key}");
    assert_eq!(only_mistake(load_with(&twice)), "iam_user[1].arn");
    let same_key = USER.replace("user/proxy", "user/other");
    let mistake = only_mistake(load_with(&format!("{USER}{same_key}")));
    assert_eq!(mistake, "iam_user[1].access_key_id");
    let role = USER.replace(":user/", ":role/");
    assert_eq!(only_mistake(load_with(&role)), "iam_user[0].arn");
    let none = USER.replace("secret-access-key", "none");
    assert_eq!(
        only_mistake(load_with(&none)),
        "iam_user[0].secret_access_key_file"
    );
    let china = "[[grant]]\nname = \"h\"\nwhen = []\nvia = \"assume-role\"\n\
        role_arns = [\"arn:aws-cn:iam::111111111111:role/A\"]\n";
    let both = other("root-task", &format!("{ROOT}{china}"));
    assert_eq!(only_mistake(both), "grant[1].role_arns");
}

#[test]
fn a_mistake_in_one_grant_hides_no_mistake_in_another() {
    let nobody = "[[grant]]\nname = \"h\"\nwhen = []\nvia = \"session-token\"\n\
        user_arn = \"arn:aws:iam::111111111111:user/nobody\"\n";
    let roots = "root_arns = [\"222222222222\", \"333333333333\"]\n\
        task_policy = \"S3UnlockBucketPolicy\"\n";
    let mistakes = mistakes(other("root-task", &format!("{roots}{nobody}")));
    let keys: Vec<_> = mistakes.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["grant[0].root_arns", "grant[1].user_arn"]);
    let problem = &mistakes[0].1;
    let both = problem.contains("222222222222") && problem.contains("333333333333");
    assert!(both, "{problem}");
}
