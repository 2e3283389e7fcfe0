//! A bounded number of connections, kept open between uses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use branchline_schema_model::store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::{Connection, connect};
use super::url::PostgresUrl;

/// Connections of one process: commits of many runs overlap their trips to the server and its disk; a server has about a
/// hundred for everybody.
const CONNECTIONS_MAX: usize = 8;

/// How long an operation waits for a connection before it says busy.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The connections of a store.
pub(super) struct Pool {
    url: PostgresUrl,
    idle: Mutex<VecDeque<Connection>>,
    permits: Arc<Semaphore>,
}

/// A connection in use. It is closed when this goes, unless it is kept: so one that was left in the middle of something
/// is never used again.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(url: PostgresUrl) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Arc::new(Self { url, idle: Mutex::default(), permits })
    }

    pub(super) const fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// An idle connection, or a new one.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let busy = |_| StoreError::Busy { message: "all connections are in use".to_owned() };
        let closing = |_| StoreError::Unexpected { message: "the database is closing".to_owned() };
        let permit = timeout(WAIT_MAX, Arc::clone(&self.permits).acquire_owned()).await.map_err(busy)?;
        let permit = permit.map_err(closing)?;
        let connection = match self.pop() {
            Some(connection) => connection,
            None => connect(&self.url).await?,
        };
        Ok(Lease { connection, pool: Arc::clone(self), _permit: permit })
    }

    fn pop(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.is_closed());
        idle.pop_back()
    }

    /// Closes what is idle: it is connected to a server that is gone or changed its part.
    pub(super) fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Lease {
    /// Gives the connection back for the next one; it is in no transaction.
    pub(super) fn keep(self) {
        let Self { connection, pool, _permit } = self;
        if !connection.is_closed() {
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push_back(connection);
        }
    }
}
