//! `workflow_runs`.

use branchline_schema_model::run::{Status as _, Usage, WorkflowRunStatus};
use branchline_schema_model::store::Fence;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::{Conn, RunQueryDsl, engine};
use crate::row::legal::sources;
use crate::row::workflow_run::{NewWorkflowRunRow, WorkflowRunRow, WorkflowRunUpdate};
use crate::schema::{run_messages, workflow_runs, workflows};
use crate::sql_types::DbUid;

/// Inserts a run.
#[engine]
pub(crate) async fn workflow_run_insert(conn: &mut Conn, row: &NewWorkflowRunRow) -> QueryResult<()> {
    diesel::insert_into(workflow_runs::table).values(row).execute(conn).await?;
    Ok(())
}

/// Id and version of the run that was created with a key.
#[engine]
pub(crate) async fn workflow_run_by_key(conn: &mut Conn, key: &str) -> QueryResult<Option<(DbUid, DbUid)>> {
    workflow_runs::table
        .filter(workflow_runs::idempotency_key.eq(key))
        .select((workflow_runs::id, workflow_runs::workflow_id))
        .first(conn)
        .await
        .optional()
}

/// A run.
#[engine]
pub(crate) async fn workflow_run_fetch(conn: &mut Conn, id: DbUid) -> QueryResult<Option<WorkflowRunRow>> {
    workflow_runs::table.find(id).select(WorkflowRunRow::as_select()).first(conn).await.optional()
}

/// Owner and epoch of a run.
#[engine]
pub(crate) async fn workflow_run_owner(
    conn: &mut Conn,
    id: DbUid,
) -> QueryResult<Option<(Option<DbUid>, i64)>> {
    workflow_runs::table
        .find(id)
        .select((workflow_runs::owner_id, workflow_runs::claim_epoch))
        .first(conn)
        .await
        .optional()
}

/// Gives a run an owner and the next epoch; 0 when somebody else did since its epoch was read.
#[engine]
pub(crate) async fn workflow_run_own(conn: &mut Conn, fence: Fence) -> QueryResult<usize> {
    diesel::update(workflow_runs::table.find(DbUid::from(fence.run_id)))
        .filter(workflow_runs::claim_epoch.eq(fence.claim_epoch - 1))
        .set((
            workflow_runs::owner_id.eq(DbUid::from(fence.owner_id)),
            workflow_runs::claim_epoch.eq(fence.claim_epoch),
        ))
        .execute(conn)
        .await
}

/// Takes the owner away, if the fence still holds.
#[engine]
pub(crate) async fn workflow_run_disown(conn: &mut Conn, fence: Fence) -> QueryResult<usize> {
    diesel::update(workflow_runs::table.find(DbUid::from(fence.run_id)))
        .filter(workflow_runs::owner_id.eq(DbUid::from(fence.owner_id)))
        .filter(workflow_runs::claim_epoch.eq(fence.claim_epoch))
        .set(workflow_runs::owner_id.eq(None::<DbUid>))
        .execute(conn)
        .await
}

/// What a commit adds to the run's own counters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunCounters {
    /// The number before its first event; `None` without events.
    pub(crate) sequence_before: Option<i64>,
    /// Its events.
    pub(crate) events: i64,
    /// Model calls of the attempts that ended in it.
    pub(crate) calls: i64,
    /// Their tokens.
    pub(crate) usage: Usage,
}

/// The first statement of every commit: checks the fence and the event numbers, locks the row, moves the counters.
/// 0 when the fence is stale or the numbers leave a gap.
#[engine]
pub(crate) async fn workflow_run_fence(
    conn: &mut Conn,
    fence: Fence,
    counters: &RunCounters,
) -> QueryResult<usize> {
    let no_events = counters.sequence_before.is_none().into_sql::<Bool>();
    let usage = counters.usage;
    diesel::update(workflow_runs::table.find(DbUid::from(fence.run_id)))
        .filter(workflow_runs::owner_id.eq(DbUid::from(fence.owner_id)))
        .filter(workflow_runs::claim_epoch.eq(fence.claim_epoch))
        .filter(no_events.or(workflow_runs::last_sequence.eq(counters.sequence_before.unwrap_or_default())))
        .set((
            workflow_runs::last_sequence.eq(workflow_runs::last_sequence + counters.events),
            workflow_runs::calls.eq(workflow_runs::calls + counters.calls),
            workflow_runs::input_tokens.eq(workflow_runs::input_tokens + usage.input_tokens as i64),
            workflow_runs::cached_tokens.eq(workflow_runs::cached_tokens + usage.cached_tokens as i64),
            workflow_runs::output_tokens.eq(workflow_runs::output_tokens + usage.output_tokens as i64),
            workflow_runs::reasoning_tokens
                .eq(workflow_runs::reasoning_tokens + usage.reasoning_tokens as i64),
        ))
        .execute(conn)
        .await
}

