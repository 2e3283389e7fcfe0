//! `run_messages`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::run_message::{NewRunMessageRow, RunMessageRow};
use crate::schema::run_messages;
use crate::sql_types::{DbInstant, DbUid};

/// Inserts a message; 0 when there is one with its key.
#[engine]
pub(crate) async fn run_message_insert(conn: &mut Conn, row: &NewRunMessageRow) -> QueryResult<usize> {
    diesel::insert_into(run_messages::table)
        .values(row)
        .on_conflict((run_messages::workflow_run_id, run_messages::unique_key))
        .do_nothing()
        .execute(conn)
        .await
}

/// Messages of a run not applied yet, oldest first.
#[engine]
pub(crate) async fn run_message_list_open(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<RunMessageRow>> {
    run_messages::table
        .filter(run_messages::workflow_run_id.eq(run))
        .filter(run_messages::applied_at.is_null())
        .order(run_messages::id)
        .select(RunMessageRow::as_select())
        .load(conn)
        .await
}

/// Marks a message of that run as applied; 0 when it is not there or was applied before.
#[engine]
pub(crate) async fn run_message_apply(
    conn: &mut Conn,
    run: DbUid,
    id: DbUid,
    at: Option<DbInstant>,
) -> QueryResult<usize> {
    let open = run_messages::table.find(id).filter(run_messages::workflow_run_id.eq(run));
    let update = diesel::update(open).filter(run_messages::applied_at.is_null());
    match at {
        Some(at) => update.set(run_messages::applied_at.eq(at)).execute(conn).await,
        None => {
            update.set(run_messages::applied_at.eq(run_messages::created_at.nullable())).execute(conn).await
        }
    }
}
