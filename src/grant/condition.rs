//! Condition: a test of the values of one attribute.

use regex::Regex;

use super::facts::Attributes;

/// A condition on the values of one attribute. An attribute that was not sent meets no condition.
#[derive(Clone, Debug)]
pub struct Condition {
    attribute: String,
    test: Test,
}

/// A test of an attribute's values. `AnyOf` and `AllOf` compare strings exactly, including case.
#[derive(Clone, Debug)]
pub enum Test {
    /// At least one of the attribute's values is in this list.
    AnyOf(Vec<String>),
    /// All strings in this list are among the attribute's values.
    AllOf(Vec<String>),
    /// At least one of the attribute's values matches this pattern completely.
    Matches(Pattern),
}

/// A regular expression that must match a value from its beginning to its end.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern. The pattern needs no anchors.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        // Compile the pattern on its own first: an invalid pattern such as `a)(b` must not become
        // valid when it is enclosed in the group below.
        Regex::new(text)?;
        Ok(Self {
            text: text.to_owned(),
            regex: Regex::new(&format!(r"\A(?:{text})\z"))?,
        })
    }

    fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl Condition {
    /// A condition on the attribute with this `Name`.
    pub fn new(attribute: String, test: Test) -> Self {
        Self { attribute, test }
    }

    /// The `Name` of the attribute.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// Whether the attributes meet the condition.
    pub fn holds(&self, attributes: &Attributes) -> bool {
        let Some(values) = attributes.get(&self.attribute) else {
            return false;
        };
        match &self.test {
            Test::AnyOf(wanted) => wanted.iter().any(|value| values.contains(value)),
            Test::AllOf(wanted) => wanted.iter().all(|value| values.contains(value)),
            Test::Matches(pattern) => values.iter().any(|value| pattern.is_match(value)),
        }
    }
}

/// Completes the sentence "the attribute must be …" for administrators.
impl std::fmt::Display for Condition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.test {
            Test::AnyOf(values) => write!(formatter, "one of {}", values.join(", ")),
            Test::AllOf(values) => write!(formatter, "all of {}", values.join(", ")),
            Test::Matches(pattern) => write!(formatter, "matched by {}", pattern.text),
        }
    }
}

/// Patterns are compared by their text, because compiled patterns cannot be compared.
impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.test, &other.test) {
            (Test::AnyOf(one), Test::AnyOf(other)) | (Test::AllOf(one), Test::AllOf(other)) => {
                one == other
            }
            (Test::Matches(one), Test::Matches(other)) => one.text == other.text,
            _ => false,
        };
        same && self.attribute == other.attribute
    }
}

impl Eq for Condition {}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes() -> Attributes {
        let groups = ["aws-admins", "staff", "été"].map(str::to_owned).to_vec();
        let empty = ("none".to_owned(), Vec::new());
        Attributes::from([("groups".to_owned(), groups), empty])
    }

    fn holds(attribute: &str, test: Test) -> bool {
        Condition::new(attribute.to_owned(), test).holds(&attributes())
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn any_and_all_conditions_compare_exactly() {
        for (values, any, all) in [
            (&["staff"][..], true, true),
            (&["staff", "aws-admins"], true, true),
            (&["staff", "root"], true, false),
            (&["Staff"], false, false),
            (&["staff "], false, false),
            (&["aws-admin"], false, false),
        ] {
            assert_eq!(holds("groups", Test::AnyOf(texts(values))), any);
            assert_eq!(holds("groups", Test::AllOf(texts(values))), all);
        }
    }

    #[test]
    fn a_missing_attribute_meets_no_condition() {
        for attribute in ["Groups", "none", "other", ""] {
            let pattern = Pattern::new(".*").expect("a pattern");
            for test in [Test::AnyOf(texts(&["staff"])), Test::Matches(pattern)] {
                assert!(!holds(attribute, test), "{attribute}");
            }
        }
        assert!(!holds("other", Test::AllOf(Vec::new())));
    }

    #[test]
    fn a_pattern_matches_the_whole_value() {
        for (pattern, expected) in [
            ("aws-.*", true),
            ("aws-", false),
            ("admins", false),
            ("x|aws-admins", true),
            // Without the enclosing group, each alternative would be anchored at one end only.
            ("aws|x", false),
            ("^staff$", true),
            ("(?i)STAFF", true),
            ("t.", false),
            (".t.", true),
        ] {
            let pattern_is = Pattern::new(pattern).expect("a pattern");
            assert_eq!(
                holds("groups", Test::Matches(pattern_is)),
                expected,
                "{pattern}"
            );
        }
        // Even with `(?m)`, the pattern must match up to the end of the value. The end of a line is
        // not enough.
        let pattern = Pattern::new("(?m)staff").expect("a pattern");
        assert!(!pattern.is_match("staff\nroot"));
        for bad in ["(", "a)(b", "[", "(?<n", "a{99999999}"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
    }
}
