//! `sections`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::section::SectionRow;
use crate::schema::sections;
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn section_insert(conn: &mut Conn, rows: &[SectionRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(sections::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(sections::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The sections of a version in order.
#[engine]
pub(crate) async fn section_list(conn: &mut Conn, workflow: DbUid) -> QueryResult<Vec<SectionRow>> {
    sections::table
        .filter(sections::workflow_id.eq(workflow))
        .order(sections::order)
        .select(SectionRow::as_select())
        .load(conn)
        .await
}
