//! `step_runs`.

use std::fmt::Write as _;

use branchline_schema_model::id::{StepRunId, WorkflowRunId};
use branchline_schema_model::run::{BranchPath, InputBinding, Status as _, StepRun, StepRunStatus};
use branchline_schema_model::store::StepRunUpdate as DomainUpdate;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::step_runs;
use crate::sql_types::{DbDoc, DbInstant, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = step_runs, treat_none_as_default_value = false)]
pub(crate) struct StepRunRow {
    pub(crate) id: DbUid,
    pub(crate) section_run_id: DbUid,
    pub(crate) step_id: DbUid,
    pub(crate) branch_number: i32,
    pub(crate) branch_path: String,
    pub(crate) branch_order: String,
    pub(crate) workflow_run_id: DbUid,
    pub(crate) status: String,
    pub(crate) inputs: DbDoc,
    pub(crate) attempts: i32,
    pub(crate) recoveries: i32,
    pub(crate) available_at: Option<DbInstant>,
    pub(crate) error: Option<String>,
    pub(crate) prompt_hash: Option<String>,
    pub(crate) created_at: DbInstant,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
    pub(crate) variant: Option<String>,
    pub(crate) sample: Option<i32>,
    pub(crate) label: Option<String>,
    pub(crate) tolerated: Option<String>,
    pub(crate) renewed_attempts: i32,
}

impl StepRunRow {
    pub(crate) fn new(run: WorkflowRunId, step_run: StepRun) -> Self {
        Self {
            id: step_run.id.into(),
            section_run_id: step_run.section_run_id.into(),
            step_id: step_run.step_id.into(),
            branch_number: step_run.branch_number as i32,
            branch_path: step_run.branch_path.to_string(),
            branch_order: branch_order(&step_run.branch_path),
            workflow_run_id: run.into(),
            status: step_run.status.name().to_owned(),
            inputs: bindings(&step_run.inputs),
            attempts: step_run.attempts as i32,
            recoveries: step_run.recoveries as i32,
            available_at: step_run.available_at.map(Into::into),
            error: super::kept(step_run.error),
            prompt_hash: step_run.prompt_hash,
            created_at: step_run.created_at.into(),
            started_at: step_run.started_at.map(Into::into),
            ended_at: step_run.ended_at.map(Into::into),
            variant: step_run.variant,
            sample: step_run.sample.map(|number| number as i32),
            label: super::kept(step_run.label),
            tolerated: step_run.tolerated.map(|tolerated| tolerated.name().to_owned()),
            renewed_attempts: step_run.renewed_attempts as i32,
        }
    }
}

impl TryFrom<StepRunRow> for StepRun {
    type Error = DbError;

    fn try_from(row: StepRunRow) -> Result<Self, DbError> {
        const TABLE: &str = "step_runs";
        Ok(Self {
            id: row.id.into(),
            section_run_id: row.section_run_id.into(),
            step_id: row.step_id.into(),
            branch_number: super::count(TABLE, row.branch_number)?,
            branch_path: super::parsed(TABLE, &row.branch_path)?,
            status: super::parsed(TABLE, &row.status)?,
            inputs: super::document(TABLE, row.inputs)?,
            attempts: super::count(TABLE, row.attempts)?,
            recoveries: super::count(TABLE, row.recoveries)?,
            renewed_attempts: super::count(TABLE, row.renewed_attempts)?,
            available_at: row.available_at.map(Into::into),
            error: row.error,
            prompt_hash: row.prompt_hash,
            created_at: row.created_at.into(),
            started_at: row.started_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            variant: row.variant,
            sample: super::optional_count(TABLE, row.sample)?,
            label: row.label,
            tolerated: row.tolerated.map(|text| super::parsed(TABLE, &text)).transpose()?,
        })
    }
}

/// The path as a text that sorts in branch order: each number after a letter for its length (`a9`, `b10`).
pub(crate) fn branch_order(path: &BranchPath) -> String {
    let mut key = String::with_capacity(path.depth() * 6);
    for (level, number) in path.numbers().iter().enumerate() {
        if level > 0 {
            key.push('/');
        }
        let digits = number.checked_ilog10().unwrap_or(0) as u8;
        key.push(char::from(b'a' + digits));
        // Writing to a string cannot fail.
        let _ = write!(key, "{number}");
    }
    key
}

fn bindings(inputs: &InputBinding) -> DbDoc {
    let names = inputs.iter().map(|(name, values)| {
        let ids: Vec<_> = values.iter().map(ToString::to_string).collect();
        (name.clone(), ids.into())
    });
    DbDoc(serde_json::Value::Object(names.collect()))
}

/// The columns of a step run that change.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = step_runs, treat_none_as_null = true)]
pub(crate) struct StepRunChanges {
    pub(crate) status: &'static str,
    pub(crate) tolerated: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) recoveries: i32,
    pub(crate) renewed_attempts: i32,
    pub(crate) available_at: Option<DbInstant>,
    pub(crate) error: Option<String>,
    pub(crate) prompt_hash: Option<String>,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
}

/// A change with the row it is for and the state it moves to.
#[derive(Debug, Clone)]
pub(crate) struct StepRunUpdate {
    pub(crate) id: StepRunId,
    pub(crate) status: StepRunStatus,
    pub(crate) changes: StepRunChanges,
    /// What it was bound to; `None` leaves what is there.
    pub(crate) inputs: Option<DbDoc>,
}

impl From<DomainUpdate> for StepRunUpdate {
    fn from(update: DomainUpdate) -> Self {
        let changes = StepRunChanges {
            status: update.status.name(),
            tolerated: update.tolerated.map(|tolerated| tolerated.name().to_owned()),
            attempts: update.attempts as i32,
            recoveries: update.recoveries as i32,
            renewed_attempts: update.renewed_attempts as i32,
            available_at: update.available_at.map(Into::into),
            error: super::kept(update.error),
            prompt_hash: update.prompt_hash,
            started_at: update.started_at.map(Into::into),
            ended_at: update.ended_at.map(Into::into),
        };
        Self { id: update.id, status: update.status, changes, inputs: update.inputs.as_ref().map(bindings) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sortable_paths_sort_like_paths() {
        let mut paths: Vec<BranchPath> =
            ["", "1", "2", "2/1", "2/9", "2/10", "2/10/3", "9", "10", "10000", "10000/1"]
                .iter()
                .map(|text| text.parse().unwrap())
                .collect();
        paths.reverse();
        paths.sort_by_key(branch_order);
        let shown: Vec<_> = paths.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["", "1", "2", "2/1", "2/9", "2/10", "2/10/3", "9", "10", "10000", "10000/1"]);
    }
}
