//! The one thread that writes, with group commit.
//!
//! Requests come over a bounded queue. The thread takes everything that waits, up to a bound, runs it in one
//! `BEGIN IMMEDIATE` transaction with a savepoint for each request, commits once, and only then answers. So a commit to
//! the disk is shared by all who wait for one, and nothing is acknowledged before it is durable. A request that is
//! refused is rolled back to its savepoint and does not disturb the others; when the transaction itself fails, the
//! requests are run again one by one, so that each fails only for its own reason.

use std::path::PathBuf;
use std::thread::JoinHandle;

use branchline_schema_model::store::StoreError;
use diesel::Connection as _;
use diesel::connection::{AnsiTransactionManager, TransactionManager as _};
use tokio::sync::{mpsc, oneshot};

use super::Conn;
use super::connection::open_writer;
use crate::error::DbError;

/// Requests that wait: enough for every branch a server runs at once, and a bound on the memory they hold.
const QUEUE_MAX: usize = 1024;

/// Requests of one transaction: beyond this the disk is no longer the cost, and the first in line would wait longer.
const BATCH_MAX: usize = 256;

/// The writing side of a database. Dropping it lets the thread finish what is queued and waits for its end.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection; `path` is for opening another one should this one break.
    pub(crate) fn start(conn: Conn, path: PathBuf) -> Result<Self, StoreError> {
        let (queue, requests) = mpsc::channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("branchline-writer".to_owned())
            .spawn(move || run(conn, &path, requests))
            .map_err(|error| StoreError::Unexpected {
                message: format!("cannot start the writer: {error}"),
            })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in a transaction; durable when this returns. Once it is queued it runs, even when the caller goes
    /// away. It may be run more than once, each time from the same state of the database.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::Unexpected { message: "the writer of the database has ended".to_owned() };
        let (answer, answered) = oneshot::channel();
        let request = Box::new(Work { run: work, result: None, answer });
        self.queue.as_ref().ok_or_else(ended)?.send(request).await.map_err(|_| ended())?;
        answered.await.unwrap_or_else(|_| Err(ended()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

trait Request: Send {
    /// Runs in an open transaction. An error is one of the transaction, not of this request.
    fn run(&mut self, conn: &mut Conn) -> Result<(), DbError>;

    /// The transaction failed.
    fn fail(&mut self, error: StoreError);

    /// Tells the caller.
    fn answer(self: Box<Self>);
}

struct Work<F, T> {
    run: F,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnMut(&mut Conn) -> Result<T, DbError> + Send> Request for Work<F, T> {
    fn run(&mut self, conn: &mut Conn) -> Result<(), DbError> {
        self.result = match conn.transaction(&mut self.run) {
            Ok(value) => Some(Ok(value)),
            Err(error) if error.is_of_request() => Some(Err(error.into())),
            Err(error) => return Err(error),
        };
        Ok(())
    }

    fn fail(&mut self, error: StoreError) {
        self.result = Some(Err(error));
    }

    fn answer(self: Box<Self>) {
        let missing = || Err(StoreError::Unexpected { message: "the request was not run".to_owned() });
        // A caller that went away is not told; what it asked for is done.
        let _ = self.answer.send(self.result.unwrap_or_else(missing));
    }
}

fn run(mut conn: Conn, path: &std::path::Path, mut requests: mpsc::Receiver<Box<dyn Request>>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = requests.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH_MAX
            && let Ok(next) = requests.try_recv()
        {
            batch.push(next);
        }
        commit(&mut conn, path, &mut batch);
        batch.drain(..).for_each(Request::answer);
    }
}

/// Commits a batch, or each of its requests alone when that fails.
fn commit(conn: &mut Conn, path: &std::path::Path, batch: &mut [Box<dyn Request>]) {
    let Err(error) = transaction(conn, path, batch) else { return };
    if let [only] = batch {
        only.fail(error.into());
        return;
    }
    tracing::warn!(requests = batch.len(), error = ?error, "a group commit failed; its requests are run one by one");
    for request in batch {
        if let Err(error) = transaction(conn, path, std::slice::from_mut(request)) {
            request.fail(error.into());
        }
    }
}

fn transaction(
    conn: &mut Conn,
    path: &std::path::Path,
    batch: &mut [Box<dyn Request>],
) -> Result<(), DbError> {
    if AnsiTransactionManager::is_broken_transaction_manager(conn) {
        *conn = open_writer(path)?;
    }
    conn.immediate_transaction(|conn| batch.iter_mut().try_for_each(|request| request.run(conn)))
}
