//! `fan_outs`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::fan_out::FanOutRow;
use crate::schema::fan_outs;
use crate::sql_types::DbUid;

/// Inserts rows; where turns are counted already, their number is set.
#[engine]
pub(crate) async fn fan_out_put(conn: &mut Conn, rows: &[FanOutRow]) -> QueryResult<()> {
    for row in rows {
        diesel::insert_into(fan_outs::table)
            .values(row)
            .on_conflict((fan_outs::workflow_run_id, fan_outs::step_id, fan_outs::parent_path))
            .do_update()
            .set(fan_outs::branch_count.eq(row.branch_count))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The fan-outs of a run.
#[engine]
pub(crate) async fn fan_out_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<FanOutRow>> {
    fan_outs::table
        .filter(fan_outs::workflow_run_id.eq(run))
        .order((fan_outs::step_id, fan_outs::parent_path))
        .select(FanOutRow::as_select())
        .load(conn)
        .await
}
