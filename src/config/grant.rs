use super::file;
use super::idp::Idp;
use super::kind::{Kind, file as path_of_file, flag, seconds, text, texts};
use super::oidc::Oidc;
use super::reader::{Reader, Reported};
use super::session_policy::session_policy;
use crate::aws::arn::RoleArn;
use crate::aws::attribute::{RoleSessionName, SourceIdentity, TagKey, TagValue};
use crate::aws::duration::SessionDuration;
use crate::aws::sts::{ExternalId, MfaSerial};
use crate::grant::condition::{Pattern, Test};
use crate::grant::{Condition, Context, Grant, Reason, Template, Via};

/// What stands for every identity provider.
pub(super) const ANY_IDP: &str = "*";
/// The most session tags that STS takes.
const TAGS_MAXIMUM: usize = 50;
/// The most contexts that STS takes.
const CONTEXTS_MAXIMUM: usize = 5;
/// How long a login stays fresh: at least as long as a person takes for the next step.
const FRESH: std::ops::RangeInclusive<u32> = 60..=86_400;

/// `[[grant]]`: roles beside those of the assertion.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Grant, Reported> {
    let name = reader.unique("name", &name());
    let idp = reader.optional("idp", &id_of_idp());
    let when = conditions(reader);
    let roles = reader.required("role_arns", &role_arns());
    let via = via(reader);
    let session_name = template_of::<RoleSessionName>(reader, "session_name");
    let source_identity = template_of::<SourceIdentity>(reader, "source_identity");
    let tags = tags(reader);
    let reason = reason(reader, tags.as_ref().ok().map(|(tags, _)| tags.as_slice()));
    let external_id = external_id(reader);
    let policy = session_policy(reader);
    let longest = match &via {
        Ok(Via::Chain { .. }) => SessionDuration::HOUR,
        _ => SessionDuration::MAXIMUM,
    };
    let range = SessionDuration::MINIMUM.seconds()..=longest.seconds();
    let max_duration = reader.optional("max_duration_seconds", &seconds(range));
    let fresh_login_seconds = reader.optional("require_fresh_login_seconds", &seconds(FRESH));
    let (tags, transitive_tags) = tags?;
    let (roles, via) = (roles?, via?);
    in_one_partition(reader, &roles, &via)?;
    let external_id = external_id?;
    if via == Via::WebIdentity && external_id.is_some() {
        let problem = "there, though via = \"web-identity\"";
        let allowed = "only with via = \"assume-role\" or \"chain\"";
        return Err(reader.mistake("external_id", problem, allowed));
    }
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
        external_id,
        policy: policy?,
        max_duration: max_duration?.and_then(|s| SessionDuration::from_seconds(s).ok()),
        reason: reason?,
        fresh_login_seconds: fresh_login_seconds?,
    })
}

