use super::kind::seconds;
use super::reader::{Reader, Reported};

/// `[session]`: how long people stay signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The maximum lifetime of a session, in seconds, 300 to [`Self::LONGEST_SECONDS`]. An identity
    /// provider can shorten the lifetime.
    pub max_age_seconds: u32,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            max_age_seconds: 28_800,
        }
    }
}

impl Session {
    /// The maximum of `session.max_age_seconds`: one day. No session lasts longer, so marks of
    /// ended sessions need not be kept for longer.
    pub const LONGEST_SECONDS: u32 = 86_400;

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let max_age_seconds =
            reader.optional("max_age_seconds", &seconds(300..=Self::LONGEST_SECONDS))?;
        let default = Self::default();
        Ok(Self {
            max_age_seconds: max_age_seconds.unwrap_or(default.max_age_seconds),
        })
    }
}
