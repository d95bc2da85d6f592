use url::Url;

use super::kind::{label, text};
use super::reader::{Reader, Reported};

/// `[portal]`: what people see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The service's name, on every page.
    pub name: String,
    /// Whom people ask for help.
    pub contact: Option<String>,
    /// Where to reach them: `https:` or `mailto:`.
    pub contact_url: Option<Url>,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            name: "rolecall".to_owned(),
            contact: None,
            contact_url: None,
        }
    }
}

impl Portal {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let name = reader.optional("name", &label());
        let contact = reader.optional("contact", &label());
        let allowed = "an https: or mailto: URL, with contact to say whose it is";
        let contact_url = reader.optional(
            "contact_url",
            &text(allowed, |text| match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "https" | "mailto") => Ok(url),
                _ => Err(format!("{text:?} is not such a URL")),
            }),
        );
        let (contact, contact_url) = (contact?, contact_url?);
        if contact.is_none() && contact_url.is_some() {
            return Err(reader.mistake(
                "contact",
                "missing beside contact_url",
                "one line of text",
            ));
        }
        Ok(Self {
            name: name?.unwrap_or_else(|| Self::default().name),
            contact,
            contact_url,
        })
    }
}
