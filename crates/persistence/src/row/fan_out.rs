//! `fan_outs`.

use branchline_schema_model::run::FanOutRecord;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::fan_outs;
use crate::sql_types::{DbDoc, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = fan_outs)]
pub(crate) struct FanOutRow {
    pub(crate) workflow_run_id: DbUid,
    pub(crate) step_id: DbUid,
    pub(crate) parent_path: String,
    pub(crate) branch_count: i32,
    pub(crate) numbers: Option<DbDoc>,
}

impl From<FanOutRecord> for FanOutRow {
    fn from(record: FanOutRecord) -> Self {
        Self {
            workflow_run_id: record.workflow_run_id.into(),
            step_id: record.step_id.into(),
            parent_path: record.parent_path.to_string(),
            branch_count: record.branch_count as i32,
            numbers: record.numbers.map(|numbers| DbDoc(numbers.into())),
        }
    }
}

impl TryFrom<FanOutRow> for FanOutRecord {
    type Error = DbError;

    fn try_from(row: FanOutRow) -> Result<Self, DbError> {
        Ok(Self {
            workflow_run_id: row.workflow_run_id.into(),
            step_id: row.step_id.into(),
            parent_path: super::parsed("fan_outs", &row.parent_path)?,
            branch_count: super::count("fan_outs", row.branch_count)?,
            numbers: row.numbers.map(|numbers| super::document("fan_outs", numbers)).transpose()?,
        })
    }
}
