use super::grant::{ANY_IDP, conditions, id_of_idp, is_named};
use super::idp::Idp;
use super::reader::{Reader, Reported};
use crate::grant::{Condition, Facts};

/// `[tools]`: who may decode AWS authorization failures and look up the account of an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The configured ID of the identity provider at which people must sign in to use the tools;
    /// `None` means any identity provider.
    pub idp: Option<String>,
    /// The conditions that must all be met.
    pub when: Vec<Condition>,
}

impl Tools {
    /// Reads the section. Returns `None` if it is missing; nobody may then use the tools.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Reported> {
        let is_given = reader.is_given("idp") || reader.is_given("when");
        if !is_given {
            // Registers both keys as known, so that they can be suggested for misspelled keys.
            reader.optional("idp", &id_of_idp())?;
            reader.list("when", |_| Ok(()))?;
            return Ok(None);
        }
        let idp = reader.optional("idp", &id_of_idp());
        let when = conditions(reader);
        Ok(Some(Self {
            idp: idp?,
            when: when?,
        }))
    }

    /// Checks `idp` with [`is_named`], and replaces `*` with `None`.
    pub(super) fn checked(
        tools: Result<Option<Self>, Reported>,
        reader: &mut Reader<'_>,
        idps: &[Idp],
    ) -> Result<Option<Self>, Reported> {
        let Some(tools) = tools? else {
            return Ok(None);
        };
        is_named(reader, "tools", tools.idp.as_ref(), idps)?;
        Ok(Some(Self {
            idp: tools.idp.filter(|id| id != ANY_IDP),
            ..tools
        }))
    }

    /// Whether a person with these facts may use the tools.
    pub fn are_for(&self, facts: &Facts<'_>) -> bool {
        let is_theirs = self.idp.as_deref().is_none_or(|idp| idp == facts.idp);
        let holds = |condition: &Condition| condition.holds(facts.attributes);
        is_theirs && self.when.iter().all(holds)
    }
}
