//! The destination of the audit lines: standard output, or the file that has the configured name.
//!
//! logrotate and people move, delete, replace and truncate files. So before each write, the sink
//! checks whether the name still leads to the open file, and afterwards, the writer checks this
//! again. While it writes to a regular file, the sink holds a lock (flock(2)). Two processes can
//! therefore append to one file, and a torn line can be cut off without touching another process's
//! line.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_setfl};

use super::marker::{Before, Cause, From};
use super::tail::{LastLine, Tail};
use crate::config::Sync;

/// How often a file that was replaced is opened anew within one write.
pub(super) const MOST_MOVES: usize = 10;
/// How long another process may hold the file's lock: far longer than a write takes.
const LOCK_TRIES: u32 = 500;
/// logrotate moves a file away before it creates the new one. Without this pause, rolecall would
/// create the file in between, and logrotate would have to move that away too.
const RECREATION_TRIES: u32 = 20;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(1);
/// How long to wait if a descriptor that another program shares with us does not block.
const FULL_PIPE_PAUSE: Duration = Duration::from_millis(5);
/// What group and others may do with a file.
const FOR_OTHERS: u32 = 0o077;
/// The permissions of an audit file: only its owner may read it.
const PRIVATE: u32 = 0o600;

#[derive(Debug)]
enum Destination {
    StandardOutput,
    File(PathBuf),
}

#[derive(Debug)]
pub(super) struct Sink {
    destination: Destination,
    sync: Sync,
    open: Option<Open>,
    /// Why a marker must precede the next line. `None` once the marker has been written.
    cause: Option<Cause>,
}

/// An open file.
#[derive(Debug)]
struct Open {
    file: File,
    /// The file's device and inode.
    id: (u64, u64),
    is_regular: bool,
    /// Where our last write to a regular file ended. `None` if nothing has been written yet.
    end: Option<u64>,
    /// Whether a stream ends in a torn line.
    torn: bool,
    /// Whether the folder's entry for the file still has to be synced.
    is_new: bool,
}

/// Where the next lines go.
#[derive(Debug)]
pub(super) struct Place {
    /// Why a marker is needed.
    pub cause: Option<Cause>,
    pub before: Before,
    /// The last whole line of the file, unless it is our own last line.
    pub last: Option<LastLine>,
    /// Whether a torn line must be closed with a newline first.
    pub needs_newline: bool,
    /// The length of the file.
    start: u64,
}

impl Sink {
    /// Standard output. This is a descriptor of its own: a write that blocks must not hold the lock
    /// of the standard library's `Stdout`, which is flushed when the process exits.
    pub(super) fn standard_output() -> io::Result<Self> {
        let file = io::stdout().as_fd().try_clone_to_owned()?.into();
        let open = Open {
            file,
            id: (0, 0),
            is_regular: false,
            end: None,
            torn: false,
            is_new: false,
        };
        Ok(Self {
            destination: Destination::StandardOutput,
            sync: Sync::None,
            open: Some(open),
            cause: None,
        })
    }

    /// The file at `path`, which is created if it does not exist. A pipe without a reader is opened
    /// later.
    pub(super) fn file(path: &Path, sync: Sync) -> io::Result<Self> {
        let open = match Open::at(path, false) {
            Ok(open) => Some(open),
            Err(error) if error.raw_os_error() == Some(NO_READER) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            destination: Destination::File(path.to_owned()),
            sync,
            open,
            cause: None,
        })
    }

    /// Opens and locks the file that has the name, and determines how it ends.
    pub(super) fn prepare(&mut self) -> io::Result<Place> {
        for _ in 0..MOST_MOVES {
            if let (None, Destination::File(path)) = (&self.open, &self.destination) {
                self.open = Some(Open::at(path, self.cause.is_some())?);
            }
            if let Some(open) = &mut self.open {
                open.lock()?;
                if self.destination.leads_to(open.id) {
                    return open.place(&mut self.cause);
                }
            }
            self.open = None;
            self.cause = Some(Cause::FileReplaced);
        }
        Err(io::Error::other("the file is replaced again and again"))
    }

    /// Appends whole lines. Returns how many bytes of whole lines were written, and the error if
    /// these are not all. The first `prefix` bytes are not a line. What was written of a torn line
    /// is cut off again.
    pub(super) fn append(
        &mut self,
        place: &Place,
        text: &[u8],
        prefix: usize,
    ) -> (usize, Option<io::Error>) {
        let Some(open) = &mut self.open else {
            return (0, Some(ErrorKind::NotFound.into()));
        };
        let (done, error) = open.write(text);
        let lines = text.get(prefix..done).unwrap_or_default();
        let last = lines.iter().rposition(|byte| *byte == b'\n');
        let whole = last.map_or(0, |at| prefix + at + 1);
        open.end = Some(place.start + size(whole));
        if error.is_some() && open.is_regular && done > whole {
            // If this fails, as in an append-only file, the next line closes the torn one.
            let _ = open.file.set_len(place.start + size(whole));
        }
        open.torn = done > whole || (open.torn && done == 0);
        open.unlock();
        if error.is_some() && !open.is_regular && matches!(self.destination, Destination::File(_)) {
            self.open = None;
        }
        (whole, error)
    }

    /// Gives the lock back if nothing is to be written.
    pub(super) fn leave(&self) {
        if let Some(open) = &self.open {
            open.unlock();
        }
    }

    /// The marker has been written.
    pub(super) fn announced(&mut self) {
        self.cause = None;
    }

    /// Whether the name still leads to the file, and the file still contains what was written.
    pub(super) fn is_there(&mut self) -> bool {
        let Some(open) = &self.open else {
            return false;
        };
        if !self.destination.leads_to(open.id) {
            return false;
        }
        !open.is_regular || open.length().is_ok_and(|length| Some(length) >= open.end)
    }

    /// If configured, waits until what was written is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let (Sync::Line, Some(open)) = (self.sync, &mut self.open) else {
            return Ok(());
        };
        if !open.is_regular {
            return Ok(());
        }
        open.file.sync_data()?;
        if let (true, Destination::File(path)) = (open.is_new, &self.destination) {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            open.is_new = false;
        }
        Ok(())
    }
}

