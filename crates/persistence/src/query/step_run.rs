//! `step_runs`.

use branchline_schema_model::run::StepRunStatus;
use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::legal::sources;
use crate::row::step_run::{StepRunRow, StepRunUpdate};
use crate::schema::step_runs;
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn step_run_insert(conn: &mut Conn, rows: &[StepRunRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(step_runs::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(step_runs::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// Moves a step run of that run; how many rows were in a state from which that is legal.
#[engine]
pub(crate) async fn step_run_update(
    conn: &mut Conn,
    run: DbUid,
    update: &StepRunUpdate,
) -> QueryResult<usize> {
    let [a, b, c, d, e, f] = sources::<StepRunStatus, 6>(update.status);
    let status = step_runs::status;
    let is_legal =
        status.eq(a).or(status.eq(b)).or(status.eq(c)).or(status.eq(d)).or(status.eq(e)).or(status.eq(f));
    diesel::update(step_runs::table.find(DbUid::from(update.id)))
        .filter(step_runs::workflow_run_id.eq(run))
        .filter(is_legal)
        .set((&update.changes, update.inputs.as_ref().map(|inputs| step_runs::inputs.eq(inputs))))
        .execute(conn)
        .await
}

/// The state of a step run of that run.
#[engine]
pub(crate) async fn step_run_status(conn: &mut Conn, run: DbUid, id: DbUid) -> QueryResult<Option<String>> {
    step_runs::table
        .find(id)
        .filter(step_runs::workflow_run_id.eq(run))
        .select(step_runs::status)
        .first(conn)
        .await
        .optional()
}

/// All step runs of a run, in the order they were made.
#[engine]
pub(crate) async fn step_run_list_all(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<StepRunRow>> {
    step_runs::table
        .filter(step_runs::workflow_run_id.eq(run))
        .order(step_runs::id)
        .select(StepRunRow::as_select())
        .load(conn)
        .await
}
