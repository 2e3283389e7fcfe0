//! Backup, integrity, and the schema as data.

use std::path::Path;

use branchline_schema_model::store::StoreError;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::Conn;
use super::connection::{create_private, open_reader, open_writer};
use super::introspection::table_list;
use super::store::SqliteStore;
use crate::error::{DbError, from_io};
use crate::introspection::SchemaTable;

/// Problems of a damaged file that are listed; more say nothing more.
const PROBLEMS_MAX: u32 = 100;

impl SqliteStore {
    /// Writes a compact copy as of now to a file that must not be there yet, readable by its owner only. Runs go on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the file exists.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.path().to_owned(), to.to_owned());
        let copying = tokio::task::spawn_blocking(move || {
            create_private(&to).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    StoreError::Conflict { message: format!("there is a file `{}` already", to.display()) }
                }
                _ => from_io(&format!("cannot create `{}`", to.display()), &error),
            })?;
            let copied = copy(&from, &to);
            if copied.is_err() {
                // Half a copy is worse than none.
                let _ = std::fs::remove_file(&to);
            }
            copied
        });
        copying.await.unwrap_or_else(|error| Err(StoreError::Unexpected { message: error.to_string() }))
    }

    /// What SQLite finds wrong with the file and its references, in its own words; empty when all is well.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        self.read((), |conn, ()| integrity_problems(conn)).await
    }

    /// The tables as they are in the file.
    pub async fn schema_tables(&self) -> Result<Vec<SchemaTable>, StoreError> {
        self.read((), |conn, ()| table_list(conn)).await
    }
}

/// SQLite fills an empty file with `VACUUM INTO`, so the copy has the permissions it was created with.
fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    // A connection of its own: one that reads may not run it, and one in a transaction cannot.
    let mut conn = open_writer(from)?;
    let copied =
        diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy().as_ref()).execute(&mut conn);
    copied.map_err(DbError::from)?;
    // What was written is read once more, so that a bad disk is noticed now.
    match integrity_problems(&mut open_reader(to)?)?.into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(StoreError::Corrupt { message: problem }),
    }
}

#[derive(QueryableByName)]
struct Problem {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Nullable<Text>)]
    parent: Option<String>,
}

fn integrity_problems(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let problems: Vec<Problem> =
        diesel::sql_query(format!("PRAGMA integrity_check({PROBLEMS_MAX})")).load(conn)?;
    let orphans: Vec<Orphan> = diesel::sql_query("PRAGMA foreign_key_check").load(conn)?;
    let problems =
        problems.into_iter().map(|problem| problem.integrity_check).filter(|problem| problem != "ok");
    let orphans = orphans.into_iter().map(|orphan| {
        format!(
            "a row of `{}` refers to a missing row of `{}`",
            orphan.table,
            orphan.parent.unwrap_or_default()
        )
    });
    Ok(problems.chain(orphans).take(PROBLEMS_MAX as usize).collect())
}
