//! `step_runs`.

use branchline_schema_model::run::{Status as _, StepRunStatus};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Conn, RunQueryDsl, engine};
use crate::row::legal::sources;
use crate::row::step_run::{StepRunRow, StepRunUpdate};
use crate::schema::{section_runs, sections, step_runs, steps};
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
    let [first, second, third, fourth, fifth, sixth] = sources::<StepRunStatus, 6>(update.status);
    let is = |status| step_runs::status.eq(status);
    let is_legal = is(first).or(is(second)).or(is(third)).or(is(fourth)).or(is(fifth)).or(is(sixth));
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

/// A step run with the element and the turn of its section run, and the slugs of its section and step.
pub(crate) type NamedStepRun = (StepRunRow, Option<i32>, Option<i32>, String, String);

/// A step run with its names.
#[engine]
pub(crate) async fn step_run_fetch_named(conn: &mut Conn, id: DbUid) -> QueryResult<Option<NamedStepRun>> {
    step_runs::table
        .find(id)
        .inner_join(steps::table.inner_join(sections::table))
        .inner_join(section_runs::table)
        .select((
            StepRunRow::as_select(),
            section_runs::item_index,
            section_runs::iteration,
            sections::slug,
            steps::slug,
        ))
        .first(conn)
        .await
        .optional()
}

/// Step runs that wait for a person, of one run or of all, oldest first.
#[engine]
pub(crate) async fn step_run_list_waiting(
    conn: &mut Conn,
    run: Option<DbUid>,
    limit: i64,
) -> QueryResult<Vec<NamedStepRun>> {
    let mut query = step_runs::table
        .inner_join(steps::table.inner_join(sections::table))
        .inner_join(section_runs::table)
        // Written out, so that the index of what waits applies.
        .filter(sql::<Bool>("step_runs.status = 'waiting'"))
        .order(step_runs::id)
        .limit(limit)
        .select((
            StepRunRow::as_select(),
            section_runs::item_index,
            section_runs::iteration,
            sections::slug,
            steps::slug,
        ))
        .into_boxed();
    if let Some(run) = run {
        query = query.filter(step_runs::workflow_run_id.eq(run));
    }
    query.load(conn).await
}

/// Which branches of a place to list, and how many.
#[derive(Debug, Clone, Default)]
pub(crate) struct BranchPage {
    /// Only after this one, as `branch_order`.
    pub(crate) after: Option<String>,
    /// Only this one and those below it, as `branch_order`.
    pub(crate) below: Option<String>,
    /// Only candidates of this variant.
    pub(crate) variant: Option<String>,
    /// Only candidates with this number of a sample.
    pub(crate) sample: Option<i32>,
    /// Only in this state.
    pub(crate) status: Option<StepRunStatus>,
    /// Only those that failed and the run went on.
    pub(crate) tolerated: bool,
    /// At most this many.
    pub(crate) limit: i64,
}

/// A page of the step runs of a step in a section run, in branch order.
#[engine]
pub(crate) async fn step_run_list_page(
    conn: &mut Conn,
    section_run: DbUid,
    step: DbUid,
    page: &BranchPage,
) -> QueryResult<Vec<StepRunRow>> {
    let mut query = step_runs::table
        .filter(step_runs::section_run_id.eq(section_run))
        .filter(step_runs::step_id.eq(step))
        .order(step_runs::branch_order)
        .limit(page.limit)
        .select(StepRunRow::as_select())
        .into_boxed();
    if let Some(after) = &page.after {
        query = query.filter(step_runs::branch_order.gt(after));
    }
    if let Some(below) = page.below.as_ref().filter(|below| !below.is_empty()) {
        // `0` is the character after `/`.
        let is_below = step_runs::branch_order
            .gt(format!("{below}/"))
            .and(step_runs::branch_order.lt(format!("{below}0")));
        query = query.filter(step_runs::branch_order.eq(below).or(is_below));
    }
    if let Some(variant) = &page.variant {
        query = query.filter(step_runs::variant.eq(variant));
    }
    if let Some(sample) = page.sample {
        query = query.filter(step_runs::sample.eq(sample));
    }
    if let Some(status) = page.status {
        query = query.filter(step_runs::status.eq(status.name()));
    }
    if page.tolerated {
        query = query.filter(step_runs::tolerated.is_not_null());
    }
    query.load(conn).await
}

/// How many step runs of a run failed, and it went on.
#[engine]
pub(crate) async fn step_run_count_tolerated(conn: &mut Conn, run: DbUid) -> QueryResult<i64> {
    step_runs::table
        .filter(step_runs::workflow_run_id.eq(run))
        .filter(step_runs::tolerated.is_not_null())
        .count()
        .get_result(conn)
        .await
}

/// How many step runs of each step of a run are in which state.
#[engine]
pub(crate) async fn step_count_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<(DbUid, String, i64)>> {
    step_runs::table
        .filter(step_runs::workflow_run_id.eq(run))
        .group_by((step_runs::step_id, step_runs::status))
        .order((step_runs::step_id, step_runs::status))
        .select((step_runs::step_id, step_runs::status, diesel::dsl::count_star()))
        .load(conn)
        .await
}