impl Destination {
    fn leads_to(&self, id: (u64, u64)) -> bool {
        match self {
            Self::StandardOutput => true,
            Self::File(path) => fs::metadata(path).is_ok_and(|found| id_of(&found) == id),
        }
    }
}

fn id_of(metadata: &fs::Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// The operating system's error for a pipe that nobody has opened for reading.
const NO_READER: i32 = rustix::io::Errno::NXIO.raw_os_error();

impl Open {
    /// Opens the file. With `is_replaced`, another program may be about to create it.
    fn at(path: &Path, is_replaced: bool) -> io::Result<Self> {
        if is_replaced {
            let mut tries = 0..RECREATION_TRIES;
            while !path.exists() && tries.next().is_some() {
                sleep(PAUSE);
            }
        }
        // Without `NONBLOCK`, opening a pipe would block until somebody reads from it.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(PRIVATE);
        options.custom_flags(flags.bits().cast_signed());
        let file = options.open(path)?;
        fcntl_setfl(&file, OFlags::APPEND)?;
        let found = file.metadata()?;
        let is_regular = found.file_type().is_file();
        if is_regular {
            make_private(&file, &found, path)?;
        }
        Ok(Self {
            id: id_of(&found),
            is_regular,
            is_new: found.len() == 0,
            file,
            end: None,
            torn: false,
        })
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn lock(&self) -> io::Result<()> {
        if !self.is_regular {
            return Ok(());
        }
        for _ in 0..LOCK_TRIES {
            match self.file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => sleep(PAUSE),
                // Some network file systems have no locks.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(());
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other("another program has locked the file"))
    }

    fn unlock(&self) {
        if self.is_regular {
            let _ = self.file.unlock();
        }
    }

    fn place(&self, cause: &mut Option<Cause>) -> io::Result<Place> {
        if !self.is_regular {
            return Ok(Place {
                cause: *cause,
                before: Before::nothing(From::Stream),
                last: None,
                needs_newline: self.torn,
                start: 0,
            });
        }
        let start = self.length()?;
        if self.end.is_some_and(|end| start < end) {
            *cause = Some(Cause::FileTruncated);
        }
        let is_ours = self.end == Some(start);
        let tail = if is_ours { None } else { self.tail(start) };
        if tail.is_some_and(|tail| tail.torn > 0) && cause.is_none() {
            *cause = Some(Cause::TornLine);
        }
        let last = tail.and_then(|tail| tail.last);
        Ok(Place {
            cause: *cause,
            before: Before {
                from_chain: last.and_then(|last| Some(last.place?.0)),
                from_seq: last.and_then(|last| Some(last.place?.1)),
                torn_bytes: tail.map(|tail| tail.torn).filter(|torn| *torn > 0),
                from: match (is_ours, tail) {
                    (false, None) => From::Unreadable,
                    (false, Some(tail)) if tail.last.is_none() => From::EmptyFile,
                    _ => From::LastLine,
                },
            },
            last,
            needs_newline: tail.is_some_and(|tail| tail.torn > 0 || tail.lacks_newline),
            start,
        })
    }

    /// The end of the file, if it can be read. The descriptor for the lines may only append.
    fn tail(&self, length: u64) -> Option<Tail> {
        let readable = File::open(format!("/proc/self/fd/{}", raw(&self.file))).ok()?;
        Tail::of(&readable, length).ok()?
    }

    /// Writes until everything is written or an error occurs. Returns the number of bytes written.
    fn write(&mut self, text: &[u8]) -> (usize, Option<io::Error>) {
        let mut done = 0;
        while done < text.len() {
            match self.file.write(&text[done..]) {
                Ok(0) => return (done, Some(ErrorKind::WriteZero.into())),
                Ok(more) => done += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(FULL_PIPE_PAUSE),
                Err(error) => return (done, Some(error)),
            }
        }
        (done, None)
    }
}

fn raw(file: &File) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(file)
}

/// Takes the permissions to read or write an audit file from group and others.
fn make_private(file: &File, found: &fs::Metadata, path: &Path) -> io::Result<()> {
    let mode = found.permissions().mode();
    if mode & FOR_OTHERS == 0 {
        return Ok(());
    }
    let changed = file.set_permissions(Permissions::from_mode(PRIVATE));
    changed.map_err(|error| {
        let problem = "group or others have permissions for the file, and these cannot be removed";
        io::Error::new(error.kind(), format!("{problem}: {error}"))
    })?;
    tracing::warn!(
        file = %path.display(),
        mode = format!("{:o}", mode & 0o7777),
        "group or others had permissions for the audit file; now only its owner has"
    );
    Ok(())
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
