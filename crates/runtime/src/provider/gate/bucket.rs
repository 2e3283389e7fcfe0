//! So much a minute, spread evenly.

use std::time::Duration;

use tokio::time::Instant;

/// How much of a minute's worth may come at once, a tenth of a second's: providers count shorter windows than the
/// minute they name, and what comes at once adds to what its window allows.
const BURST_SHARE: f64 = 1.0 / 600.0;

/// A token bucket that may go into debt: what is larger than the bucket passes when it is full, and the rest waits
/// longer for it.
pub(super) struct Bucket {
    per_second: f64,
    capacity: f64,
    level: f64,
    filled_at: Instant,
}

impl Bucket {
    pub(super) fn new(per_minute: u32, now: Instant) -> Self {
        let capacity = (f64::from(per_minute) * BURST_SHARE).max(1.0);
        Self { per_second: f64::from(per_minute) / 60.0, capacity, level: capacity, filled_at: now }
    }

    /// When this much may be taken.
    pub(super) fn ready_at(&mut self, now: Instant, amount: u64) -> Instant {
        self.fill(now);
        let missing = (amount as f64).min(self.capacity) - self.level;
        // Rounded up, so that who comes back then finds it full enough.
        let wait = if missing > 0.0 { missing / self.per_second + 0.001 } else { 0.0 };
        now + Duration::from_secs_f64(wait)
    }

    pub(super) fn take(&mut self, amount: u64) {
        self.level -= amount as f64;
    }

    /// Gives back what was taken too much; takes what was too little.
    pub(super) fn correct(&mut self, taken: u64, used: u64) {
        self.level = (self.level + taken as f64 - used as f64).min(self.capacity);
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.level = (self.level + passed * self.per_second).min(self.capacity);
        self.filled_at = now;
    }
}
