//! A few connections that only read, used on blocking threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use branchline_schema_model::store::StoreError;
use diesel::Connection as _;
use tokio::sync::Semaphore;

use super::Conn;
use super::connection::open_reader;
use crate::error::DbError;

/// Reads at the same time: more would only wait for the same disk and cores.
const READERS_MAX: usize = 4;

/// The connections, opened when first needed.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Conn>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), permits: Arc::new(Semaphore::new(READERS_MAX)) }
    }

    /// Runs `work` in a transaction, so that all it reads is of one moment. It runs to its end even when the caller
    /// goes away.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::Unexpected { message: "the database is closing".to_owned() };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| ended())?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let reading = tokio::task::spawn_blocking(move || {
            let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut conn = waiting.map_or_else(|| open_reader(&path), Ok)?;
            let result = conn.transaction(work);
            // A connection that failed is not worth keeping: the next reader opens its own.
            if result.as_ref().map_or_else(DbError::is_of_request, |_| true) {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            }
            drop(permit);
            Ok(result?)
        });
        reading.await.unwrap_or_else(|error| Err(StoreError::Unexpected { message: error.to_string() }))
    }
}
