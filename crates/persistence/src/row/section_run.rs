//! `section_runs`.

use branchline_schema_model::id::SectionRunId;
use branchline_schema_model::run::{SectionRun, SectionRunStatus, Status as _};
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::section_runs;
use crate::sql_types::{DbInstant, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = section_runs, treat_none_as_default_value = false)]
pub(crate) struct SectionRunRow {
    pub(crate) id: DbUid,
    pub(crate) workflow_run_id: DbUid,
    pub(crate) section_id: DbUid,
    pub(crate) status: String,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
    pub(crate) item_index: Option<i32>,
    pub(crate) iteration: Option<i32>,
    pub(crate) label: Option<String>,
}

impl From<SectionRun> for SectionRunRow {
    fn from(run: SectionRun) -> Self {
        Self {
            id: run.id.into(),
            workflow_run_id: run.workflow_run_id.into(),
            section_id: run.section_id.into(),
            status: run.status.name().to_owned(),
            started_at: run.started_at.map(Into::into),
            ended_at: run.ended_at.map(Into::into),
            item_index: run.item_index.map(|number| number as i32),
            iteration: run.iteration.map(|number| number as i32),
            label: super::kept(run.label),
        }
    }
}

impl TryFrom<SectionRunRow> for SectionRun {
    type Error = DbError;

    fn try_from(row: SectionRunRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            workflow_run_id: row.workflow_run_id.into(),
            section_id: row.section_id.into(),
            status: super::parsed("section_runs", &row.status)?,
            started_at: row.started_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            item_index: super::optional_count("section_runs", row.item_index)?,
            iteration: super::optional_count("section_runs", row.iteration)?,
            label: row.label,
        })
    }
}

/// The columns of a section run that change.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = section_runs, treat_none_as_null = true)]
pub(crate) struct SectionRunChanges {
    pub(crate) status: &'static str,
    pub(crate) started_at: Option<DbInstant>,
    pub(crate) ended_at: Option<DbInstant>,
}

/// A change with the row it is for and the state it moves to.
#[derive(Debug, Clone)]
pub(crate) struct SectionRunUpdate {
    pub(crate) id: SectionRunId,
    pub(crate) status: SectionRunStatus,
    pub(crate) changes: SectionRunChanges,
}
