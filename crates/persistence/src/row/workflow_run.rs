//! `workflow_runs`.

use branchline_schema_model::run::{Usage, WorkflowRun, WorkflowRunStatus};
use branchline_schema_model::store::NewRun;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::workflow_runs;
use crate::sql_types::{DbDoc, DbInstant, DbUid};

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = workflow_runs, treat_none_as_default_value = false)]
pub(crate) struct NewWorkflowRunRow {
    pub(crate) id: DbUid,
    pub(crate) workflow_id: DbUid,
    pub(crate) label: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) waiting: bool,
    pub(crate) options: DbDoc,
    pub(crate) claim_epoch: i64,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) created_at: DbInstant,
}

impl From<NewRun> for NewWorkflowRunRow {
    fn from(run: NewRun) -> Self {
        Self {
            id: run.id.into(),
            workflow_id: run.workflow_id.into(),
            label: super::kept(run.label),
            status: "pending",
            waiting: false,
            options: DbDoc(run.options),
            claim_epoch: 0,
            idempotency_key: run.idempotency_key,
            created_at: run.created_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = workflow_runs)]
pub(crate) struct WorkflowRunRow {
    pub(crate) id: DbUid,
    pub(crate) workflow_id: DbUid,
    pub(crate) label: Option<String>,
    pub(crate) status: String,
    pub(crate) waiting: bool,
    pub(crate) reason: Option<String>,
    pub(crate) options: DbDoc,
    pub(crate) owner_id: Option<DbUid>,
    pub(crate) claim_epoch: i64,
    pub(crate) last_sequence: i64,
    pub(crate) calls: i64,
    pub(crate) input_tokens: i64,
    pub(crate) cached_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) reasoning_tokens: i64,
    pub(crate) created_at: DbInstant,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
}

impl WorkflowRunRow {
    /// The number of the last event.
    pub(crate) fn last_sequence(&self) -> Result<u64, DbError> {
        super::big_count("workflow_runs", self.last_sequence)
    }

    /// Model calls made.
    pub(crate) fn calls(&self) -> Result<u64, DbError> {
        super::big_count("workflow_runs", self.calls)
    }

    /// Tokens of all attempts.
    pub(crate) fn usage(&self) -> Result<Usage, DbError> {
        let count = |number| super::big_count("workflow_runs", number);
        Ok(Usage {
            input_tokens: count(self.input_tokens)?,
            cached_tokens: count(self.cached_tokens)?,
            output_tokens: count(self.output_tokens)?,
            reasoning_tokens: count(self.reasoning_tokens)?,
        })
    }
}

impl TryFrom<WorkflowRunRow> for WorkflowRun {
    type Error = DbError;

    fn try_from(row: WorkflowRunRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            workflow_id: row.workflow_id.into(),
            label: row.label,
            status: super::parsed("workflow_runs", &row.status)?,
            waiting: row.waiting,
            reason: row.reason,
            options: row.options.0,
            owner_id: row.owner_id.map(Into::into),
            claim_epoch: row.claim_epoch,
            created_at: row.created_at.into(),
            started_at: row.started_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
        })
    }
}

/// The columns of a run that its owner changes.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = workflow_runs, treat_none_as_null = true)]
pub(crate) struct WorkflowRunChanges {
    pub(crate) status: &'static str,
    pub(crate) waiting: bool,
    pub(crate) reason: Option<String>,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
}

/// A change with the state it moves to.
#[derive(Debug, Clone)]
pub(crate) struct WorkflowRunUpdate {
    pub(crate) status: WorkflowRunStatus,
    pub(crate) changes: WorkflowRunChanges,
}
