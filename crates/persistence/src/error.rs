//! The one place where errors of Diesel and SQLite become [`StoreError`].

use branchline_schema_model::store::StoreError;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// What can happen inside a transaction.
#[derive(Debug)]
pub(crate) enum DbError {
    /// The database refused or failed.
    Database(DieselError),
    /// A row holds what no version of this program writes.
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The request itself was refused; the database is well.
    Refused(StoreError),
}

impl DbError {
    /// A row that cannot be read.
    pub(crate) fn row(table: &'static str, message: impl std::fmt::Display) -> Self {
        Self::Row { table, message: format!("{message}") }
    }

    /// Whether the failure concerns this request only, so that others in the same transaction can go on.
    pub(crate) const fn is_of_request(&self) -> bool {
        match self {
            Self::Row { .. } | Self::Refused(_) => true,
            Self::Database(error) => match error {
                DieselError::DatabaseError(kind, _) => is_constraint(kind),
                DieselError::NotFound
                | DieselError::DeserializationError(_)
                | DieselError::SerializationError(_) => true,
                _ => false,
            },
        }
    }
}

/// A thing that is not there.
pub(crate) fn not_found(what: &'static str, name: impl std::fmt::Display) -> StoreError {
    StoreError::NotFound { what, name: format!("{name}") }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the type is not `Copy`")]
const fn is_constraint(kind: &DatabaseErrorKind) -> bool {
    matches!(
        *kind,
        DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
    )
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for DbError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Refused(error) => error,
            DbError::Row { table, message } => {
                Self::Corrupt { message: format!("a row of `{table}`: {message}") }
            }
            DbError::Database(error) => from_diesel(error),
        }
    }
}

fn from_diesel(error: DieselError) -> StoreError {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
            StoreError::Conflict { message: information.message().to_owned() }
        }
        DieselError::DatabaseError(_, information) => from_message(information.message()),
        DieselError::DeserializationError(error) => StoreError::Corrupt { message: error.to_string() },
        DieselError::RollbackErrorOnCommit { commit_error, .. } => from_diesel(*commit_error),
        error => StoreError::Unexpected { message: error.to_string() },
    }
}

/// Diesel keeps SQLite's message and drops its code; these messages are fixed strings of SQLite (`sqlite3ErrStr`).
pub(crate) fn from_message(message: &str) -> StoreError {
    let says = |text: &str| message.contains(text);
    let message = message.to_owned();
    if says("is locked") {
        StoreError::Busy { message }
    } else if says("readonly database")
        || says("disk is full")
        || says("disk I/O error")
        || says("access permission")
    {
        StoreError::NotWritable { message }
    } else if says("malformed") || says("not a database") {
        StoreError::Corrupt { message }
    } else if says("unable to open") {
        StoreError::Unavailable { message }
    } else {
        StoreError::Unexpected { message }
    }
}

/// An error of the file system on the way to the database.
pub(crate) fn from_io(what: &str, error: &std::io::Error) -> StoreError {
    let message = format!("{what}: {error}");
    match error.kind() {
        std::io::ErrorKind::PermissionDenied
        | std::io::ErrorKind::ReadOnlyFilesystem
        | std::io::ErrorKind::StorageFull
        | std::io::ErrorKind::QuotaExceeded => StoreError::NotWritable { message },
        _ => StoreError::Unavailable { message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_sqlite_find_their_variant() {
        for (message, retryable, variant) in [
            ("database is locked", true, "Busy"),
            ("database table is locked: workflows", true, "Busy"),
            ("attempt to write a readonly database", true, "NotWritable"),
            ("database or disk is full", true, "NotWritable"),
            ("unable to open database file", true, "Unavailable"),
            ("database disk image is malformed", false, "Corrupt"),
            ("file is not a database", false, "Corrupt"),
            ("no such table: x", false, "Unexpected"),
        ] {
            let error = from_message(message);
            assert!(format!("{error:?}").starts_with(variant), "{error:?}");
            assert_eq!(error.is_retryable(), retryable, "{message}");
        }
    }
}
