//! Opening a database, whichever it is, and what is asked of it beside the store traits.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use branchline_schema_model::store::{Store, StoreError};

use crate::introspection::SchemaTable;
use crate::migration::MigrationStatus;
use crate::postgres::store::PostgresStore;
use crate::sqlite::store::SqliteStore;
use crate::url::DatabaseUrl;

/// What may happen to a database when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Whether a file that is not there is created. A database on a server has to be there.
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

/// An open database of either kind. It is used through the store traits, which it leads to.
#[derive(Clone)]
pub struct Database {
    store: Arc<dyn Store>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl From<SqliteStore> for Database {
    fn from(store: SqliteStore) -> Self {
        Self { store: Arc::new(store.clone()), kind: Kind::Sqlite(store) }
    }
}

impl From<PostgresStore> for Database {
    fn from(store: PostgresStore) -> Self {
        Self { store: Arc::new(store.clone()), kind: Kind::Postgres(store) }
    }
}

impl Deref for Database {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl Database {
    /// Opens a database, and creates and migrates it as far as `options` allow.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`] and [`PostgresStore::open`].
    pub async fn open(url: &DatabaseUrl, options: OpenOptions) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.clone();
                blocking(move || SqliteStore::open(&path, options)).await.map(Into::into)
            }
            DatabaseUrl::Postgres(url) => PostgresStore::open(url, options.migrate).await.map(Into::into),
        }
    }

    /// Which migrations a database has and lacks, without changing it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn migration_status(url: &DatabaseUrl) -> Result<MigrationStatus, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.clone();
                blocking(move || SqliteStore::migration_status(&path)).await
            }
            DatabaseUrl::Postgres(url) => PostgresStore::migration_status(url).await,
        }
    }

    /// The store, to be shared.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Writes a compact copy as of now to a new file. Runs go on.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::backup`]; [`StoreError::Unsupported`] for a database on a server, which has tools of its own.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Sqlite(store) => store.backup(to).await,
            Kind::Postgres(_) => Err(StoreError::Unsupported {
                what: "a backup of a PostgreSQL database is made by `pg_dump`, and restored by `pg_restore`",
            }),
        }
    }

    /// What the database finds wrong with itself, in its own words; empty when all is well. A server checks its pages
    /// when it reads them, and has nothing to say here.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        match &self.kind {
            Kind::Sqlite(store) => store.integrity_check().await,
            Kind::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// The tables as they are in the database.
    pub async fn schema_tables(&self) -> Result<Vec<SchemaTable>, StoreError> {
        match &self.kind {
            Kind::Sqlite(store) => store.schema_tables().await,
            Kind::Postgres(store) => store.schema_tables().await,
        }
    }

    /// How many bytes a database takes; `None` while it is a file that is not there.
    pub async fn size_of(url: &DatabaseUrl) -> Result<Option<u64>, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => Ok(path.metadata().ok().map(|metadata| metadata.len())),
            DatabaseUrl::Postgres(url) => PostgresStore::size_of(url).await.map(Some),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StoreError::Unexpected { message: error.to_string() }))
}
