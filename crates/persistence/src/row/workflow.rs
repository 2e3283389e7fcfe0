//! `workflows`.

use branchline_schema_model::store::WorkflowVersion;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::workflows;
use crate::sql_types::{DbInstant, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = workflows)]
pub(crate) struct WorkflowRow {
    pub(crate) id: DbUid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) version: i32,
    pub(crate) content_hash: String,
    pub(crate) document: String,
    pub(crate) created_at: DbInstant,
}

impl From<&WorkflowVersion> for WorkflowRow {
    fn from(workflow: &WorkflowVersion) -> Self {
        Self {
            id: workflow.id.into(),
            name: workflow.name.clone(),
            description: workflow.description.clone(),
            version: workflow.version as i32,
            content_hash: workflow.content_hash.clone(),
            document: workflow.document.clone(),
            created_at: workflow.created_at.into(),
        }
    }
}

/// Without its sections and attributes, which are rows of their own.
impl TryFrom<WorkflowRow> for WorkflowVersion {
    type Error = DbError;

    fn try_from(row: WorkflowRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            version: super::count("workflows", row.version)?,
            content_hash: row.content_hash,
            document: row.document,
            created_at: row.created_at.into(),
            sections: Vec::new(),
            attributes: Vec::new(),
        })
    }
}
