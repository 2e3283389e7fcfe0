//! `run_events`.

use branchline_schema_model::run::RunEvent;
use diesel::prelude::*;
use serde_json::Value as Json;

use crate::error::DbError;
use crate::schema::run_events;
use crate::sql_types::{DbDoc, DbInstant, DbUid};

const TABLE: &str = "run_events";

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_events)]
pub(crate) struct RunEventRow {
    pub(crate) workflow_run_id: DbUid,
    pub(crate) sequence: i64,
    pub(crate) created_at: DbInstant,
    pub(crate) event: String,
    pub(crate) payload: DbDoc,
}

impl TryFrom<RunEvent> for RunEventRow {
    type Error = DbError;

    fn try_from(event: RunEvent) -> Result<Self, DbError> {
        let mut payload = serde_json::to_value(&event.kind).map_err(|error| DbError::row(TABLE, error))?;
        // The tag is a column of its own.
        let tag = payload.as_object_mut().and_then(|fields| fields.remove("event"));
        let Some(Json::String(tag)) = tag else {
            return Err(DbError::row(TABLE, "an event without a name"));
        };
        Ok(Self {
            workflow_run_id: event.run_id.into(),
            sequence: event.sequence as i64,
            created_at: event.at.into(),
            event: tag,
            payload: DbDoc(payload),
        })
    }
}

impl TryFrom<RunEventRow> for RunEvent {
    type Error = DbError;

    fn try_from(row: RunEventRow) -> Result<Self, DbError> {
        let mut payload = row.payload;
        if let Some(fields) = payload.0.as_object_mut() {
            fields.insert("event".to_owned(), row.event.into());
        }
        Ok(Self {
            run_id: row.workflow_run_id.into(),
            sequence: super::big_count(TABLE, row.sequence)?,
            at: row.created_at.into(),
            kind: super::document(TABLE, payload)?,
        })
    }
}
