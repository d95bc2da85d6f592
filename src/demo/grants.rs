//! The grants of the demo: at least one of each kind, for people in certain groups.

use std::path::{Path, PathBuf};

use openssl::rsa::Rsa;
use url::Url;

use super::people::{Person, attribute};
use super::role::{OidcTrust, Role};
use super::sts::{OidcProvider, RootAccess};
use super::user::User;
use crate::aws::attribute::TagKey;
use crate::aws::duration::TokenDuration;
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::RootTask;
use crate::grant::condition::Test;
use crate::grant::{Condition, Grant, Reason, Template, Via};
use crate::oidc::AUDIENCE;

const GROUPS: &str = "groups";
const ON_CALL: &str = "on-call";
const AUDITORS: &str = "auditors";
const BILLING: &str = "billing";
const SECURITY: &str = "security";
/// The fixed code of every MFA device.
const CODE: &str = "123456";
/// The maximum age of a sign-in for the break-glass role, in seconds.
const FRESH_SECONDS: u32 = 900;
/// The maximum age of a sign-in for a root task, in seconds.
const FRESH_FOR_ROOT: u32 = 300;

const PRODUCTION: &str = "111111111111";
const STAGING: &str = "222222222222";
const SANDBOX: &str = "333333333333";
const PROVIDER: &str = "arn:aws:iam::333333333333:oidc-provider/rolecall-demo";

/// The broker's IAM user, which exists only in the embedded AWS.
pub fn broker() -> User {
    let secret = "demo/demo/demo/demo/demo/demo/demo/demo";
    User {
        mfa_code: Some(CODE.to_owned()),
        allowed: vec!["sts:AssumeRoot"],
        ..User::new(PRODUCTION, "rolecall", "AKIADEMODEMODEMODEMO", secret)
    }
}

/// The IAM users for federation and session tokens. The broker has their access keys.
pub fn users() -> Vec<User> {
    let secret = "demo/demo/demo/demo/demo/demo/demo/user";
    let proxy = User {
        allowed: vec!["sts:GetFederationToken", "sts:TagSession"],
        ..User::new(STAGING, "console-proxy", "AKIADEMODEMODEMOUSE1", secret)
    };
    let robot = User {
        mfa_code: Some(CODE.to_owned()),
        ..User::new(STAGING, "robot", "AKIADEMODEMODEMOUSE2", secret)
    };
    vec![proxy, robot]
}

/// Root access: the broker may perform root tasks in the organization's member accounts.
pub fn root_access() -> RootAccess {
    RootAccess {
        administrator: PRODUCTION.to_owned(),
        members: vec![STAGING.to_owned(), SANDBOX.to_owned()],
    }
}

/// The roles that the grants provide, and the hub role through which one of them is assumed.
pub fn roles(broker: &User, hub: Role) -> Vec<Role> {
    let trusting = |account, name| Role::trusting("aws", account, name, &broker.arn());
    let mut break_glass = trusting(PRODUCTION, "BreakGlass");
    break_glass.trust.wants_mfa = true;
    let audit = Role::trusting("aws", SANDBOX, "Audit", &hub.arn());
    let mut deploy = trusting(SANDBOX, "Deploy");
    deploy.trust.principals = Vec::new();
    deploy.trust.oidc = Some(OidcTrust {
        provider_arn: PROVIDER.to_owned(),
        subject: None,
    });
    vec![trusting(STAGING, "OnCall"), break_glass, audit, hub, deploy]
}

/// The OpenID Connect provider in IAM that represents the broker, with `public_url` as its issuer.
pub fn oidc_provider(public_url: &Url) -> OidcProvider {
    OidcProvider {
        arn: PROVIDER.to_owned(),
        url: public_url.as_str().trim_end_matches('/').to_owned(),
        client_ids: vec![AUDIENCE.to_owned()],
    }
}

/// Generates a signing key for the broker and writes it to a file in `folder`.
pub fn signing_key(folder: &Path) -> std::io::Result<PathBuf> {
    let path = folder.join("oidc.pem");
    let rsa = Rsa::generate(2048).and_then(|rsa| rsa.private_key_to_pem());
    std::fs::write(&path, rsa.map_err(std::io::Error::other)?)?;
    Ok(path)
}

/// A person who gets most roles through grants, and only the hub role from the assertion.
pub fn person(roles: &[Role]) -> Person {
    let hub = roles.iter().filter(|role| role.name == "Hub");
    let summary = format!(
        "Roles through groups: with a reason, with a code ({CODE}), with a token, and from a hub"
    );
    Person {
        summary,
        ..Person::new("grace", "Grace Green")
    }
    .with_attribute(attribute::ROLE, hub.map(Role::attribute_value))
    .with_attribute(attribute::ROLE_SESSION_NAME, ["grace@example.com"])
    .with_attribute(GROUPS, [ON_CALL, AUDITORS])
    .with_attribute("department", ["Platform"])
}

