//! The store on SQLite: opening it, and running operations on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::store::{Claim, Fence, StoreError, Wakeup, Wakeups};
use diesel::prelude::*;

use super::Conn;
use super::connection::{check_version, create_file, is_foreign, open_reader, open_writer};
use super::file_system::warn_if_shared;
use super::ownership::{Ownership, lock_for_opening};
use super::query::workflow_run;
use super::reader::Readers;
use super::writer::Writer;
use crate::error::{DbError, not_found};
use crate::migration::{self, MigrationStatus};
use crate::schema::workflow_runs;
use crate::sql_types::DbUid;
use crate::store::OpenOptions;
use crate::wake::Bell;

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
    bell: Bell,
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
    pub fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
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
        warn_if_shared(path);
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
        Ok(Self {
            inner: Arc::new(Inner { writer, readers, ownership, bell: Bell::new(), path: path.to_owned() }),
        })
    }

    /// Which migrations a database has and lacks, without changing it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn migration_status(path: &Path) -> Result<MigrationStatus, StoreError> {
        migration::status(&mut open_reader(path)?)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Runs an operation in a read transaction on a blocking thread.
    pub(super) async fn read<I: Send + 'static, T: Send + 'static>(
        &self,
        input: I,
        operation: fn(&mut Conn, &I) -> Result<T, DbError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(move |conn| operation(conn, &input)).await
    }

    /// Runs an operation in a write transaction on the writer thread; durable when it returns.
    pub(super) async fn write<I: Send + 'static, T: Send + 'static>(
        &self,
        input: I,
        operation: fn(&mut Conn, &I) -> Result<T, DbError>,
    ) -> Result<T, StoreError> {
        self.inner.writer.write(move |conn| operation(conn, &input)).await
    }

    /// Takes ownership of a run unless its owner lives.
    pub(super) async fn claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        self.write((Arc::clone(&self.inner.ownership), run, owner), claim).await
    }

    /// Runs that want an engine and have none that lives, but for this one.
    pub(super) async fn orphans(
        &self,
        owner: SchedulerId,
        limit: usize,
    ) -> Result<Vec<WorkflowRunId>, StoreError> {
        self.read((Arc::clone(&self.inner.ownership), owner, limit), orphans).await
    }

    /// As [`claim`](Self::claim), which knows at once here.
    pub(super) async fn claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Claim, StoreError> {
        self.claim(run, owner).await
    }

    pub(super) fn tell(&self, run: WorkflowRunId) -> std::future::Ready<()> {
        self.inner.bell.ring(Wakeup::Run(run));
        std::future::ready(())
    }

    pub(super) fn listen(&self) -> Box<dyn Wakeups> {
        self.inner.bell.listen()
    }

    /// A file tells nobody of what another process writes into it.
    #[expect(clippy::unused_self, reason = "the store of the other kind has to look")]
    pub(super) fn is_told(&self) -> bool {
        false
    }
}

fn claim(
    conn: &mut Conn,
    (ownership, run, owner): &(Arc<Ownership>, WorkflowRunId, SchedulerId),
) -> Result<Claim, DbError> {
    ownership.register(*owner)?;
    let (previous, epoch) =
        workflow_run::workflow_run_owner(conn, (*run).into())?.ok_or_else(|| not_found("run", run))?;
    let previous_owner = previous.map(SchedulerId::from);
    if let Some(other) = previous_owner.filter(|other| other != owner && ownership.is_alive(*other)) {
        return Err(StoreError::Owned { owner: other }.into());
    }
    let fence = Fence { run_id: *run, owner_id: *owner, claim_epoch: epoch + 1 };
    workflow_run::workflow_run_own(conn, fence)?;
    Ok(Claim { fence, previous_owner })
}

fn orphans(
    conn: &mut Conn,
    (ownership, owner, limit): &(Arc<Ownership>, SchedulerId, usize),
) -> Result<Vec<WorkflowRunId>, DbError> {
    let owners = owners(conn)?;
    let is_other = |one: &DbUid| {
        let one = SchedulerId::from(*one);
        one != *owner && ownership.is_alive(one)
    };
    let others: Vec<DbUid> = owners.into_iter().filter(is_other).collect();
    let runs = workflow_run::workflow_run_list_wanting(conn, &others, *limit as i64)?;
    Ok(runs.into_iter().map(Into::into).collect())
}

/// Whoever owns a run that has not ended.
fn owners(conn: &mut Conn) -> QueryResult<Vec<DbUid>> {
    let status = workflow_runs::status;
    let live = status.eq("pending").or(status.eq("running")).or(status.eq("paused"));
    let owned = workflow_runs::table.filter(live).filter(workflow_runs::owner_id.is_not_null());
    owned.select(workflow_runs::owner_id.assume_not_null()).distinct().load(conn)
}
