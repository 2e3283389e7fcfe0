//! `fan_outs`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::fan_out::FanOutRow;
use crate::schema::{fan_outs, section_runs};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn fan_out_insert(conn: &mut Conn, rows: &[FanOutRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(fan_outs::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(fan_outs::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// The fan-outs of a run.
#[engine]
pub(crate) async fn fan_out_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<FanOutRow>> {
    fan_outs::table
        .inner_join(section_runs::table)
        .filter(section_runs::workflow_run_id.eq(run))
        .order((fan_outs::section_run_id, fan_outs::step_id, fan_outs::parent_path))
        .select(FanOutRow::as_select())
        .load(conn)
        .await
}