/// Moves a run; how many rows were in a state from which that is legal.
#[engine]
pub(crate) async fn workflow_run_update(
    conn: &mut Conn,
    id: DbUid,
    update: &WorkflowRunUpdate,
) -> QueryResult<usize> {
    let [a, b, c, d] = sources::<WorkflowRunStatus, 4>(update.status);
    let status = workflow_runs::status;
    let is_legal = status.eq(a).or(status.eq(b)).or(status.eq(c)).or(status.eq(d));
    diesel::update(workflow_runs::table.find(id)).filter(is_legal).set(&update.changes).execute(conn).await
}

/// The state of a run.
#[engine]
pub(crate) async fn workflow_run_status(conn: &mut Conn, id: DbUid) -> QueryResult<Option<String>> {
    workflow_runs::table.find(id).select(workflow_runs::status).first(conn).await.optional()
}

/// Runs that want an engine and are not owned by one of `others`, oldest first, at most so many: those that have
/// something to do, those that wait or are paused and have a message, and those that wait although somebody owns them.
#[engine]
pub(crate) async fn workflow_run_list_wanting(
    conn: &mut Conn,
    others: &[DbUid],
    limit: i64,
) -> QueryResult<Vec<DbUid>> {
    let (status, waiting) = (workflow_runs::status, workflow_runs::waiting);
    let goes_on = waiting.eq(false).or(workflow_runs::owner_id.is_not_null());
    let has_message = exists(
        run_messages::table
            .filter(run_messages::workflow_run_id.eq(workflow_runs::id))
            .filter(run_messages::applied_at.is_null()),
    );
    let is_live = status.eq("running").or(status.eq("paused"));
    let owner = workflow_runs::owner_id;
    workflow_runs::table
        .filter(owner.is_null().or(owner.assume_not_null().ne_all(others)))
        .filter(status.eq("pending").or(status.eq("running").and(goes_on)).or(is_live.and(has_message)))
        .order(workflow_runs::id)
        .limit(limit)
        .select(workflow_runs::id)
        .load(conn)
        .await
}

/// The newest run.
#[engine]
pub(crate) async fn workflow_run_newest(conn: &mut Conn) -> QueryResult<Option<DbUid>> {
    workflow_runs::table
        .order(workflow_runs::id.desc())
        .select(workflow_runs::id)
        .first(conn)
        .await
        .optional()
}

/// Runs whose id ends so, at most that many. `ending` holds hexadecimal digits and hyphens only.
#[engine]
pub(crate) async fn workflow_run_list_by_ending(
    conn: &mut Conn,
    ending: &str,
    limit: i64,
) -> QueryResult<Vec<DbUid>> {
    let ends_so = sql::<Bool>("CAST(id AS TEXT) LIKE ").bind::<Text, _>(format!("%{ending}"));
    workflow_runs::table
        .filter(ends_so)
        .order(workflow_runs::id)
        .limit(limit)
        .select(workflow_runs::id)
        .load(conn)
        .await
}

/// A run with name and version of its workflow.
pub(crate) type NamedRun = (WorkflowRunRow, String, i32);

/// A run with its names.
#[engine]
pub(crate) async fn workflow_run_fetch_named(conn: &mut Conn, id: DbUid) -> QueryResult<Option<NamedRun>> {
    workflow_runs::table
        .find(id)
        .inner_join(workflows::table)
        .select((WorkflowRunRow::as_select(), workflows::name, workflows::version))
        .first(conn)
        .await
        .optional()
}

/// A page of runs, newest first: of a workflow name, in a state, older than a run.
#[engine]
pub(crate) async fn workflow_run_list(
    conn: &mut Conn,
    name: Option<&str>,
    status: Option<WorkflowRunStatus>,
    before: Option<DbUid>,
    limit: i64,
) -> QueryResult<Vec<NamedRun>> {
    let mut query = workflow_runs::table
        .inner_join(workflows::table)
        .order(workflow_runs::id.desc())
        .limit(limit)
        .select((WorkflowRunRow::as_select(), workflows::name, workflows::version))
        .into_boxed();
    if let Some(name) = name {
        query = query.filter(workflows::name.eq(name));
    }
    if let Some(status) = status {
        query = query.filter(workflow_runs::status.eq(status.name()));
    }
    if let Some(before) = before {
        query = query.filter(workflow_runs::id.lt(before));
    }
    query.load(conn).await
}
