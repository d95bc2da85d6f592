use smallvec::smallvec;

use super::*;
use crate::store::Octets;

const MINUTE: Duration = Duration::from_mins(1);
/// A lifetime so short that the record expires almost immediately.
const AT_ONCE: Duration = Duration::from_millis(1);

fn key(kind: Kind) -> Key {
    numbered(kind, 0)
}

fn numbered(kind: Kind, number: u8) -> Key {
    Key::new(kind, [number; 32])
}

/// A store with memory for this many sessions, assertions or verified logins of 100 bytes.
fn with_room_for(records: u64) -> MemoryStore {
    MemoryStore::new(records * bytes_of_one())
}

fn bytes_of_one() -> u64 {
    Record::new([0; 100].into(), MINUTE).bytes().into()
}

impl MemoryStore {
    fn put(&self, key: Key, octets: usize, time_to_live: Duration) -> Result<(), StoreError> {
        let value = vec![1; octets];
        let done = self.one(Operation::put(key, value, time_to_live));
        done.map(drop)
    }

    fn put_if_absent(&self, key: Key, octets: usize) -> Result<bool, StoreError> {
        let value = vec![2; octets];
        let done = self.one(Operation::put_if_absent(key, value, MINUTE));
        done.map(|outcome| outcome.is_written())
    }

    fn get(&self, key: Key) -> Option<Octets> {
        self.one(Operation::Get(key)).unwrap().record()
    }

    fn take(&self, key: Key) -> Option<Octets> {
        self.one(Operation::Take(key)).unwrap().record()
    }
}

/// Waits until the condition is true. Tests must wait because moka's timers have a resolution of
/// one second. The number of checks is limited rather than the time, so that tests do not fail on a
/// slow machine.
fn wait_until(is_so: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the condition never became true");
}

#[test]
fn the_second_put_if_absent_is_refused() {
    let store = MemoryStore::default();
    let replay = key(Kind::Replay);
    assert_eq!(store.put_if_absent(replay, 1), Ok(true));
    assert_eq!(store.put_if_absent(replay, 2), Ok(false));
    assert_eq!(store.get(replay).as_deref(), Some(&[2][..]));
}

#[test]
fn of_many_concurrent_callers_one_writes_and_one_takes() {
    let store = MemoryStore::default();
    let code = key(Kind::Arrived);
    let (mut written, mut taken) = (0, 0);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| store.put_if_absent(code, 1)))
            .collect();
        for writer in writers {
            written += usize::from(writer.join().unwrap().unwrap());
        }
        let takers: Vec<_> = (0..8).map(|_| scope.spawn(|| store.take(code))).collect();
        for taker in takers {
            taken += usize::from(taker.join().unwrap().is_some());
        }
    });
    assert_eq!((written, taken), (1, 1));
}

#[test]
fn a_record_expires() {
    let store = MemoryStore::default();
    let session = key(Kind::Session);
    store.put(session, 1, AT_ONCE).unwrap();
    wait_until(|| store.get(session).is_none());
    assert_eq!(store.put_if_absent(session, 1), Ok(true));
}

#[test]
fn each_kind_of_record_has_its_own_namespace() {
    let store = MemoryStore::default();
    store.put(key(Kind::Arrived), 1, MINUTE).unwrap();
    assert!(store.get(key(Kind::Session)).is_none());
}

#[test]
fn a_full_store_accepts_nothing_and_evicts_nothing() {
    let store = with_room_for(3);
    let kinds = [Kind::Session, Kind::Assertion, Kind::Arrived];
    for kind in kinds {
        assert!(store.admission().has_room);
        assert_eq!(store.put(key(kind), 100, MINUTE), Ok(()));
    }
    assert!(!store.admission().has_room);
    for kind in kinds {
        let another = numbered(kind, 1);
        let refused = store.put(another, 100, MINUTE);
        assert_eq!(refused, Err(StoreError::Full), "{kind:?}");
        assert!(store.get(another).is_none(), "{kind:?}");
        store.tidy();
        assert!(store.get(key(kind)).is_some(), "{kind:?}");
    }
}

#[test]
fn the_error_says_which_part_of_the_store_is_full() {
    let bytes = bytes_of_one();
    let store = MemoryStore::of_rooms([10 * bytes, 4 * bytes, 2 * bytes]);
    for (kind, error) in [
        (Kind::Session, StoreError::Full),
        (Kind::Replay, StoreError::NoMarks),
        (Kind::LoggedOut, StoreError::NoMarks),
    ] {
        assert_eq!(store.put(key(kind), 100, MINUTE), Ok(()));
        let large = store.put(numbered(kind, 1), 10_000, MINUTE);
        assert_eq!(large, Err(error), "{kind:?}");
    }
    let taken = Taken {
        sessions: 10,
        used_assertions: 25,
        logouts: 50,
    };
    assert_eq!(store.admission().taken, Some(taken));
}

