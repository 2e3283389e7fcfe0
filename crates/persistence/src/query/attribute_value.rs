//! `attribute_values`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::attribute_value::AttributeValueRow;
use crate::schema::{attribute_values, step_runs};
use crate::sql_types::{DbInstant, DbUid};

/// A value without its text.
pub(crate) type ValueOutline = (DbUid, DbUid, DbUid, Option<i32>, String, Option<String>, String, DbInstant);

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn attribute_value_insert(conn: &mut Conn, rows: &[AttributeValueRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(attribute_values::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(attribute_values::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The values of a run without their texts, in the order they were written.
#[engine]
pub(crate) async fn attribute_value_outline_list(
    conn: &mut Conn,
    run: DbUid,
) -> QueryResult<Vec<ValueOutline>> {
    attribute_values::table
        .inner_join(step_runs::table)
        .filter(step_runs::workflow_run_id.eq(run))
        .order(attribute_values::id)
        .select((
            attribute_values::id,
            attribute_values::attribute_id,
            attribute_values::step_run_id,
            attribute_values::list_length,
            attribute_values::source,
            attribute_values::author,
            attribute_values::hash,
            attribute_values::created_at,
        ))
        .load(conn)
        .await
}

/// The text of a value.
#[engine]
pub(crate) async fn attribute_value_text(conn: &mut Conn, id: DbUid) -> QueryResult<Option<String>> {
    attribute_values::table.find(id).select(attribute_values::value).first(conn).await.optional()
}
