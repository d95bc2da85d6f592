use super::kind::{Kind, label, text};
use super::reader::{Reader, Reported};

/// `[[account]]`: the name and the label of an AWS account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account's ID: twelve digits, unique among accounts.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// A label for the account's purpose, such as `production`, shown next to the name.
    pub environment: Option<String>,
    /// The color of the label.
    pub color: Color,
}

/// The color of a label. The pages never convey information by color alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// `grey`
    #[default]
    Grey,
    /// `red`
    Red,
    /// `orange`
    Orange,
    /// `yellow`
    Yellow,
    /// `green`
    Green,
    /// `blue`
    Blue,
    /// `purple`
    Purple,
}

impl Color {
    /// All colors, in the order in which mistakes list them.
    pub const ALL: [Self; 7] = [
        Self::Grey,
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Blue,
        Self::Purple,
    ];

    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
        }
    }
}

impl Account {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let id = reader.unique("id", &id());
        let name = reader.required("name", &label());
        let environment = reader.optional("environment", &label());
        let color = reader.optional("color", &color());
        let (environment, color) = (environment?, color?);
        if environment.is_none() && color.is_some() {
            let allowed = "one line of 1 to 100 characters";
            return Err(reader.mistake("environment", "missing, but color is set", allowed));
        }
        Ok(Self {
            id: id?,
            name: name?,
            environment,
            color: color.unwrap_or_default(),
        })
    }
}

/// An account ID. It is a string, because IDs can begin with zeros.
fn id() -> Kind<String> {
    text("twelve digits in quotes, unique among accounts", |text| {
        if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
            Ok(text.to_owned())
        } else {
            Err(format!("{text:?} is not an account ID"))
        }
    })
}

fn color() -> Kind<Color> {
    let names = Color::ALL.map(Color::name).join(", ");
    text(format!("one of {names}"), |text| {
        let mut colors = Color::ALL.into_iter();
        colors
            .find(|color| color.name() == text)
            .ok_or_else(|| format!("{text:?} is not a supported color"))
    })
}