#[test]
fn removed_and_expired_records_free_their_memory() {
    let store = with_room_for(1);
    let put = |number, time_to_live| store.put(numbered(Kind::Session, number), 100, time_to_live);
    // Taking a record frees its memory.
    put(1, MINUTE).unwrap();
    assert_eq!(put(2, MINUTE), Err(StoreError::Full));
    assert!(store.take(numbered(Kind::Session, 1)).is_some());
    // When a record expires, its memory is freed even if the record is never read.
    put(2, AT_ONCE).unwrap();
    wait_until(|| put(3, MINUTE).is_ok());
    assert!(!store.admission().has_room);
    assert!(store.take(numbered(Kind::Session, 3)).is_some());
    store.tidy();
    assert_eq!(store.people.taken(), 0);
}

#[test]
fn replaced_and_existing_records_are_counted_once() {
    let store = with_room_for(2);
    let session = key(Kind::Session);
    for _ in 0..5 {
        assert_eq!(store.put(session, 100, MINUTE), Ok(()));
        store.tidy();
        assert_eq!(store.put_if_absent(session, 100), Ok(false));
    }
    assert!(store.take(session).is_some());
    store.tidy();
    assert_eq!(store.people.taken(), 0);
}

#[test]
fn tables_that_may_evict_drop_the_oldest_record_and_count_it() {
    let evicted = Arc::default();
    let table = Table::giving_up(4_000, &evicted);
    for number in 0..100 {
        let record = Record::new([0; 100].into(), MINUTE);
        table.records.insert([number; 32], record);
    }
    table.records.run_pending_tasks();
    assert!(table.records.get(&[0; 32]).is_none());
    assert!(table.records.get(&[99; 32]).is_some());
    let left = table.records.entry_count();
    assert_eq!(evicted.load(Ordering::Relaxed), 100 - left);
}

#[test]
fn the_store_reports_evictions() {
    let store = MemoryStore::default();
    assert_eq!(store.admission().evicted, 0);
    let large = usize::try_from(LOGOUT_PENDING_BYTES).unwrap() / 2;
    for number in 0..4 {
        let mark = numbered(Kind::LogoutPending, number);
        store.put(mark, large, MINUTE).unwrap();
    }
    store.tidy();
    assert!(store.admission().evicted > 0);
}

/// Calls to `admission` are enough to remove expired records.
#[test]
fn any_number_of_expired_records_is_removed() {
    let store = MemoryStore::default();
    let lasting = numbered(Kind::Assertion, 255);
    store.put(lasting, 100, MINUTE).unwrap();
    assert!(store.people.taken() > 0);
    assert!(store.take(lasting).is_some());
    for number in 0..20_000_u32 {
        let mut name = [0; 32];
        name[..4].copy_from_slice(&number.to_be_bytes());
        let key = Key::new(Kind::Assertion, name);
        store.put(key, 100, AT_ONCE).unwrap();
    }
    wait_until(|| {
        store.admission();
        store.people.taken() == 0
    });
}

fn count(store: &MemoryStore, time_to_live: Duration) -> u64 {
    let key = key(Kind::Logins);
    match store.one(Operation::Count { key, time_to_live }) {
        Ok(Outcome::Counted(count)) => count,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_expired_counter_starts_again() {
    let store = MemoryStore::default();
    assert_eq!(count(&store, MINUTE), 1);
    assert_eq!(count(&store, MINUTE), 2);
    let store = MemoryStore::default();
    assert_eq!(count(&store, AT_ONCE), 1);
    let records = &store.tables.logins.records;
    wait_until(|| records.get(&[0; 32]).is_none());
    assert_eq!(count(&store, MINUTE), 1);
}

/// Later counts do not extend the counter's lifetime, because the record is not rewritten.
#[test]
fn the_first_count_sets_the_expiry_of_a_counter() {
    let store = MemoryStore::default();
    count(&store, MINUTE);
    assert_eq!(count(&store, 10 * MINUTE), 2);
    let record = store.tables.logins.records.get(&[0; 32]);
    assert_eq!(record.expect("the counter exists").time_to_live, MINUTE);
}

#[test]
fn concurrent_counts_are_all_counted() {
    let store = MemoryStore::default();
    let count = || count(&store, MINUTE);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).map(|_| count()).max());
        }
    });
    assert_eq!(count(), 401);
}

