//! `attributes`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::attribute::AttributeRow;
use crate::schema::attributes;
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn attribute_insert(conn: &mut Conn, rows: &[AttributeRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(attributes::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(attributes::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The attributes of a version in the order of its plan.
#[engine]
pub(crate) async fn attribute_list(conn: &mut Conn, workflow: DbUid) -> QueryResult<Vec<AttributeRow>> {
    attributes::table
        .filter(attributes::workflow_id.eq(workflow))
        .order(attributes::position)
        .select(AttributeRow::as_select())
        .load(conn)
        .await
}
