//! The store on PostgreSQL: opening it, and running operations on it.

use std::sync::Arc;

use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::store::{Claim, StoreError, Wakeups};

use super::ownership::{HeartbeatTiming, Ownership};
use super::pool::Pool;
use super::telegraph::Telegraph;
use super::transaction::{self, Operation};
use super::url::PostgresUrl;
use super::{introspection, migration, operation};
use crate::introspection::SchemaTable;
use crate::migration::MigrationStatus;

/// A Branchline database on a PostgreSQL server.
///
/// Cheap to clone. Every operation runs on a task of its own and to its end, even when the caller goes away: half a
/// transaction is left to nobody.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Arc<Pool>,
    ownership: Ownership,
    telegraph: Telegraph,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("url", self.url()).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects to a database, and migrates it when it may.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when there is no such server, database or user, or it lacks a migration it may not
    /// have; [`StoreError::TooNew`] for a database of a newer program, [`StoreError::Corrupt`] when its schema holds
    /// the tables of something else, [`StoreError::NotWritable`].
    pub async fn open(url: &PostgresUrl, migrate: bool) -> Result<Self, StoreError> {
        Self::open_with(url, migrate, HeartbeatTiming::default()).await
    }

    /// As [`open`](Self::open), with other times for heartbeats.
    pub async fn open_with(
        url: &PostgresUrl,
        migrate: bool,
        timing: HeartbeatTiming,
    ) -> Result<Self, StoreError> {
        let pool = Pool::new(url.clone());
        let ownership = Ownership::new(Arc::clone(&pool), timing);
        let store =
            Self { inner: Arc::new(Inner { telegraph: Telegraph::new(Arc::clone(&pool)), pool, ownership }) };
        let status = store.read((), operation!(migration::status)).await?;
        match status.pending.first() {
            Some(_) if migrate => store.write((), operation!(migration::run)).await?,
            Some(first) => {
                return Err(StoreError::Unavailable { message: format!("it lacks the migration `{first}`") });
            }
            None => {}
        }
        Ok(store)
    }

    /// Which migrations a database has and lacks, without changing it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn migration_status(url: &PostgresUrl) -> Result<MigrationStatus, StoreError> {
        let pool = Pool::new(url.clone());
        own_task(async move { transaction::read(&pool, &(), operation!(migration::status)).await }).await
    }

    /// Where it is.
    pub fn url(&self) -> &PostgresUrl {
        self.inner.pool.url()
    }

    /// The tables as they are in the database.
    pub async fn schema_tables(&self) -> Result<Vec<SchemaTable>, StoreError> {
        self.read((), operation!(introspection::table_list)).await
    }

    /// How many bytes a database takes on its server.
    pub async fn size_of(url: &PostgresUrl) -> Result<u64, StoreError> {
        let pool = Pool::new(url.clone());
        own_task(async move { transaction::read(&pool, &(), operation!(introspection::size)).await }).await
    }

    /// Runs an operation in a read transaction.
    pub(super) async fn read<I: Send + Sync + 'static, T: Send + 'static>(
        &self,
        input: I,
        operation: Operation<I, T>,
    ) -> Result<T, StoreError> {
        let pool = Arc::clone(&self.inner.pool);
        own_task(async move { transaction::read(&pool, &input, operation).await }).await
    }

    /// Runs an operation in a write transaction; durable when it returns.
    pub(super) async fn write<I: Send + Sync + 'static, T: Send + 'static>(
        &self,
        input: I,
        operation: Operation<I, T>,
    ) -> Result<T, StoreError> {
        let pool = Arc::clone(&self.inner.pool);
        own_task(async move { transaction::write(&pool, &input, operation).await }).await
    }

    /// Takes ownership of a run unless its owner lives.
    pub(super) async fn claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        let inner = Arc::clone(&self.inner);
        own_task(async move { inner.ownership.claim(run, owner).await }).await
    }

    /// Runs that want an engine and have none that lives, but for this one.
    pub(super) async fn orphans(
        &self,
        owner: SchedulerId,
        limit: usize,
    ) -> Result<Vec<WorkflowRunId>, StoreError> {
        let inner = Arc::clone(&self.inner);
        own_task(async move { inner.ownership.orphans(owner, limit).await }).await
    }

    /// As [`claim`](Self::claim), without waiting for a sign of the owner.
    pub(super) async fn claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Claim, StoreError> {
        let inner = Arc::clone(&self.inner);
        own_task(async move { inner.ownership.claim_idle(run, owner).await }).await
    }

    pub(super) async fn tell(&self, run: WorkflowRunId) {
        self.inner.telegraph.tell(run).await;
    }

    pub(super) fn listen(&self) -> Box<dyn Wakeups> {
        self.inner.telegraph.listen()
    }

    pub(super) fn is_told(&self) -> bool {
        self.inner.telegraph.is_heard()
    }
}

/// Runs to its end on a task of its own.
async fn own_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|error| Err(StoreError::Unexpected { message: error.to_string() }))
}
