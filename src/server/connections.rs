//! The open connections of the public listener, and the bounds on them: for all together, and for
//! those of each address.
//!
//! When a bound is reached, connections are closed instead of refusing new ones, as long as there
//! are any that nobody needs: idle ones first, then those that have waited longest for their
//! client. An attacker who holds all that an address may hold would otherwise lock out everyone who
//! shares the address.

mod bounds;
mod notices;
mod table;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::Data;
use tokio::time::Instant;

use crate::web::App;
use crate::web::connection::{Activity, Connection, Unfinished};

use bounds::Bounds;
use notices::Notices;
use table::{Key, Table};

/// How long something may be unfinished before it counts toward `limits.unfinished_per_address`.
const COUNTS_AFTER: Duration = Duration::from_secs(1);
/// How long a response may wait for the client to read any of it.
const UNREAD: Duration = Duration::from_secs(30);
/// How long clients get to finish what they have begun when the service stops.
const UNFINISHED_AT_THE_END: Duration = Duration::from_secs(2);

/// The open connections of the public listener.
#[derive(Clone)]
pub(super) struct Connections {
    app: Data<App>,
    table: Arc<Mutex<Table>>,
    notices: Arc<Notices>,
}

/// An open connection's place in the list. The place is free again when this value is dropped.
pub(super) struct Place {
    connections: Connections,
    origin: Option<IpAddr>,
    number: u64,
    /// The connection.
    pub(super) connection: Arc<Connection>,
}

impl Connections {
    /// An empty list of connections.
    pub(super) fn new(app: Data<App>) -> Self {
        Self {
            app,
            table: Arc::default(),
            notices: Arc::default(),
        }
    }

    /// Registers a connection that has just been accepted, and closes others if a bound is reached.
    /// Returns `None` if the connection must be closed at once: its address has as many as it may
    /// have, and requests are being handled on all of them.
    pub(super) fn admit(&self, peer: Option<SocketAddr>, is_tls: bool) -> Option<Place> {
        let rules = self.app.rules();
        let bounds = Bounds::of(&rules.config);
        let origin = bounds.origin(peer);
        let mut table = self.table();
        if let (Some(address), Some(most)) = (origin, bounds.of_one_address())
            && table.count_of(origin) >= most
        {
            let closed = table.close_some_of(origin, most / 64 + 1);
            self.notices.of_one_address(address, closed.max(1));
            if closed == 0 {
                return None;
            }
        }
        self.make_room_in(&mut table, &bounds);
        let connection = Arc::new(Connection::new(is_tls));
        let number = table.add(origin, &connection);
        self.publish(&table);
        Some(Place {
            connections: self.clone(),
            origin,
            number,
            connection,
        })
    }

    /// Closes connections if `limits.connections` is nearly reached.
    fn make_room_in(&self, table: &mut Table, bounds: &Bounds<'_>) {
        let Some(most) = bounds.before_closing_any() else {
            return;
        };
        if table.count() >= most {
            self.notices.full(table.close_some(most / 64 + 1));
        }
    }

    /// Applies the bounds that depend on time. The server calls this a few times a second.
    pub(super) fn look(&self, now: Instant) {
        let rules = self.app.rules();
        let bounds = Bounds::of(&rules.config);
        let mut table = self.table();
        if let Some(most) = bounds.unfinished() {
            for (address, closed) in table.close_oldest_unfinished(most, now) {
                self.notices.unfinished(address, closed);
            }
        }
        let head = bounds.head();
        table.close_where(|activity| match activity {
            Activity::Waiting(Unfinished::Head, since) => {
                head.is_some_and(|head| now.saturating_duration_since(since) > head)
            }
            Activity::Waiting(Unfinished::Response, since) => {
                now.saturating_duration_since(since) > UNREAD
            }
            Activity::Waiting(..) | Activity::Idle(_) | Activity::Busy => false,
        });
        self.make_room_in(&mut table, &bounds);
        self.publish(&table);
        let is_full = bounds.all().is_some_and(|most| table.count() >= most);
        drop(table);
        self.notices.log(now, is_full);
    }

    /// Closes all connections on which no request has been in progress for longer than `limit`, and
    /// returns their number.
    pub(super) fn close_idle(&self, limit: Duration) -> usize {
        let now = Instant::now();
        let mut table = self.table();
        let closed = table.close_where(|activity| match activity {
            Activity::Idle(since) | Activity::Waiting(Unfinished::Head, since) => {
                now.saturating_duration_since(since) > limit
            }
            Activity::Waiting(..) | Activity::Busy => false,
        });
        self.publish(&table);
        closed
    }

    /// While the service stops, closes the connections of clients that have had
    /// [`UNFINISHED_AT_THE_END`] to finish what they have begun. `stopping_since` is the time when
    /// the service began to stop.
    pub(super) fn drain(&self, stopping_since: Instant) {
        let now = Instant::now();
        let is_over = |since: Instant| {
            now.saturating_duration_since(since.max(stopping_since)) > UNFINISHED_AT_THE_END
        };
        self.table().close_where(|activity| match activity {
            Activity::Waiting(_, since) | Activity::Idle(since) => is_over(since),
            Activity::Busy => false,
        });
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the application how many connections are open.
    fn publish(&self, table: &Table) {
        let open = &self.app.open_connections;
        open.store(table.count(), Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        table.remove(&Key {
            origin: self.origin,
            number: self.number,
        });
        self.connections.publish(&table);
    }
}
