//! Kinds of values: which values are allowed, and how they are read.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::Value;
use url::{Host, Url};

use super::environment::Variable;
use super::secrets::{is_content, is_surely_a_path, may_be_secret};
use super::{Limit, Problem};
use crate::printable::printable;

/// A value as the administrator wrote it.
pub(super) enum Given {
    /// A value in the file.
    File(Value),
    /// A value from an environment variable, which is always a string.
    Environment(Variable),
}

type Read<T> = dyn Fn(&Given) -> Result<T, Problem>;

/// A description of the allowed values of a key, and a function that reads a given value and
/// returns an error if it is invalid.
pub(super) struct Kind<T> {
    pub(super) allowed: String,
    read: Box<Read<T>>,
}

impl<T> Kind<T> {
    fn new<E: Into<Problem>>(
        allowed: impl Into<String>,
        read: impl Fn(&Given) -> Result<T, E> + 'static,
    ) -> Self {
        Self {
            allowed: allowed.into(),
            read: Box::new(move |given| read(given).map_err(Into::into)),
        }
    }

    /// The same kind of list, but an empty list is invalid.
    pub(super) fn at_least_one<E: 'static>(self) -> Kind<Vec<E>>
    where
        T: Into<Vec<E>> + 'static,
    {
        let Self { allowed, read } = self;
        Kind::new(allowed, move |given| {
            let values: Vec<E> = read(given)?.into();
            if values.is_empty() {
                Err(Problem::from("the list is empty"))
            } else {
                Ok(values)
            }
        })
    }

    /// Reads a given value. For an environment variable, the problem ends with the variable's name.
    /// The problem does not repeat a value that may be a secret.
    pub(super) fn read(&self, given: &Given) -> Result<T, Problem> {
        let problem = |problem| given.without_secrets(problem);
        (self.read)(given)
            .map_err(problem)
            .map_err(|problem| match given {
                Given::File(_) => problem,
                Given::Environment(variable) => {
                    format!("{problem} (from {})", variable.name).into()
                }
            })
    }
}

/// A value that is parsed from a string.
pub(super) fn text<T: 'static, E: Into<Problem>>(
    allowed: impl Into<String>,
    parse: impl Fn(&str) -> Result<T, E> + 'static,
) -> Kind<T> {
    Kind::new(allowed, move |given| {
        parse(given.text()?).map_err(Into::into)
    })
}

/// A list of values that are parsed from strings. In an environment variable, commas separate the
/// values.
pub(super) fn texts<T: 'static, E: Into<Problem>>(
    allowed: impl Into<String>,
    parse: impl Fn(&str) -> Result<T, E> + 'static,
) -> Kind<Vec<T>> {
    Kind::new(allowed, move |given| {
        let (mut values, mut problems) = (Vec::new(), Vec::new());
        for text in given.texts()? {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(problem) => problems.push(String::from(problem.into())),
            }
        }
        if problems.is_empty() {
            Ok(values)
        } else {
            Err(Problem::from(problems.join("; ")))
        }
    })
}

/// One line of 1 to 100 characters, such as a name that is shown to people.
pub(super) fn label() -> Kind<String> {
    text("one line of 1 to 100 characters", |text| {
        let fits = !text.trim().is_empty() && text.chars().count() <= 100;
        if fits && !text.chars().any(char::is_control) {
            Ok(text.trim().to_owned())
        } else {
            Err(format!("{text:?} is blank, too long or more than one line"))
        }
    })
}

/// The Name of a SAML attribute.
pub(super) fn attribute_name() -> Kind<String> {
    text("the Name of a SAML attribute", |text| {
        let is_visible = printable(text, usize::MAX) == text;
        if is_visible && !text.is_empty() && text.trim() == text {
            Ok(text.to_owned())
        } else {
            Err(format!(
                "{text:?} is not a name: it is empty, or has invisible characters or outer blanks"
            ))
        }
    })
}

