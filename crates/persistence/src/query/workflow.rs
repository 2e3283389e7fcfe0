//! `workflows`.

use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::workflow::WorkflowRow;
use crate::schema::workflows;
use crate::sql_types::DbUid;

/// Inserts a version.
#[engine]
pub(crate) async fn workflow_insert(conn: &mut Conn, row: &WorkflowRow) -> QueryResult<()> {
    diesel::insert_into(workflows::table).values(row).execute(conn).await?;
    Ok(())
}

/// The version with that id.
#[engine]
pub(crate) async fn workflow_fetch(conn: &mut Conn, id: DbUid) -> QueryResult<Option<WorkflowRow>> {
    workflows::table.find(id).select(WorkflowRow::as_select()).first(conn).await.optional()
}

/// The id of the version of a name with that content.
#[engine]
pub(crate) async fn workflow_id_by_content(
    conn: &mut Conn,
    name: &str,
    hash: &str,
) -> QueryResult<Option<DbUid>> {
    workflows::table
        .filter(workflows::name.eq(name).and(workflows::content_hash.eq(hash)))
        .select(workflows::id)
        .first(conn)
        .await
        .optional()
}

/// The id and number of the newest version of a name.
#[engine]
pub(crate) async fn workflow_newest(conn: &mut Conn, name: &str) -> QueryResult<Option<(DbUid, i32)>> {
    workflows::table
        .filter(workflows::name.eq(name))
        .order(workflows::version.desc())
        .select((workflows::id, workflows::version))
        .first(conn)
        .await
        .optional()
}

/// The id of that version of a name.
#[engine]
pub(crate) async fn workflow_id_by_version(
    conn: &mut Conn,
    name: &str,
    version: i32,
) -> QueryResult<Option<DbUid>> {
    workflows::table
        .filter(workflows::name.eq(name).and(workflows::version.eq(version)))
        .select(workflows::id)
        .first(conn)
        .await
        .optional()
}

/// All versions, by name and then newest first.
#[engine]
pub(crate) async fn workflow_list(conn: &mut Conn) -> QueryResult<Vec<WorkflowRow>> {
    workflows::table
        .order((workflows::name.asc(), workflows::version.desc()))
        .select(WorkflowRow::as_select())
        .load(conn)
        .await
}
