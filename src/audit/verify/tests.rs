//! Verification of trails that real writers have written, and of the same trails with one change.

use std::io::Write as _;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use super::*;
use crate::audit::tests::ORIGIN;
use crate::audit::{Audit, Event, Who};
use crate::clock::Clock;
use crate::config::Sync;

/// The contents of audit files, and the hashes of the newest lines.
#[derive(Clone)]
struct Trail {
    files: Vec<Vec<u8>>,
    last: HashSet<LineHash>,
}

impl Trail {
    /// A trail of two processes in a file that was rotated twice.
    fn written() -> &'static Self {
        static TRAIL: OnceLock<Trail> = OnceLock::new();
        TRAIL.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_time().build().unwrap();
            runtime.block_on(Self::write())
        })
    }

    async fn write() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let start = || Audit::to_file(&path, Sync::None, Clock::system()).unwrap();
        let processes = [start(), start()];
        let mut files = Vec::new();
        for file in 0..3 {
            if file > 0 {
                let old = folder.path().join(format!("audit.jsonl.{file}"));
                std::fs::rename(&path, &old).unwrap();
                files.push(std::fs::read(old).unwrap());
            }
            for turn in [0, 1, 1, 0, 1, 0, 0, 0, 1] {
                let now = Clock::system().now();
                let (audit, who) = (&processes[turn], who());
                let recorded = audit.record(now, &Event::Logout, &who, &ORIGIN);
                recorded.await.unwrap();
            }
        }
        files.push(std::fs::read(&path).unwrap());
        let heads = processes.iter().map(|audit| audit.health().head.unwrap());
        Self {
            files,
            last: heads.map(|head| head.hash).collect(),
        }
    }

    fn verify(&self) -> Verified {
        let folder = TempDir::new().unwrap();
        let write = |(number, text): (usize, &Vec<u8>)| {
            let path = folder.path().join(number.to_string());
            std::fs::write(&path, text).unwrap();
            path
        };
        let files: Vec<_> = self.files.iter().enumerate().map(write).collect();
        let known = Known {
            first: HashSet::new(),
            last: self.last.clone(),
        };
        verify(&files, &known).unwrap()
    }

    /// The lines of a file, with their newlines.
    fn lines(&self, file: usize) -> Vec<Vec<u8>> {
        let lines = self.files[file].split_inclusive(|byte| *byte == b'\n');
        lines.map(<[u8]>::to_vec).collect()
    }

    /// The file and the index of a line that the index chooses.
    fn pick(&self, index: Index) -> (usize, usize) {
        let counts = (0..self.files.len()).map(|file| self.lines(file).len());
        let all = counts
            .enumerate()
            .flat_map(|(file, count)| (0..count).map(move |line| (file, line)));
        let all: Vec<_> = all.collect();
        *index.get(&all)
    }

    fn set(&mut self, file: usize, lines: &[Vec<u8>]) {
        self.files[file] = lines.concat();
    }
}

fn who() -> Who {
    Who {
        idp: Some("corp".to_owned()),
        name_id: Some("alice@example.com".to_owned()),
        stable_id: None,
    }
}

#[test]
fn an_unchanged_trail_is_whole_in_any_order_and_compressed() {
    let trail = Trail::written();
    let verified = trail.verify();
    assert!(verified.problems.is_empty(), "{verified:#?}");
    assert!(verified.notes.is_empty(), "{verified:#?}");
    assert_eq!(verified.heads.len(), 2);
    let mut other = trail.clone();
    other.files.rotate_left(1);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&other.files[0]).unwrap();
    other.files[0] = gzip.finish().unwrap();
    let verified = other.verify();
    assert!(verified.problems.is_empty(), "{verified:#?}");
}

