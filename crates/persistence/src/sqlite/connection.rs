//! Opening the file: its permissions, its settings, and the check that it is ours.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use branchline_schema_model::store::StoreError;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Conn;
use crate::error::{DbError, from_io, from_message};

/// How long SQLite waits for the lock of another process before it says busy.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The first SQLite without the WAL-reset defect (3.51.3), as SQLite numbers its versions.
const VERSION_MIN: i64 = 3_051_003;

/// Settings of every connection. `synchronous=FULL` makes a commit durable before it is acknowledged; the size limit
/// gives the room of an outgrown WAL back; the cache is 16 MiB.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; \
     PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";

/// Creates the file and its folder, readable by nobody else, unless they are there.
pub(crate) fn create_file(path: &Path) -> Result<(), StoreError> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(parent)
            .map_err(|error| from_io(&format!("cannot create `{}`", parent.display()), &error))?;
    }
    match create_private(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        created => {
            created.map(drop).map_err(|error| from_io(&format!("cannot create `{}`", path.display()), &error))
        }
    }
}

/// Whether what is there is surely no SQLite database. An empty file may become one.
pub(crate) fn is_foreign(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut beginning));
    path.is_dir() || (read.is_ok() && !beginning.is_empty() && beginning != b"SQLite format 3\0")
}

/// Creates a file that must not be there, for its owner only.
pub(crate) fn create_private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A connection that writes.
pub(crate) fn open_writer(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = open(path)?;
    // Setting the mode again is cheap, and after a restore from a backup it is needed.
    pragma(&mut conn, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000;")?;
    Ok(conn)
}

/// A connection that cannot write.
pub(crate) fn open_reader(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = open(path)?;
    pragma(&mut conn, "PRAGMA query_only = ON;")?;
    Ok(conn)
}

fn open(path: &Path) -> Result<Conn, StoreError> {
    if !path.exists() {
        return Err(StoreError::Unavailable { message: format!("there is no file `{}`", path.display()) });
    }
    // As a URI, so that no file name is taken for one and none is created by accident.
    let mut conn = Conn::establish(&file_uri(path)).map_err(|error| match error {
        ConnectionError::BadConnection(message) => from_message(&message),
        error => StoreError::Unavailable { message: error.to_string() },
    })?;
    pragma(&mut conn, &format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis()))?;
    pragma(&mut conn, SETTINGS)?;
    Ok(conn)
}

fn file_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for character in path.to_string_lossy().chars() {
        match character {
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            '%' => uri.push_str("%25"),
            other => uri.push(other),
        }
    }
    uri.push_str("?mode=rw");
    uri
}

fn pragma(conn: &mut Conn, text: &str) -> Result<(), StoreError> {
    conn.batch_execute(text).map_err(|error| DbError::from(error).into())
}

/// Refuses a SQLite older than the first safe one. The library is bundled, so this fails only in a changed build.
pub(crate) fn check_version(conn: &mut Conn) -> Result<(), StoreError> {
    let version = diesel::select(diesel::dsl::sql::<Text>("sqlite_version()"));
    let version: String = version.get_result(conn).map_err(DbError::from)?;
    let mut parts = version.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if part() * 1_000_000 + part() * 1000 + part() < VERSION_MIN {
        let message = format!("SQLite {version} is older than 3.51.3, which can lose data in WAL mode");
        return Err(StoreError::Unexpected { message });
    }
    Ok(())
}

/// How many tables the file has, and whether one of them is Diesel's list of migrations.
pub(crate) fn table_count(conn: &mut Conn) -> Result<(i64, bool), StoreError> {
    let count = |conn: &mut Conn, condition: &str| -> Result<i64, DbError> {
        let query = format!("(SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND {condition})");
        Ok(diesel::select(diesel::dsl::sql::<BigInt>(&query)).get_result(conn)?)
    };
    let tables = count(conn, "name NOT LIKE 'sqlite_%'")?;
    let listed = count(conn, "name = '__diesel_schema_migrations'")?;
    Ok((tables, listed > 0))
}