/// What only the whole configuration shows.
pub(super) fn checked(
    reader: &mut Reader<'_>,
    grants: Result<Vec<Grant>, Reported>,
    idps: &[Idp],
    oidc: &Result<Option<Oidc>, Reported>,
) -> Result<Vec<Grant>, Reported> {
    let grants = grants?;
    let mut checked = Ok(());
    let mut ours = None;
    for (index, grant) in grants.iter().enumerate() {
        let idp = grant.idp.as_ref();
        checked = checked.and(is_named(reader, &format!("grant[{index}]"), idp, idps));
        let is_direct = matches!(grant.via, Via::AssumeRole { .. });
        let partition = grant.roles.first().map(RoleArn::partition);
        if is_direct && *ours.get_or_insert(partition) != partition {
            let key = format!("grant[{index}].role_arns");
            let problem = "another partition than in the grants before it";
            let allowed = "one partition for all of assume-role: our identity is of one";
            checked = Err(reader.mistake(&key, problem, allowed));
        }
        if matches!(grant.via, Via::WebIdentity) && matches!(oidc, Ok(None)) {
            let key = format!("grant[{index}].via");
            let problem = "web-identity, and there is no [oidc]";
            checked = Err(reader.mistake(&key, problem, "with oidc.signing_key_files"));
        }
        // A hub that asks something could not ask: nobody sees it being assumed.
        let Via::Chain { hub, .. } = &grant.via else {
            continue;
        };
        let gives_hub = |other: &&Grant| other.roles.contains(hub);
        for other in grants.iter().filter(gives_hub) {
            let is_chain = matches!(other.via, Via::Chain { .. });
            if is_chain || other.asks_something() {
                let key = format!("grant[{index}].hub_role_arn");
                let name = &other.name;
                let problem =
                    format!("the grant {name:?} gives it, and is a chain or asks for something");
                let allowed =
                    "a role of the assertion, or of a grant that is no chain and asks for nothing";
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

/// The attributes of one identity provider are other than those of the same name of another: which one
/// is meant has to be said, where there are several.
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
        Some(id) => format!("there is no idp {id:?}"),
        None => "missing, and there are several identity providers".to_owned(),
    };
    let allowed = "the id of one of [[idp]], or \"*\" for the people of all of them";
    Err(reader.mistake(&format!("{table}.idp"), problem, allowed))
}

/// Forms tell grants from SAML providers by how their names begin.
fn name() -> Kind<String> {
    text(
        "one line of 1 to 64 characters that does not begin with arn:, different for each grant",
        |text| {
            let is_short = (1..=64).contains(&text.chars().count());
            let is_line = text.trim() == text && !text.chars().any(char::is_control);
            if is_short && is_line && !text.starts_with("arn:") {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not such a name"))
            }
        },
    )
}

/// Whoever forgets the conditions would give the roles to everybody: that has to be written.
pub(super) fn conditions(reader: &mut Reader<'_>) -> Result<Vec<Condition>, Reported> {
    let is_given = reader.is_given("when");
    let conditions = reader.list("when", condition)?;
    if is_given {
        Ok(conditions)
    } else {
        let allowed = "a list of conditions, all of which must hold; [] is everybody";
        Err(reader.mistake("when", "missing", allowed))
    }
}

fn condition(reader: &mut Reader<'_>) -> Result<Condition, Reported> {
    let attribute = reader.required("attribute", &attribute());
    let any_of = reader.optional("any_of", &values());
    let all_of = reader.optional("all_of", &values());
    let matches = reader.optional("matches", &pattern());
    let test = match (any_of?, all_of?, matches?) {
        (Some(values), None, None) => Test::AnyOf(values),
        (None, Some(values), None) => Test::AllOf(values),
        (None, None, Some(pattern)) => Test::Matches(pattern),
        (None, None, None) => {
            return Err(reader.mistake("any_of", "missing", "one of any_of, all_of and matches"));
        }
        _ => {
            let allowed = "one of any_of, all_of and matches";
            return Err(reader.mistake("any_of", "more than one of them", allowed));
        }
    };
    Ok(Condition::new(attribute?, test))
}

/// Whether there is such an idp shows when all is read.
pub(super) fn id_of_idp() -> Kind<String> {
    text("the id of an idp", |text| Ok(text.to_owned()))
}

fn attribute() -> Kind<String> {
    text("the Name of a SAML attribute", |text| {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            Err(format!("{text:?} is not a name"))
        } else {
            Ok(text.to_owned())
        }
    })
}

fn values() -> Kind<Vec<String>> {
    texts("a list of texts, at least one", |text| Ok(text.to_owned())).at_least_one()
}

fn pattern() -> Kind<Pattern> {
    text(
        "a regular expression, which must match the whole value",
        |text| Pattern::new(text).map_err(|error| one_line(&error.to_string())),
    )
}

fn role_arns() -> Kind<Vec<RoleArn>> {
    texts("a list of ARNs of roles, at least one", |text| {
        if text.contains(",arn:") || text.contains(", arn:") {
            return Err(format!(
                "{text:?} is a pair of ARNs, as the attribute Role has it"
            ));
        }
        let role: RoleArn = text.parse().map_err(|error| format!("{text:?}: {error}"))?;
        if role.name().starts_with("AWSReservedSSO_") {
            return Err(format!(
                "{text:?} is a role that only IAM Identity Center may assume"
            ));
        }
        Ok(role)
    })
    .at_least_one()
}

fn via(reader: &mut Reader<'_>) -> Result<Via, Reported> {
    let via = reader.required("via", &operation());
    let mfa_serial = reader.optional("mfa_serial", &parsed::<MfaSerial>());
    let contexts = reader.list("provided_contexts", context);
    let hub = reader.optional("hub_role_arn", &parsed::<RoleArn>());
    let offers_hub = reader.optional("offer_hub", &flag());
    let (via, mfa_serial, contexts) = (via?, mfa_serial?, contexts?);
    let (hub, offers_hub) = (hub?, offers_hub?);
    let is_direct = via == Operation::AssumeRole;
    let is_chain = via == Operation::Chain;
    let misplaced = [
        (
            "mfa_serial",
            !is_direct && mfa_serial.is_some(),
            Operation::AssumeRole,
        ),
        (
            "provided_contexts",
            !is_direct && !contexts.is_empty(),
            Operation::AssumeRole,
        ),
        ("hub_role_arn", !is_chain && hub.is_some(), Operation::Chain),
        (
            "offer_hub",
            !is_chain && offers_hub.is_some(),
            Operation::Chain,
        ),
    ];
    let misplaced = misplaced
        .into_iter()
        .filter(|(_, is_misplaced, _)| *is_misplaced);
    let misplaced = misplaced.map(|(key, _, of)| {
        let problem = format!("there, though via = {:?}", via.name());
        reader.mistake(key, problem, format!("only with via = {:?}", of.name()))
    });
    if let Some(reported) = misplaced.last() {
        return Err(reported);
    }
    if contexts.len() > CONTEXTS_MAXIMUM {
        let problem = format!("{} contexts", contexts.len());
        return Err(reader.mistake("provided_contexts", problem, "at most 5 contexts"));
    }
    match (via, hub) {
        (Operation::AssumeRole, _) => Ok(Via::AssumeRole {
            mfa_serial,
            contexts,
        }),
        (Operation::WebIdentity, _) => Ok(Via::WebIdentity),
        (Operation::Chain, Some(hub)) => Ok(Via::Chain {
            hub,
            offers_hub: offers_hub.unwrap_or(false),
        }),
        (Operation::Chain, None) => {
            let allowed = "the ARN of the role that the others are assumed from";
            Err(reader.mistake("hub_role_arn", "missing", allowed))
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    AssumeRole,
    Chain,
    WebIdentity,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::AssumeRole => "assume-role",
            Self::Chain => "chain",
            Self::WebIdentity => "web-identity",
        }
    }
}

fn operation() -> Kind<Operation> {
    text("assume-role, chain or web-identity", |text| {
        let known = [
            Operation::AssumeRole,
            Operation::Chain,
            Operation::WebIdentity,
        ];
        let found = known.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| format!("{text:?} is none of them"))
    })
}

