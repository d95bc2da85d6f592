use super::grant::{ANY_IDP, conditions, id_of_idp, is_named};
use super::idp::Idp;
use super::reader::{Reader, Reported};
use crate::grant::{Condition, Facts};

/// `[tools]`: who may ask AWS what a refusal was about and whose an access key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The configured id of the identity provider whose people may; any, if there is none.
    pub idp: Option<String>,
    /// The conditions, all of which must hold.
    pub when: Vec<Condition>,
}

impl Tools {
    /// Nothing, if the section is not there: nobody may.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Reported> {
        let is_given = reader.is_given("idp") || reader.is_given("when");
        if !is_given {
            // So that both keys are known.
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

    /// Holds what only the whole configuration shows.
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

    /// Whether somebody may.
    pub fn are_for(&self, facts: &Facts<'_>) -> bool {
        let is_theirs = self.idp.as_deref().is_none_or(|idp| idp == facts.idp);
        let holds = |condition: &Condition| condition.holds(facts.attributes);
        is_theirs && self.when.iter().all(holds)
    }
}
