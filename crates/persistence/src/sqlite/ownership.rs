//! Which engines live, told by locks on files.
//!
//! Every engine that claims a run holds the lock of `<database>.locks/<engine id>.lock` until its store is closed.
//! The operating system lets go of the lock when the process ends, however it ends, so an engine is dead exactly when
//! its lock can be taken or its file is gone. Two stores in one process are two engines like any others. The locks
//! are local to a machine, as SQLite's own are: a database on a network drive is not supported.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use branchline_schema_model::id::SchedulerId;
use branchline_schema_model::store::StoreError;

use super::connection::BUSY_TIMEOUT;
use crate::error::from_io;

/// The locks this store holds.
pub(crate) struct Ownership {
    folder: PathBuf,
    held: Mutex<HashMap<SchedulerId, File>>,
}

impl Ownership {
    /// For the database at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        Self { folder: lock_folder(path), held: Mutex::default() }
    }

    /// Takes the lock of an engine of this store, the first time it is asked for.
    pub(crate) fn register(&self, owner: SchedulerId) -> Result<(), StoreError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(&owner) {
            return Ok(());
        }
        let file = open_lock(&self.folder, &self.file(owner))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                StoreError::Conflict { message: format!("the engine id `{owner}` is in use") }
            }
            TryLockError::Error(error) => from_io("cannot lock the engine's file", &error),
        })?;
        held.insert(owner, file);
        Ok(())
    }

    /// Whether an engine lives. The file of a dead one is removed.
    pub(crate) fn is_alive(&self, owner: SchedulerId) -> bool {
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&owner) {
            return true;
        }
        let path = self.file(owner);
        let Ok(file) = File::options().read(true).write(true).open(&path) else {
            // Gone with its engine. A file that is there and cannot be opened says nothing, so its engine lives.
            return path.exists();
        };
        match file.try_lock() {
            Ok(()) => {
                // Ids are never used twice, so nobody can be about to lock this one.
                let _ = fs::remove_file(&path);
                false
            }
            Err(_) => true,
        }
    }

    fn file(&self, owner: SchedulerId) -> PathBuf {
        self.folder.join(format!("{owner}.lock"))
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        for owner in self.held.get_mut().unwrap_or_else(PoisonError::into_inner).keys() {
            let _ = fs::remove_file(self.folder.join(format!("{owner}.lock")));
        }
    }
}

/// Holds the lock under which a database is opened and migrated, so that starters come one after another.
pub(crate) fn lock_for_opening(path: &Path) -> Result<File, StoreError> {
    let folder = lock_folder(path);
    let file = open_lock(&folder, &folder.join("open.lock"))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < BUSY_TIMEOUT => {
                // There is no wait with an end in the standard library.
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy {
                    message: "another process is opening or migrating it".to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => {
                return Err(from_io("cannot lock the database for opening", &error));
            }
        }
    }
}

fn lock_folder(path: &Path) -> PathBuf {
    let mut folder = path.as_os_str().to_owned();
    folder.push(".locks");
    PathBuf::from(folder)
}

fn open_lock(folder: &Path, path: &Path) -> Result<File, StoreError> {
    let failed = |error| from_io(&format!("cannot create `{}`", path.display()), &error);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed)?;
    File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)
}
