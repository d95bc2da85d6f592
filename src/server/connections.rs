//! Tracks open connections and closes idle ones, as a defense against slow clients.
//!
//! actix limits the time for the head of the first request on a connection, and the time between
//! requests. A client that sends only part of a second request head, or does not read a response,
//! could still keep its connection open forever, as in the "Slowloris" attack. So this module
//! closes a connection if no request has been in progress on it for some time.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_tls::accept::openssl::TlsStream;
use tokio::time::Instant;

type Socket = actix_web::rt::net::TcpStream;

/// The open connections of the public listener.
#[derive(Clone, Debug)]
pub struct Connections {
    started: Instant,
    open: Arc<Mutex<Vec<Weak<Connection>>>>,
}

/// An open connection. This module closes the connection through a duplicate of its socket.
#[derive(Debug)]
pub struct Connection {
    socket: TcpStream,
    started: Instant,
    /// The number of requests in progress.
    busy: AtomicUsize,
    /// The time of the last completed request or, if there is none, the time when the connection
    /// was opened, in milliseconds since `started`.
    idle_since: AtomicU64,
}

/// A request in progress. As long as this value exists, the connection does not count as idle.
#[derive(Debug)]
pub struct InHand(Arc<Connection>);

impl Connections {
    /// An empty list of connections.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            open: Arc::default(),
        }
    }

    /// Registers a new connection. `stream` is the stream that actix passes to `on_connect`.
    /// Returns `None` if the stream is of an unknown type or its socket cannot be duplicated.
    pub fn note(&self, stream: &dyn Any) -> Option<Arc<Connection>> {
        let stream = stream.downcast_ref::<Socket>().or_else(|| {
            let stream = stream.downcast_ref::<TlsStream<Socket>>()?;
            Some(stream.get_ref())
        })?;
        let connection = Arc::new(Connection {
            socket: stream.as_fd().try_clone_to_owned().ok()?.into(),
            started: self.started,
            busy: AtomicUsize::new(0),
            idle_since: AtomicU64::new(since(self.started)),
        });
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(Arc::downgrade(&connection));
        Some(connection)
    }

    /// The number of open connections.
    pub fn count(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let still = open
            .iter()
            .filter(|connection| connection.strong_count() > 0);
        still.count()
    }

    /// Closes all connections that have been idle for longer than `limit`, and returns their
    /// number.
    pub fn close_idle(&self, limit: Duration) -> usize {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let before = open.len();
        let mut closed = 0;
        open.retain(|connection| {
            let Some(connection) = connection.upgrade() else {
                return false;
            };
            let is_idle = connection.is_idle_for(limit);
            if is_idle && connection.socket.shutdown(Shutdown::Both).is_ok() {
                closed += 1;
            }
            !is_idle
        });
        if open.len() < before / 2 {
            open.shrink_to_fit();
        }
        closed
    }
}

impl Connection {
    fn is_idle_for(&self, limit: Duration) -> bool {
        let idle = since(self.started).saturating_sub(self.idle_since.load(Ordering::Relaxed));
        self.busy.load(Ordering::Relaxed) == 0 && u128::from(idle) > limit.as_millis()
    }
}

impl InHand {
    /// Marks the connection as busy until the returned value is dropped.
    pub fn new(connection: &Arc<Connection>) -> Self {
        connection.busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connection))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        let Connection {
            busy,
            idle_since,
            started,
            ..
        } = &*self.0;
        idle_since.store(since(*started), Ordering::Relaxed);
        busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Milliseconds since `started`.
fn since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
