//! `attribute_values`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::attribute_value::AttributeValueRow;
use crate::schema::{attribute_values, output_attributes, step_runs};
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

/// A value with the branch path, the variant and the sample of its step run.
pub(crate) type PlacedValue = (AttributeValueRow, String, Option<String>, Option<i32>);

/// Which values of a step in a section run to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValuePage {
    /// Only of this attribute.
    pub(crate) attribute: Option<DbUid>,
    /// Only of this step run.
    pub(crate) step_run: Option<DbUid>,
    /// Only of branches after this one, as `branch_order`.
    pub(crate) after: Option<String>,
    /// At most this many; `None` for all.
    pub(crate) limit: Option<i64>,
}

/// Values written by a step in a section run: by branch, then items before outputs in their order, then by age.
#[engine]
pub(crate) async fn attribute_value_list_page(
    conn: &mut Conn,
    section_run: DbUid,
    step: DbUid,
    page: &ValuePage,
) -> QueryResult<Vec<PlacedValue>> {
    let is_output = output_attributes::step_id
        .eq(step_runs::step_id)
        .and(output_attributes::attribute_id.eq(attribute_values::attribute_id));
    let mut query = attribute_values::table
        .inner_join(step_runs::table)
        .left_join(output_attributes::table.on(is_output))
        .filter(step_runs::section_run_id.eq(section_run))
        .filter(step_runs::step_id.eq(step))
        .order((
            step_runs::branch_order,
            output_attributes::position.nullable().is_not_null(),
            output_attributes::position.nullable(),
            attribute_values::id,
        ))
        .select((
            AttributeValueRow::as_select(),
            step_runs::branch_path,
            step_runs::variant,
            step_runs::sample,
        ))
        .into_boxed();
    if let Some(attribute) = page.attribute {
        query = query.filter(attribute_values::attribute_id.eq(attribute));
    }
    if let Some(step_run) = page.step_run {
        query = query.filter(step_runs::id.eq(step_run));
    }
    if let Some(after) = &page.after {
        query = query.filter(step_runs::branch_order.gt(after));
    }
    if let Some(limit) = page.limit {
        query = query.limit(limit);
    }
    query.load(conn).await
}

/// A value of a run.
#[engine]
pub(crate) async fn attribute_value_fetch(
    conn: &mut Conn,
    run: DbUid,
    id: DbUid,
) -> QueryResult<Option<AttributeValueRow>> {
    attribute_values::table
        .find(id)
        .inner_join(step_runs::table)
        .filter(step_runs::workflow_run_id.eq(run))
        .select(AttributeValueRow::as_select())
        .first(conn)
        .await
        .optional()
}
