//! The bounds of the HTTP side, once, each with its reason. The domain's own are in
//! [`branchline_schema_model::limits`].

use std::time::Duration;

use branchline_schema_model::limits::VALUE_BYTES_MAX;

/// A request body: a run may be started with a few large inputs.
pub const BODY_BYTES_MAX: usize = 4 * VALUE_BYTES_MAX;

/// Stored text of all values in one answer with `full=true`; the page then ends early. One value is always shown.
pub const FULL_VALUES_BYTES_MAX: usize = 2 * VALUE_BYTES_MAX;

/// Values read from the database at one time: even the largest ones together stay below 256 MiB.
pub const VALUE_READ_ROWS: usize = 64;

/// Rows of a page when nothing is said: a screen or two.
pub const PAGE_ROWS_DEFAULT: usize = 50;

/// Characters of an `Idempotency-Key`, as other APIs have it.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;

/// Characters of a remark on an answer, a cancel or a pause.
pub const NOTE_CHARS_MAX: usize = 10_000;

/// One request, event streams apart: nothing here waits for a model, only for the database and a slow client.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The database's answer to a readiness probe.
pub const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// Event streams open at one time: each holds a socket and a queue of notices.
pub const STREAMS_MAX: usize = 256;

/// Events read from the database at one time while a stream catches up.
pub const STREAM_PAGE_ROWS: usize = 256;

/// How often a stream looks into the database: the run may be driven by another process.
pub const STREAM_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Silence after which a stream sends a comment, so that proxies keep the connection.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a browser waits before it connects to a broken stream again.
pub const STREAM_RETRY: Duration = Duration::from_secs(2);

/// How long open connections may take to end after a shutdown began.
pub const CONNECTION_DRAIN: Duration = Duration::from_secs(5);

/// How long calls in flight may take to end after a shutdown began; what is lost is repeated on the next start.
pub const CALL_DRAIN: Duration = Duration::from_secs(20);
