//! The embedded migrations: which a database has, which it lacks, and running them once.

use branchline_schema_model::store::StoreError;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::error::DbError;
use crate::sqlite::Conn;
use crate::sqlite::connection::table_count;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Versions of the migrations it has, oldest first.
    pub applied: Vec<String>,
    /// Names of the migrations it lacks, oldest first.
    pub pending: Vec<String>,
}

/// Reads the status without changing anything.
///
/// # Errors
///
/// [`StoreError::TooNew`] when it has a migration this program does not know, [`StoreError::Corrupt`] when the file
/// holds the tables of something else.
pub(crate) fn status(conn: &mut Conn) -> Result<MigrationStatus, StoreError> {
    let (tables, has_list) = table_count(conn)?;
    let applied = if has_list { Some(applied(conn)?) } else { None };
    judge(known()?, applied, tables)
}

/// What a list of applied migrations means for a program with the known ones; without a list there should be no table.
pub(crate) fn judge(
    known: Vec<(String, String)>,
    applied: Option<Vec<String>>,
    tables: i64,
) -> Result<MigrationStatus, StoreError> {
    if applied.is_none() && tables > 0 {
        return Err(StoreError::Corrupt { message: "it holds the tables of another program".to_owned() });
    }
    let mut applied = applied.unwrap_or_default();
    applied.sort();
    let is_known = |version: &String| known.iter().any(|(known, _)| known == version);
    if let Some(found) = applied.iter().rev().find(|version| !is_known(version)) {
        let known = known.last().map(|(version, _)| version.clone()).unwrap_or_default();
        return Err(StoreError::TooNew { found: found.clone(), known });
    }
    let pending =
        known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name).collect();
    Ok(MigrationStatus { applied, pending })
}

/// Runs what is missing, in one transaction; two starters run it once.
pub(crate) fn run(conn: &mut Conn) -> Result<(), StoreError> {
    if status(conn)?.pending.is_empty() {
        return Ok(());
    }
    conn.immediate_transaction(|conn| {
        // Read again under the write lock: another starter may have been first.
        status(conn)?;
        conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(|error| unexpected(error.as_ref()))
    })
    .map_err(|error: DbError| error.into())
}

/// The name of the newest migration this program has.
pub(crate) fn newest() -> Result<String, StoreError> {
    Ok(known()?.pop().map(|(_, name)| name).unwrap_or_default())
}

/// Versions and names of the embedded migrations, oldest first.
pub(crate) fn known() -> Result<Vec<(String, String)>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> =
        MIGRATIONS.migrations().map_err(|error| StoreError::from(unexpected(error.as_ref())))?;
    let mut known: Vec<_> = migrations
        .iter()
        .map(|migration| (migration.name().version().to_string(), migration.name().to_string()))
        .collect();
    known.sort();
    Ok(known)
}

fn applied(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let applied = conn.applied_migrations().map_err(|error| StoreError::from(unexpected(error.as_ref())))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

fn unexpected(error: &(dyn std::error::Error + Send + Sync)) -> DbError {
    DbError::Refused(crate::error::from_message(&error.to_string()))
}