/// `true` or `false`.
pub(super) fn flag() -> Kind<bool> {
    Kind::new("true or false", |given| match given {
        Given::File(Value::Boolean(flag)) => Ok(*flag),
        Given::File(other) => Err(describe(other)),
        Given::Environment(Variable { value, .. }) => value
            .parse()
            .map_err(|_| format!("{value:?} is neither true nor false").into()),
    })
}

/// A number of seconds within a range.
pub(super) fn seconds(range: RangeInclusive<u32>) -> Kind<u32> {
    let allowed = format!(
        "a whole number of seconds from {} to {}",
        range.start(),
        range.end()
    );
    Kind::new(allowed, move |given| {
        let number = given.integer()?;
        let seconds = u32::try_from(number)
            .ok()
            .filter(|seconds| range.contains(seconds));
        seconds.ok_or_else(|| Problem::from(format!("{number} is out of range")))
    })
}

/// A limit of at most `max`, in the unit `what`; 0 means no limit.
pub(super) fn limit(what: &str, max: u32) -> Kind<Limit> {
    let allowed = format!("a whole number of {what} up to {max}, or 0 for no limit");
    Kind::new(allowed, move |given| {
        let number = given.integer()?;
        let limit = u32::try_from(number).ok().filter(|limit| *limit <= max);
        limit
            .map(NonZeroU32::new)
            .ok_or_else(|| Problem::from(format!("{number} is out of range")))
    })
}

/// The IP address and port of a listener.
pub(super) fn address() -> Kind<SocketAddr> {
    text(
        "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        |text| {
            text.parse()
                .map_err(|_| format!("{text:?} is not an address"))
        },
    )
}

/// An absolute URI of at most 1,024 characters.
pub(super) fn uri() -> Kind<String> {
    text("an absolute URI of at most 1024 characters", parse_uri)
}

/// Whether data exchanged with the server at this URL is protected in transit: `https:`, or `http:`
/// to this machine.
pub fn is_safe(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" && url.host().is_some() || url.scheme() == "http" && loopback
}

/// Whether a URL has no user name, password, query or fragment.
pub(super) fn is_plain(url: &Url) -> bool {
    let has_user = !url.username().is_empty() || url.password().is_some();
    !has_user && url.query().is_none() && url.fragment().is_none()
}

/// A URL in a mistake. A URL with an `@` may contain a password, so it is not repeated.
pub(super) fn quoted_url(text: &str) -> String {
    if text.contains('@') {
        "the value".to_owned()
    } else {
        format!("{text:?}")
    }
}

/// A URL from which a document is fetched: https, or http on a loopback address.
pub(super) fn location() -> Kind<Url> {
    let allowed = "an https URL without a user name or password (http only on a loopback address)";
    text(allowed, |text| match Url::parse(text) {
        Ok(url) if is_safe(&url) && url.username().is_empty() && url.password().is_none() => {
            Ok(url)
        }
        // The error must not show a password in the URL.
        _ => Err("not an allowed URL".to_owned()),
    })
}

/// Any number of absolute URIs.
pub(super) fn uris() -> Kind<Vec<String>> {
    texts(
        "a list of absolute URIs of at most 1024 characters",
        parse_uri,
    )
}

fn parse_uri(text: &str) -> Result<String, Problem> {
    let is_uri = Url::parse(text).is_ok() && !text.contains(char::is_whitespace);
    if is_uri && text.chars().count() <= 1024 {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not an absolute URI").into())
    }
}

/// The path of a file, relative to `folder`.
pub(super) fn file(folder: &Path) -> Kind<PathBuf> {
    let folder = folder.to_owned();
    text(
        "the path of a file, relative to the configuration file's folder",
        move |text| named_file(&folder, text),
    )
}

/// The path of a folder, relative to `base`.
pub(super) fn folder(base: &Path) -> Kind<PathBuf> {
    let base = base.to_owned();
    text(
        "the path of a folder, relative to the configuration file's folder",
        move |text| path(&base, text),
    )
}