/// A person whose assertion contains no roles, and who gets only sessions without roles through
/// grants.
pub fn person_without_roles() -> Person {
    let summary = format!(
        "No role in the assertion, but a federated user, an IAM user (code {CODE}), and a root task"
    );
    Person {
        summary,
        ..Person::new("heidi", "Heidi Hoffmann")
    }
    .with_attribute(GROUPS, [BILLING, SECURITY])
    .with_attribute("department", ["Finance"])
}

/// The grants for roles, a grant for each IAM user, and a grant for a root task.
pub fn grants(broker: &User, users: &[User]) -> Vec<Grant> {
    let mut grants = grants_of_roles(broker);
    grants.extend(grants_of_users(users));
    grants.push(Grant {
        reason: Some(Reason { tag: None }),
        fresh_login_seconds: Some(FRESH_FOR_ROOT),
        ..grant(
            "unlock buckets",
            SECURITY,
            &format!("arn:aws:iam::{SANDBOX}:root"),
            Via::RootTask {
                task: RootTask::UnlockBucket,
            },
        )
    });
    grants
}

/// One grant for each IAM user: a session token if the user has an MFA device, otherwise a
/// federation token.
fn grants_of_users(users: &[User]) -> Vec<Grant> {
    let longest = Some(TokenDuration::MAXIMUM);
    let policy = "arn:aws:iam::aws:policy/job-function/Billing".to_owned();
    let grants = users.iter().map(|user| {
        if user.mfa_code.is_some() {
            let mfa_serial = user.mfa_serial().parse().ok();
            let via = Via::SessionToken { mfa_serial };
            grant("Robot", BILLING, &user.arn(), via)
        } else {
            Grant {
                session_name: "{NameID|local}".parse().unwrap_or_default(),
                tags: tag("Department", "{attribute:department}")
                    .into_iter()
                    .collect(),
                policy: SessionPolicy::new(vec![policy.clone()], None).ok(),
                max_duration: longest,
                ..grant("Billing", BILLING, &user.arn(), Via::FederationToken)
            }
        }
    });
    grants.collect()
}

fn key(text: &str) -> Option<TagKey> {
    text.parse().ok()
}

fn template(text: &str) -> Option<Template> {
    text.parse().ok()
}

fn tag(name: &str, text: &str) -> Option<(TagKey, Template)> {
    Some((key(name)?, template(text)?))
}

fn grants_of_roles(broker: &User) -> Vec<Grant> {
    let directly = Via::AssumeRole {
        mfa_serial: None,
        contexts: Vec::new(),
    };
    let with_code = Via::AssumeRole {
        mfa_serial: broker.mfa_serial().parse().ok(),
        contexts: Vec::new(),
    };
    let hub = format!("arn:aws:iam::{PRODUCTION}:role/Hub").parse().ok();
    let from_hub = hub.map(|hub| Via::Chain {
        hub,
        offers_hub: false,
    });
    let on_call = Grant {
        source_identity: template("{NameID|local}"),
        tags: tag("Department", "{attribute:department}")
            .into_iter()
            .collect(),
        transitive_tags: key("Department").into_iter().collect(),
        reason: Some(Reason { tag: key("Reason") }),
        ..of_role("on call", ON_CALL, STAGING, "OnCall", directly)
    };
    let break_glass = Grant {
        fresh_login_seconds: Some(FRESH_SECONDS),
        ..of_role("break glass", ON_CALL, PRODUCTION, "BreakGlass", with_code)
    };
    let audit = from_hub.map(|via| of_role("audit", AUDITORS, SANDBOX, "Audit", via));
    let deploy = of_role("deploy", ON_CALL, SANDBOX, "Deploy", Via::WebIdentity);
    let others = [on_call, break_glass, deploy].into_iter();
    others.chain(audit).collect()
}

fn of_role(name: &str, group: &str, account: &str, role: &str, via: Via) -> Grant {
    grant(
        name,
        group,
        &format!("arn:aws:iam::{account}:role/{role}"),
        via,
    )
}

fn grant(name: &str, group: &str, arn: &str, via: Via) -> Grant {
    let group = Test::AnyOf(vec![group.to_owned()]);
    let when = vec![Condition::new(GROUPS.to_owned(), group)];
    Grant::new(name, when, arn.parse().into_iter().collect(), via)
}
