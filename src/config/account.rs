use super::kind::{Kind, label, text};
use super::reader::{Reader, Reported};

/// `[[account]]`: a name for an AWS account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its ID: twelve digits, no other's.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

impl Account {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let id = reader.unique("id", &id());
        let name = reader.required("name", &label());
        Ok(Self {
            id: id?,
            name: name?,
        })
    }
}

/// Text, since IDs begin with zeros.
fn id() -> Kind<String> {
    text(
        "twelve digits in quotes, different for each account",
        |text| {
            if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not an account ID"))
            }
        },
    )
}
