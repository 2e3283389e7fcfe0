//! The one home of the clock and of new ids.

use branchline_schema_model::time::Timestamp;
use uuid::Uuid;

/// The current time.
#[expect(clippy::disallowed_methods, reason = "this is the home of the clock")]
pub fn now() -> Timestamp {
    #[cfg(feature = "simulation")]
    if let Some(now) = crate::simulation::clock::now() {
        return now;
    }
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

/// A new id, later in order than those made before it.
#[expect(clippy::disallowed_methods, reason = "this is the home of new ids")]
pub fn new_uuid() -> Uuid {
    #[cfg(feature = "simulation")]
    if let Some(id) = crate::simulation::clock::new_uuid() {
        return id;
    }
    Uuid::now_v7()
}
