//! The parts that pages share: the texts, the brand and hidden form fields.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::web::brand::Brand;
use crate::web::texts::Texts;

/// The texts and the brand, which every page needs.
#[derive(Clone)]
pub struct Frame {
    /// The texts, in the reader's language.
    pub texts: &'static Texts,
    /// The name, the logo, the color and the contact of the service.
    pub brand: Arc<Brand>,
}

/// The output is short, because every snapshot of a page contains it.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}, {})", self.brand.name, self.texts.tag())
    }
}

impl Frame {
    /// The message `id`, which has no placeholders.
    pub(super) fn t(&self, id: &str) -> Cow<'_, str> {
        self.texts.text(id)
    }

    /// The message `id`, with `value` for the placeholder `name`.
    pub(super) fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        self.texts.with(id, &[(name, value.into())])
    }

    /// The message `id`, with `number` for the placeholder `name`. The number selects the singular
    /// or plural form.
    pub(super) fn count(&self, id: &str, name: &'static str, number: usize) -> String {
        self.texts.with(id, &[(name, number.into())])
    }
}

/// A hidden field of a form.
#[derive(Clone, Debug)]
pub struct HiddenField {
    /// The `name` attribute of the field.
    pub name: String,
    /// The `value` attribute of the field.
    pub value: String,
}
