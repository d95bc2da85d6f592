//! `rolecall audit`: examines the audit trail.

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Failure;
use crate::audit::chain::LineHash;
use crate::audit::verify::{Finding, Known, Verified, verify};
use crate::printable::printable;

/// The maximum number of characters of a file name.
const MAX_NAME: usize = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check whether lines of the audit trail are missing, changed, torn, duplicated or moved
    Verify(Verify),
}

/// Exit status: 0 if the trail is whole, 1 if it is not, 2 if a file cannot be read.
#[derive(Args, Debug)]
pub(super) struct Verify {
    /// The audit files, in any order, also rotated and compressed (gzip) ones
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The hash of a line that must exist, such as the newest hash in the log or in the readiness
    /// check; shows whether the end of the trail was cut off; repeatable
    #[arg(long, value_name = "HASH")]
    last: Vec<LineHash>,
    /// The hash of a line in a file that was deleted on purpose: a chain may continue from it;
    /// repeatable
    #[arg(long, value_name = "HASH")]
    first: Vec<LineHash>,
}

impl Audit {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run(),
        }
    }
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let known = Known {
            first: self.first.into_iter().collect(),
            last: self.last.into_iter().collect(),
        };
        let verified = verify(&self.files, &known);
        let verified = verified.map_err(|error| {
            let problem = printable(&error.to_string(), 2 * MAX_NAME);
            Failure::new(problem).status(2)
        })?;
        let written = write!(io::stdout(), "{}", Report(&verified));
        written
            .map_err(|error| Failure::new(format!("cannot write the result: {error}")).status(2))?;
        match verified.problems.len() {
            0 => Ok(()),
            1 => Err(Failure::new("the audit trail has a problem")),
            count => Err(Failure::new(format!(
                "the audit trail has {count} problems"
            ))),
        }
    }
}

struct Report<'a>(&'a Verified);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verified {
            lines,
            heads,
            problems,
            notes,
            unlisted,
        } = self.0;
        for (path, count) in lines {
            let path = printable(&path.display().to_string(), MAX_NAME);
            writeln!(f, "{path}: {count} lines")?;
        }
        for head in heads {
            let (chain, seq, hash) = (head.chain, head.seq, head.hash);
            writeln!(f, "chain {chain}: newest line {seq}, hash {hash}")?;
        }
        list(f, "note", notes)?;
        list(f, "problem", problems)?;
        if *unlisted > 0 {
            writeln!(f, "problem: {unlisted} further findings are not listed")?;
        }
        if problems.is_empty() {
            writeln!(f, "No line is missing or changed.")?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, kind: &str, findings: &[Finding]) -> fmt::Result {
    findings
        .iter()
        .try_for_each(|finding| writeln!(f, "{kind}: {finding}"))
}
