//! `decisions`.

use branchline_schema_model::run::{Decision, DecisionKind};
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::decisions;
use crate::sql_types::{DbDoc, DbInstant, DbUid};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decisions, treat_none_as_default_value = false)]
pub(crate) struct DecisionRow {
    pub(crate) id: DbUid,
    pub(crate) step_run_id: DbUid,
    pub(crate) kind: String,
    pub(crate) picked: DbDoc,
    pub(crate) option_count: i32,
    pub(crate) author: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) created_at: DbInstant,
}

impl From<Decision> for DecisionRow {
    fn from(decision: Decision) -> Self {
        let kind = match decision.kind {
            DecisionKind::Human => "human",
            DecisionKind::Automatic => "automatic",
        };
        Self {
            id: decision.id.into(),
            step_run_id: decision.step_run_id.into(),
            kind: kind.to_owned(),
            picked: DbDoc(decision.picked.into()),
            option_count: decision.option_count as i32,
            author: super::kept(decision.author),
            note: super::kept(decision.note),
            created_at: decision.created_at.into(),
        }
    }
}

impl TryFrom<DecisionRow> for Decision {
    type Error = DbError;

    fn try_from(row: DecisionRow) -> Result<Self, DbError> {
        const TABLE: &str = "decisions";
        let kind = match row.kind.as_str() {
            "human" => DecisionKind::Human,
            "automatic" => DecisionKind::Automatic,
            kind => return Err(DbError::row(TABLE, format_args!("the kind `{kind}`"))),
        };
        Ok(Self {
            id: row.id.into(),
            step_run_id: row.step_run_id.into(),
            kind,
            picked: super::document(TABLE, row.picked)?,
            option_count: super::count(TABLE, row.option_count)?,
            author: row.author,
            note: row.note,
            created_at: row.created_at.into(),
        })
    }
}
