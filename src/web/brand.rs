//! The brand: the name, logo, color and contact from the configuration.

mod theme;

use super::assets::Asset;
use crate::config::{Logo, Portal};

/// The configured brand, with the files that pages load.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name of the service, as pages show it.
    pub name: String,
    /// The contact for people who need help, if one is configured.
    pub contact: Option<Contact>,
    /// The logo that replaces rolecall's own, if one is configured.
    pub logo: Option<Asset>,
    /// The logo for the dark color scheme, if a separate one is configured.
    pub logo_dark: Option<Asset>,
    /// A style sheet that sets the configured color. Pages load it after rolecall's own style
    /// sheet.
    pub theme: Option<Asset>,
}

/// The contact for people who need help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The name of the contact, as pages show it.
    pub name: String,
    /// The contact's `https:` or `mailto:` URL, if one is configured.
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
    /// Finds one of the brand's files by its name under `/static/`.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        let all = [&self.logo, &self.logo_dark, &self.theme];
        all.into_iter().flatten().find(|asset| asset.name == name)
    }
}
