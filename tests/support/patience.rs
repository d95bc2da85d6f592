//! Waiting for what comes in the end, however busy the machine is.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long tests wait. It only ends a test that hangs: no test depends on how long anything takes.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How long nobody looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is something to see, and returns it. Panics with what was seen instead when that
/// takes longer than anything does.
pub async fn until<T, U: Debug>(mut look: impl AsyncFnMut() -> Result<T, U>) -> T {
    let begun = Instant::now();
    loop {
        match look().await {
            Ok(seen) => return seen,
            Err(other) => assert!(begun.elapsed() < PATIENCE, "it stays {other:?}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
