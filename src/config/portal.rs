use palette::Srgb;
use url::Url;

use super::kind::{file, label, text, texts};
use super::logo::Logo;
use super::reader::{Reader, Reported};
use crate::aws::format::ProfileName;
use crate::aws::region::Region;

/// `[portal]`: what people see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The service's name, on every page.
    pub name: String,
    /// Whom people ask for help.
    pub contact: Option<String>,
    /// Where to reach them: `https:` or `mailto:`.
    pub contact_url: Option<Url>,
    /// How profiles are named: see [`ProfileName::from_template`].
    pub profile_name: String,
    /// The logo, in place of rolecall's mark.
    pub logo: Option<Logo>,
    /// The logo on dark pages.
    pub logo_dark: Option<Logo>,
    /// The colour of links and buttons.
    pub accent: Option<Srgb<u8>>,
    /// The regions that are offered for the console and for credentials.
    pub regions: Vec<Region>,
    /// The pages of the console that are offered: `[[destination]]`.
    pub destinations: Vec<Destination>,
}

/// `[[destination]]`: a page of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Its name for people.
    pub name: String,
    /// Its path, which begins with one slash.
    pub path: String,
}

impl Destination {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let name = reader.required("name", &label());
        let allowed = "a path on the console that begins with one slash, without spaces";
        let path = reader.required(
            "path",
            &text(allowed, |text| {
                let is_path = text.starts_with('/') && !text.starts_with("//");
                let is_plain = text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
                if is_path && is_plain && text.len() <= 2_000 {
                    Ok(text.to_owned())
                } else {
                    Err(format!("{text:?} is not such a path"))
                }
            }),
        );
        Ok(Self {
            name: name?,
            path: path?,
        })
    }
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            name: "rolecall".to_owned(),
            contact: None,
            contact_url: None,
            profile_name: "{account}-{role}".to_owned(),
            logo: None,
            logo_dark: None,
            accent: None,
            regions: Vec::new(),
            destinations: Vec::new(),
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
        let allowed = "letters, digits and _ . @ + - around {role} and, if need be, {account} or \
                       {account_id}";
        let profile_name = reader.optional(
            "profile_name",
            &text(allowed, |text| {
                if ProfileName::is_template(text) {
                    Ok(text.to_owned())
                } else {
                    Err(format!("{text:?} is not such a name"))
                }
            }),
        );
        let logo = read_logo(reader, "logo_file");
        let logo_dark = read_logo(reader, "logo_dark_file");
        let accent = reader.optional(
            "accent",
            &text("a colour such as #0b6b50", |text| {
                let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
                // Before the parser, which takes signs, and no letters beyond ASCII.
                let is_hex = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let color = digits.filter(is_hex).and_then(|digits| digits.parse().ok());
                color.ok_or_else(|| format!("{text:?} is not such a colour"))
            }),
        );
        let regions = reader.optional(
            "regions",
            &texts("a list of codes of regions, such as eu-central-1", |text| {
                text.parse()
                    .map_err(|_| format!("{text:?} is not a region"))
            }),
        );
        let (contact, contact_url) = (contact?, contact_url?);
        let (logo, logo_dark) = (logo?, logo_dark?);
        if logo.is_none() && logo_dark.is_some() {
            let problem = "missing beside logo_dark_file";
            return Err(reader.mistake("logo_file", problem, Logo::ALLOWED));
        }
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
            profile_name: profile_name?.unwrap_or_else(|| Self::default().profile_name),
            logo,
            logo_dark,
            accent: accent?,
            regions: regions?.unwrap_or_default(),
            destinations: Vec::new(),
        })
    }
}

fn read_logo(reader: &mut Reader<'_>, key: &str) -> Result<Option<Logo>, Reported> {
    let folder = reader.folder().to_owned();
    let path = reader.optional(key, &file(&folder))?;
    let logo = path.map(|path| Logo::read(&path));
    let logo = logo.transpose();
    logo.map_err(|problem| reader.mistake(key, problem, Logo::ALLOWED))
}
