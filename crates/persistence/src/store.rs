//! The store on SQLite: opening it, and the store traits over its queries. Transactions start here.

mod commit;
mod definition;
mod maintenance;
mod reader;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use branchline_schema_model::store::StoreError;

use crate::error::DbError;
use crate::migration::{self, MigrationStatus};
use crate::sqlite::connection::{check_version, create_file, is_foreign, open_reader, open_writer};
use crate::sqlite::ownership::{Ownership, lock_for_opening};
use crate::sqlite::reader::Readers;
use crate::sqlite::url::DatabaseUrl;
use crate::sqlite::writer::Writer;

/// What may happen to the file when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Whether a file that is not there is created.
    pub create: bool,
    /// Whether missing migrations are run. Without it, a database that lacks one is refused.
    pub migrate: bool,
}

impl Default for OpenOptions {
    /// Creates and migrates: what a person at a terminal expects.
    fn default() -> Self {
        Self { create: true, migrate: true }
    }
}

/// A Branchline database in a SQLite file.
///
/// Cheap to clone; the last clone that goes finishes the writes, closes the file, and ends its engines' ownership.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

/// Fields in the order in which they have to go: the engines' locks are let go of when the last write is done.
struct Inner {
    writer: Writer,
    readers: Readers,
    ownership: Arc<Ownership>,
    path: PathBuf,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a database, and creates and migrates it as far as `options` allow. It blocks for as long as that takes.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooNew`] for a database of a newer program, [`StoreError::Corrupt`] for a file that is none or
    /// holds something else, [`StoreError::NotWritable`], [`StoreError::Busy`] while another process migrates it for
    /// long, [`StoreError::Unavailable`] when it is not there or needs a migration it may not have.
    pub fn open(url: &DatabaseUrl, options: OpenOptions) -> Result<Self, StoreError> {
        let path = url.path();
        if options.create {
            create_file(path)?;
        }
        if !path.exists() {
            return Err(StoreError::Unavailable {
                message: format!("there is no file `{}`", path.display()),
            });
        }
        // What is no database at all is refused before a lock is laid beside it.
        if is_foreign(path) {
            migration::status(&mut open_reader(path)?)?;
        }
        let opening = lock_for_opening(path)?;
        // Looked at before the first setting is written, so that a foreign file stays as it is.
        let mut conn = open_reader(path)?;
        check_version(&mut conn)?;
        let status = migration::status(&mut conn)?;
        drop(conn);
        let mut conn = open_writer(path)?;
        if options.migrate {
            migration::run(&mut conn)?;
        } else if let Some(first) = status.pending.first() {
            return Err(StoreError::Unavailable { message: format!("it lacks the migration `{first}`") });
        }
        drop(opening);
        let ownership = Arc::new(Ownership::new(path));
        let readers = Readers::new(path.to_owned());
        let writer = Writer::start(conn, path.to_owned())?;
        Ok(Self { inner: Arc::new(Inner { writer, readers, ownership, path: path.to_owned() }) })
    }

    /// Which migrations a database has and lacks, without changing it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn migration_status(url: &DatabaseUrl) -> Result<MigrationStatus, StoreError> {
        migration::status(&mut open_reader(url.path())?)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Runs `work` in a read transaction on a blocking thread.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut crate::sqlite::Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(work).await
    }

    /// Runs `work` in a write transaction on the writer thread; durable when it returns.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut crate::sqlite::Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.write(work).await
    }
}

/// A thing that is not there.
fn not_found(what: &'static str, name: impl std::fmt::Display) -> StoreError {
    StoreError::NotFound { what, name: format!("{name}") }
}

/// Rows as records.
fn converted<R: TryInto<T, Error = DbError>, T>(rows: Vec<R>) -> Result<Vec<T>, DbError> {
    rows.into_iter().map(TryInto::try_into).collect()
}
