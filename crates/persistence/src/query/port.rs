//! `input_attributes` and `output_attributes`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::port::{InputAttributeRow, OutputAttributeRow};
use crate::schema::{input_attributes, output_attributes, sections, steps};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn input_attribute_insert(conn: &mut Conn, rows: &[InputAttributeRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(input_attributes::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(input_attributes::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn output_attribute_insert(conn: &mut Conn, rows: &[OutputAttributeRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(output_attributes::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(output_attributes::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// What the steps of a version read, in order per step.
#[engine]
pub(crate) async fn input_attribute_list(
    conn: &mut Conn,
    workflow: DbUid,
) -> QueryResult<Vec<InputAttributeRow>> {
    input_attributes::table
        .inner_join(steps::table.inner_join(sections::table))
        .filter(sections::workflow_id.eq(workflow))
        .order((input_attributes::step_id, input_attributes::position))
        .select(InputAttributeRow::as_select())
        .load(conn)
        .await
}

/// What the steps of a version write, in order per step.
#[engine]
pub(crate) async fn output_attribute_list(
    conn: &mut Conn,
    workflow: DbUid,
) -> QueryResult<Vec<OutputAttributeRow>> {
    output_attributes::table
        .inner_join(steps::table.inner_join(sections::table))
        .filter(sections::workflow_id.eq(workflow))
        .order((output_attributes::step_id, output_attributes::position))
        .select(OutputAttributeRow::as_select())
        .load(conn)
        .await
}
