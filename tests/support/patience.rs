//! Waits for conditions that eventually become true, even on a busy machine.

use std::fmt::Debug;
use std::time::Duration;

/// The maximum wait. It only ends tests that hang; no test depends on how long anything takes.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// The pause between checks.
pub const PAUSE: Duration = Duration::from_millis(10);
/// The maximum number of checks. The limit is not a time, because a busy machine stretches each
/// pause.
pub const LOOKS: usize = 12_000;

/// Calls `look` until it succeeds, and returns the result. Panics with the last error after
/// [`LOOKS`] attempts.
pub async fn until<T, U: Debug>(mut look: impl AsyncFnMut() -> Result<T, U>) -> T {
    let mut other = None;
    for _ in 0..LOOKS {
        match look().await {
            Ok(seen) => return seen,
            Err(seen) => other = Some(seen),
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the condition is still false: {other:?}");
}
