//! The texts of the pages and of the API's error messages, in each supported language.
//!
//! There is one Fluent file for each language: `templates/texts/*.ftl`. Each text is a Fluent
//! message.

mod dropped;
mod error;
mod session_parameters;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

use actix_web::http::header::{AcceptLanguage, Preference, Quality};
use chrono::{DateTime, Locale, SecondsFormat, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde_json::json;
use unic_langid::LanguageIdentifier;

pub use self::error::Words;
use super::limits::MAX_ROLES;

/// The texts of one language.
pub struct Texts {
    tag: &'static str,
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

/// A point in time, formatted for programs and for people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// For programs: RFC 3339, in UTC, with a precision of one second.
    pub rfc3339: String,
    /// For people, in UTC. In the browser, a script replaces this text with the local time.
    pub text: String,
}

/// The name and the value of a placeholder in a message.
pub type Value<'a> = (&'static str, FluentValue<'a>);

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| {
    let texts = include_str!("../../templates/texts/en.ftl");
    Texts::read("en", Locale::en_GB, texts)
});
static GERMAN: LazyLock<Texts> = LazyLock::new(|| {
    let texts = include_str!("../../templates/texts/de.ftl");
    Texts::read("de", Locale::de_DE, texts)
});

impl Texts {
    /// The English texts, which are the default.
    pub fn english() -> &'static Self {
        &ENGLISH
    }

    /// The texts in every supported language.
    pub fn all() -> [&'static Self; 2] {
        [&ENGLISH, &GERMAN]
    }

    /// The texts in the supported language that the reader prefers most (RFC 9110, 12.5.4; RFC
    /// 4647, 3.4), or in English if the reader accepts none. All regions of a language share the
    /// same texts.
    pub fn for_reader(accepted: &AcceptLanguage) -> &'static Self {
        let mut accepted: Vec<_> = accepted.iter().collect();
        accepted.retain(|language| language.quality > Quality::ZERO);
        accepted.sort_by_key(|language| Reverse(language.quality));
        let known = |language: &str| Self::all().into_iter().find(|texts| texts.tag == language);
        let named = accepted
            .into_iter()
            .find_map(|language| match &language.item {
                Preference::Any => Some(Self::english()),
                Preference::Specific(tag) => known(tag.primary_language()),
            });
        named.unwrap_or(Self::english())
    }

    fn read(tag: &'static str, locale: Locale, texts: &str) -> Self {
        let language: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // By default, Fluent surrounds inserted values with isolation marks. People would copy the
        // marks along with values such as role names.
        bundle.set_use_isolating(false);
        match FluentResource::try_new(texts.to_owned()) {
            Ok(resource) => bundle.add_resource_overriding(resource),
            Err((resource, errors)) => {
                tracing::error!(tag, ?errors, "a translation contains invalid page texts");
                bundle.add_resource_overriding(resource);
            }
        }
        Self {
            tag,
            locale,
            bundle,
        }
    }

    /// The BCP 47 language tag, as in HTML's `lang` attribute.
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// The message `id`, which has no placeholders.
    pub fn text(&self, id: &str) -> Cow<'_, str> {
        self.formatted(id, None, None)
    }

    /// The message `id`, with `values` for its placeholders.
    pub fn with(&self, id: &str, values: &[Value<'_>]) -> String {
        self.formatted(id, None, Some(values)).into_owned()
    }

    /// An attribute of the message `id`, with `values` for its placeholders.
    pub fn part(&self, id: &str, part: &str, values: &[Value<'_>]) -> String {
        self.formatted(id, Some(part), Some(values)).into_owned()
    }

    /// Formats a message. Returns `id` if the message is missing. A test ensures that no message is
    /// missing.
    fn formatted(
        &self,
        id: &str,
        part: Option<&str>,
        values: Option<&[Value<'_>]>,
    ) -> Cow<'_, str> {
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match part {
            Some(part) => message.get_attribute(part).map(|found| found.value()),
            None => message.value(),
        });
        let Some(pattern) = pattern else {
            tracing::error!(
                id,
                part,
                tag = self.tag,
                "a page text is missing from the translation"
            );
            return Cow::Owned(id.to_owned());
        };
        let arguments = values.map(|values| {
            let values = values.iter().map(|(name, value)| (*name, value.clone()));
            values.collect::<FluentArgs<'_>>()
        });
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, arguments.as_ref(), &mut errors);
        if !errors.is_empty() {
            tracing::error!(
                id,
                part,
                tag = self.tag,
                ?errors,
                "a value for a page text is missing"
            );
        }
        // With values, the result may borrow from `arguments`, which is dropped here. So the result
        // is copied.
        match text {
            Cow::Borrowed(text) if values.is_none() => Cow::Borrowed(text),
            text => Cow::Owned(text.into_owned()),
        }
    }

    /// Formats a point in time for programs and for people.
    pub fn timestamp(&self, time: DateTime<Utc>) -> Timestamp {
        let pattern = self.text("date-and-time");
        Timestamp {
            rfc3339: time.to_rfc3339_opts(SecondsFormat::Secs, true),
            text: time.format_localized(&pattern, self.locale).to_string(),
        }
    }

    /// Formats a length of time in hours and minutes, or in seconds if it is not a whole number of
    /// minutes.
    pub fn duration(&self, seconds: u32) -> String {
        let count = |id, number: u32| self.with(id, &[("number", number.into())]);
        if seconds == 0 || !seconds.is_multiple_of(60) {
            return count("duration-seconds", seconds);
        }
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
        match (hours, minutes) {
            (hours, 0) => count("duration-hours", hours),
            (0, minutes) => count("duration-minutes", minutes),
            _ => {
                let hours = count("duration-hours", hours);
                format!("{hours} {}", count("duration-minutes", minutes))
            }
        }
    }

    /// The texts that the scripts show, as JSON.
    pub fn for_script(&self) -> String {
        json!({
            "copied": self.text("script-copied"),
            "notCopied": self.text("script-not-copied"),
            "justNow": self.text("script-just-now"),
            "soon": self.text("script-soon"),
            "expires": self.text("script-expires"),
            "expired": self.text("script-expired"),
            "picked": self.text("script-picked"),
            "pickedTooMany": self.with("script-picked-too-many", &[("most", MAX_ROLES.into())]),
            "count": self.text("script-count"),
            "chosen": self.text("script-chosen"),
        })
        .to_string()
    }
}
