//! Running an operation in a transaction: redone when another one was in the way, and never in doubt.
//!
//! When a connection dies in the middle of `COMMIT`, nobody has said whether it took place. Every writing transaction
//! has a number, and the server keeps for each what became of it: so it is asked, as soon as it can be, and the
//! operation is neither lost nor done twice.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use branchline_schema_model::store::StoreError;
use diesel::dsl::sql;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use tokio::time::{Instant, sleep};

use super::Conn;
use super::failure::{self, Remedy, remedy};
use super::pool::{Lease, Pool};
use crate::error::DbError;

/// Runs an operation on a connection that is in a transaction.
pub(super) type Operation<I, T> =
    for<'a> fn(&'a mut Conn, &'a I) -> Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

/// Times a transaction is done before its failure is told.
const TRIES_MAX: u32 = 10;

/// Between two tries, times the number of the try.
const REDO_DELAY: Duration = Duration::from_millis(5);

/// How long it is asked what became of a commit: longer than a server takes to come back or to be replaced.
const DOUBT_MAX: Duration = Duration::from_mins(15);

/// Between two questions.
const DOUBT_DELAY: Duration = Duration::from_millis(250);

/// What reads see is of one moment.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Each statement sees what was committed before it; the row of the run is locked by the first one of a commit.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A try that did not end well.
struct Failed {
    error: StoreError,
    remedy: Remedy,
}

/// A try of a write.
enum Tried<T> {
    Committed(T),
    /// The connection died in `COMMIT` of the transaction with this number.
    InDoubt(T, i64),
}

/// Reads in a transaction of its own.
pub(super) async fn read<I, T>(
    pool: &Arc<Pool>,
    input: &I,
    operation: Operation<I, T>,
) -> Result<T, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut lease = pool.take().await?;
        match begin_and_run(&mut lease, BEGIN_READ, input, operation).await {
            Ok(value) => {
                // Nothing hangs on this commit but the use of the connection.
                if lease.connection.conn.batch_execute("COMMIT").await.is_ok() {
                    lease.keep();
                }
                return Ok(value);
            }
            Err(failed) => after_failure(pool, lease, failed, tries).await?,
        }
    }
}

/// Writes in a transaction of its own; durable when it returns.
pub(super) async fn write<I, T>(
    pool: &Arc<Pool>,
    input: &I,
    operation: Operation<I, T>,
) -> Result<T, StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut lease = pool.take().await?;
        match try_write(&mut lease, input, operation).await {
            Ok(Tried::Committed(value)) => {
                lease.keep();
                return Ok(value);
            }
            Ok(Tried::InDoubt(value, number)) => {
                drop(lease);
                pool.clear();
                if is_committed(pool, number).await? {
                    return Ok(value);
                }
            }
            Err(failed) => after_failure(pool, lease, failed, tries).await?,
        }
    }
}

async fn begin_and_run<I, T>(
    lease: &mut Lease,
    begin: &str,
    input: &I,
    operation: Operation<I, T>,
) -> Result<T, Failed> {
    let connection = &mut lease.connection;
    connection.last_error.take();
    if let Err(error) = connection.conn.batch_execute(begin).await {
        return Err(failed(lease, &error));
    }
    match operation(&mut connection.conn, input).await {
        Ok(value) => Ok(value),
        Err(DbError::Database(error)) => Err(failed(lease, &error)),
        Err(error) => Err(Failed { error: error.into(), remedy: Remedy::None }),
    }
}

async fn try_write<I, T>(
    lease: &mut Lease,
    input: &I,
    operation: Operation<I, T>,
) -> Result<Tried<T>, Failed> {
    let value = begin_and_run(lease, BEGIN_WRITE, input, operation).await?;
    let number = diesel::select(sql::<Nullable<BigInt>>("txid_current_if_assigned()"));
    let number: Option<i64> = match number.get_result(&mut lease.connection.conn).await {
        Ok(number) => number,
        Err(error) => return Err(failed(lease, &error)),
    };
    let Err(error) = lease.connection.conn.batch_execute("COMMIT").await else {
        return Ok(Tried::Committed(value));
    };
    let failed = failed(lease, &error);
    match number {
        Some(number) if failed.remedy == Remedy::Reconnect => Ok(Tried::InDoubt(value, number)),
        // Without a number nothing was written.
        _ => Err(failed),
    }
}

fn failed(lease: &Lease, error: &DieselError) -> Failed {
    let code = lease.connection.last_error.take();
    let error = failure::from_diesel(error, code.as_deref());
    let remedy = match (&error, code.as_deref()) {
        // Two made the same at once: the second one finds it when it looks again.
        (_, Some("23505")) => Remedy::Redo,
        (StoreError::Unavailable { .. }, code) => remedy(code),
        (_, Some(code)) => remedy(Some(code)),
        _ => Remedy::None,
    };
    Failed { error, remedy }
}

/// Leaves the transaction, and says whether to try again.
async fn after_failure(pool: &Pool, mut lease: Lease, failed: Failed, tries: u32) -> Result<(), StoreError> {
    match failed.remedy {
        Remedy::DropAll => pool.clear(),
        // Idle ones of the same age are as dead as this one; nothing was committed, so it is done anew.
        Remedy::Reconnect => {
            pool.clear();
            if tries == 1 {
                return Ok(());
            }
        }
        Remedy::Redo | Remedy::None => {
            if lease.connection.conn.batch_execute("ROLLBACK").await.is_ok() {
                lease.keep();
            }
            if failed.remedy == Remedy::Redo && tries < TRIES_MAX {
                sleep(REDO_DELAY * tries).await;
                return Ok(());
            }
        }
    }
    Err(failed.error)
}

/// Whether a transaction was committed, asked until the server says so.
async fn is_committed(pool: &Arc<Pool>, number: i64) -> Result<bool, StoreError> {
    let started = Instant::now();
    loop {
        let error = match fate(pool, number).await {
            Ok(Some(committed)) => return Ok(committed),
            Ok(None) => StoreError::Unavailable { message: "a commit is still under way".to_owned() },
            Err(error) => error,
        };
        if started.elapsed() > DOUBT_MAX {
            tracing::error!(number, %error, "it could not be found out whether a transaction was committed");
            return Err(error);
        }
        tracing::warn!(number, %error, "the connection died in a commit; asking what became of it");
        sleep(DOUBT_DELAY).await;
    }
}

/// `None` while the server still works on it.
async fn fate(pool: &Arc<Pool>, number: i64) -> Result<Option<bool>, StoreError> {
    let mut lease = pool.take().await?;
    let question = diesel::select(sql::<Nullable<Text>>("txid_status(").bind::<BigInt, _>(number).sql(")"));
    let answer: Result<Option<String>, _> = question.get_result(&mut lease.connection.conn).await;
    match answer {
        Ok(status) => {
            lease.keep();
            match status.as_deref() {
                Some("committed") => Ok(Some(true)),
                Some("in progress") => Ok(None),
                _ => Ok(Some(false)),
            }
        }
        Err(error) => match lease.connection.last_error.take().as_deref() {
            // A server that took over never heard of it.
            Some("22023") => Ok(Some(false)),
            code => Err(failure::from_diesel(&error, code)),
        },
    }
}
