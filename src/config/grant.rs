mod session_parameters;
mod via;

use self::via::Operation;
use super::Problem;
use super::iam_user::IamUser;
use super::idp::Idp;
use super::kind::{Kind, attribute_name, seconds, text, texts};
use super::reader::{Reader, Reported};
use super::session_policy::session_policy;
use crate::aws::arn::PrincipalArn;
use crate::aws::attribute::{RoleSessionName, SourceIdentity};
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::FederatedName;
use crate::grant::condition::{Pattern, Test};
use crate::grant::{Condition, Grant, Reason, Template, Via};

/// The value of `idp` that means every identity provider.
pub(super) const ANY_IDP: &str = "*";
/// The allowed values of `require_fresh_login_seconds`. The minimum leaves people enough time to
/// use the grant after they have signed in.
const FRESH: std::ops::RangeInclusive<u32> = 60..=86_400;
/// The default of `require_fresh_login_seconds` for root tasks.
const FRESH_FOR_ROOT: u32 = 300;

/// The parts of the configuration that grants refer to. A part that contains mistakes is `None`.
pub(super) struct Around<'a> {
    pub(super) users: Option<&'a [IamUser]>,
    pub(super) partitions: Option<&'a [Partition]>,
    pub(super) has_oidc: Option<bool>,
}

/// Reads one `[[grant]]`: roles or sessions in addition to the roles in the assertion.
pub(super) fn read(reader: &mut Reader<'_>, around: &Around<'_>) -> Result<Grant, Reported> {
    let name = reader.unique("name", &name());
    let idp = reader.optional("idp", &id_of_idp());
    let when = conditions(reader);
    // The operation determines which other keys apply. It is known even if its targets contain
    // mistakes.
    let (of, via) = via::read(reader);
    let via = via.and_then(|(via, roles)| {
        around.check(reader, &via, &roles)?;
        Ok((via, roles))
    });
    let session_name = session_name(reader, of);
    let source_identity =
        session_parameters::template_of::<SourceIdentity>(reader, "source_identity");
    let tags = session_parameters::tags(reader);
    let plain_tags = tags.as_ref().ok().map(|(tags, _)| tags.as_slice());
    let reason = reason(reader, of, plain_tags);
    let external_id = session_parameters::external_id(reader);
    let policy = policy(reader, of);
    let range = SessionDuration::MINIMUM.seconds()..=longest(of);
    let max_duration = reader.optional("max_duration_seconds", &seconds(range));
    let fresh_login_seconds = reader.optional("require_fresh_login_seconds", &seconds(FRESH));
    let is_root = of == Some(Operation::RootTask);
    let (tags, transitive_tags) = tags?;
    let (via, roles) = via?;
    Ok(Grant {
        name: name?,
        idp: idp?,
        when: when?,
        roles,
        via,
        session_name: session_name?.unwrap_or_default(),
        source_identity: source_identity?,
        tags,
        transitive_tags,
        external_id: external_id?,
        policy: policy?,
        max_duration: max_duration?.and_then(|s| TokenDuration::from_seconds(s).ok()),
        reason: reason?,
        fresh_login_seconds: fresh_login_seconds?.or(is_root.then_some(FRESH_FOR_ROOT)),
    })
}

/// The configuration key that specifies these principals.
fn key_of(roles: &[PrincipalArn]) -> &'static str {
    match roles.first() {
        Some(PrincipalArn::User(_)) => "user_arn",
        Some(PrincipalArn::Root(_)) => "root_arns",
        _ => "role_arns",
    }
}

impl Around<'_> {
    /// Checks that the partition, the IAM user and the issuer that a grant needs are configured.
    fn check(
        &self,
        reader: &mut Reader<'_>,
        via: &Via,
        roles: &[PrincipalArn],
    ) -> Result<(), Reported> {
        let mut checked = Ok(());
        if let (Some(partition), Some(served)) =
            (roles.first().map(PrincipalArn::partition), self.partitions)
            && !served.contains(&partition)
        {
            let problem =
                format!("in the partition {partition}, which is not one of aws.partitions");
            let allowed = "ARNs in one of aws.partitions";
            checked = Err(reader.mistake(key_of(roles), problem, allowed));
        }
        if let ([PrincipalArn::User(arn)], Some(users)) = (roles, self.users)
            && !users.iter().any(|user| user.arn == *arn)
        {
            let problem = format!("there is no [[iam_user]] with the ARN {arn}");
            let allowed = "the ARN of a configured [[iam_user]]";
            checked = Err(reader.mistake("user_arn", problem, allowed));
        }
        if *via == Via::WebIdentity && self.has_oidc == Some(false) {
            let problem = "web-identity, but [oidc] is not configured";
            let allowed = "web-identity only if oidc.signing_key_files is set";
            checked = Err(reader.mistake("via", problem, allowed));
        }
        checked
    }
}

