//! `steps`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::step::StepRow;
use crate::schema::{sections, steps};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn step_insert(conn: &mut Conn, rows: &[StepRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(steps::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(steps::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The steps of a version in reference order.
#[engine]
pub(crate) async fn step_list(conn: &mut Conn, workflow: DbUid) -> QueryResult<Vec<StepRow>> {
    steps::table
        .inner_join(sections::table)
        .filter(sections::workflow_id.eq(workflow))
        .order((sections::order, steps::order))
        .select(StepRow::as_select())
        .load(conn)
        .await
}

/// Ids and the two slugs of the steps of a version, in reference order.
#[engine]
pub(crate) async fn step_slug_list(
    conn: &mut Conn,
    workflow: DbUid,
) -> QueryResult<Vec<(DbUid, String, String)>> {
    steps::table
        .inner_join(sections::table)
        .filter(sections::workflow_id.eq(workflow))
        .order((sections::order, steps::order))
        .select((steps::id, sections::slug, steps::slug))
        .load(conn)
        .await
}
