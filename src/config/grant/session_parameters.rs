//! Configuration keys for the values that are sent to AWS for a grant: templates, tags, contexts,
//! reasons and external IDs.

use super::super::Problem;
use super::super::file;
use super::super::kind::{Kind, flag, text, texts};
use super::super::reader::{Reader, Reported};
use super::parsed;
use crate::aws::attribute::{TAGS_MAXIMUM, TagKey, TagValue};
use crate::aws::sts::{ExternalId, ProvidedContext};
use crate::grant::{Context, Reason, Template};

/// Reads one entry of `provided_contexts`.
pub(super) fn context(reader: &mut Reader<'_>) -> Result<Context, Reported> {
    let provider = reader.required(
        "provider_arn",
        &text("the ARN of a context provider", |text| {
            if ProvidedContext::PROVIDER_LENGTHS.contains(&text.len()) && text.starts_with("arn:") {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not the ARN of a context provider"))
            }
        }),
    );
    let lengths = ProvidedContext::ASSERTION_LENGTHS;
    let assertion = reader.required(
        "assertion",
        &template(move |template| match template.constant() {
            Some(constant) if !lengths.contains(&constant.len()) => {
                Err(format!("not {} to {} characters", lengths.start(), lengths.end()).into())
            }
            _ => Ok(()),
        }),
    );
    Ok(Context {
        provider_arn: provider?,
        assertion: assertion?,
    })
}

/// Reads an optional template that must produce a valid `T`.
pub(super) fn template_of<T>(
    reader: &mut Reader<'_>,
    key: &str,
) -> Result<Option<Template>, Reported>
where
    T: std::str::FromStr<Err: std::fmt::Display> + 'static,
{
    reader.optional(key, &template(fits::<T>))
}

/// Checks that a template can produce a valid `T`. A template without placeholders must itself be
/// valid. In other templates, the literal parts must not make every result invalid.
fn fits<T>(template: &Template) -> Result<(), Problem>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let parse = |text: &str| {
        text.parse::<T>()
            .map(drop)
            .map_err(|error| Problem::from(error.to_string()))
    };
    if let Some(constant) = template.constant() {
        return parse(constant);
    }
    // The shortest possible result has empty values for all placeholders. It is padded to 2
    // characters, the minimum length of session names and source identities.
    let shortest: String = template.literals().collect();
    parse(&format!("{shortest:x<2}"))
}

fn template(check: impl Fn(&Template) -> Result<(), Problem> + 'static) -> Kind<Template> {
    text(
        "text that may contain {NameID}, {RoleSessionName}, {SourceIdentity} or {attribute:NAME}, \
         each optionally with |local, |lower or |clean",
        move |text| {
            let wrong = |problem: Problem| Problem::from(format!("{text:?}: {problem}"));
            let template: Template = text
                .parse()
                .map_err(|error: crate::grant::TemplateSyntax| wrong(error.to_string().into()))?;
            check(&template).map_err(wrong)?;
            Ok::<_, Problem>(template)
        },
    )
}

type Tags = (Vec<(TagKey, Template)>, Vec<TagKey>);

/// Reads the session tags and the keys of the transitive tags.
pub(super) fn tags(reader: &mut Reader<'_>) -> Result<Tags, Reported> {
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
    let transitive = texts("a list of tag keys", |text| {
        text.parse::<TagKey>()
            .map_err(|error| format!("{text:?}: {error}"))
    });
    let transitive = reader.optional("transitive_tags", &transitive);
    let (tags, transitive) = (tags?, transitive?.unwrap_or_default());
    if tags.len() > TAGS_MAXIMUM {
        let problem = format!("{} tags", tags.len());
        return Err(reader.mistake("tags", problem, format!("at most {TAGS_MAXIMUM} tags")));
    }
    for (index, (key, _)) in tags.iter().enumerate() {
        let mut others = tags.iter().take(index);
        if let Some((other, _)) = others.find(|(other, _)| other.is_same_key(key)) {
            let problem = format!("{other} and {key} differ only in case");
            return Err(reader.mistake("tags", problem, "keys that differ in more than case"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(key) = transitive.iter().find(|key| !seen.insert(key.as_str())) {
        let problem = format!("{key} is listed twice");
        return Err(reader.mistake("transitive_tags", problem, "each key once"));
    }
    let is_tag = |key: &&TagKey| !tags.iter().any(|(known, _)| known == *key);
    if let Some(key) = transitive.iter().find(is_tag) {
        let problem = format!("{key} is not one of the tags");
        return Err(reader.mistake("transitive_tags", problem, "keys of this grant's tags"));
    }
    Ok((tags, transitive))
}

/// Reads `require_reason` and `reason_tag`. A reason tag counts toward the maximum number of tags.
pub(super) fn reason(
    reader: &mut Reader<'_>,
    tags: Option<&[(TagKey, Template)]>,
) -> Result<Option<Reason>, Reported> {
    let is_required = reader.optional("require_reason", &flag());
    let tag = reader.optional("reason_tag", &parsed_tag());
    match (is_required?.unwrap_or(false), tag?) {
        (false, Some(_)) => {
            let allowed = "reason_tag only with require_reason = true";
            Err(reader.mistake("reason_tag", "set, but no reason is required", allowed))
        }
        (false, None) => Ok(None),
        (true, Some(tag)) => {
            let tags = tags.unwrap_or_default();
            if tags.iter().any(|(known, _)| known.is_same_key(&tag)) {
                let problem = format!("{tag} is already one of the tags");
                let allowed = "a key that differs from every tag key in more than case";
                return Err(reader.mistake("reason_tag", problem, allowed));
            }
            if tags.len() >= TAGS_MAXIMUM {
                let problem = format!("there are already {TAGS_MAXIMUM} tags");
                let allowed = format!("at most {TAGS_MAXIMUM} tags, including reason_tag");
                return Err(reader.mistake("reason_tag", problem, allowed));
            }
            Ok(Some(Reason { tag: Some(tag) }))
        }
        (true, None) => Ok(Some(Reason { tag: None })),
    }
}

pub(super) fn parsed_tag() -> Kind<TagKey> {
    text(
        "a tag key: 1 to 128 characters, not beginning with aws:",
        |text| text.parse().map_err(|error| format!("{text:?}: {error}")),
    )
}

pub(super) fn external_id(reader: &mut Reader<'_>) -> Result<Option<ExternalId>, Reported> {
    let given = reader.optional("external_id", &parsed::<ExternalId>());
    let path = reader.secret_file("external_id_file");
    let Some(path) = path? else {
        return given;
    };
    if given?.is_some() {
        let problem = "set, but external_id is set as well";
        return Err(reader.mistake("external_id_file", problem, "only one of the two"));
    }
    let read = file::small_text(&path).and_then(|text| {
        let id = text.trim_end().parse::<ExternalId>();
        // The error must not show the content of the file.
        id.map_err(|error| format!("{}: {error}", path.display()).into())
    });
    read.map(Some).map_err(|problem| {
        reader.mistake(
            "external_id_file",
            problem,
            "the path of a file that contains an external ID",
        )
    })
}