#[test]
fn a_missing_line_is_named_exactly() {
    let mut trail = Trail::written().clone();
    let mut lines = trail.lines(1);
    let removed: serde_json::Value = serde_json::from_slice(&lines.remove(4)).unwrap();
    trail.set(1, &lines);
    let problems = trail.verify().problems;
    let missing = problems.iter().filter_map(|problem| match problem {
        Finding::Missing {
            chain, from, to, ..
        } => Some((chain, from, to)),
        _ => None,
    });
    let missing: Vec<_> = missing.collect();
    let [(chain, from, to)] = missing[..] else {
        panic!("{problems:?}")
    };
    assert_eq!(chain.to_string(), removed["chain"].as_str().unwrap());
    let seq = removed["seq"].as_u64().unwrap();
    assert_eq!((*from, *to), (seq, seq));
}

/// What a verification says about line 5 of the second file, after this change to it.
fn said(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<Finding> {
    let mut trail = Trail::written().clone();
    let mut lines = trail.lines(1);
    change(&mut lines);
    trail.set(1, &lines);
    let problems = trail.verify().problems.into_iter();
    let is_there = |place: &Place| place.file == 1 && (5..=6).contains(&place.line);
    problems
        .filter(|finding| finding.at().is_some_and(is_there))
        .collect()
}

#[track_caller]
fn assert_said(said: &[Finding], is_expected: impl Fn(&Finding) -> bool) {
    assert!(said.iter().any(is_expected), "{said:#?}");
}

#[test]
fn each_change_of_a_line_is_named() {
    let doubled = said(|lines| lines.insert(5, lines[4].clone()));
    assert_said(&doubled, |finding| {
        matches!(finding, Finding::Doubled { .. })
    });
    let changed = said(|lines| {
        let text = String::from_utf8(lines[4].clone()).unwrap();
        lines[4] = text.replace("alice", "admin").into_bytes();
    });
    assert_said(&changed, |finding| {
        matches!(finding, Finding::Changed { .. })
    });
    let torn = said(|lines| lines[4] = b"{\"time\":\n".to_vec());
    assert_said(&torn, |finding| matches!(finding, Finding::Torn { .. }));
    let foreign = said(|lines| lines.insert(5, b"{\"event\":\"logout\"}\n".to_vec()));
    assert_said(&foreign, |finding| {
        matches!(finding, Finding::Foreign { .. })
    });
    let cut = said(|lines| {
        lines.truncate(5);
        lines[4].truncate(9);
    });
    assert_said(&cut, |finding| matches!(finding, Finding::NoEnd { .. }));
}

/// What a crash left is closed by the next line, which names the length.
#[tokio::test]
async fn a_torn_line_is_a_problem_unless_the_next_line_names_its_length() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit.jsonl");
    let record = async || {
        let audit = Audit::to_file(&path, Sync::None, Clock::system()).unwrap();
        let now = Clock::system().now();
        let who = who();
        let recorded = audit.record(now, &Event::Logout, &who, &ORIGIN);
        recorded.await.unwrap();
    };
    record().await;
    let before = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&before[..], b"{\"torn"].concat()).unwrap();
    record().await;
    let trail = Trail {
        files: vec![std::fs::read(&path).unwrap()],
        last: HashSet::new(),
    };
    let verified = trail.verify();
    assert!(verified.problems.is_empty(), "{verified:#?}");
    let notes = &verified.notes[..];
    assert!(
        matches!(notes, [Finding::ClosedTornLine { line }] if line.line == 3),
        "{notes:?}"
    );
    let problems = |line: Option<&[u8]>| {
        let mut trail = trail.clone();
        let mut lines = trail.lines(0);
        lines.splice(2..3, line.map(<[u8]>::to_vec));
        trail.set(0, &lines);
        trail.verify().problems
    };
    let longer = problems(Some(b"{\"torn by somebody\n"));
    assert_said(
        &longer,
        |finding| matches!(finding, Finding::Torn { line } if line.line == 3),
    );
    let removed = problems(None);
    assert!(
        matches!(&removed[..], [Finding::Misplaced { line }] if line.line == 3),
        "{removed:?}"
    );
}

/// Without a hash from elsewhere, nothing shows that the end was cut off.
#[test]
fn the_end_is_held_only_by_a_hash_from_elsewhere() {
    let mut trail = Trail::written().clone();
    let mut lines = trail.lines(2);
    lines.pop();
    trail.set(2, &lines);
    let problems = trail.verify().problems;
    assert!(
        matches!(problems[..], [Finding::LastMissing { .. }]),
        "{problems:?}"
    );
    trail.last.clear();
    assert!(trail.verify().problems.is_empty());
}

