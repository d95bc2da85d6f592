//! What every page has, and every form.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::web::brand::Brand;
use crate::web::texts::Texts;

/// What every page has.
#[derive(Clone)]
pub struct Frame {
    /// The texts, in the reader's language.
    pub texts: &'static Texts,
    /// Whose service it is.
    pub brand: Arc<Brand>,
}

/// Pages are compared by what is theirs.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}, {})", self.brand.name, self.texts.tag())
    }
}

impl Frame {
    /// A text without values.
    pub(super) fn t(&self, id: &str) -> Cow<'_, str> {
        self.texts.text(id)
    }

    /// A text in which `value` stands for `name`.
    pub(super) fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        self.texts.with(id, &[(name, value.into())])
    }

    /// A text that depends on a number, which stands for `name`.
    pub(super) fn count(&self, id: &str, name: &'static str, number: usize) -> String {
        self.texts.with(id, &[(name, number.into())])
    }
}

/// A field that a form carries along.
#[derive(Clone, Debug)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// The field's value.
    pub value: String,
}
