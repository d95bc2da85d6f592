//! Reasons why values and files are invalid.

use thiserror::Error;

/// Why one value or file is invalid, described for the administrator. A [`Mistake`](super::Mistake)
/// adds the key and the allowed values.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Problem(String);

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Problem {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Problem> for String {
    fn from(problem: Problem) -> Self {
        problem.0
    }
}
