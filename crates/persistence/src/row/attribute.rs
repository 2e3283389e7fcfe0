//! `attributes`.

use branchline_schema_model::definition::{AttributeType, TypeKind};
use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::store::AttributeRow as Attribute;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::attributes;
use crate::sql_types::{DbDoc, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attributes, treat_none_as_default_value = false)]
pub(crate) struct AttributeRow {
    pub(crate) id: DbUid,
    pub(crate) name: String,
    pub(crate) type_: String,
    pub(crate) is_array: bool,
    pub(crate) workflow_id: DbUid,
    pub(crate) description: String,
    pub(crate) schema: Option<DbDoc>,
    pub(crate) default_value: Option<DbDoc>,
    pub(crate) position: i32,
}

impl AttributeRow {
    pub(crate) fn new(workflow: WorkflowId, position: usize, attribute: &Attribute) -> Self {
        Self {
            id: attribute.id.into(),
            name: attribute.name.clone(),
            type_: attribute.value_type.kind.name().to_owned(),
            is_array: attribute.value_type.is_array,
            workflow_id: workflow.into(),
            description: attribute.description.clone(),
            schema: attribute.value_type.stored_schema().map(DbDoc),
            default_value: attribute.default_value.clone().map(DbDoc),
            position: position as i32,
        }
    }
}

impl TryFrom<AttributeRow> for Attribute {
    type Error = DbError;

    fn try_from(row: AttributeRow) -> Result<Self, DbError> {
        let kind = TypeKind::from_name(&row.type_)
            .ok_or_else(|| DbError::row("attributes", format_args!("the type `{}`", row.type_)))?;
        let schema = row.schema.map(|schema| schema.0);
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            value_type: AttributeType::from_columns(kind, row.is_array, schema),
            default_value: row.default_value.map(|value| value.0),
        })
    }
}
