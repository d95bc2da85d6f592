//! The thread that writes the audit lines, and the queue in front of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::AuditError;
use super::sink::Sink;

/// How long a request waits for its audit line. A disk needs milliseconds, so two seconds mean that
/// something stands still. People wait this long for an error instead of their credentials.
const DEADLINE: Duration = Duration::from_secs(2);
/// The maximum number of lines that wait to be written. A working trail empties the queue within
/// milliseconds; if it is full, later requests fail at once instead of after the deadline.
const MAX_WAITING: usize = 1_024;

/// A line that waits to be written.
struct Waiting {
    /// The line, without a newline.
    line: Vec<u8>,
    /// Receives the result. Closed if nobody waits for it any more.
    answer: oneshot::Sender<Result<(), AuditError>>,
    /// Whether the line must not be written any more.
    taken_back: Arc<AtomicBool>,
}

/// The queue in front of the writer's thread. The thread ends when the queue is dropped.
#[derive(Debug)]
pub(super) struct Queue {
    lines: SyncSender<Waiting>,
}

impl Queue {
    /// Starts the thread that writes to `sink`.
    pub(super) fn start(sink: Sink) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(MAX_WAITING);
        let thread = thread::Builder::new().name("audit".to_owned());
        thread.spawn(move || write_all(sink, &waiting))?;
        Ok(Self { lines })
    }

    /// Hands a line over to the writer, and waits for the result until the deadline.
    pub(super) async fn write(
        &self,
        line: Vec<u8>,
        precedes_its_effect: bool,
    ) -> Result<(), AuditError> {
        let (answer, mut written) = oneshot::channel();
        let taken_back = Arc::new(AtomicBool::new(false));
        let waiting = Waiting {
            line,
            answer,
            taken_back: Arc::clone(&taken_back),
        };
        self.lines.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => AuditError::Backlog,
            TrySendError::Disconnected(_) => gone(),
        })?;
        if let Ok(answered) = tokio::time::timeout(DEADLINE, &mut written).await {
            return answered.unwrap_or_else(|_| Err(gone()));
        }
        // From here on, the writer sees that nobody waits. An answer that came before that counts.
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

fn write_all(mut sink: Sink, lines: &Receiver<Waiting>) {
    for waiting in lines {
        if waiting.taken_back.load(Ordering::Relaxed) {
            continue;
        }
        let mut line = waiting.line;
        line.push(b'\n');
        let written = sink.write(&line);
        let written = written.map_err(|error| AuditError::Write(error.to_string()));
        // If nobody waits any more, the person has got an error.
        let _ = waiting.answer.send(written);
    }
}
