//! Template: a string with placeholders for values that the identity provider sends.

use std::fmt;
use std::str::FromStr;

use super::facts::Facts;

/// A string with the placeholders `{NameID}`, `{RoleSessionName}`, `{SourceIdentity}` and
/// `{attribute:NAME}`. Each placeholder may contain changes, as in `{NameID|local|lower}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder { of: Of, changes: Vec<Change> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Of {
    NameId,
    RoleSessionName,
    SourceIdentity,
    Attribute(String),
}

/// A transformation of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// `local`: drops the last `@` and everything after it, then the last `\` and everything before
    /// it.
    Local,
    /// `lower`: converts A–Z to lower case. Other letters are not converted, because that could
    /// make the values of two people equal.
    Lower,
    /// `clean`: replaces each character that is not allowed in session names with `-`.
    Clean,
}

/// Why a string is not a valid template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateSyntax {
    /// A brace is unmatched or nested.
    #[error("unmatched or nested brace")]
    Brace,
    /// The placeholder is unknown, or its attribute has no name.
    #[error(
        "{{{0}}} is not {{NameID}}, {{RoleSessionName}}, {{SourceIdentity}} or {{attribute:NAME}}"
    )]
    Placeholder(String),
    /// The change is unknown.
    #[error("|{0} is not |local, |lower or |clean")]
    Change(String),
}

/// Why a template cannot be rendered for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The identity provider did not send this value, or sent an empty one.
    #[error("the identity provider sends no value for {0}")]
    Missing(String),
    /// The identity provider sent several values, and choosing one would be arbitrary.
    #[error("the identity provider sends several values for {0}")]
    Several(String),
}

impl Template {
    /// The names of the attributes that the template uses.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder {
                of: Of::Attribute(name),
                ..
            } => Some(name.as_str()),
            _ => None,
        })
    }

    /// The characters outside placeholders.
    pub fn literals(&self) -> impl Iterator<Item = char> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.chars()),
            Part::Placeholder { .. } => None,
        });
        texts.flatten()
    }

    /// The whole template, if it contains no placeholders.
    pub fn constant(&self) -> Option<&str> {
        let is_text = |part: &Part| matches!(part, Part::Text(_));
        self.parts.iter().all(is_text).then_some(&self.text)
    }

    /// Renders the template for a person.
    pub fn render(&self, facts: &Facts<'_>) -> Result<String, TemplateError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Placeholder { of, changes } => {
                    let value = of.value(facts)?.to_owned();
                    text.push_str(
                        &changes
                            .iter()
                            .fold(value, |value, change| change.of(&value)),
                    );
                }
            }
        }
        Ok(text)
    }
}

impl Of {
    fn value<'a>(&self, facts: &Facts<'a>) -> Result<&'a str, TemplateError> {
        let missing = |name: &str| TemplateError::Missing(name.to_owned());
        match self {
            Self::NameId => Ok(facts.name_id),
            Self::RoleSessionName => facts.session_name.ok_or_else(|| missing("RoleSessionName")),
            Self::SourceIdentity => facts
                .source_identity
                .ok_or_else(|| missing("SourceIdentity")),
            Self::Attribute(name) => {
                match facts.attributes.get(name).map(Vec::as_slice) {
                    None | Some([]) => Err(missing(name)),
                    Some([empty]) if empty.is_empty() => Err(missing(name)),
                    Some([value]) => Ok(value),
                    // Choosing one of the values would be arbitrary.
                    Some(_) => Err(TemplateError::Several(name.clone())),
                }
            }
        }
    }
}

impl Change {
    fn of(self, value: &str) -> String {
        match self {
            Self::Local => {
                let local = value.rsplit_once('@').map_or(value, |(local, _)| local);
                let local = local.rsplit_once('\\').map_or(local, |(_, name)| name);
                local.to_owned()
            }
            Self::Lower => value.to_ascii_lowercase(),
            Self::Clean => {
                let is_kept = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
                let clean = |c: char| if is_kept(c) { c } else { '-' };
                value.chars().map(clean).collect()
            }
        }
    }
}

impl FromStr for Template {
    type Err = TemplateSyntax;

    fn from_str(text: &str) -> Result<Self, TemplateSyntax> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let inner = from.strip_prefix('{').ok_or(TemplateSyntax::Brace)?;
            let (inner, after) = inner.split_once('}').ok_or(TemplateSyntax::Brace)?;
            parts.push(placeholder(inner)?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }
}

