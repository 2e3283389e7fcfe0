//! `attribute_values`.

use branchline_schema_model::run::{AttributeValue, ValueSource};
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::attribute_values;
use crate::sql_types::{DbInstant, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attribute_values, treat_none_as_default_value = false)]
pub(crate) struct AttributeValueRow {
    pub(crate) id: DbUid,
    pub(crate) attribute_id: DbUid,
    pub(crate) step_run_id: DbUid,
    pub(crate) value: String,
    pub(crate) list_length: Option<i32>,
    pub(crate) source: String,
    pub(crate) author: Option<String>,
    pub(crate) hash: String,
    pub(crate) created_at: DbInstant,
}

impl From<AttributeValue> for AttributeValueRow {
    fn from(value: AttributeValue) -> Self {
        Self {
            id: value.id.into(),
            attribute_id: value.attribute_id.into(),
            step_run_id: value.step_run_id.into(),
            value: value.value,
            list_length: value.list_length.map(|length| length as i32),
            source: value.source.name().to_owned(),
            author: super::kept(value.author),
            hash: value.hash,
            created_at: value.created_at.into(),
        }
    }
}

impl TryFrom<AttributeValueRow> for AttributeValue {
    type Error = DbError;

    fn try_from(row: AttributeValueRow) -> Result<Self, DbError> {
        const TABLE: &str = "attribute_values";
        let source = ValueSource::from_name(&row.source)
            .ok_or_else(|| DbError::row(TABLE, format_args!("the source `{}`", row.source)))?;
        Ok(Self {
            id: row.id.into(),
            attribute_id: row.attribute_id.into(),
            step_run_id: row.step_run_id.into(),
            value: row.value,
            list_length: row.list_length.map(|length| super::count(TABLE, length)).transpose()?,
            source,
            author: row.author,
            hash: row.hash,
            created_at: row.created_at.into(),
        })
    }
}
