//! What went wrong on PostgreSQL, by its SQLSTATE.

use branchline_schema_model::store::StoreError;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// What a failed statement means for its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing was wrong with it: another transaction was in the way.
    Redo,
    /// The connection is gone, or goes: take another.
    Reconnect,
    /// This server no longer takes writes: what is open to it is of no use.
    DropAll,
    /// Tell the caller.
    None,
}

/// Codes of a session that ends (the last one of one that idled in a transaction), and of a server that is not there yet
/// or has no room for us.
const CONNECTION_CODES: [&str; 7] = ["57P01", "57P02", "57P03", "57P04", "57P05", "53300", "25P03"];

/// What to do about a code; `None` is a connection that ended without one.
pub(super) fn remedy(code: Option<&str>) -> Remedy {
    match code {
        Some("40001" | "40P01" | "55P03") => Remedy::Redo,
        Some("25006") => Remedy::DropAll,
        Some(code) if !code.starts_with("08") && !CONNECTION_CODES.contains(&code) => Remedy::None,
        _ => Remedy::Reconnect,
    }
}

/// The error of a statement, or of logging in.
pub(super) fn store_error(code: Option<&str>, message: &str) -> StoreError {
    let message = message.to_owned();
    match code {
        Some("23505") => StoreError::Conflict { message },
        // Serialization, deadlock, lock timeout, statement timeout: after all tries.
        Some("40001" | "40P01" | "55P03" | "57014") => StoreError::Busy { message },
        // Read-only, no privilege, no room, input or output failed.
        Some("25006" | "42501" | "53100" | "58030") => StoreError::NotWritable { message },
        Some("XX001" | "XX002") => StoreError::Corrupt { message },
        // No such database, user or password; too much memory.
        Some("3D000" | "53200") => StoreError::Unavailable { message },
        Some(code) if code.starts_with("28") => StoreError::Unavailable { message },
        code if remedy(code) == Remedy::Reconnect => StoreError::Unavailable { message },
        _ => StoreError::Unexpected { message },
    }
}

/// The error of a statement with its code.
pub(super) fn from_diesel(error: &DieselError, code: Option<&str>) -> StoreError {
    match error {
        DieselError::DatabaseError(kind, information) => {
            let is_gone =
                matches!(kind, DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection);
            let code = code.or(if is_gone { None } else { Some("XX000") });
            store_error(code, information.message())
        }
        DieselError::DeserializationError(error) => StoreError::Corrupt { message: error.to_string() },
        error => StoreError::Unexpected { message: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_error_and_its_remedy() {
        for (code, variant, retryable, expected) in [
            (Some("23505"), "Conflict", false, Remedy::None),
            (Some("23503"), "Unexpected", false, Remedy::None),
            (Some("40001"), "Busy", true, Remedy::Redo),
            (Some("40P01"), "Busy", true, Remedy::Redo),
            (Some("55P03"), "Busy", true, Remedy::Redo),
            (Some("57014"), "Busy", true, Remedy::None),
            (Some("08006"), "Unavailable", true, Remedy::Reconnect),
            (Some("57P01"), "Unavailable", true, Remedy::Reconnect),
            (Some("57P02"), "Unavailable", true, Remedy::Reconnect),
            (Some("57P03"), "Unavailable", true, Remedy::Reconnect),
            (Some("53300"), "Unavailable", true, Remedy::Reconnect),
            (None, "Unavailable", true, Remedy::Reconnect),
            (Some("25006"), "NotWritable", true, Remedy::DropAll),
            (Some("53100"), "NotWritable", true, Remedy::None),
            (Some("42501"), "NotWritable", true, Remedy::None),
            (Some("28P01"), "Unavailable", true, Remedy::None),
            (Some("3D000"), "Unavailable", true, Remedy::None),
            (Some("XX001"), "Corrupt", false, Remedy::None),
            (Some("XX002"), "Corrupt", false, Remedy::None),
            (Some("42P01"), "Unexpected", false, Remedy::None),
        ] {
            let error = store_error(code, "the server's words");
            assert!(format!("{error:?}").starts_with(variant), "{code:?}: {error:?}");
            assert_eq!(error.is_retryable(), retryable, "{code:?}");
            assert_eq!(remedy(code), expected, "{code:?}");
        }
    }
}
