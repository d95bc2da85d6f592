//! Whose service it is: the name, the logo, the colour and the contact that the configuration gives.

mod theme;

use super::assets::Asset;
use crate::config::{Logo, Portal};

/// Whose service it is, by the configuration.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The service's name.
    pub name: String,
    /// Whom people ask for help.
    pub contact: Option<Contact>,
    /// The logo, in place of rolecall's own mark.
    pub logo: Option<Asset>,
    /// The logo for dark pages, where it is another one.
    pub logo_dark: Option<Asset>,
    /// A style sheet with the colour, after rolecall's own.
    pub theme: Option<Asset>,
}

/// Whom people ask for help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// A name, for people.
    pub name: String,
    /// Where to reach them: `https:` or `mailto:`.
    pub href: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self::from(&Portal::default())
    }
}

impl From<&Portal> for Brand {
    fn from(portal: &Portal) -> Self {
        let contact = portal.contact.as_ref().map(|name| Contact {
            name: name.clone(),
            href: portal.contact_url.as_ref().map(ToString::to_string),
        });
        let picture = |name, logo: &Logo| Asset::new(name, logo.media_type, logo.bytes.clone());
        let theme = portal.accent.map(|accent| {
            let css = theme::style_sheet(accent);
            Asset::new("theme.css", "text/css; charset=utf-8", css)
        });
        Self {
            name: portal.name.clone(),
            contact,
            logo: portal.logo.as_ref().map(|logo| picture("logo", logo)),
            logo_dark: portal
                .logo_dark
                .as_ref()
                .map(|logo| picture("logo-dark", logo)),
            theme,
        }
    }
}

impl Brand {
    /// Its file of this name, below `/static/`.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        let all = [&self.logo, &self.logo_dark, &self.theme];
        all.into_iter().flatten().find(|asset| asset.name == name)
    }
}
