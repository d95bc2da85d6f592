//! A store of limited size for the state of the embedded parts: credentials, tokens and sessions.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Values by name, each with an expiration time. Expired values are kept, so that callers can
/// distinguish "expired" from "unknown". On a full shelf, a new value replaces the one that expires
/// first.
#[derive(Debug)]
pub struct Shelf<V> {
    entries: Mutex<HashMap<String, Entry<V>>>,
    capacity: usize,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    until: DateTime<Utc>,
    value: V,
}

impl<V: Clone> Shelf<V> {
    /// An empty shelf for at most `capacity` values.
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: Mutex::default(),
            capacity,
        }
    }

    /// Stores `value` under `name`. The value expires at `until`.
    pub fn put(&self, name: &str, until: DateTime<Utc>, value: V) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity {
            let first = entries.iter().min_by_key(|(_, entry)| entry.until);
            if let Some(first) = first.map(|(name, _)| name.clone()) {
                entries.remove(&first);
            }
        }
        entries.insert(name.to_owned(), Entry { until, value });
    }

    /// The value under `name`, even if it has expired.
    pub fn find(&self, name: &str) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(name).map(|entry| entry.value.clone())
    }

    /// The value under `name`, unless it has expired.
    pub fn find_valid(&self, name: &str, now: DateTime<Utc>) -> Option<V> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(name).filter(|entry| now < entry.until)?;
        Some(entry.value.clone())
    }

    /// Removes the value under `name`, and returns it unless it has expired.
    pub fn take_valid(&self, name: &str, now: DateTime<Utc>) -> Option<V> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.remove(name)?;
        (now < entry.until).then_some(entry.value)
    }

    /// Removes the value under `name`, if there is one.
    pub fn remove(&self, name: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn a_value_past_its_time_is_found_but_not_valid() {
        let shelf = Shelf::new(2);
        shelf.put("a", at(10), 1);
        assert_eq!(shelf.find_valid("a", at(9)), Some(1));
        assert_eq!(shelf.find_valid("a", at(10)), None);
        assert_eq!(shelf.find("a"), Some(1));
        assert_eq!(shelf.take_valid("a", at(10)), None);
        assert_eq!(shelf.find("a"), None);
    }

    #[test]
    fn a_value_is_taken_once() {
        let shelf = Shelf::new(2);
        shelf.put("a", at(10), 1);
        assert_eq!(shelf.take_valid("a", at(9)), Some(1));
        assert_eq!(shelf.take_valid("a", at(9)), None);
    }

    #[test]
    fn a_full_shelf_evicts_the_value_that_expires_first() {
        let shelf = Shelf::new(2);
        shelf.put("later", at(20), 1);
        shelf.put("first", at(10), 2);
        shelf.put("new", at(15), 3);
        let found = ["later", "first", "new"].map(|name| shelf.find(name));
        assert_eq!(found, [Some(1), None, Some(3)]);
    }
}
