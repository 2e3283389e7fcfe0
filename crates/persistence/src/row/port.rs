//! `input_attributes` and `output_attributes`: what a step reads and writes.

use branchline_schema_model::id::StepId;
use branchline_schema_model::store::{InputRow, OutputRow};
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::{input_attributes, output_attributes};
use crate::sql_types::DbUid;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = input_attributes)]
pub(crate) struct InputAttributeRow {
    pub(crate) step_id: DbUid,
    pub(crate) attribute_id: DbUid,
    pub(crate) position: i32,
    pub(crate) alias: String,
    pub(crate) mode: String,
    pub(crate) required: bool,
}

impl InputAttributeRow {
    pub(crate) fn new(step: StepId, input: &InputRow) -> Self {
        Self {
            step_id: step.into(),
            attribute_id: input.attribute_id.into(),
            position: input.position as i32,
            alias: input.alias.clone(),
            mode: input.mode.clone(),
            required: input.required,
        }
    }
}

impl TryFrom<InputAttributeRow> for InputRow {
    type Error = DbError;

    fn try_from(row: InputAttributeRow) -> Result<Self, DbError> {
        Ok(Self {
            attribute_id: row.attribute_id.into(),
            position: super::count("input_attributes", row.position)?,
            alias: row.alias,
            mode: row.mode,
            required: row.required,
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = output_attributes)]
pub(crate) struct OutputAttributeRow {
    pub(crate) step_id: DbUid,
    pub(crate) attribute_id: DbUid,
    pub(crate) position: i32,
}

impl OutputAttributeRow {
    pub(crate) fn new(step: StepId, output: &OutputRow) -> Self {
        Self {
            step_id: step.into(),
            attribute_id: output.attribute_id.into(),
            position: output.position as i32,
        }
    }
}

impl TryFrom<OutputAttributeRow> for OutputRow {
    type Error = DbError;

    fn try_from(row: OutputAttributeRow) -> Result<Self, DbError> {
        let position = super::count("output_attributes", row.position)?;
        Ok(Self { attribute_id: row.attribute_id.into(), position })
    }
}
