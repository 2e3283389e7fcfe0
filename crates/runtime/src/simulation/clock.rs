//! The clock of a simulated history, and its ids: both start anew with every history, on the thread it runs on.

use std::cell::RefCell;

use branchline_schema_model::time::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

/// 2026-01-01, in microseconds since 1970.
const BEGIN_MICROS: i64 = 1_767_225_600_000_000;

thread_local! {
    static CLOCK: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

struct Clock {
    began: Instant,
    /// How far the wall clock was set, forwards or backwards.
    set_micros: i64,
    ids: u64,
}

/// The simulated clock of this thread, until it is dropped.
pub(super) struct Installed;

impl Installed {
    /// Starts the clock. Needs a runtime whose time is paused.
    pub(super) fn start() -> Self {
        let clock = Clock { began: Instant::now(), set_micros: 0, ids: 0 };
        CLOCK.with_borrow_mut(|installed| *installed = Some(clock));
        Self
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        CLOCK.with_borrow_mut(|installed| *installed = None);
    }
}

/// The time on the wall, if it is simulated here.
pub(crate) fn now() -> Option<Timestamp> {
    CLOCK.with_borrow(|clock| {
        let clock = clock.as_ref()?;
        let micros = BEGIN_MICROS + clock.began.elapsed().as_micros() as i64 + clock.set_micros;
        Some(Timestamp::from_micros(micros))
    })
}

/// The next id, if ids are simulated here.
pub(crate) fn new_uuid() -> Option<Uuid> {
    CLOCK.with_borrow_mut(|clock| {
        let clock = clock.as_mut()?;
        clock.ids += 1;
        // The bits of a version 7 id: its time counts the ids, the rest is nothing.
        Some(Uuid::from_u128((u128::from(clock.ids) << 80) | (0x7 << 76) | (0x2 << 62)))
    })
}

/// Milliseconds since the history began, however the wall clock was set.
pub(super) fn elapsed_ms() -> u64 {
    CLOCK.with_borrow(|clock| clock.as_ref().map_or(0, |clock| clock.began.elapsed().as_millis() as u64))
}

/// Sets the wall clock.
pub(super) fn set(by_micros: i64) {
    CLOCK.with_borrow_mut(|clock| {
        if let Some(clock) = clock {
            clock.set_micros += by_micros;
        }
    });
}
