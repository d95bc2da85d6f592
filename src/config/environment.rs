//! The part of the configuration that comes from environment variables: `ROLECALL_HTTP__LISTEN`
//! sets `http.listen`, and `ROLECALL_IDP__0__ID` sets `idp[0].id`.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fmt;

use super::{Mistake, Mistakes};

const PREFIX: &str = "ROLECALL_";

/// The `ROLECALL_…` variables of this process.
///
/// # Errors
/// A mistake for each variable with a name or value that is not UTF-8.
pub fn of_process() -> Result<Vec<(String, String)>, Mistakes> {
    unicode(env::vars_os())
}

fn unicode(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, Mistakes> {
    let mut mistakes = Vec::new();
    let mut good = Vec::new();
    for (name, value) in variables {
        if !name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            continue;
        }
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => good.push((name, value)),
            (Ok(name), Err(_)) => mistakes.push(not_unicode(name)),
            (Err(name), _) => mistakes.push(not_unicode(name.to_string_lossy().into_owned())),
        }
    }
    if mistakes.is_empty() {
        Ok(good)
    } else {
        Err(Mistakes::from(mistakes))
    }
}

fn not_unicode(variable: String) -> Mistake {
    Mistake {
        key: variable,
        problem: "not UTF-8".to_owned(),
        allowed: "a variable with a UTF-8 name and value".to_owned(),
    }
}

/// A `ROLECALL_…` variable with its full name.
#[derive(Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Variable {
    /// The key that the variable's name denotes: `idp.0.id` for `ROLECALL_IDP__0__ID`.
    pub(super) fn spelled_key(&self) -> String {
        let path = self.name.strip_prefix(PREFIX).unwrap_or(&self.name);
        path.replace("__", ".").to_ascii_lowercase()
    }
}

/// The name of the variable for a key: `ROLECALL_IDP__0__ID` for `idp[].id`.
pub(super) fn variable_name(key: &str) -> String {
    let path = key.replace("[]", ".0").replace('.', "__");
    format!("{PREFIX}{}", path.to_ascii_uppercase())
}

/// The variables for one table of the configuration. Each key of the map is the part of a
/// variable's name that follows the name of the table, split at `__`.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<Vec<String>, Variable>);

impl Variables {
    /// Keeps only the variables with names that begin with `ROLECALL_`.
    pub(super) fn new(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = environment.into_iter().filter_map(|(name, value)| {
            let path = name
                .strip_prefix(PREFIX)?
                .split("__")
                .map(str::to_owned)
                .collect();
            Some((path, Variable { name, value }))
        });
        Self(ours.collect())
    }

    /// Removes and returns the variable for `key`.
    pub(super) fn take(&mut self, key: &str) -> Option<Variable> {
        self.0.remove(&vec![key.to_ascii_uppercase()])
    }

    /// Whether there is a variable for `key` or for a key in the table `key`.
    pub(super) fn has(&self, key: &str) -> bool {
        let key = key.to_ascii_uppercase();
        self.0.keys().any(|path| path.first() == Some(&key))
    }

    /// Removes and returns the variables for the keys in the table `key`.
    pub(super) fn take_table(&mut self, key: &str) -> Self {
        self.take_below(&key.to_ascii_uppercase())
    }

    /// Removes the variables for the table with the lowest index in a list. Returns the index and
    /// the variables.
    pub(super) fn take_first_index(&mut self) -> Option<(usize, Self)> {
        let indices = self.0.keys().filter_map(|path| match path.as_slice() {
            [segment, _, ..] => index(segment),
            _ => None,
        });
        let index = indices.min()?;
        Some((index, self.take_below(&index.to_string())))
    }

    /// The variables that have not been taken.
    pub(super) fn into_rest(self) -> impl Iterator<Item = Variable> {
        self.0.into_values()
    }

    fn take_below(&mut self, segment: &str) -> Self {
        let below = |path: &[String]| {
            let (first, rest) = path.split_first()?;
            (first == segment && !rest.is_empty()).then(|| rest.to_vec())
        };
        let (taken, left) = std::mem::take(&mut self.0)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(path, _)| below(path).is_some());
        self.0 = left;
        Self(
            taken
                .into_iter()
                .filter_map(|(path, value)| Some((below(&path)?, value)))
                .collect(),
        )
    }
}

/// Parses an index. Only the canonical form is accepted, so that `00` and `0` cannot both refer to
/// the same table.
fn index(segment: &str) -> Option<usize> {
    let index: usize = segment.parse().ok()?;
    (index.to_string() == segment).then_some(index)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn only_our_own_variables_must_be_utf8() {
        let variable =
            |name: &str, value: &[u8]| (OsString::from(name), OsString::from_vec(value.to_vec()));
        let others = [
            variable("OTHER", b"\xff"),
            variable("ROLECALL_PUBLIC_URL", b"x"),
        ];
        let read = unicode(others.into_iter()).unwrap();
        assert_eq!(read, [("ROLECALL_PUBLIC_URL".to_owned(), "x".to_owned())]);
        let ours = [variable("ROLECALL_PUBLIC_URL", b"\xff")];
        let mistakes = unicode(ours.into_iter()).unwrap_err();
        assert_eq!(mistakes.iter().next().unwrap().key, "ROLECALL_PUBLIC_URL");
    }

    #[test]
    fn each_key_converts_to_its_variable_and_back() {
        assert_eq!(variable_name("public_url"), "ROLECALL_PUBLIC_URL");
        assert_eq!(
            variable_name("idp[].allow_sha1"),
            "ROLECALL_IDP__0__ALLOW_SHA1"
        );
    }
}
