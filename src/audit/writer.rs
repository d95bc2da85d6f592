//! The thread that writes the audit lines.
//!
//! It alone adds lines to the chain. Lines that arrived while it was writing are written together,
//! with one write and, if configured, one sync.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::AuditError;
use super::chain::{Chain, Position};
use super::health::Report;
use super::marker::{Cause, Marker};
use super::queue::{Job, Waiting};
use super::sink::{MOST_MOVES, Place, Sink};
use crate::clock::Clock;

/// How long a request waits for its audit line. A disk needs milliseconds, so two seconds mean that
/// something blocks. People wait this long for an error instead of their credentials.
pub(super) const DEADLINE: Duration = Duration::from_secs(2);
/// After a failure, the writer tries again this often, even if no line comes. Otherwise, a service
/// that is not ready because of its trail would get no requests, and would never be ready again.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// The maximum number of lines that are written together.
pub(super) const MOST_TOGETHER: usize = 256;

/// Writes the lines of the queue.
pub(super) struct Writer {
    sink: Sink,
    chain: Chain,
    clock: Clock,
    report: Arc<Report>,
    is_failing: bool,
    /// The number of lines that could not be written since the last marker.
    failed: u64,
    /// The numbers of lines whose results were not handed over, and which no marker names yet.
    owed: Vec<u64>,
}

/// A line of the current batch.
struct Line {
    waiting: Waiting,
    /// The number under which the line was last written.
    seq: Option<u64>,
    /// Whether the last attempt wrote the whole line.
    is_whole: bool,
}

/// A part of the text to write: where it ends, and the chain after it.
struct Part {
    end: usize,
    chain: Chain,
    what: What,
}

enum What {
    Marker,
    Owed,
    Line(usize),
}

impl Writer {
    pub(super) fn new(sink: Sink, chain: Chain, clock: Clock, report: Arc<Report>) -> Self {
        Self {
            sink,
            chain,
            clock,
            report,
            is_failing: false,
            failed: 0,
            owed: Vec::new(),
        }
    }

    /// Writes lines until the queue is dropped.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        // The first line of the chain shows at once whether the trail can be written.
        let mut batch = Vec::new();
        loop {
            self.write(batch);
            let Some(next) = self.next(jobs) else {
                return;
            };
            batch = next;
        }
    }

    /// Waits for a job, and takes all lines that can be written together with it.
    fn next(&self, jobs: &Receiver<Job>) -> Option<Vec<Waiting>> {
        let first = if self.is_failing || !self.owed.is_empty() {
            let pause = if self.is_failing {
                TRY_AGAIN
            } else {
                Duration::ZERO
            };
            match jobs.recv_timeout(pause) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        } else {
            Some(jobs.recv().ok()?)
        };
        let more = jobs.try_iter().take(MOST_TOGETHER - 1);
        let lines = first.into_iter().chain(more).filter_map(|job| match job {
            Job::Line(waiting) => Some(waiting),
            // Each write looks for the file that has the name.
            Job::Reopen => None,
        });
        Some(lines.collect())
    }

    fn write(&mut self, batch: Vec<Waiting>) {
        self.report.begin();
        let mut lines: Vec<_> = batch.into_iter().filter_map(Line::wanted).collect();
        let problem = self.write_where_the_name_leads(&mut lines, Self::write_once);
        let problem = problem.err();
        let problem = problem.map(|error| error.to_string());
        self.is_failing = problem.is_some();
        // Readiness must not say that the trail works after a request has got an error.
        self.report.end(self.chain.head(), problem.clone());
        for line in lines {
            self.answer(line, problem.as_deref());
        }
    }

    fn answer(&mut self, line: Line, problem: Option<&str>) {
        let Line {
            waiting,
            seq,
            is_whole,
        } = line;
        let outcome = match problem {
            Some(problem) if !is_whole => Err(AuditError::Write(problem.to_owned())),
            _ => Ok(()),
        };
        let was_written = outcome.is_ok();
        let precedes_its_effect = waiting.precedes_its_effect;
        let is_handed_over = waiting.answer.send(outcome).is_ok() && was_written;
        match seq {
            None => self.failed += 1,
            Some(seq) if precedes_its_effect && !is_handed_over => self.owed.push(seq),
            Some(_) => {}
        }
    }

    /// Writes the lines with `write` to the file that has the name, even if it is replaced in the
    /// meantime.
    fn write_where_the_name_leads(
        &mut self,
        lines: &mut [Line],
        mut write: impl FnMut(&mut Self, &mut [Line]) -> io::Result<()>,
    ) -> io::Result<()> {
        for _ in 0..MOST_MOVES {
            let written = write(self, lines);
            if self.sink.is_there() {
                // If the sync fails, the lines count as not written.
                return self
                    .sink
                    .sync()
                    .inspect_err(|_| none_whole(lines))
                    .and(written);
            }
            none_whole(lines);
            written?;
        }
        Err(io::Error::other("the file is replaced again and again"))
    }

    /// Writes the lines once, and notes which of them were written.
    fn write_once(&mut self, lines: &mut [Line]) -> io::Result<()> {
        none_whole(lines);
        let place = self.sink.prepare()?;
        let (text, prefix, parts) = self.compose(&place, lines);
        if parts.is_empty() {
            self.sink.leave();
            return Ok(());
        }
        let (whole, error) = self.sink.append(&place, &text, prefix);
        for part in parts.into_iter().take_while(|part| part.end <= whole) {
            self.chain = part.chain;
            match part.what {
                What::Marker => {
                    self.sink.announced();
                    self.failed = 0;
                    self.is_failing = false;
                }
                What::Owed => drop(self.owed.remove(0)),
                What::Line(index) => {
                    lines[index].seq = self.chain.head().map(|head| head.seq);
                    lines[index].is_whole = true;
                }
            }
        }
        error.map_or(Ok(()), Err)
    }

    /// The text to write, the length of what precedes its first line, and its parts.
    fn compose(&self, place: &Place, lines: &[Line]) -> (Vec<u8>, usize, Vec<Part>) {
        let mut text = Vec::with_capacity(1_024 * (lines.len() + 1));
        text.extend(place.needs_newline.then_some(b'\n'));
        let prefix = text.len();
        let (mut chain, mut parts) = (self.chain, Vec::new());
        let own = self.chain.head().map(|head| head.hash);
        let mut after = place.last.map(|last| last.hash);
        after = after.filter(|hash| Some(*hash) != own);
        let mut add = |object: &[u8], again, what| {
            let after = after.take();
            chain.add(object, Position { after, again }, &mut text);
            let end = text.len();
            parts.push(Part { end, chain, what });
        };
        let now = self.clock.now();
        if let Some(marker) = self.marker(place) {
            add(&marker.object(now), None, What::Marker);
        }
        for line in &self.owed {
            let marker = Marker::NotHandedOver { line: *line };
            add(&marker.object(now), None, What::Owed);
        }
        for (index, line) in lines.iter().enumerate() {
            add(&line.waiting.line, line.seq, What::Line(index));
        }
        (text, prefix, parts)
    }

    /// The marker that is needed before the next line.
    fn marker(&self, place: &Place) -> Option<Marker> {
        let before = place.before;
        if self.chain.head().is_none() {
            return Some(Marker::TrailBegun {
                version: env!("CARGO_PKG_VERSION"),
                before,
            });
        }
        let again = (self.is_failing || self.failed > 0).then_some(Cause::WritableAgain);
        let cause = place.cause.or(again)?;
        Some(Marker::TrailContinued {
            cause,
            failed: Some(self.failed).filter(|failed| *failed > 0),
            before,
        })
    }
}

