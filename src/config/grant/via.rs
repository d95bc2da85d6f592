//! `via`, which selects the STS operation of a grant, and the keys that belong to that operation.

use std::collections::HashSet;

use super::super::kind::{Kind, flag, text, texts};
use super::super::reader::{Reader, Reported};
use super::{parsed, session_parameters};
use crate::aws::arn::{PrincipalArn, RoleArn, RootArn, UserArn};
use crate::aws::sts::{CONTEXTS_MAXIMUM, MfaSerial, RootTask};
use crate::grant::Via;

/// Two results: the operation (`None` if it is invalid), and its settings together with the
/// principals from `role_arns`, `user_arn` or `root_arns`.
pub(super) type Read = (
    Option<Operation>,
    Result<(Via, Vec<PrincipalArn>), Reported>,
);

/// Reads the operation in `via`, and the keys that belong to that operation.
pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let operation = reader.required("via", &operation());
    let via = whole(reader, operation);
    (operation.ok(), via)
}

fn whole(
    reader: &mut Reader<'_>,
    operation: Result<Operation, Reported>,
) -> Result<(Via, Vec<PrincipalArn>), Reported> {
    // Check for misplaced keys first, because reading a key removes it.
    let misplaced = operation.and_then(|operation| misplaced(reader, operation));
    let mfa_serial = reader.optional("mfa_serial", &parsed::<MfaSerial>());
    let contexts = reader.list("provided_contexts", session_parameters::context);
    let hub = reader.optional("hub_role_arn", &parsed::<RoleArn>());
    let offers_hub = reader.optional("offer_hub", &flag());
    let task = reader.optional("task_policy", &task());
    let roles = reader.optional("role_arns", &role_arns());
    let user = reader.optional("user_arn", &parsed::<UserArn>());
    let roots = reader.optional("root_arns", &root_arns());
    misplaced?;
    let (mfa_serial, contexts, task) = (mfa_serial?, contexts?, task?);
    let (hub, offers_hub) = (hub?, offers_hub?.unwrap_or(false));
    let (roles, user, roots) = (roles?, user?, roots?);
    if contexts.len() > CONTEXTS_MAXIMUM {
        let problem = format!("{} contexts", contexts.len());
        let allowed = format!("at most {CONTEXTS_MAXIMUM} contexts");
        return Err(reader.mistake("provided_contexts", problem, allowed));
    }
    let via = match operation? {
        Operation::AssumeRole => Ok(Via::AssumeRole {
            mfa_serial,
            contexts,
        }),
        Operation::Chain => {
            let allowed = "the ARN of the hub role, from which the grant's roles are assumed";
            hub.map(|hub| Via::Chain { hub, offers_hub })
                .ok_or_else(|| reader.mistake("hub_role_arn", "missing", allowed))
        }
        Operation::WebIdentity => Ok(Via::WebIdentity),
        Operation::FederationToken => Ok(Via::FederationToken),
        Operation::SessionToken => Ok(Via::SessionToken { mfa_serial }),
        Operation::RootTask => task
            .map(|task| Via::RootTask { task })
            .ok_or_else(|| reader.mistake("task_policy", "missing", TASKS)),
    };
    let key = operation?.targets();
    let (targets, allowed): (Option<Vec<PrincipalArn>>, _) = match key {
        "role_arns" => (
            roles.map(|roles| roles.into_iter().map(PrincipalArn::Role).collect()),
            ROLE_ARNS,
        ),
        "user_arn" => (
            user.map(|user| vec![PrincipalArn::User(user)]),
            "the ARN of a configured [[iam_user]]",
        ),
        _ => (
            roots.map(|roots| roots.into_iter().map(PrincipalArn::Root).collect()),
            ROOT_ARNS,
        ),
    };
    let targets = targets.ok_or_else(|| reader.mistake(key, "missing", allowed));
    let (via, targets) = (via?, targets?);
    of_the_same_account(reader, &via, &targets)?;
    in_one_partition(reader, key, &targets, &via)?;
    Ok((via, targets))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    AssumeRole,
    Chain,
    WebIdentity,
    FederationToken,
    SessionToken,
    RootTask,
}

impl Operation {
    const ALL: [Self; 6] = [
        Self::AssumeRole,
        Self::Chain,
        Self::WebIdentity,
        Self::FederationToken,
        Self::SessionToken,
        Self::RootTask,
    ];
    const OF_ROLES: &[Self] = &[Self::AssumeRole, Self::Chain, Self::WebIdentity];
    const OF_USERS: &[Self] = &[Self::FederationToken, Self::SessionToken];
    /// Operations with a session name. Only these accept tags and session policies.
    const NAMED: &[Self] = &[
        Self::AssumeRole,
        Self::Chain,
        Self::WebIdentity,
        Self::FederationToken,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::AssumeRole => "assume-role",
            Self::Chain => "chain",
            Self::WebIdentity => "web-identity",
            Self::FederationToken => "federation-token",
            Self::SessionToken => "session-token",
            Self::RootTask => "root-task",
        }
    }

    /// The key that specifies the principals for which credentials are issued.
    fn targets(self) -> &'static str {
        match self {
            Self::AssumeRole | Self::Chain | Self::WebIdentity => "role_arns",
            Self::FederationToken | Self::SessionToken => "user_arn",
            Self::RootTask => "root_arns",
        }
    }
}

