//! Waiting for what comes in the end, however busy the machine is.

use std::fmt::Debug;
use std::time::Duration;

/// How long tests wait. It only ends a test that hangs: no test depends on how long anything takes.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// The pause between looks.
pub const PAUSE: Duration = Duration::from_millis(10);
/// The most looks. A busy machine stretches each pause, so we count looks, not time.
pub const LOOKS: usize = 12_000;

/// Looks until there is something to see, and returns it. Panics with what was seen instead when there is
/// nothing after [`LOOKS`].
pub async fn until<T, U: Debug>(mut look: impl AsyncFnMut() -> Result<T, U>) -> T {
    let mut other = None;
    for _ in 0..LOOKS {
        match look().await {
            Ok(seen) => return seen,
            Err(seen) => other = Some(seen),
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("it stays {other:?}");
}