/// The maximum lifetime of credentials from an operation, in seconds.
fn longest(of: Option<Operation>) -> u32 {
    match of {
        Some(Operation::Chain) => SessionDuration::HOUR.seconds(),
        Some(Operation::FederationToken | Operation::SessionToken) => {
            TokenDuration::MAXIMUM.seconds()
        }
        _ => SessionDuration::MAXIMUM.seconds(),
    }
}

fn session_name(
    reader: &mut Reader<'_>,
    of: Option<Operation>,
) -> Result<Option<Template>, Reported> {
    if of != Some(Operation::FederationToken) {
        return session_parameters::template_of::<RoleSessionName>(reader, "session_name");
    }
    let template = session_parameters::template_of::<FederatedName>(reader, "session_name")?;
    // In AWS, only the federated user's name distinguishes one person's session from another's.
    if template.as_ref().is_some_and(|t| t.constant().is_some()) {
        let allowed = "a template that differs for each person, such as {NameID|local}";
        return Err(reader.mistake("session_name", "the same for everybody", allowed));
    }
    Ok(template)
}

/// Reads `require_reason` and `reason_tag`. A root task always requires a reason.
fn reason(
    reader: &mut Reader<'_>,
    of: Option<Operation>,
    tags: Option<&[(crate::aws::attribute::TagKey, Template)]>,
) -> Result<Option<Reason>, Reported> {
    if of != Some(Operation::RootTask) {
        return session_parameters::reason(reader, tags);
    }
    let is_required = reader.optional("require_reason", &super::kind::flag());
    // If this key is set, it has been reported as misplaced. Reading it here prevents a second
    // report as an unknown key.
    reader.optional("reason_tag", &session_parameters::parsed_tag())?;
    match is_required? {
        None | Some(true) => Ok(Some(Reason { tag: None })),
        Some(false) => {
            let problem = "false, but via is \"root-task\"";
            Err(reader.mistake("require_reason", problem, "true, or omit the key"))
        }
    }
}

fn policy(
    reader: &mut Reader<'_>,
    of: Option<Operation>,
) -> Result<Option<SessionPolicy>, Reported> {
    match session_policy(reader)? {
        None if of == Some(Operation::FederationToken) => {
            let allowed =
                "policy_arns or policy_file: without a policy, the session has no permissions";
            Err(reader.mistake("policy_arns", "missing", allowed))
        }
        policy => Ok(policy),
    }
}

/// Checks grants against each other and against the identity providers.
pub(super) fn checked(
    reader: &mut Reader<'_>,
    grants: Result<Vec<Grant>, Reported>,
    idps: &[Idp],
) -> Result<Vec<Grant>, Reported> {
    let grants = grants?;
    let mut checked = Ok(());
    let mut ours = None;
    for (index, grant) in grants.iter().enumerate() {
        let idp = grant.idp.as_ref();
        checked = checked.and(is_named(reader, &format!("grant[{index}]"), idp, idps));
        let partition = grant.roles.first().map(PrincipalArn::partition);
        if grant.is_signed_by_us() && *ours.get_or_insert(partition) != partition {
            let key = format!("grant[{index}].{}", key_of(&grant.roles));
            let problem = "not the partition of the grants above";
            let allowed = "the same partition for all assume-role and root-task grants, \
                           because rolecall has one AWS identity";
            checked = Err(reader.mistake(&key, problem, allowed));
        }
        // A hub role is assumed in the background, so its grant must not require a reason, an MFA
        // code or a fresh sign-in.
        let Via::Chain { hub, .. } = &grant.via else {
            continue;
        };
        let is_hub = |role: &PrincipalArn| role.role() == Some(hub);
        let gives_hub = |other: &&Grant| other.roles.iter().any(is_hub);
        for other in grants.iter().filter(gives_hub) {
            let is_chain = matches!(other.via, Via::Chain { .. });
            let is_for_others = matches!(
                (people_of(grant), people_of(other)),
                (Some(one), Some(another)) if one != another
            );
            if (is_chain || other.asks_something()) && !is_for_others {
                let key = format!("grant[{index}].hub_role_arn");
                let name = &other.name;
                let problem = format!(
                    "comes from the grant {name:?}, which is a chain or requires a reason, an MFA \
                     code or a fresh sign-in"
                );
                let allowed = "a role from the assertion, or from a grant that is not a chain and \
                               requires none of these";
                checked = Err(reader.mistake(&key, problem, allowed));
            }
        }
    }
    checked?;
    let all = |grant: Grant| Grant {
        idp: grant.idp.filter(|id| id != ANY_IDP),
        ..grant
    };
    Ok(grants.into_iter().map(all).collect())
}

