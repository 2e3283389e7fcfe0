//! `run_events`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::run_event::RunEventRow;
use crate::schema::run_events;
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn run_event_insert(conn: &mut Conn, rows: &[RunEventRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(run_events::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(run_events::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The events of a run after a number.
#[engine]
pub(crate) async fn run_event_list(
    conn: &mut Conn,
    run: DbUid,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<RunEventRow>> {
    run_events::table
        .filter(run_events::workflow_run_id.eq(run))
        .filter(run_events::sequence.gt(after))
        .order(run_events::sequence)
        .limit(limit)
        .select(RunEventRow::as_select())
        .load(conn)
        .await
}
