//! A look at a database file from outside, for tests.

use std::path::Path;

use diesel::{Connection as _, RunQueryDsl as _};

/// The number a query gives, asked on a connection of its own as anybody with the file could.
///
/// # Errors
///
/// The database's own words.
pub fn query_number(path: &Path, query: &str) -> Result<i64, String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }

    let mut connection =
        diesel::SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| error.to_string())?;
    let row: Row = diesel::sql_query(format!("SELECT ({query}) AS number"))
        .get_result(&mut connection)
        .map_err(|error| error.to_string())?;
    Ok(row.number)
}