#[test]
fn files_that_were_deleted_on_purpose_are_accepted_with_their_last_hashes() {
    let mut trail = Trail::written().clone();
    trail.files.remove(0);
    let problems = trail.verify().problems;
    let hashes = problems.iter().map(|problem| match problem {
        Finding::Missing { prev, .. } => prev.unwrap(),
        other => panic!("{other:?}"),
    });
    let known = Known {
        first: hashes.collect(),
        last: trail.last.clone(),
    };
    assert_eq!(known.first.len(), 2);
    let folder = TempDir::new().unwrap();
    let paths = [0, 1].map(|file| folder.path().join(file.to_string()));
    for (path, text) in paths.iter().zip(&trail.files) {
        std::fs::write(path, text).unwrap();
    }
    let verified = verify(&paths, &known).unwrap();
    assert!(verified.problems.is_empty(), "{verified:?}");
    assert_eq!(verified.notes.len(), 2);
}

/// Anyone who can write to a file still cannot make the report long or control a terminal with it.
#[test]
fn a_hostile_file_causes_a_short_and_printable_report() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("\u{1b}[31m");
    let mut text = b"\x1b]0;title\x07\n".repeat(50_000);
    text.extend(vec![b'x'; 3 * crate::audit::fields::MAX_LINE]);
    std::fs::write(&path, text).unwrap();
    let verified = verify(&[path], &Known::default()).unwrap();
    assert!(
        verified.problems.len() <= MOST,
        "{}",
        verified.problems.len()
    );
    for problem in verified.problems {
        let shown = problem.to_string();
        assert!(shown.len() < 500 && !shown.contains('\u{1b}'), "{shown}");
    }
}

/// One change to a trail.
#[derive(Clone, Debug)]
enum Change {
    Byte(Index, Index, u8),
    Delete(Index),
    Swap(Index, Index),
    Double(Index, Index),
    Cut(usize, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index(), 1..=255_u8)
            .prop_map(|(line, byte, bits)| Change::Byte(line, byte, bits)),
        index().prop_map(Change::Delete),
        (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
        (index(), index()).prop_map(|(line, to)| Change::Double(line, to)),
        (0..3_usize, index()).prop_map(|(file, at)| Change::Cut(file, at)),
    ]
}

impl Change {
    fn apply(&self, trail: &mut Trail) {
        match self {
            Self::Byte(line, byte, bits) => {
                let (file, line) = trail.pick(*line);
                let mut lines = trail.lines(file);
                let byte = byte.index(lines[line].len());
                lines[line][byte] ^= bits;
                trail.set(file, &lines);
            }
            Self::Delete(line) => {
                let (file, line) = trail.pick(*line);
                let mut lines = trail.lines(file);
                lines.remove(line);
                trail.set(file, &lines);
            }
            Self::Swap(one, other) => {
                let (one, other) = (trail.pick(*one), trail.pick(*other));
                let mut files: Vec<_> = (0..3).map(|file| trail.lines(file)).collect();
                let kept = files[one.0][one.1].clone();
                files[one.0][one.1] = files[other.0][other.1].clone();
                files[other.0][other.1] = kept;
                for (file, lines) in files.iter().enumerate() {
                    trail.set(file, lines);
                }
            }
            Self::Double(line, to) => {
                let ((file, line), (at, to)) = (trail.pick(*line), trail.pick(*to));
                let copy = trail.lines(file).swap_remove(line);
                let mut lines = trail.lines(at);
                lines.insert(to, copy);
                trail.set(at, &lines);
            }
            Self::Cut(file, at) => {
                let length = at.index(trail.files[*file].len());
                trail.files[*file].truncate(length);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_single_change_of_a_trail_is_reported(change in change()) {
        let mut trail = Trail::written().clone();
        change.apply(&mut trail);
        prop_assume!(trail.files != Trail::written().files);
        let verified = trail.verify();
        prop_assert!(!verified.problems.is_empty(), "{change:?}");
    }
}
