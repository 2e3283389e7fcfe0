//! The embedded migrations of PostgreSQL, run once whoever starts.

use diesel::QueryableByName;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};

use super::Conn;
use crate::error::DbError;
use crate::migration::{MigrationStatus, judge};

/// Names and texts, oldest first.
const MIGRATIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/postgres_migrations.rs"));

/// The lock under which a database is migrated, so that starters come one after another; a number nobody else has.
const LOCK: i64 = 0x6272_616e_6368_6c69;

/// Diesel's own list of migrations, as its command line makes it.
const LIST: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
    version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)";

/// Versions and names of the embedded migrations, oldest first.
fn known() -> Vec<(String, String)> {
    // A version is the part of the name before the first `_`, without hyphens.
    let version = |name: &str| name.split('_').next().unwrap_or_default().replace('-', "");
    MIGRATIONS.iter().map(|(name, _)| (version(name), (*name).to_owned())).collect()
}

/// Reads where a database stands without changing it.
pub(super) async fn status(conn: &mut Conn, (): &()) -> Result<MigrationStatus, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let list = "to_regclass(format('%I.__diesel_schema_migrations', current_schema())) IS NOT NULL";
    let has_list: bool = diesel::select(sql::<Bool>(list)).get_result(conn).await?;
    if !has_list {
        let count = "(SELECT count(*) FROM pg_tables WHERE schemaname = current_schema())";
        let tables: i64 = diesel::select(sql::<BigInt>(count)).get_result(conn).await?;
        return Ok(judge(known(), None, tables)?);
    }
    let query = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    let applied = query.load::<Row>(conn).await?.into_iter().map(|row| row.version).collect();
    Ok(judge(known(), Some(applied), 0)?)
}

/// Runs what is missing. In a transaction, which is what makes it all or nothing.
pub(super) async fn run(conn: &mut Conn, (): &()) -> Result<(), DbError> {
    // Others may take long to migrate, and so may we.
    conn.batch_execute("SET LOCAL lock_timeout = '10min'; SET LOCAL statement_timeout = 0").await?;
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(conn).await?;
    // Read under the lock: another starter may have been first.
    let status = status(conn, &()).await?;
    conn.batch_execute(LIST).await?;
    for (version, name) in known().iter().filter(|(_, name)| status.pending.contains(name)) {
        let text = MIGRATIONS.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
        conn.batch_execute(text).await?;
        let applied = diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ($1)");
        applied.bind::<Text, _>(version).execute(conn).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_trees_have_the_same_migrations() {
        assert_eq!(known(), crate::migration::known().unwrap());
    }
}
