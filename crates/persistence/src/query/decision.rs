//! `decisions`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::decision::DecisionRow;
use crate::schema::{decisions, step_runs};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn decision_insert(conn: &mut Conn, rows: &[DecisionRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(decisions::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(decisions::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The decisions of a run, in order of time.
#[engine]
pub(crate) async fn decision_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<DecisionRow>> {
    decisions::table
        .inner_join(step_runs::table)
        .filter(step_runs::workflow_run_id.eq(run))
        .order((decisions::created_at, decisions::id))
        .select(DecisionRow::as_select())
        .load(conn)
        .await
}