/// Any number of file paths, as written. [`named_file`] reads each.
pub(super) fn files() -> Kind<Vec<String>> {
    texts(
        "a list of file paths, relative to the configuration file's folder",
        |text| Ok::<_, Problem>(text.to_owned()),
    )
}

/// The path of a file that may not exist yet, relative to `folder`.
pub(super) fn new_file(folder: &Path) -> Kind<PathBuf> {
    let folder = folder.to_owned();
    text(
        "the path of a file, relative to the configuration file's folder",
        move |text| path(&folder, text),
    )
}

/// The path of an existing file. A value that names no file is passed on, and repeated in
/// errors about the file, only if it is surely a path.
pub(super) fn named_file(folder: &Path, text: &str) -> Result<PathBuf, Problem> {
    let path = path(folder, text)?;
    if path.exists() || is_surely_a_path(text) {
        Ok(path)
    } else {
        let problem =
            "there is no such file; the value is not repeated, because it may be a secret";
        Err(problem.into())
    }
}

fn path(folder: &Path, text: &str) -> Result<PathBuf, Problem> {
    if is_content(text) {
        let problem = "the value is the content of a file, not its path, and is not repeated";
        Err(problem.into())
    } else if text.is_empty() {
        Err("the value is empty".into())
    } else {
        Ok(folder.join(text))
    }
}

impl Given {
    /// A problem with this value, without the value itself if it may be a secret.
    fn without_secrets(&self, problem: Problem) -> Problem {
        let values: Vec<&str> = match self {
            Self::File(Value::String(text)) => vec![text],
            Self::File(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Self::File(_) => Vec::new(),
            Self::Environment(Variable { value, .. }) => vec![value],
        };
        let repeated = problem.to_string();
        let shows = |text: &str| {
            let quoted = format!("{text:?}");
            may_be_secret(text)
                && (repeated.contains(text) || repeated.contains(quoted.trim_matches('"')))
        };
        if values.into_iter().any(shows) {
            "not an allowed value; it is not repeated, because it may be a secret".into()
        } else {
            problem
        }
    }

    fn text(&self) -> Result<&str, Problem> {
        match self {
            Self::File(Value::String(text)) => Ok(text),
            Self::File(other) => Err(describe(other)),
            Self::Environment(Variable { value, .. }) => Ok(value),
        }
    }

    fn integer(&self) -> Result<i64, Problem> {
        match self {
            Self::File(Value::Integer(number)) => Ok(*number),
            Self::File(other) => Err(describe(other)),
            Self::Environment(Variable { value, .. }) => value
                .parse()
                .map_err(|_| format!("{value:?} is not a whole number").into()),
        }
    }

    fn texts(&self) -> Result<Vec<&str>, Problem> {
        match self {
            Self::File(Value::Array(items)) => items
                .iter()
                .map(|item| {
                    item.as_str()
                        .ok_or_else(|| format!("in the list, {}", describe(item)).into())
                })
                .collect(),
            Self::File(other) => Err(describe(other)),
            Self::Environment(Variable { value, .. }) if value.is_empty() => Ok(Vec::new()),
            Self::Environment(Variable { value, .. }) => {
                Ok(value.split(',').map(str::trim).collect())
            }
        }
    }
}

/// Describes a value of the wrong type.
pub(super) fn describe(value: &Value) -> Problem {
    let text = match value {
        // A text in the wrong place may be a secret.
        Value::String(_) => "this is a string".to_owned(),
        Value::Integer(number) => format!("{number} is a number"),
        Value::Float(number) => format!("{number} is a number with a fraction"),
        Value::Boolean(flag) => format!("{flag} is a boolean"),
        Value::Datetime(date) => format!("{date} is a date"),
        Value::Array(_) => "this is a list".to_owned(),
        Value::Table(_) => "this is a table".to_owned(),
    };
    text.into()
}
