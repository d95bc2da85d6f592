//! What a connection of the public listener is doing, so that the server can close the connections
//! of clients that keep us waiting.
//!
//! The server reports what it reads and writes, and the requests report when they begin and end.
//! Both happen on the connection's worker. The server decides on any thread.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing, since this time: no request has begun yet, or the last one has been answered.
    Idle(Instant),
    /// Since this time, it waits for the client to finish something.
    Waiting(Unfinished, Instant),
    /// A request is being handled, and does not wait for its client.
    Busy,
}

/// What a client has begun and not yet finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// The TLS handshake.
    Handshake,
    /// Sending the head of a request.
    Head,
    /// Sending the body of a request.
    Body,
    /// Reading a response.
    Response,
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    since: Instant,
    /// The time since which a response has been waiting for the client to read it.
    unread_since: Option<Instant>,
    /// The client of the latest request, if a trusted proxy reported it.
    client: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Handshake,
    Idle,
    Head,
    Request,
    Body,
}

impl Connection {
    /// A connection that has just been accepted. Over TLS, it begins with a handshake.
    pub fn new(is_tls: bool) -> Self {
        let stage = if is_tls {
            Stage::Handshake
        } else {
            Stage::Idle
        };
        Self {
            state: Mutex::new(State {
                stage,
                since: Instant::now(),
                unread_since: None,
                client: None,
            }),
            closed: Notify::new(),
        }
    }

    /// Reports that the TLS handshake is complete.
    pub fn is_secured(&self) {
        self.state().enter(Stage::Idle);
    }

    /// Reports that data from the client has arrived. Unless a request is in progress, the data is
    /// the beginning of a request head, or the rest of a body that nobody reads. Returns whether it
    /// is such a beginning.
    pub fn received(&self) -> bool {
        let mut state = self.state();
        let is_beginning = state.stage == Stage::Idle;
        if is_beginning {
            state.enter(Stage::Head);
            state.client = None;
        }
        is_beginning
    }

    /// Reports that a response cannot be sent until the client reads.
    pub fn is_unread(&self) {
        self.state().unread_since.get_or_insert_with(Instant::now);
    }

    /// Reports that everything has been sent.
    pub fn is_read(&self) {
        self.state().unread_since = None;
    }

    /// What the connection is doing.
    pub fn activity(&self) -> Activity {
        self.state().activity()
    }

    /// The client that a trusted proxy reported for the current or latest request, as
    /// limits count it; `None` if there is none or it is unknown.
    pub fn client(&self) -> Option<IpAddr> {
        self.state().client
    }

    /// Closes the connection, unless it is handling a request that does not wait for its client.
    /// Returns whether the connection is being closed.
    pub fn close(&self) -> bool {
        let is_closing = self.activity() != Activity::Busy;
        if is_closing {
            self.closed.notify_one();
        }
        is_closing
    }

    /// Waits until the connection must be closed.
    pub async fn is_closed(&self) {
        self.closed.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.since = Instant::now();
    }

    fn activity(&self) -> Activity {
        if let Some(since) = self.unread_since {
            return Activity::Waiting(Unfinished::Response, since);
        }
        match self.stage {
            Stage::Handshake => Activity::Waiting(Unfinished::Handshake, self.since),
            Stage::Head => Activity::Waiting(Unfinished::Head, self.since),
            Stage::Body => Activity::Waiting(Unfinished::Body, self.since),
            Stage::Idle => Activity::Idle(self.since),
            Stage::Request => Activity::Busy,
        }
    }
}

/// A request in progress.
#[derive(Debug)]
pub struct InHand(Arc<Connection>);

impl InHand {
    /// Marks the connection as busy until the returned value is dropped. `client` is the client
    /// that a trusted proxy reported.
    pub fn new(connection: &Arc<Connection>, client: Option<IpAddr>) -> Self {
        let mut state = connection.state();
        state.enter(Stage::Request);
        state.client = client;
        Self(Arc::clone(connection))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.state().enter(Stage::Idle);
    }
}

/// A request that waits for its body.
#[derive(Debug)]
pub struct AwaitingBody(Arc<Connection>);

impl AwaitingBody {
    /// Marks the connection as waiting for the client until the returned value is dropped.
    pub fn new(connection: &Arc<Connection>) -> Self {
        connection.state().enter(Stage::Body);
        Self(Arc::clone(connection))
    }
}

impl Drop for AwaitingBody {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.stage == Stage::Body {
            state.enter(Stage::Request);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits_for(connection: &Connection) -> Option<Unfinished> {
        match connection.activity() {
            Activity::Waiting(what, _) => Some(what),
            Activity::Idle(_) | Activity::Busy => None,
        }
    }

    #[test]
    fn a_connection_waits_for_its_client_until_the_client_is_done() {
        let connection = Arc::new(Connection::new(true));
        assert_eq!(waits_for(&connection), Some(Unfinished::Handshake));
        connection.is_secured();
        assert!(matches!(connection.activity(), Activity::Idle(_)));
        connection.received();
        assert_eq!(waits_for(&connection), Some(Unfinished::Head));
        let request = InHand::new(&connection, None);
        assert_eq!(connection.activity(), Activity::Busy);
        let body = AwaitingBody::new(&connection);
        connection.received();
        assert_eq!(waits_for(&connection), Some(Unfinished::Body));
        drop(body);
        assert_eq!(connection.activity(), Activity::Busy);
        drop(request);
        connection.is_unread();
        assert_eq!(waits_for(&connection), Some(Unfinished::Response));
        connection.is_read();
        assert!(matches!(connection.activity(), Activity::Idle(_)));
    }

    #[test]
    fn a_request_that_does_not_wait_for_its_client_is_not_cut_off() {
        let connection = Arc::new(Connection::new(false));
        let request = InHand::new(&connection, None);
        assert!(!connection.close());
        let body = AwaitingBody::new(&connection);
        assert!(connection.close());
        drop((body, request));
        assert!(connection.close());
    }
}