fn placeholder(inner: &str) -> Result<Part, TemplateSyntax> {
    if inner.contains('{') {
        return Err(TemplateSyntax::Brace);
    }
    let mut pieces = inner.split('|');
    let name = pieces.next().unwrap_or_default();
    let of = match name {
        "NameID" => Of::NameId,
        "RoleSessionName" => Of::RoleSessionName,
        "SourceIdentity" => Of::SourceIdentity,
        _ => match name.strip_prefix("attribute:") {
            Some(attribute) if !attribute.is_empty() => Of::Attribute(attribute.to_owned()),
            _ => return Err(TemplateSyntax::Placeholder(name.to_owned())),
        },
    };
    let changes = pieces.map(|name| match name {
        "local" => Ok(Change::Local),
        "lower" => Ok(Change::Lower),
        "clean" => Ok(Change::Clean),
        other => Err(TemplateSyntax::Change(other.to_owned())),
    });
    Ok(Part::Placeholder {
        of,
        changes: changes.collect::<Result<_, _>>()?,
    })
}

/// The default template, `{RoleSessionName}`.
impl Default for Template {
    fn default() -> Self {
        Self {
            text: "{RoleSessionName}".to_owned(),
            parts: vec![Part::Placeholder {
                of: Of::RoleSessionName,
                changes: Vec::new(),
            }],
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Attributes;
    use super::*;

    fn render(template: &str) -> Result<String, TemplateError> {
        let values = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        let attributes = Attributes::from([
            ("department".to_owned(), values(&["R&D Müller"])),
            ("groups".to_owned(), values(&["a", "b"])),
            ("empty".to_owned(), Vec::new()),
            ("blank".to_owned(), values(&[""])),
            ("urn:oid:1.2".to_owned(), values(&["CORP\\Ada"])),
        ]);
        let facts = Facts {
            idp: "corp",
            name_id: "Ada.Lovelace@Example.com",
            session_name: Some("ada"),
            source_identity: None,
            attributes: &attributes,
        };
        template
            .parse::<Template>()
            .expect("a template")
            .render(&facts)
    }

    #[test]
    fn placeholders_are_replaced_by_values_from_the_identity_provider() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{NameID}", "Ada.Lovelace@Example.com"),
            ("{NameID|local|lower}", "ada.lovelace"),
            ("x-{RoleSessionName}-y", "x-ada-y"),
            ("{attribute:department}", "R&D Müller"),
            ("{attribute:department|clean}", "R-D-M-ller"),
            ("{attribute:urn:oid:1.2|local}", "Ada"),
            ("{RoleSessionName}{RoleSessionName}", "adaada"),
        ] {
            assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn a_missing_or_ambiguous_value_is_an_error() {
        use TemplateError::{Missing, Several};
        for (template, expected) in [
            ("{SourceIdentity}", Missing("SourceIdentity".to_owned())),
            ("{attribute:other}", Missing("other".to_owned())),
            ("{attribute:empty}", Missing("empty".to_owned())),
            ("{attribute:blank}", Missing("blank".to_owned())),
            ("x{attribute:groups}", Several("groups".to_owned())),
        ] {
            assert_eq!(render(template), Err(expected), "{template}");
        }
    }

    #[test]
    fn invalid_templates_are_refused() {
        use TemplateSyntax as S;
        let parse = |text: &str| text.parse::<Template>().map(|_| ());
        for text in ["{", "}", "{NameID", "a}b", "{a{NameID}}", "{{NameID}}"] {
            assert_eq!(parse(text), Err(S::Brace), "{text}");
        }
        for text in ["nameid", "attribute:", "attribute", "", " NameID"] {
            let expected = S::Placeholder(text.to_owned());
            assert_eq!(parse(&format!("{{{text}}}")), Err(expected), "{text}");
        }
        assert_eq!(parse("{NameID|Local}"), Err(S::Change("Local".to_owned())));
        assert_eq!(parse("{NameID|}"), Err(S::Change(String::new())));
    }

    #[test]
    fn the_default_template_survives_a_round_trip() {
        let usual = Template::default();
        assert_eq!(usual.to_string().parse(), Ok(usual));
    }

    #[test]
    fn a_template_lists_its_attributes() {
        let template: Template = "{attribute:a}{NameID}{attribute:b|clean}"
            .parse()
            .expect("a template");
        assert_eq!(template.attributes().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(template.constant(), None);
        let constant: Template = "robot".parse().expect("a template");
        assert_eq!(constant.constant(), Some("robot"));
    }
}
