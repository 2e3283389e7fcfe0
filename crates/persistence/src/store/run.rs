//! Runs, for the engine that owns them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::id::{AttributeValueId, SchedulerId, StepRunId, WorkflowRunId};
use branchline_schema_model::run::{AttributeValue, ErrorClass};
use branchline_schema_model::store::{
    Claim, Fence, NewRun, NewRunMessage, RunCommit, RunMessage, RunSnapshot, RunStore, StoreError, Wakeups,
};

use super::commit::PreparedCommit;
use super::query::{
    attribute_value, fan_out, run_message, section_run, step_attempt, step_run, workflow, workflow_run,
};
use super::{Conn, Store, engine, operation};
use crate::error::{DbError, not_found};
use crate::row::converted;
use crate::row::run_message::NewRunMessageRow;
use crate::row::workflow_run::NewWorkflowRunRow;
use crate::sql_types::DbUid;

#[async_trait]
impl RunStore for Store {
    async fn run_create(&self, run: NewRun) -> Result<WorkflowRunId, StoreError> {
        self.write(NewWorkflowRunRow::from(run), operation!(create)).await
    }

    async fn run_import(&self, run: NewRun, commit: RunCommit) -> Result<WorkflowRunId, StoreError> {
        if commit.fence.run_id != run.id {
            let message =
                format!("a commit of run `{}` cannot be imported as `{}`", commit.fence.run_id, run.id);
            return Err(StoreError::Unexpected { message });
        }
        let import = (NewWorkflowRunRow::from(run), commit.fence, PreparedCommit::new(commit)?);
        self.write(import, operation!(import_run)).await
    }

    async fn run_claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        self.claim(run, owner).await
    }

    async fn run_claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Option<Claim>, StoreError> {
        match self.claim_idle(run, owner).await {
            Err(StoreError::Owned { .. }) => Ok(None),
            claim => claim.map(Some),
        }
    }

    async fn run_release(&self, fence: Fence) -> Result<(), StoreError> {
        self.write(fence, operation!(release)).await
    }

    async fn run_load(&self, run: WorkflowRunId) -> Result<RunSnapshot, StoreError> {
        self.read(run, operation!(load)).await
    }

    async fn run_commit(&self, commit: RunCommit) -> Result<(), StoreError> {
        self.write(PreparedCommit::new(commit)?, operation!(apply)).await
    }

    async fn value_texts(&self, ids: &[AttributeValueId]) -> Result<Vec<Arc<str>>, StoreError> {
        self.read(ids.to_vec(), operation!(texts)).await
    }

    async fn message_insert(&self, message: NewRunMessage) -> Result<bool, StoreError> {
        self.write((message.run_id, NewRunMessageRow::try_from(message)?), operation!(insert_message)).await
    }

    async fn message_list(&self, runs: &[WorkflowRunId]) -> Result<Vec<RunMessage>, StoreError> {
        self.read(runs.to_vec(), operation!(messages)).await
    }

    async fn run_orphans(&self, owner: SchedulerId, limit: usize) -> Result<Vec<WorkflowRunId>, StoreError> {
        self.orphans(owner, limit).await
    }

    async fn run_tell(&self, run: WorkflowRunId) {
        self.tell(run).await;
    }

    fn wakeups(&self) -> Box<dyn Wakeups> {
        self.listen()
    }

    fn hears_others(&self) -> bool {
        self.is_told()
    }
}

#[engine]
async fn import_run(
    conn: &mut Conn,
    (row, fence, commit): &(NewWorkflowRunRow, Fence, PreparedCommit),
) -> Result<WorkflowRunId, DbError> {
    let id = create(conn, row).await?;
    workflow_run::workflow_run_own(conn, *fence).await?;
    commit.apply(conn).await?;
    workflow_run::workflow_run_disown(conn, *fence).await?;
    Ok(id)
}

#[engine]
async fn release(conn: &mut Conn, fence: &Fence) -> Result<(), DbError> {
    workflow_run::workflow_run_disown(conn, *fence).await?;
    Ok(())
}

#[engine]
async fn apply(conn: &mut Conn, commit: &PreparedCommit) -> Result<(), DbError> {
    commit.apply(conn).await
}

#[engine]
async fn texts(conn: &mut Conn, ids: &Vec<AttributeValueId>) -> Result<Vec<Arc<str>>, DbError> {
    let mut texts = Vec::with_capacity(ids.len());
    for id in ids {
        let text = attribute_value::attribute_value_text(conn, (*id).into()).await?;
        texts.push(text.ok_or_else(|| not_found("value", id))?.into());
    }
    Ok(texts)
}

#[engine]
async fn insert_message(
    conn: &mut Conn,
    (run, row): &(WorkflowRunId, NewRunMessageRow),
) -> Result<bool, DbError> {
    // Looked up here, because SQLite names no key when a foreign one is violated.
    workflow_run::workflow_run_status(conn, (*run).into()).await?.ok_or_else(|| not_found("run", run))?;
    Ok(run_message::run_message_insert(conn, row).await? > 0)
}

#[engine]
async fn messages(conn: &mut Conn, runs: &Vec<WorkflowRunId>) -> Result<Vec<RunMessage>, DbError> {
    let mut messages: Vec<RunMessage> = Vec::new();
    for run in runs {
        messages.extend(converted(run_message::run_message_list_open(conn, (*run).into()).await?)?);
    }
    messages.sort_by_key(|message| (message.created_at, message.id));
    Ok(messages)
}

#[engine]
async fn create(conn: &mut Conn, row: &NewWorkflowRunRow) -> Result<WorkflowRunId, DbError> {
    if let Some(key) = &row.idempotency_key
        && let Some((run, workflow)) = workflow_run::workflow_run_by_key(conn, key).await?
    {
        if workflow == row.workflow_id {
            return Ok(run.into());
        }
        let message = format!("the idempotency key `{key}` was used to start another workflow");
        return Err(StoreError::Conflict { message }.into());
    }
    if workflow::workflow_fetch(conn, row.workflow_id).await?.is_none() {
        return Err(not_found("workflow", row.workflow_id.0).into());
    }
    workflow_run::workflow_run_insert(conn, row).await?;
    Ok(row.id.into())
}

#[engine]
async fn load(conn: &mut Conn, run: &WorkflowRunId) -> Result<RunSnapshot, DbError> {
    let id = DbUid::from(*run);
    let row = workflow_run::workflow_run_fetch(conn, id).await?.ok_or_else(|| not_found("run", run))?;
    let last_sequence = row.last_sequence()?;
    let values = attribute_value::attribute_value_outline_list(conn, id).await?;
    Ok(RunSnapshot {
        run: row.try_into()?,
        section_runs: converted(section_run::section_run_list(conn, id).await?)?,
        step_runs: converted(step_run::step_run_list_all(conn, id).await?)?,
        fan_outs: converted(fan_out::fan_out_list(conn, id).await?)?,
        values: values.into_iter().map(outline).collect::<Result<_, _>>()?,
        free_attempts: free_attempts(conn, id).await?,
        open_attempts: converted(step_attempt::step_attempt_list_open(conn, id).await?)?,
        last_sequence,
    })
}

/// Attempts per step run that do not count against its retries.
#[engine]
async fn free_attempts(conn: &mut Conn, run: DbUid) -> Result<BTreeMap<StepRunId, u32>, DbError> {
    let classes: Vec<&str> =
        ErrorClass::ALL.iter().filter(|class| class.is_free()).map(|class| class.name()).collect();
    let mut counts = BTreeMap::new();
    for step_run in step_attempt::step_attempt_list_failed(conn, run, &classes).await? {
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
