//! What AWS is told of people: templates, tags, and what trust policies ask for.

use super::super::file;
use super::super::kind::{Kind, file as path_of_file, flag, text, texts};
use super::super::reader::{Reader, Reported};
use super::parsed;
use crate::aws::attribute::{TAGS_MAXIMUM, TagKey, TagValue};
use crate::aws::sts::{ExternalId, ProvidedContext};
use crate::grant::{Context, Reason, Template};

/// One of `provided_contexts`.
pub(super) fn context(reader: &mut Reader<'_>) -> Result<Context, Reported> {
    let provider = reader.required(
        "provider_arn",
        &text("the ARN of a context provider", |text| {
            if ProvidedContext::PROVIDER_LENGTHS.contains(&text.len()) && text.starts_with("arn:") {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not one"))
            }
        }),
    );
    let lengths = ProvidedContext::ASSERTION_LENGTHS;
    let assertion = reader.required(
        "assertion",
        &template(move |template| match template.constant() {
            Some(constant) if !lengths.contains(&constant.len()) => Err(format!(
                "not {} to {} characters",
                lengths.start(),
                lengths.end()
            )),
            _ => Ok(()),
        }),
    );
    Ok(Context {
        provider_arn: provider?,
        assertion: assertion?,
    })
}

/// A template of which a `T` must come. One that is the same for everybody must be one now.
pub(super) fn template_of<T>(
    reader: &mut Reader<'_>,
    key: &str,
) -> Result<Option<Template>, Reported>
where
    T: std::str::FromStr<Err: std::fmt::Display> + 'static,
{
    reader.optional(key, &template(fits::<T>))
}

/// Whether a template can give a `T`: one without placeholders must be one now, and in no other is there
/// what would spoil every value.
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
    // As short as it can come out: with nothing, or as few letters as must be, for the placeholders.
    let shortest: String = template.literals().collect();
    parse(&format!("{shortest:x<2}"))
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
    let transitive = texts("a list of keys of tags", |text| {
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
pub(super) fn reason(
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
                let problem = format!("there are {TAGS_MAXIMUM} tags already");
                let allowed = format!("at most {TAGS_MAXIMUM} tags with it");
                return Err(reader.mistake("reason_tag", problem, allowed));
            }
            Ok(Some(Reason { tag: Some(tag) }))
        }
        (true, None) => Ok(Some(Reason { tag: None })),
    }
}

pub(super) fn parsed_tag() -> Kind<TagKey> {
    text(
        "the key of a tag: 1 to 128 characters, not beginning with aws:",
        |text| text.parse().map_err(|error| format!("{text:?}: {error}")),
    )
}

pub(super) fn external_id(reader: &mut Reader<'_>) -> Result<Option<ExternalId>, Reported> {
    let given = reader.optional("external_id", &parsed::<ExternalId>());
    let path = reader.optional("external_id_file", &path_of_file(reader.folder()));
    let Some(path) = path? else {
        return given;
    };
    if given?.is_some() {
        let problem = "there, though external_id is there as well";
        return Err(reader.mistake("external_id_file", problem, "one of both"));
    }
    let key = reader.whole_key("external_id_file");
    reader.files().secrets.push((key, path.clone()));
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
