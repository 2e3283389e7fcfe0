//! `steps`.

use branchline_schema_model::id::SectionId;
use branchline_schema_model::store::StepRow as Step;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::steps;
use crate::sql_types::{DbDoc, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = steps)]
pub(crate) struct StepRow {
    pub(crate) id: DbUid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) order: i32,
    pub(crate) section_id: DbUid,
    pub(crate) prompt: String,
    pub(crate) slug: String,
    pub(crate) action: String,
    pub(crate) options: DbDoc,
    pub(crate) enabled: bool,
}

impl StepRow {
    pub(crate) fn new(section: SectionId, step: &Step) -> Self {
        Self {
            id: step.id.into(),
            name: step.name.clone(),
            description: step.description.clone(),
            order: step.order as i32,
            section_id: section.into(),
            prompt: step.prompt.clone(),
            slug: step.slug.clone(),
            action: step.action.clone(),
            options: DbDoc(step.options.clone()),
            enabled: step.enabled,
        }
    }
}

/// Without its ports, which are rows of their own.
impl TryFrom<StepRow> for Step {
    type Error = DbError;

    fn try_from(row: StepRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            slug: row.slug,
            description: row.description,
            order: super::count("steps", row.order)?,
            prompt: row.prompt,
            action: row.action,
            enabled: row.enabled,
            options: row.options.0,
            inputs: Vec::new(),
            outputs: Vec::new(),
        })
    }
}
