//! What can go wrong with a database, split by what the caller can do about it.

use crate::id::SchedulerId;

/// A failed store operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No such thing. Not worth repeating.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// The kind of thing, such as `run`.
        what: &'static str,
        /// What was asked for.
        name: String,
    },
    /// A shortened id fits several things. Not worth repeating.
    #[error("`{name}` fits {count} {what}s; give more of the id")]
    Ambiguous {
        /// The kind of thing.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// How many it fits.
        count: u32,
    },
    /// The writer no longer owns the run; nothing was changed. Not worth repeating.
    #[error("another engine has taken over the run")]
    Fenced,
    /// Another living engine owns the run; nothing was changed.
    #[error("the run is owned by another engine (`{owner}`)")]
    Owned {
        /// That engine.
        owner: SchedulerId,
    },
    /// The same key was used for something else. Not worth repeating.
    #[error("{message}")]
    Conflict {
        /// What stands against it.
        message: String,
    },
    /// Locked by another process for too long. Worth repeating.
    #[error("the database is busy: {message}")]
    Busy {
        /// The database's own words.
        message: String,
    },
    /// No room, read-only, or no permission. Worth repeating when that has changed.
    #[error("the database cannot be written: {message}")]
    NotWritable {
        /// The database's own words.
        message: String,
    },
    /// Not a database, damaged, or not of this program. Not worth repeating.
    #[error("the database is damaged or not a Branchline database: {message}")]
    Corrupt {
        /// The database's own words.
        message: String,
    },
    /// Written by a newer program. Not worth repeating.
    #[error(
        "the database was written by a newer Branchline: it has migration `{found}`, this program knows up to `{known}`"
    )]
    TooNew {
        /// The newest migration of the database.
        found: String,
        /// The newest this program has.
        known: String,
    },
    /// Not reachable or not openable. Worth repeating.
    #[error("the database cannot be opened: {message}")]
    Unavailable {
        /// The database's own words.
        message: String,
    },
    /// Not for this kind of database. Not worth repeating.
    #[error("{what}")]
    Unsupported {
        /// What to do instead.
        what: &'static str,
    },
    /// A bug or an unexpected answer of the database.
    #[error("unexpected database error: {message}")]
    Unexpected {
        /// The database's own words.
        message: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody changing the request.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::NotWritable { .. } | Self::Unavailable { .. })
    }
}