impl Line {
    /// The line, unless its request has taken it back.
    fn wanted(waiting: Waiting) -> Option<Self> {
        let line = Self {
            waiting,
            seq: None,
            is_whole: false,
        };
        (!line.waiting.is_taken_back()).then_some(line)
    }
}

fn none_whole(lines: &mut [Line]) {
    for line in lines {
        line.is_whole = false;
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;

    use super::super::queue::waiting;
    use super::super::verify::{Known, verify};
    use super::*;
    use crate::config::Sync;

    /// Writes three lines. While the second one is being written, `meanwhile` happens to the file.
    fn write_three(file: &Path, meanwhile: impl Fn(&Path)) {
        let sink = Sink::file(file, Sync::None).unwrap();
        let mut writer = Writer::new(sink, Chain::new().unwrap(), Clock::system(), Arc::default());
        for number in 1..=3 {
            let object = format!("{{\"event\":\"{number}\"}}");
            let (waiting, _answer) = waiting(object.into_bytes(), false);
            let mut lines: Vec<_> = Line::wanted(waiting).into_iter().collect();
            let mut attempts = 0;
            let written = writer.write_where_the_name_leads(&mut lines, |writer, lines| {
                writer.write_once(lines)?;
                attempts += 1;
                if (number, attempts) == (2, 1) {
                    meanwhile(file);
                }
                Ok(())
            });
            written.unwrap();
            assert!(lines[0].is_whole);
        }
    }

    fn events(file: &Path) -> Vec<String> {
        let text = fs::read_to_string(file).unwrap();
        let lines = text.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let again = line
                .get("again")
                .map_or(String::new(), |seq| format!(" ({seq})"));
            format!("{}{again}", line["event"].as_str().unwrap())
        });
        lines.collect()
    }

    /// Otherwise, credentials could be issued although their line was deleted together with its
    /// file before anybody could read it.
    #[test]
    fn a_line_is_written_again_if_its_file_loses_the_name_during_the_write() {
        let folder = tempfile::tempdir().unwrap();
        let [file, moved] = ["audit.jsonl", "audit.jsonl.1"].map(|name| folder.path().join(name));
        write_three(&file, |file| fs::rename(file, &moved).unwrap());
        assert_eq!(events(&moved), ["trail_begun", "1", "2"]);
        assert_eq!(events(&file), ["trail_continued", "2 (3)", "3"]);
        let verified = verify(&[file, moved], &Known::default()).unwrap();
        assert!(verified.problems.is_empty(), "{:#?}", verified.problems);
    }

    #[test]
    fn a_line_is_written_again_if_its_file_is_truncated_during_the_write() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit.jsonl");
        write_three(&file, |file| {
            let file = File::options().write(true).open(file).unwrap();
            file.set_len(0).unwrap();
        });
        assert_eq!(events(&file), ["trail_continued", "2 (3)", "3"]);
    }
}
