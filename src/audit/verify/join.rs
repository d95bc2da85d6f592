//! Joins the segments of each chain over all files.

use std::collections::HashSet;

use super::finding::{Finding, Place};
use super::scan::{Scan, Segment};
use super::{Known, Verified};
use crate::audit::chain::{ChainId, Head};

impl Scan {
    /// Joins the segments, and lists everything that was found.
    pub(super) fn join(mut self, known: &Known) -> Verified {
        let mut heads = Vec::new();
        for (chain, mut segments) in std::mem::take(&mut self.segments) {
            segments.sort_by(|a, b| (a.first_seq, &a.first).cmp(&(b.first_seq, &b.first)));
            heads.extend(self.chain(chain, &segments, known));
        }
        self.order();
        for hash in std::mem::take(&mut self.wanted) {
            self.note(Finding::LastMissing { hash });
        }
        let is_note = |finding: &Finding| {
            matches!(
                finding,
                Finding::ClosedTornLine { .. }
                    | Finding::WithoutChain { .. }
                    | Finding::Continued { .. }
            )
        };
        let (mut notes, mut problems): (Vec<_>, Vec<_>) =
            self.findings.into_iter().partition(is_note);
        for findings in [&mut notes, &mut problems] {
            findings.sort_by(|a, b| a.at().cmp(&b.at()));
        }
        Verified {
            lines: Vec::new(),
            heads,
            problems,
            notes,
            unlisted: self.unlisted,
        }
    }

    /// Checks the segments of a chain, which are ordered by their first numbers. Returns the
    /// chain's newest line.
    fn chain(&mut self, chain: ChainId, segments: &[Segment], known: &Known) -> Option<Head> {
        let (first, rest) = segments.split_first()?;
        self.beginning(chain, first, known);
        let mut current = first;
        for segment in rest {
            self.joint(chain, current, segment);
            if segment.last_seq > current.last_seq {
                current = segment;
            }
        }
        Some(Head {
            chain,
            seq: current.last_seq,
            hash: current.last_hash,
        })
    }

    fn beginning(&mut self, chain: ChainId, first: &Segment, known: &Known) {
        let is_known = first
            .first_prev
            .is_some_and(|prev| known.first.contains(&prev));
        if first.first_seq == 1 && first.first_prev.is_none() {
            return;
        }
        let line = first.first.clone();
        self.note(if is_known {
            Finding::Continued { chain, line }
        } else {
            Finding::Missing {
                chain,
                from: 1,
                to: (first.first_seq - 1).max(1),
                after: None,
                before: line,
                prev: first.first_prev,
            }
        });
    }

    /// Checks whether `next` continues `current`.
    fn joint(&mut self, chain: ChainId, current: &Segment, next: &Segment) {
        let expected = current.last_seq + 1;
        if next.first_seq > expected {
            self.note(Finding::Missing {
                chain,
                from: expected,
                to: next.first_seq - 1,
                after: Some(current.last.clone()),
                before: next.first.clone(),
                prev: next.first_prev,
            });
        } else if next.first_seq < expected {
            let (first, second) = (current.clone(), next.first.clone());
            self.note(Finding::Doubled {
                chain,
                seq: next.first_seq,
                first: if next.first_seq == first.last_seq {
                    first.last
                } else {
                    first.first
                },
                second,
            });
        } else if next.first_prev != Some(current.last_hash) {
            self.note(Finding::Changed {
                chain,
                seq: current.last_seq,
                line: current.last.clone(),
                next: next.first.clone(),
            });
        }
    }

    /// Lists the lines that are at the wrong place in their file, unless a break in their chain
    /// explains this.
    fn order(&mut self) {
        let explained = self.findings.iter().flat_map(Finding::explains);
        let explained: HashSet<(usize, u64)> = explained.map(key).collect();
        for line in std::mem::take(&mut self.misplaced) {
            if !explained.contains(&key(&line)) {
                self.note(Finding::Misplaced { line });
            }
        }
    }
}

fn key(place: &Place) -> (usize, u64) {
    (place.file, place.line)
}