/// The only identity provider to which a grant applies; `None` if it applies to all.
fn people_of(grant: &Grant) -> Option<&str> {
    grant.idp.as_deref().filter(|id| *id != ANY_IDP)
}

/// Checks the `idp` of a table. The same attribute name can mean different things to different
/// identity providers, so the key is required if there are several.
pub(super) fn is_named(
    reader: &mut Reader<'_>,
    table: &str,
    idp: Option<&String>,
    idps: &[Idp],
) -> Result<(), Reported> {
    let is_it = |id: &String| id == ANY_IDP || idps.iter().any(|idp| idp.id == *id);
    let problem = match idp {
        Some(id) if is_it(id) => return Ok(()),
        None if idps.len() < 2 => return Ok(()),
        Some(id) => format!("there is no [[idp]] with the id {id:?}"),
        None => "missing, but there are several identity providers".to_owned(),
    };
    let allowed = "the id of an [[idp]], or \"*\" for all identity providers";
    Err(reader.mistake(&format!("{table}.idp"), problem, allowed))
}

/// A grant's name. It must not begin with `arn:`, because forms use that prefix to distinguish SAML
/// providers from grants.
fn name() -> Kind<String> {
    text(
        "one line of 1 to 64 characters that does not begin with arn:, unique among grants",
        |text| {
            let is_short = (1..=64).contains(&text.chars().count());
            let is_line = text.trim() == text && !text.chars().any(char::is_control);
            if is_short && is_line && !text.starts_with("arn:") {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not a valid name"))
            }
        },
    )
}

/// Reads `when`. The key is required, so that nobody grants access to everybody by forgetting it.
pub(super) fn conditions(reader: &mut Reader<'_>) -> Result<Vec<Condition>, Reported> {
    let is_given = reader.is_given("when");
    let conditions = reader.list("when", condition)?;
    if is_given {
        Ok(conditions)
    } else {
        let allowed = "a list of conditions that must all be met; [] means everybody";
        Err(reader.mistake("when", "missing", allowed))
    }
}

fn condition(reader: &mut Reader<'_>) -> Result<Condition, Reported> {
    let attribute = reader.required("attribute", &attribute_name());
    let any_of = reader.optional("any_of", &values());
    let all_of = reader.optional("all_of", &values());
    let matches = reader.optional("matches", &pattern());
    let test = match (any_of?, all_of?, matches?) {
        (Some(values), None, None) => Test::AnyOf(values),
        (None, Some(values), None) => Test::AllOf(values),
        (None, None, Some(pattern)) => Test::Matches(pattern),
        (None, None, None) => {
            return Err(reader.mistake("any_of", "missing", "one of any_of, all_of or matches"));
        }
        _ => {
            let allowed = "only one of any_of, all_of or matches";
            return Err(reader.mistake("any_of", "more than one test", allowed));
        }
    };
    Ok(Condition::new(attribute?, test))
}

/// Accepts any string. [`is_named`] checks later that an identity provider with this ID exists.
pub(super) fn id_of_idp() -> Kind<String> {
    text("the id of an idp", |text| Ok::<_, Problem>(text.to_owned()))
}

fn values() -> Kind<Vec<String>> {
    texts("a list of at least one string", |text| {
        Ok::<_, Problem>(text.to_owned())
    })
    .at_least_one()
}

fn pattern() -> Kind<Pattern> {
    text(
        "a regular expression that matches the whole value",
        |text| Pattern::new(text).map_err(|error| one_line(&error.to_string())),
    )
}

/// A value that can be parsed as a `T`. The error for an empty string, without the word "not",
/// describes the allowed values.
fn parsed<T>() -> Kind<T>
where
    T: std::str::FromStr<Err: std::fmt::Display> + 'static,
{
    let allowed = match "".parse::<T>() {
        Err(error) => error.to_string().replacen("not ", "", 1),
        Ok(_) => String::new(),
    };
    text(allowed, |text| {
        text.parse().map_err(|error| format!("{text:?}: {error}"))
    })
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
