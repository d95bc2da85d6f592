//! Unknown keys and environment variables, with suggestions for what was probably meant.

use std::collections::BTreeSet;

use super::Mistake;
use super::environment::{Variable, variable_name};

/// A key or environment variable that no reader has read.
#[derive(Debug)]
pub(super) enum Unknown {
    /// A key in the file.
    Key {
        /// The key with indices: `idp[0].id`.
        key: String,
        /// The key without indices: `idp[].id`.
        pattern: String,
    },
    /// A variable in the environment.
    Variable(Variable),
}

impl Unknown {
    /// The mistake. It suggests the most similar of the `known` keys, which contain no indices. If
    /// no key is similar, it lists the keys of the same table or shows an example of a variable.
    pub(super) fn mistake(&self, known: &BTreeSet<String>) -> Mistake {
        match self {
            Self::Key { key, pattern } => {
                let allowed = match nearest(pattern, known.iter()) {
                    Some(nearest) => format!("a known key; did you mean {nearest}?"),
                    None => siblings(pattern, known).collect::<Vec<_>>().join(", "),
                };
                mistake(key, "unknown key", allowed)
            }
            Self::Variable(variable) => {
                let pattern = variable.spelled_key().replace(".0.", "[].");
                let values = known.iter().filter(|key| !is_table(key, known));
                let allowed = match nearest(&pattern, values).map(variable_name) {
                    Some(nearest) => format!("a known variable; did you mean {nearest}?"),
                    None => format!(
                        "variables such as {} for http.listen",
                        variable_name("http.listen")
                    ),
                };
                mistake(&variable.name, "unknown variable", allowed)
            }
        }
    }
}

fn mistake(key: &str, problem: &str, allowed: String) -> Mistake {
    Mistake {
        key: key.to_owned(),
        problem: problem.to_owned(),
        allowed,
    }
}

/// The known key that is most similar to `pattern`. A key with the same name in another table ranks
/// above all others. The table that contains the unknown key is never a candidate.
fn nearest<'a>(pattern: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let similarity = |candidate: &str| {
        let same_name = name(candidate) == name(pattern);
        strsim::normalized_damerau_levenshtein(candidate, pattern) + f64::from(same_name)
    };
    known
        .filter(|candidate| *candidate != table(pattern))
        .map(|candidate| (similarity(candidate), candidate.as_str()))
        .filter(|(similarity, _)| *similarity > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The keys of the table that contains `pattern`, or the top-level keys if that table is unknown.
fn siblings<'a>(pattern: &str, known: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let has_siblings = known.iter().any(|key| table(key) == table(pattern));
    let table_of = if has_siblings {
        table(pattern).to_owned()
    } else {
        String::new()
    };
    known
        .iter()
        .map(String::as_str)
        .filter(move |key| table(key) == table_of)
}

/// Whether `key` is a table. A table has no value, and therefore no variable.
fn is_table(key: &str, known: &BTreeSet<String>) -> bool {
    known.iter().any(|other| {
        let below = other.strip_prefix(key);
        below.is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]"))
    })
}

fn name(pattern: &str) -> &str {
    pattern.rsplit_once('.').map_or(pattern, |(_, name)| name)
}

fn table(pattern: &str) -> &str {
    pattern.rsplit_once('.').map_or("", |(table, _)| table)
}
