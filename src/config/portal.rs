use palette::Srgb;
use url::Url;

use super::kind::{Kind, file, label, quoted_url, text, texts};
use super::logo::Logo;
use super::reader::{Reader, Reported};
use crate::aws::format::ProfileName;
use crate::aws::region::Region;

/// `[portal]`: the appearance of the pages, and the choices that they offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The service name shown on every page.
    pub name: String,
    /// The person or team to contact for help, named on pages such as error pages.
    pub contact: Option<String>,
    /// The URL to which the contact links: `https:` or `mailto:`.
    pub contact_url: Option<Url>,
    /// Where security researchers report vulnerabilities, for `security.txt` (RFC 9116, 2.5.3): an
    /// `https:`, `mailto:` or `tel:` URI.
    pub security_contact: Option<Url>,
    /// The template for profile names: see [`ProfileName::from_template`].
    pub profile_name: String,
    /// The logo that replaces rolecall's own.
    pub logo: Option<Logo>,
    /// The logo for dark mode, if it differs from `logo`.
    pub logo_dark: Option<Logo>,
    /// The color of links and buttons; `None` means green.
    pub accent: Option<Srgb<u8>>,
    /// The regions offered for the console and for credentials.
    pub regions: Vec<Region>,
    /// `[[destination]]`: the console pages that are offered.
    pub destinations: Vec<Destination>,
}

/// `[[destination]]`: a page of the AWS console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The name shown to people.
    pub name: String,
    /// The path of the page, at most 2,000 bytes. It begins with exactly one slash.
    pub path: String,
}

impl Destination {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let name = reader.required("name", &label());
        let allowed = "a console path of at most 2000 characters that begins with one slash, \
                       without spaces or backslashes";
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
                    Err(format!("{text:?} is not a valid path"))
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
            security_contact: None,
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
        let allowed = "an https: or mailto: URL";
        let contact_url = reader.optional(
            "contact_url",
            &text(allowed, |text| match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "https" | "mailto") => Ok(url),
                _ => Err(format!(
                    "{} is not an https: or mailto: URL",
                    quoted_url(text)
                )),
            }),
        );
        let security_contact = reader.optional("security_contact", &security_contact());
        let allowed = "{role}, optionally with {account} or {account_id}, and otherwise letters, \
                       digits and _ . @ + -";
        let profile_name = reader.optional(
            "profile_name",
            &text(allowed, |text| {
                if ProfileName::is_template(text) {
                    Ok(text.to_owned())
                } else {
                    Err(format!("{text:?} is not a valid template"))
                }
            }),
        );
        let logo = read_logo(reader, "logo_file");
        let logo_dark = read_logo(reader, "logo_dark_file");
        let accent = reader.optional(
            "accent",
            &text("a color such as #0b6b50", |text| {
                let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
                // Check the digits here, because the parser of `Srgb` accepts signs and cannot
                // handle non-ASCII characters.
                let is_hex = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let color = digits.filter(is_hex).and_then(|digits| digits.parse().ok());
                color.ok_or_else(|| format!("{text:?} is not a color"))
            }),
        );
        let regions = reader.optional(
            "regions",
            &texts("a list of region codes, such as eu-central-1", |text| {
                text.parse()
                    .map_err(|_| format!("{text:?} is not a region"))
            }),
        );
        let (contact, contact_url) = (contact?, contact_url?);
        let (logo, logo_dark) = (logo?, logo_dark?);
        if logo.is_none() && logo_dark.is_some() {
            let problem = "missing, but logo_dark_file is set";
            return Err(reader.mistake("logo_file", problem, Logo::ALLOWED));
        }
        if contact.is_none() && contact_url.is_some() {
            return Err(reader.mistake(
                "contact",
                "missing, but contact_url is set",
                "one line of 1 to 100 characters",
            ));
        }
        Ok(Self {
            name: name?.unwrap_or_else(|| Self::default().name),
            contact,
            contact_url,
            security_contact: security_contact?,
            profile_name: profile_name?.unwrap_or_else(|| Self::default().profile_name),
            logo,
            logo_dark,
            accent: accent?,
            regions: regions?.unwrap_or_default(),
            destinations: Vec::new(),
        })
    }
}

/// A contact for `security.txt`. RFC 9116, 2.5.3, requires a URI, and https for web pages.
fn security_contact() -> Kind<Url> {
    let allowed = "a URI: mailto:security@example.com, https://… or tel:+…";
    text(allowed, |text| {
        let url = Url::parse(text)
            .ok()
            .filter(|_| !text.contains(char::is_whitespace));
        let is_contact = |url: &Url| match url.scheme() {
            "mailto" => url.path().contains('@'),
            "tel" => !url.path().is_empty(),
            "https" => url.username().is_empty() && url.password().is_none(),
            _ => false,
        };
        match url.filter(is_contact) {
            Some(url) => Ok(url),
            None if text.contains('@') && !text.contains(':') => {
                Err("an e-mail address must begin with mailto:".to_owned())
            }
            None => Err(format!("{} is not a contact", quoted_url(text))),
        }
    })
}

fn read_logo(reader: &mut Reader<'_>, key: &str) -> Result<Option<Logo>, Reported> {
    let folder = reader.folder().to_owned();
    let path = reader.optional(key, &file(&folder))?;
    let logo = path.map(|path| Logo::read(&path));
    let logo = logo.transpose();
    logo.map_err(|problem| reader.mistake(key, problem, Logo::ALLOWED))
}
