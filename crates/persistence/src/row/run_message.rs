//! `run_messages`.

use branchline_schema_model::store::{NewRunMessage, RunMessage};
use diesel::prelude::*;
use serde_json::Value as Json;

use crate::error::DbError;
use crate::schema::run_messages;
use crate::sql_types::{DbDoc, DbInstant, DbUid};

const TABLE: &str = "run_messages";

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = run_messages)]
pub(crate) struct NewRunMessageRow {
    pub(crate) id: DbUid,
    pub(crate) workflow_run_id: DbUid,
    pub(crate) unique_key: String,
    pub(crate) kind: String,
    pub(crate) payload: DbDoc,
    pub(crate) created_at: DbInstant,
}

impl TryFrom<NewRunMessage> for NewRunMessageRow {
    type Error = DbError;

    fn try_from(message: NewRunMessage) -> Result<Self, DbError> {
        let mut payload = serde_json::to_value(&message.kind).map_err(|error| DbError::row(TABLE, error))?;
        // The tag is a column of its own.
        let tag = payload.as_object_mut().and_then(|fields| fields.remove("kind"));
        let Some(Json::String(kind)) = tag else {
            return Err(DbError::row(TABLE, "a message without a kind"));
        };
        Ok(Self {
            id: message.id.into(),
            workflow_run_id: message.run_id.into(),
            unique_key: message.unique_key,
            kind,
            payload: DbDoc(payload),
            created_at: message.created_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = run_messages)]
pub(crate) struct RunMessageRow {
    pub(crate) id: DbUid,
    pub(crate) workflow_run_id: DbUid,
    pub(crate) kind: String,
    pub(crate) payload: DbDoc,
    pub(crate) created_at: DbInstant,
}

impl TryFrom<RunMessageRow> for RunMessage {
    type Error = DbError;

    fn try_from(row: RunMessageRow) -> Result<Self, DbError> {
        let mut payload = row.payload;
        if let Some(fields) = payload.0.as_object_mut() {
            fields.insert("kind".to_owned(), row.kind.into());
        }
        Ok(Self {
            id: row.id.into(),
            run_id: row.workflow_run_id.into(),
            kind: super::document(TABLE, payload)?,
            created_at: row.created_at.into(),
        })
    }
}