/// A set in the store, under a fixed key.
struct Set<'a>(&'a MemoryStore);

impl Set<'_> {
    fn add(&self, member: u8, time_to_live: Duration, at_most: usize) {
        let added = self.0.one(Operation::Add {
            set: key(Kind::Open),
            member: [member].into(),
            time_to_live,
            at_most,
        });
        assert_eq!(added, Ok(Outcome::Done));
    }

    fn remove(&self, member: u8) {
        let (set, member) = (key(Kind::Open), [member].into());
        let removed = self.0.one(Operation::Remove { set, member });
        assert_eq!(removed, Ok(Outcome::Done));
    }

    fn members(&self) -> Vec<u8> {
        match self.0.one(Operation::List(key(Kind::Open))) {
            Ok(Outcome::Members(members)) => members.iter().map(|member| member[0]).collect(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_set_has_each_member_once_until_it_expires() {
    let store = MemoryStore::default();
    let set = Set(&store);
    assert_eq!(set.members(), [0_u8; 0]);
    set.add(1, 2 * MINUTE, 10);
    set.add(2, MINUTE, 10);
    set.add(3, AT_ONCE, 10);
    set.add(1, 3 * MINUTE, 10);
    wait_until(|| set.members() == [2, 1]);
    set.remove(2);
    set.remove(9);
    assert_eq!(set.members(), [1]);
    set.remove(1);
    assert_eq!(set.members(), [0_u8; 0]);
    // The set itself is removed with its last member.
    assert!(store.tables.open.records.get(&[0; 32]).is_none());
}

#[test]
fn a_full_set_evicts_the_member_that_expires_first() {
    let store = MemoryStore::default();
    let set = Set(&store);
    for (member, minutes) in [(1, 5), (2, 3), (3, 9)] {
        set.add(member, minutes * MINUTE, 3);
    }
    set.add(4, MINUTE, 3);
    assert_eq!(set.members(), [4, 1, 3]);
    // Adding an existing member again evicts no other member.
    set.add(4, 10 * MINUTE, 3);
    assert_eq!(set.members(), [1, 3, 4]);
}

#[actix_web::test]
async fn a_batch_returns_the_outcome_of_each_operation() {
    let store = MemoryStore::of_rooms([0, 10_000, 10_000]);
    let (session, replay) = (key(Kind::Session), key(Kind::Replay));
    let outcomes = store.run_all(smallvec![
        Operation::put(session, [1], MINUTE),
        Operation::put_if_absent(replay, [1], MINUTE),
        Operation::put_if_absent(replay, [2], MINUTE),
        Operation::Take(replay),
        Operation::Get(replay),
    ]);
    let expected: Outcomes = smallvec![
        // This operation fails, but the others are still executed.
        Err(StoreError::Full),
        Ok(Outcome::Written(true)),
        Ok(Outcome::Written(false)),
        Ok(Outcome::Record(Some([1].into()))),
        Ok(Outcome::Record(None)),
    ];
    assert_eq!(outcomes.await, expected);
}

/// Today, no table that refuses records when it is full contains counters or sets. This test shows
/// that the memory of counters and sets in such a table would be limited.
#[test]
fn counters_and_sets_use_memory_and_free_it() {
    let room = Room::new(3 * bytes_of_one());
    let table = Table::keeping(&room, StoreError::NoMarks);
    let member = |octet: u8| Member {
        octets: [octet; 40].into(),
        ends: Instant::now() + MINUTE,
    };
    assert_eq!(table.count([0; 32], MINUTE), Ok(1));
    assert_eq!(table.count([0; 32], MINUTE), Ok(2));
    let counted = room.taken();
    assert!(counted > 0);
    let mut added = 0;
    while table.add([1; 32], member(added), 100).is_ok() {
        added += 1;
    }
    assert!((1..10).contains(&added), "{added}");
    assert_eq!(table.members(&[1; 32]).len(), usize::from(added));
    let counters = (2..).map(|number| table.count([number; 32], MINUTE));
    let refused = counters.take(10).find(Result::is_err);
    assert_eq!(refused, Some(Err(StoreError::NoMarks)));
    // Members can be removed even if no memory is left.
    assert_eq!(table.change([1; 32], |members| drop(members.pop())), Ok(()));
    assert_eq!(table.members(&[1; 32]).len(), usize::from(added) - 1);
    assert_eq!(table.change([1; 32], Vec::clear), Ok(()));
    table.records.run_pending_tasks();
    assert!(room.taken() >= counted);
    table.records.invalidate_all();
    table.records.run_pending_tasks();
    assert_eq!(room.taken(), 0);
}