fn context(reader: &mut Reader<'_>) -> Result<Context, Reported> {
    let provider = reader.required(
        "provider_arn",
        &text("the ARN of a context provider", |text| {
            if (20..=2048).contains(&text.len()) && text.starts_with("arn:") {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not one"))
            }
        }),
    );
    let assertion = reader.required(
        "assertion",
        &template(|template| match template.constant() {
            Some(constant) if !(4..=2048).contains(&constant.len()) => {
                Err("not 4 to 2048 characters".to_owned())
            }
            _ => Ok(()),
        }),
    );
    Ok(Context {
        provider_arn: provider?,
        assertion: assertion?,
    })
}

/// A value that has its own way to be written.
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

/// A template of which a `T` must come. One that is the same for everybody must be one now.
fn template_of<T>(reader: &mut Reader<'_>, key: &str) -> Result<Option<Template>, Reported>
where
    T: std::str::FromStr<Err: std::fmt::Display> + 'static,
{
    reader.optional(key, &template(fits::<T>))
}

/// Whether a template can give a `T`: one without placeholders must be one now, and no other has a
/// character that would spoil every value.
fn fits<T>(template: &Template) -> Result<(), String>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let parse = |text: &str| {
        text.parse::<T>()
            .map(drop)
            .map_err(|error| error.to_string())
    };
    if let Some(constant) = template.constant() {
        return parse(constant);
    }
    // Two letters more than enough for the shortest.
    template
        .literals()
        .try_for_each(|character| parse(&format!("xx{character}")))
}

fn template(check: impl Fn(&Template) -> Result<(), String> + 'static) -> Kind<Template> {
    text(
        "a text with {NameID}, {RoleSessionName}, {SourceIdentity} or {attribute:NAME} in it, each perhaps \
         with |local, |lower or |clean",
        move |text| {
            let wrong = |problem: String| format!("{text:?}: {problem}");
            let template: Template = text
                .parse()
                .map_err(|error: crate::grant::TemplateSyntax| wrong(error.to_string()))?;
            check(&template).map_err(wrong)?;
            Ok(template)
        },
    )
}

type Tags = (Vec<(TagKey, Template)>, Vec<TagKey>);

