//! `section_runs`.

use branchline_schema_model::run::SectionRunStatus;
use diesel::prelude::*;

use super::{Conn, RunQueryDsl, engine};
use crate::row::legal::sources;
use crate::row::section_run::{SectionRunRow, SectionRunUpdate};
use crate::schema::{section_runs, sections, steps};
use crate::sql_types::DbUid;

/// Inserts rows, many per statement.
#[engine]
pub(crate) async fn section_run_insert(conn: &mut Conn, rows: &[SectionRunRow]) -> QueryResult<()> {
    if let [row] = rows {
        // Alone, as most rows come, the statement is prepared once for all.
        diesel::insert_into(section_runs::table).values(row).execute(conn).await?;
        return Ok(());
    }
    for rows in rows.chunks(super::ROWS_PER_INSERT) {
        diesel::insert_into(section_runs::table).values(rows).execute(conn).await?;
    }
    Ok(())
}

/// Moves a section run of that run; how many rows were in a state from which that is legal.
#[engine]
pub(crate) async fn section_run_update(
    conn: &mut Conn,
    run: DbUid,
    update: &SectionRunUpdate,
) -> QueryResult<usize> {
    let [a, b, c] = sources::<SectionRunStatus, 3>(update.status);
    let is_legal = section_runs::status.eq(a).or(section_runs::status.eq(b)).or(section_runs::status.eq(c));
    diesel::update(section_runs::table.find(DbUid::from(update.id)))
        .filter(section_runs::workflow_run_id.eq(run))
        .filter(is_legal)
        .set(&update.changes)
        .execute(conn)
        .await
}

/// The state of a section run of that run.
#[engine]
pub(crate) async fn section_run_status(
    conn: &mut Conn,
    run: DbUid,
    id: DbUid,
) -> QueryResult<Option<String>> {
    section_runs::table
        .find(id)
        .filter(section_runs::workflow_run_id.eq(run))
        .select(section_runs::status)
        .first(conn)
        .await
        .optional()
}

/// The section runs of a run, in order.
#[engine]
pub(crate) async fn section_run_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<SectionRunRow>> {
    section_runs::table
        .inner_join(sections::table)
        .filter(section_runs::workflow_run_id.eq(run))
        .order((sections::order, section_runs::item_index, section_runs::iteration))
        .select(SectionRunRow::as_select())
        .load(conn)
        .await
}

/// A step in a section run.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Place {
    pub(crate) section_run: DbUid,
    pub(crate) step: DbUid,
    pub(crate) item_index: Option<i32>,
    pub(crate) iteration: Option<i32>,
    /// Slugs of section and step.
    pub(crate) names: (String, String),
    /// The action of the step.
    pub(crate) action: String,
}

/// The steps of the section runs of a run, in reference order.
#[engine]
pub(crate) async fn place_list(conn: &mut Conn, run: DbUid) -> QueryResult<Vec<Place>> {
    section_runs::table
        .inner_join(sections::table.inner_join(steps::table))
        .filter(section_runs::workflow_run_id.eq(run))
        .order((sections::order, section_runs::item_index, section_runs::iteration, steps::order))
        .select((
            section_runs::id,
            steps::id,
            section_runs::item_index,
            section_runs::iteration,
            (sections::slug, steps::slug),
            steps::action,
        ))
        .load(conn)
        .await
}
