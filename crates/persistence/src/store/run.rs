//! Runs, for the engine that owns them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::id::{AttributeValueId, SchedulerId, StepRunId, WorkflowRunId};
use branchline_schema_model::run::{AttributeValue, ErrorClass};
use branchline_schema_model::store::{
    Claim, Fence, NewRun, NewRunMessage, RunCommit, RunMessage, RunSnapshot, RunStore, StoreError,
};

use super::commit::PreparedCommit;
use super::{SqliteStore, converted, not_found};
use crate::error::DbError;
use crate::row::run_message::NewRunMessageRow;
use crate::row::workflow_run::NewWorkflowRunRow;
use crate::sql_types::DbUid;
use crate::sqlite::Conn;
use crate::sqlite::ownership::Ownership;
use crate::sqlite::query::{
    attribute_value, fan_out, run_message, section_run, step_attempt, step_run, workflow, workflow_run,
};

#[async_trait]
impl RunStore for SqliteStore {
    async fn run_create(&self, run: NewRun) -> Result<WorkflowRunId, StoreError> {
        let row = NewWorkflowRunRow::from(run);
        self.write(move |conn| create(conn, &row)).await
    }

    async fn run_import(&self, run: NewRun, commit: RunCommit) -> Result<WorkflowRunId, StoreError> {
        if commit.fence.run_id != run.id {
            let message =
                format!("a commit of run `{}` cannot be imported as `{}`", commit.fence.run_id, run.id);
            return Err(StoreError::Unexpected { message });
        }
        let (fence, row) = (commit.fence, NewWorkflowRunRow::from(run));
        let commit = PreparedCommit::new(commit)?;
        self.write(move |conn| {
            let id = create(conn, &row)?;
            workflow_run::workflow_run_own(conn, fence)?;
            commit.apply(conn)?;
            workflow_run::workflow_run_disown(conn, fence)?;
            Ok(id)
        })
        .await
    }

    async fn run_claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        let ownership = Arc::clone(&self.inner.ownership);
        self.write(move |conn| claim(conn, &ownership, run, owner)).await
    }

    async fn run_release(&self, fence: Fence) -> Result<(), StoreError> {
        self.write(move |conn| Ok(workflow_run::workflow_run_disown(conn, fence).map(drop)?)).await
    }

    async fn run_load(&self, run: WorkflowRunId) -> Result<RunSnapshot, StoreError> {
        self.read(move |conn| load(conn, run)).await
    }

    async fn run_commit(&self, commit: RunCommit) -> Result<(), StoreError> {
        let commit = PreparedCommit::new(commit)?;
        self.write(move |conn| commit.apply(conn)).await
    }

    async fn value_texts(&self, ids: &[AttributeValueId]) -> Result<Vec<Arc<str>>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |conn| {
            ids.into_iter()
                .map(|id| match attribute_value::attribute_value_text(conn, id.into())? {
                    Some(text) => Ok(text.into()),
                    None => Err(not_found("value", id).into()),
                })
                .collect()
        })
        .await
    }

    async fn message_insert(&self, message: NewRunMessage) -> Result<bool, StoreError> {
        let run = message.run_id;
        let row = NewRunMessageRow::try_from(message)?;
        self.write(move |conn| {
            // Looked up here, because SQLite names no key when a foreign one is violated.
            workflow_run::workflow_run_status(conn, run.into())?.ok_or_else(|| not_found("run", run))?;
            Ok(run_message::run_message_insert(conn, &row)? > 0)
        })
        .await
    }

    async fn message_list(&self, runs: &[WorkflowRunId]) -> Result<Vec<RunMessage>, StoreError> {
        let runs = runs.to_vec();
        self.read(move |conn| {
            let mut messages = Vec::new();
            for run in runs {
                for row in run_message::run_message_list_open(conn, run.into())? {
                    messages.push(RunMessage::try_from(row)?);
                }
            }
            messages.sort_by_key(|message| (message.created_at, message.id));
            Ok(messages)
        })
        .await
    }

    async fn run_orphans(&self, owner: SchedulerId) -> Result<Vec<WorkflowRunId>, StoreError> {
        let ownership = Arc::clone(&self.inner.ownership);
        self.read(move |conn| {
            let mut runs = workflow_run::workflow_run_list_wanting(conn)?;
            let is_other = |one: SchedulerId| one != owner && ownership.is_alive(one);
            runs.retain(|(_, owner)| owner.is_none_or(|owner| !is_other(owner.into())));
            Ok(runs.into_iter().map(|(run, _)| run.into()).collect())
        })
        .await
    }
}

