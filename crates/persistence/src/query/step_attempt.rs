//! `step_attempts`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Conn, RunQueryDsl, engine};
use crate::row::step_attempt::{StepAttemptRow, StepAttemptUpdate};
use crate::schema::{step_attempts, step_runs};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn step_attempt_insert(conn: &mut Conn, rows: &[StepAttemptRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(step_attempts::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(step_attempts::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// Ends an attempt; how many rows were still open.
#[engine]
pub(crate) async fn step_attempt_end(conn: &mut Conn, update: &StepAttemptUpdate) -> QueryResult<usize> {
    diesel::update(step_attempts::table.find(DbUid::from(update.id)))
        .filter(step_attempts::ended_at.is_null())
        .set(&update.changes)
        .execute(conn)
        .await
}

/// The attempts of a step run, in order.
#[engine]
pub(crate) async fn step_attempt_list(conn: &mut Conn, step_run: DbUid) -> QueryResult<Vec<StepAttemptRow>> {
    step_attempts::table
        .filter(step_attempts::step_run_id.eq(step_run))
        .order(step_attempts::number)
        .select(StepAttemptRow::as_select())
        .load(conn)
        .await
}

/// The attempts of a run that never ended.
#[engine]
pub(crate) async fn step_attempt_list_open(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<StepAttemptRow>> {
    step_attempts::table
        .inner_join(step_runs::table)
        .filter(step_attempts::ended_at.is_null())
        .filter(step_runs::workflow_run_id.eq(run))
        .order(step_attempts::id)
        .select(StepAttemptRow::as_select())
        .load(conn)
        .await
}

/// The step run of each attempt of a run that failed with one of these classes.
#[engine]
pub(crate) async fn step_attempt_list_failed(
    conn: &mut Conn,
    run: DbUid,
    classes: &[&str],
) -> QueryResult<Vec<DbUid>> {
    step_attempts::table
        .inner_join(step_runs::table)
        .filter(step_runs::workflow_run_id.eq(run))
        .filter(step_attempts::error_class.eq_any(classes))
        .select(step_attempts::step_run_id)
        .load(conn)
        .await
}

/// Step run, then tokens in, cached, out and for reasoning, then model calls of an attempt.
pub(crate) type AttemptCost = (DbUid, i64, i64, i64, i64, i32);

/// What the attempts of these step runs cost.
#[engine]
pub(crate) async fn step_attempt_cost_list(
    conn: &mut Conn,
    step_runs: &[DbUid],
) -> QueryResult<Vec<AttemptCost>> {
    step_attempts::table
        .filter(step_attempts::step_run_id.eq_any(step_runs))
        .select((
            step_attempts::step_run_id,
            step_attempts::input_tokens,
            step_attempts::cached_tokens,
            step_attempts::output_tokens,
            step_attempts::reasoning_tokens,
            step_attempts::calls,
        ))
        .load(conn)
        .await
}

/// Step, the model that answered, calls, then the fewest and most tokens of a call, in and out.
pub(crate) type StepCost = (DbUid, Option<String>, i64, i64, i64, i64, i64);

/// What the model calls of each step of a run took, in the attempts that succeeded.
#[engine]
pub(crate) async fn step_attempt_cost_by_step(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<StepCost>> {
    step_attempts::table
        .inner_join(step_runs::table)
        .filter(step_runs::workflow_run_id.eq(run))
        .filter(step_attempts::calls.gt(0))
        .filter(step_attempts::ended_at.is_not_null())
        .filter(step_attempts::error_class.is_null())
        .group_by((step_runs::step_id, step_attempts::model))
        .order(step_attempts::model)
        .select((
            step_runs::step_id,
            step_attempts::model,
            // Sums of integers are of another type on each database.
            sql::<BigInt>("CAST(SUM(step_attempts.calls) AS BIGINT)"),
            sql::<BigInt>("MIN(step_attempts.input_tokens / step_attempts.calls)"),
            sql::<BigInt>("MAX(step_attempts.input_tokens / step_attempts.calls)"),
            sql::<BigInt>("MIN(step_attempts.output_tokens / step_attempts.calls)"),
            sql::<BigInt>("MAX(step_attempts.output_tokens / step_attempts.calls)"),
        ))
        .load(conn)
        .await
}
