//! `sections`.

use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::store::SectionRow as Section;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::sections;
use crate::sql_types::DbUid;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sections)]
pub(crate) struct SectionRow {
    pub(crate) id: DbUid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) order: i32,
    pub(crate) workflow_id: DbUid,
    pub(crate) slug: String,
}

impl SectionRow {
    pub(crate) fn new(workflow: WorkflowId, section: &Section) -> Self {
        Self {
            id: section.id.into(),
            name: section.name.clone(),
            description: section.description.clone(),
            order: section.order as i32,
            workflow_id: workflow.into(),
            slug: section.slug.clone(),
        }
    }
}

/// Without its steps, which are rows of their own.
impl TryFrom<SectionRow> for Section {
    type Error = DbError;

    fn try_from(row: SectionRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            slug: row.slug,
            description: row.description,
            order: super::count("sections", row.order)?,
            steps: Vec::new(),
        })
    }
}