/// Keys that only some operations accept, each with those operations.
const PARAMETERS: [(&str, &[Operation]); 18] = [
    ("role_arns", Operation::OF_ROLES),
    ("user_arn", Operation::OF_USERS),
    ("root_arns", &[Operation::RootTask]),
    ("task_policy", &[Operation::RootTask]),
    (
        "mfa_serial",
        &[Operation::AssumeRole, Operation::SessionToken],
    ),
    ("provided_contexts", &[Operation::AssumeRole]),
    ("hub_role_arn", &[Operation::Chain]),
    ("offer_hub", &[Operation::Chain]),
    ("external_id", &[Operation::AssumeRole, Operation::Chain]),
    (
        "external_id_file",
        &[Operation::AssumeRole, Operation::Chain],
    ),
    ("source_identity", Operation::OF_ROLES),
    ("transitive_tags", Operation::OF_ROLES),
    ("session_name", Operation::NAMED),
    ("tags", Operation::NAMED),
    ("reason_tag", Operation::NAMED),
    ("policy_arns", Operation::NAMED),
    ("policy_file", Operation::NAMED),
    (
        "max_duration_seconds",
        &[
            Operation::AssumeRole,
            Operation::Chain,
            Operation::WebIdentity,
            Operation::FederationToken,
            Operation::SessionToken,
        ],
    ),
];

/// Reports keys that belong to other operations, because such keys would have no effect.
fn misplaced(reader: &mut Reader<'_>, operation: Operation) -> Result<(), Reported> {
    let mut result = Ok(());
    for (key, of) in PARAMETERS {
        if reader.is_given(key) && !of.contains(&operation) {
            let problem = format!("set, but via is {:?}", operation.name());
            let of: Vec<_> = of.iter().map(|of| format!("{:?}", of.name())).collect();
            let allowed = format!("{key} only with via = {}", of.join(" or "));
            result = Err(reader.mistake(key, problem, allowed));
        }
    }
    result
}

fn operation() -> Kind<Operation> {
    let names = Operation::ALL.map(Operation::name).join(", ");
    text(format!("one of {names}"), |text| {
        let mut known = Operation::ALL.into_iter();
        let found = known.find(|known| known.name() == text);
        found.ok_or_else(|| format!("{text:?} is not a kind of grant"))
    })
}

const TASKS: &str = "one of IAMAuditRootUserCredentials, IAMCreateRootUserPassword, \
    IAMDeleteRootUserCredentials, S3UnlockBucketPolicy or SQSUnlockQueuePolicy";

fn task() -> Kind<RootTask> {
    text(TASKS, |text| {
        RootTask::from_name(text).ok_or_else(|| format!("{text:?} is not a supported task"))
    })
}

const ROLE_ARNS: &str = "a list of at least one role ARN";

fn role_arns() -> Kind<Vec<RoleArn>> {
    texts(ROLE_ARNS, |text| {
        if text.contains(",arn:") || text.contains(", arn:") {
            return Err(format!(
                "{text:?} is a pair of ARNs, as in the Role attribute"
            ));
        }
        let role: RoleArn = text.parse().map_err(|error| format!("{text:?}: {error}"))?;
        if role.name().starts_with("AWSReservedSSO_") {
            return Err(format!(
                "{text:?} is a role that only IAM Identity Center can assume"
            ));
        }
        Ok(role)
    })
    .at_least_one()
}

const ROOT_ARNS: &str =
    "a list of root user ARNs of member accounts, such as arn:aws:iam::111111111111:root";

fn root_arns() -> Kind<Vec<RootArn>> {
    texts(ROOT_ARNS, |text| {
        text.parse().map_err(|error| format!("{text:?}: {error}"))
    })
    .at_least_one()
}

/// Checks that no principal is listed twice. Also checks that all principals, and the hub if there
/// is one, are in one partition, because partitions share no identities.
fn in_one_partition(
    reader: &mut Reader<'_>,
    key: &str,
    targets: &[PrincipalArn],
    via: &Via,
) -> Result<(), Reported> {
    let mut seen = HashSet::new();
    if let Some(target) = targets.iter().find(|target| !seen.insert(*target)) {
        let problem = format!("{target} is listed twice");
        return Err(reader.mistake(key, problem, "each ARN once"));
    }
    let hub = match via {
        Via::Chain { hub, .. } => Some(hub.partition()),
        _ => None,
    };
    let partition = hub.or(targets.first().map(PrincipalArn::partition));
    let is_other = |target: &&PrincipalArn| Some(target.partition()) != partition;
    match targets.iter().find(is_other) {
        None => Ok(()),
        Some(target) => {
            let problem = format!("{target} is in a different partition from the other ARNs");
            let allowed = "ARNs in one partition; use another grant for other partitions";
            Err(reader.mistake(key, problem, allowed))
        }
    }
}

/// Checks that the MFA device of a session-token grant is in the account of its IAM user. A virtual
/// device has an ARN. A hardware device has only a serial number, which cannot be checked.
fn of_the_same_account(
    reader: &mut Reader<'_>,
    via: &Via,
    targets: &[PrincipalArn],
) -> Result<(), Reported> {
    let (
        Via::SessionToken {
            mfa_serial: Some(serial),
        },
        [user],
    ) = (via, targets)
    else {
        return Ok(());
    };
    let (partition, account) = (user.partition(), user.account());
    let of_account = format!("arn:{partition}:iam::{account}:mfa/");
    let serial = serial.as_str();
    if !serial.starts_with("arn:") || serial.starts_with(&of_account) {
        return Ok(());
    }
    let problem = format!("{serial:?} is not an MFA device in the account of {user}");
    let allowed = format!("{of_account}NAME, or the serial number of a device");
    Err(reader.mistake("mfa_serial", problem, allowed))
}