/// The tags, and the keys of those that go along.
fn tags(reader: &mut Reader<'_>) -> Result<Tags, Reported> {
    let tags = reader.section("tags", |reader| {
        let entries = reader.entries(&template(fits::<TagValue>))?;
        let keys = entries.into_iter().map(|(key, template)| {
            let parsed = key.parse::<TagKey>();
            let parsed = parsed.map_err(|error| {
                reader.mistake(
                    &key,
                    error.to_string(),
                    "1 to 128 characters, not beginning with aws:",
                )
            });
            Ok((parsed?, template))
        });
        keys.collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<_>, Reported>>()
    });
    let transitive = texts("a list of keys of tags", |text| {
        text.parse::<TagKey>()
            .map_err(|error| format!("{text:?}: {error}"))
    });
    let transitive = reader.optional("transitive_tags", &transitive);
    let (tags, transitive) = (tags?, transitive?.unwrap_or_default());
    if tags.len() > TAGS_MAXIMUM {
        let problem = format!("{} tags", tags.len());
        return Err(reader.mistake("tags", problem, "at most 50 tags"));
    }
    for (index, (key, _)) in tags.iter().enumerate() {
        let mut others = tags.iter().take(index);
        if let Some((other, _)) = others.find(|(other, _)| other.is_same_key(key)) {
            let problem = format!("{other} and {key} differ by case alone");
            return Err(reader.mistake("tags", problem, "keys that differ by more than case"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(key) = transitive.iter().find(|key| !seen.insert(key.as_str())) {
        let problem = format!("{key} stands twice");
        return Err(reader.mistake("transitive_tags", problem, "each key once"));
    }
    let is_tag = |key: &&TagKey| !tags.iter().any(|(known, _)| known == *key);
    if let Some(key) = transitive.iter().find(is_tag) {
        let problem = format!("{key} is not one of the tags");
        return Err(reader.mistake("transitive_tags", problem, "keys of the tags of this grant"));
    }
    Ok((tags, transitive))
}

/// A reason that becomes a tag is one more of them.
fn reason(
    reader: &mut Reader<'_>,
    tags: Option<&[(TagKey, Template)]>,
) -> Result<Option<Reason>, Reported> {
    let is_required = reader.optional("require_reason", &flag());
    let tag = reader.optional("reason_tag", &parsed_tag());
    match (is_required?.unwrap_or(false), tag?) {
        (false, Some(_)) => {
            let allowed = "only with require_reason = true";
            Err(reader.mistake(
                "reason_tag",
                "there, though no reason is asked for",
                allowed,
            ))
        }
        (false, None) => Ok(None),
        (true, Some(tag)) => {
            let tags = tags.unwrap_or_default();
            if tags.iter().any(|(known, _)| known.is_same_key(&tag)) {
                let problem = format!("{tag} is one of the tags");
                let allowed = "a key that differs from those of the tags by more than case";
                return Err(reader.mistake("reason_tag", problem, allowed));
            }
            if tags.len() >= TAGS_MAXIMUM {
                let problem = "there are 50 tags already";
                return Err(reader.mistake("reason_tag", problem, "at most 50 tags with it"));
            }
            Ok(Some(Reason { tag: Some(tag) }))
        }
        (true, None) => Ok(Some(Reason { tag: None })),
    }
}

fn parsed_tag() -> Kind<TagKey> {
    text(
        "the key of a tag: 1 to 128 characters, not beginning with aws:",
        |text| text.parse().map_err(|error| format!("{text:?}: {error}")),
    )
}

fn external_id(reader: &mut Reader<'_>) -> Result<Option<ExternalId>, Reported> {
    let given = reader.optional("external_id", &parsed::<ExternalId>());
    let path = reader.optional("external_id_file", &path_of_file(reader.folder()));
    let Some(path) = path? else {
        return given;
    };
    if given?.is_some() {
        let problem = "there, though external_id is there as well";
        return Err(reader.mistake("external_id_file", problem, "one of both"));
    }
    let read = file::small_text(&path).and_then(|text| {
        let id = text.trim_end().parse::<ExternalId>();
        // What stands in the file stays there.
        id.map_err(|error| format!("{} has {error}", path.display()))
    });
    read.map(Some).map_err(|problem| {
        reader.mistake(
            "external_id_file",
            problem,
            "the path of a file with an external ID",
        )
    })
}

/// Partitions share no identities.
fn in_one_partition(reader: &mut Reader<'_>, roles: &[RoleArn], via: &Via) -> Result<(), Reported> {
    let mut seen = std::collections::HashSet::new();
    if let Some(role) = roles.iter().find(|role| !seen.insert(*role)) {
        let problem = format!("{role} stands twice");
        return Err(reader.mistake("role_arns", problem, "each role once"));
    }
    let hub = match via {
        Via::Chain { hub, .. } => Some(hub),
        Via::AssumeRole { .. } | Via::WebIdentity => None,
    };
    let partition = hub.or(roles.first()).map(RoleArn::partition);
    let is_other = |role: &&RoleArn| Some(role.partition()) != partition;
    match roles.iter().find(is_other) {
        None => Ok(()),
        Some(role) => {
            let problem = format!("{role} is in another partition than the others");
            Err(reader.mistake(
                "role_arns",
                problem,
                "roles of one partition; another grant for others",
            ))
        }
    }
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