fn create(conn: &mut Conn, row: &NewWorkflowRunRow) -> Result<WorkflowRunId, DbError> {
    if let Some(key) = &row.idempotency_key
        && let Some((run, workflow)) = workflow_run::workflow_run_by_key(conn, key)?
    {
        if workflow == row.workflow_id {
            return Ok(run.into());
        }
        let message = format!("the idempotency key `{key}` was used to start another workflow");
        return Err(StoreError::Conflict { message }.into());
    }
    if workflow::workflow_fetch(conn, row.workflow_id)?.is_none() {
        return Err(not_found("workflow", row.workflow_id.0).into());
    }
    workflow_run::workflow_run_insert(conn, row)?;
    Ok(row.id.into())
}

fn claim(
    conn: &mut Conn,
    ownership: &Ownership,
    run: WorkflowRunId,
    owner: SchedulerId,
) -> Result<Claim, DbError> {
    ownership.register(owner)?;
    let (previous, epoch) =
        workflow_run::workflow_run_owner(conn, run.into())?.ok_or_else(|| not_found("run", run))?;
    let previous = previous.map(SchedulerId::from).filter(|previous| *previous != owner);
    if let Some(owner) = previous.filter(|previous| ownership.is_alive(*previous)) {
        return Err(StoreError::Owned { owner }.into());
    }
    let fence = Fence { run_id: run, owner_id: owner, claim_epoch: epoch + 1 };
    workflow_run::workflow_run_own(conn, fence)?;
    Ok(Claim { fence, taken_over_from: previous })
}

fn load(conn: &mut Conn, run: WorkflowRunId) -> Result<RunSnapshot, DbError> {
    let id = DbUid::from(run);
    let row = workflow_run::workflow_run_fetch(conn, id)?.ok_or_else(|| not_found("run", run))?;
    let last_sequence = row.last_sequence()?;
    let values = attribute_value::attribute_value_outline_list(conn, id)?;
    Ok(RunSnapshot {
        run: row.try_into()?,
        section_runs: converted(section_run::section_run_list(conn, id)?)?,
        step_runs: converted(step_run::step_run_list_all(conn, id)?)?,
        fan_outs: converted(fan_out::fan_out_list(conn, id)?)?,
        values: values.into_iter().map(outline).collect::<Result<_, _>>()?,
        free_attempts: free_attempts(conn, id)?,
        open_attempts: converted(step_attempt::step_attempt_list_open(conn, id)?)?,
        last_sequence,
    })
}

/// Attempts per step run that do not count against its retries.
fn free_attempts(conn: &mut Conn, run: DbUid) -> Result<BTreeMap<StepRunId, u32>, DbError> {
    let classes: Vec<&str> =
        ErrorClass::ALL.iter().filter(|class| class.is_free()).map(|class| class.name()).collect();
    let mut counts = BTreeMap::new();
    for step_run in step_attempt::step_attempt_list_failed(conn, run, &classes)? {
        *counts.entry(step_run.into()).or_default() += 1;
    }
    Ok(counts)
}

/// A value with an empty text.
fn outline(columns: attribute_value::ValueOutline) -> Result<AttributeValue, DbError> {
    let (id, attribute_id, step_run_id, list_length, source, author, hash, created_at) = columns;
    let value = String::new();
    crate::row::attribute_value::AttributeValueRow {
        id,
        attribute_id,
        step_run_id,
        value,
        list_length,
        source,
        author,
        hash,
        created_at,
    }
    .try_into()
}
