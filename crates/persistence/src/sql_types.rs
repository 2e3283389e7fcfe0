//! SQL types that mean the same on every database, and the Rust values that stand for them in rows.
//!
//! [`Uid`] is `TEXT` on SQLite and `uuid` on PostgreSQL, [`Instant`] is an integer of microseconds and `timestamptz`,
//! [`Doc`] is `TEXT` and `jsonb`. How a value is written on one database is said in that database's own module.

use branchline_schema_model::id::{
    AttributeId, AttributeValueId, DecisionId, RunMessageId, SchedulerId, SectionId, SectionRunId,
    StepAttemptId, StepId, StepRunId, WorkflowId, WorkflowRunId,
};
use branchline_schema_model::time::Timestamp;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;
use serde_json::Value as Json;
use uuid::Uuid;

/// An id.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Text"), postgres_type(oid = 2950, array_oid = 2951))]
pub struct Uid;

/// A moment, to the microsecond.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Long"), postgres_type(oid = 1184, array_oid = 1185))]
pub struct Instant;

/// A JSON document.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Text"), postgres_type(oid = 3802, array_oid = 3807))]
pub struct Doc;

/// Any typed id in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uid)]
pub(crate) struct DbUid(pub(crate) Uuid);

/// A moment in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub(crate) struct DbInstant(pub(crate) i64);

/// A document in a row.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Doc)]
pub(crate) struct DbDoc(pub(crate) Json);

impl From<Timestamp> for DbInstant {
    fn from(time: Timestamp) -> Self {
        Self(time.as_micros())
    }
}

impl From<DbInstant> for Timestamp {
    fn from(time: DbInstant) -> Self {
        Self::from_micros(time.0)
    }
}

macro_rules! typed_ids {
    ($($name:ident)*) => {$(
        impl From<$name> for DbUid {
            fn from(id: $name) -> Self {
                Self(id.as_uuid())
            }
        }

        impl From<DbUid> for $name {
            fn from(id: DbUid) -> Self {
                Self::from_uuid(id.0)
            }
        }
    )*};
}

typed_ids! {
    AttributeId AttributeValueId DecisionId RunMessageId SchedulerId SectionId SectionRunId StepAttemptId StepId
    StepRunId WorkflowId WorkflowRunId
}
