//! Time limits that leave out the time a call was held back here: a step is not late because its provider is busy.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

tokio::task_local! {
    /// The clock of the attempt that this task performs.
    static CLOCK: Arc<HeldClock>;
}

/// How long an attempt was held back so far.
#[derive(Default)]
struct HeldClock(Mutex<Held>);

#[derive(Default)]
struct Held {
    before: Duration,
    /// How many calls are held back at the moment, and since when the first of them is.
    now: Option<(u32, Instant)>,
}

impl HeldClock {
    fn total(&self) -> Duration {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.before + held.now.map_or(Duration::ZERO, |(_, since)| since.elapsed())
    }

    fn begin(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, since) = held.now.unwrap_or((0, Instant::now()));
        held.now = Some((count + 1, since));
    }

    fn end(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, since)) = held.now.take() {
            if count > 1 {
                held.now = Some((count - 1, since));
            } else {
                held.before += since.elapsed();
            }
        }
    }
}

/// The work took longer than it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLate;

/// Gives `work` this long, and as much more as it is [held back](hold).
pub(crate) async fn limited<F: Future>(limit: Duration, work: F) -> Result<F::Output, TooLate> {
    let clock = Arc::<HeldClock>::default();
    let mut work = std::pin::pin!(CLOCK.scope(Arc::clone(&clock), work));
    let (mut deadline, mut granted) = (Instant::now() + limit, Duration::ZERO);
    loop {
        tokio::select! {
            biased;
            output = &mut work => return Ok(output),
            () = sleep_until(deadline) => {
                let held = clock.total();
                if held == granted {
                    return Err(TooLate);
                }
                deadline += held.saturating_sub(granted);
                granted = held;
            }
        }
    }
}

/// Waits for `turn`; the time counts for no limit.
pub(super) async fn hold<F: Future>(turn: F) -> F::Output {
    let Ok(clock) = CLOCK.try_with(Arc::clone) else { return turn.await };
    clock.begin();
    let _end = End(&clock);
    turn.await
}

/// Ends the time also when the wait is given up.
struct End<'a>(&'a HeldClock);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn only_time_that_is_not_held_counts() {
        let work = async {
            sleep(SECOND * 3).await;
            hold(sleep(SECOND * 100)).await;
            sleep(SECOND).await;
        };
        assert_eq!(limited(SECOND * 5, work).await, Ok(()));
        let slow = async {
            hold(sleep(SECOND * 100)).await;
            sleep(SECOND * 6).await;
        };
        let started = Instant::now();
        assert_eq!(limited(SECOND * 5, slow).await, Err(TooLate));
        assert_eq!(started.elapsed().as_secs(), 105);
    }

    #[tokio::test(start_paused = true)]
    async fn two_holds_at_once_count_once() {
        let work = async {
            tokio::join!(hold(sleep(SECOND * 20)), hold(sleep(SECOND * 30)));
            sleep(SECOND * 6).await;
        };
        let started = Instant::now();
        assert_eq!(limited(SECOND * 5, work).await, Err(TooLate));
        assert_eq!(started.elapsed().as_secs(), 35);
    }
}
