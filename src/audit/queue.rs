//! The queue in front of the thread that writes the audit lines.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use tokio::sync::oneshot;

use super::AuditError;
use super::writer::{DEADLINE, Writer};

/// The maximum number of lines that wait to be written. A working trail empties the queue within
/// milliseconds; if it is full, later requests fail at once instead of after the deadline.
pub(super) const MAX_WAITING: usize = 1_024;

/// What the writer gets.
pub(super) enum Job {
    Line(Waiting),
    Reopen,
}

/// A line that waits to be written.
pub(super) struct Waiting {
    /// The line as a JSON object, without the fields of the chain.
    pub line: Vec<u8>,
    /// Receives the result. Closed if nobody waits for it any more.
    pub answer: oneshot::Sender<Result<(), AuditError>>,
    pub precedes_its_effect: bool,
    taken_back: Arc<AtomicBool>,
}

impl Waiting {
    /// Whether the line must not be written any more.
    pub(super) fn is_taken_back(&self) -> bool {
        self.taken_back.load(Ordering::Relaxed)
    }
}

/// A line that waits, and the receiver of the result.
pub(super) fn waiting(
    line: Vec<u8>,
    precedes_its_effect: bool,
) -> (Waiting, oneshot::Receiver<Result<(), AuditError>>) {
    let (answer, written) = oneshot::channel();
    let waiting = Waiting {
        line,
        answer,
        precedes_its_effect,
        taken_back: Arc::default(),
    };
    (waiting, written)
}

/// The queue in front of the writer's thread. The thread ends when the queue is dropped.
#[derive(Debug)]
pub(super) struct Queue {
    jobs: SyncSender<Job>,
}

impl Queue {
    /// Starts the writer's thread.
    pub(super) fn start(writer: Writer) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(MAX_WAITING);
        let thread = thread::Builder::new().name("audit".to_owned());
        thread.spawn(move || writer.run(&waiting))?;
        Ok(Self { jobs })
    }

    /// Makes the writer look for the file that has the name, even if no line is written.
    pub(super) fn reopen(&self) {
        // If the queue is full, the writer writes, and looks for the file anyway.
        let _ = self.jobs.try_send(Job::Reopen);
    }

    /// Hands a line over to the writer, and waits for the result until the deadline.
    ///
    /// If a client goes away, its request is dropped while it waits here. The line is then still
    /// written: nobody can keep a line out of the trail by going away.
    pub(super) async fn write(
        &self,
        line: Vec<u8>,
        precedes_its_effect: bool,
    ) -> Result<(), AuditError> {
        let (waiting, mut written) = waiting(line, precedes_its_effect);
        let taken_back = Arc::clone(&waiting.taken_back);
        let sent = self.jobs.try_send(Job::Line(waiting));
        sent.map_err(|error| match error {
            TrySendError::Full(_) => AuditError::Backlog,
            TrySendError::Disconnected(_) => gone(),
        })?;
        if let Ok(answered) = tokio::time::timeout(DEADLINE, &mut written).await {
            return answered.unwrap_or_else(|_| Err(gone()));
        }
        // From here on, the writer sees that nobody waits. A result that came before that counts.
        written.close();
        if let Ok(answered) = written.try_recv() {
            return answered;
        }
        taken_back.store(precedes_its_effect, Ordering::Relaxed);
        Err(AuditError::Late)
    }
}

/// The error if the writer's thread has ended, which only a panic can cause.
fn gone() -> AuditError {
    AuditError::Write("its writer has ended".to_owned())
}
