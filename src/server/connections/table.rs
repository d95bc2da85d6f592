//! The list of open connections, by address, and the choice of those to close.

use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::COUNTS_AFTER;
use crate::web::connection::{Activity, Connection};

/// A connection that has been idle for less than this time is closed last. This is longer than a
/// browser waits between two requests for the same page.
const RECENTLY_USED: Duration = Duration::from_secs(2);

/// The open connections that are not being closed, under the addresses that count for the limits.
/// `None` stands for the connections that no address counts for.
#[derive(Debug, Default)]
pub(super) struct Table {
    groups: HashMap<Option<IpAddr>, HashMap<u64, Arc<Connection>>>,
    count: usize,
    next: u64,
}

/// A connection's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) origin: Option<IpAddr>,
    pub(super) number: u64,
}

/// The order in which connections are closed: of the worst kind, the one that began first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(Kind, Instant);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Idle,
    Waiting,
    RecentlyUsed,
}

impl Table {
    /// The number of connections.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number of connections that count for this address.
    pub(super) fn count_of(&self, origin: Option<IpAddr>) -> usize {
        self.groups.get(&origin).map_or(0, HashMap::len)
    }

    /// Adds a connection, and returns its number.
    pub(super) fn add(&mut self, origin: Option<IpAddr>, connection: &Arc<Connection>) -> u64 {
        let number = self.next;
        self.next += 1;
        let group = self.groups.entry(origin).or_default();
        group.insert(number, Arc::clone(connection));
        self.count += 1;
        number
    }

    /// Removes a connection if it is still in the table.
    pub(super) fn remove(&mut self, place: &Key) -> Option<Arc<Connection>> {
        let group = self.groups.get_mut(&place.origin)?;
        let connection = group.remove(&place.number)?;
        if group.is_empty() {
            self.groups.remove(&place.origin);
        }
        self.count -= 1;
        Some(connection)
    }

    /// Closes up to `most` connections of one address. Returns their number, which is smaller if
    /// requests are being handled on the others.
    pub(super) fn close_some_of(&mut self, origin: Option<IpAddr>, most: usize) -> usize {
        let mut closable = self.closable(origin, Instant::now());
        let mut closed = 0;
        while closed < most
            && let Some(key) = closable.pop()
        {
            closed += usize::from(self.close(&key));
        }
        closed
    }

    /// Closes up to `most` connections: each time one of the address with the most connections that
    /// can be closed. Returns their number.
    ///
    /// A flood from a few addresses thus costs only these addresses connections. Connections that
    /// no address counts for are closed only if there are no others, and only if they have waited
    /// for a while.
    pub(super) fn close_some(&mut self, most: usize) -> usize {
        let now = Instant::now();
        let origins: Vec<_> = self.groups.keys().copied().collect();
        let closable = origins.into_iter().map(|origin| {
            let closable = self.closable(origin, now);
            (origin.is_some(), closable.len(), closable)
        });
        let mut largest: BinaryHeap<_> = closable.filter(|(_, count, _)| *count > 0).collect();
        let mut closed = 0;
        while closed < most
            && let Some((is_counted, count, mut closable)) = largest.pop()
        {
            if let Some(key) = closable.pop() {
                closed += usize::from(self.close(&key));
                largest.push((is_counted, count - 1, closable));
            }
        }
        closed
    }

    /// Of each address that has more than `most` connections that wait for their client, closes
    /// those that have waited longest. Returns how many were closed for each such address.
    pub(super) fn close_oldest_unfinished(
        &mut self,
        most: usize,
        now: Instant,
    ) -> Vec<(IpAddr, usize)> {
        let mut closed = Vec::new();
        for (address, mut unfinished) in self.unfinished(now) {
            let excess = unfinished.len().saturating_sub(most);
            if excess == 0 {
                continue;
            }
            unfinished.sort_unstable_by_key(|(since, _)| *since);
            let oldest = unfinished.iter().take(excess);
            let count = oldest.filter(|(_, key)| self.close(key)).count();
            closed.push((address, count));
        }
        closed
    }

    /// Closes the connections for which `is_over` returns true, and returns their number.
    pub(super) fn close_where(&mut self, is_over: impl Fn(Activity) -> bool) -> usize {
        let over: Vec<_> = self
            .all()
            .filter(|(_, connection)| is_over(connection.activity()))
            .map(|(key, _)| key)
            .collect();
        over.iter().filter(|key| self.close(key)).count()
    }

    fn all(&self) -> impl Iterator<Item = (Key, &Arc<Connection>)> {
        self.groups.iter().flat_map(|(origin, group)| {
            let origin = *origin;
            let place = move |number: &u64| Key {
                origin,
                number: *number,
            };
            group
                .iter()
                .map(move |(number, connection)| (place(number), connection))
        })
    }

    /// The connections that have waited for their client long enough to count, by the address that
    /// they count for.
    fn unfinished(&self, now: Instant) -> HashMap<IpAddr, Vec<(Instant, Key)>> {
        let mut unfinished = HashMap::<_, Vec<_>>::new();
        for (key, connection) in self.all() {
            if let Activity::Waiting(_, since) = connection.activity()
                && now.saturating_duration_since(since) > COUNTS_AFTER
                && let Some(address) = key.origin.or_else(|| connection.client())
            {
                unfinished.entry(address).or_default().push((since, key));
            }
        }
        unfinished
    }

    /// The connections of an address that may be closed, the first one to close at the end.
    fn closable(&self, origin: Option<IpAddr>, now: Instant) -> Vec<Key> {
        let group = self.groups.get(&origin).into_iter().flatten();
        let mut ranked: Vec<_> = group
            .filter_map(|(number, connection)| {
                let rank = rank(connection.activity(), now)?;
                let number = *number;
                let is_due = origin.is_some() || rank.is_due(now);
                is_due.then_some((rank, Key { origin, number }))
            })
            .collect();
        ranked.sort_unstable_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        ranked.into_iter().map(|(_, key)| key).collect()
    }

    fn close(&mut self, key: &Key) -> bool {
        let group = self.groups.get(&key.origin);
        let connection = group.and_then(|group| group.get(&key.number));
        let is_closing = connection.is_some_and(|connection| connection.close());
        if is_closing {
            self.remove(key);
        }
        is_closing
    }
}

impl Rank {
    /// Whether a connection that no address counts for may be closed.
    fn is_due(self, now: Instant) -> bool {
        let Self(kind, since) = self;
        kind != Kind::RecentlyUsed && now.saturating_duration_since(since) > COUNTS_AFTER
    }
}

fn rank(activity: Activity, now: Instant) -> Option<Rank> {
    match activity {
        Activity::Idle(since) if now.saturating_duration_since(since) > RECENTLY_USED => {
            Some(Rank(Kind::Idle, since))
        }
        Activity::Idle(since) => Some(Rank(Kind::RecentlyUsed, since)),
        Activity::Waiting(_, since) => Some(Rank(Kind::Waiting, since)),
        Activity::Busy => None,
    }
}
