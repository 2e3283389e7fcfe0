//! Lists and details for people.

mod value;
mod view;

use std::collections::HashMap;

use async_trait::async_trait;
use branchline_schema_model::id::{StepRunId, WorkflowId, WorkflowRunId};
use branchline_schema_model::limits::{BRANCHES_MAX, PAGE_ROWS_MAX};
use branchline_schema_model::run::{Decision, RunEvent, SectionRun, StepAttempt};
use branchline_schema_model::store::{
    RunFilter, RunReader, RunSummary, StepCount, StepRunFilter, StepRunView, StepUsage, StoreError,
    ValueFilter, ValueView,
};

use super::{SqliteStore, converted, not_found};
use crate::error::DbError;
use crate::sql_types::DbUid;
use crate::sqlite::Conn;
use crate::sqlite::query::{decision, run_event, section_run, step, step_attempt, step_run, workflow_run};

/// The shortest ending of an id that names a run: shorter ones are hit by accident.
const ENDING_CHARS_MIN: usize = 4;

/// Runs counted when an ending fits several.
const AMBIGUOUS_MAX: i64 = 1_000;

#[async_trait]
impl RunReader for SqliteStore {
    async fn run_find(&self, text: &str) -> Result<WorkflowRunId, StoreError> {
        let text = text.trim().to_ascii_lowercase();
        self.read(move |conn| find(conn, &text)).await
    }

    async fn run_fetch(&self, id: WorkflowRunId) -> Result<RunSummary, StoreError> {
        self.read(move |conn| {
            let row = workflow_run::workflow_run_fetch_named(conn, id.into())?
                .ok_or_else(|| not_found("run", id))?;
            let mut summary = summary(row)?;
            summary.steps = step_counts(conn, id.into(), summary.run.workflow_id.into())?;
            summary.tolerated_failures = step_run::step_run_count_tolerated(conn, id.into())? as u32;
            Ok(summary)
        })
        .await
    }

    async fn run_list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError> {
        let filter = filter.clone();
        self.read(move |conn| {
            let (name, before) = (filter.workflow.as_deref(), filter.before.map(Into::into));
            let rows =
                workflow_run::workflow_run_list(conn, name, filter.status, before, page_rows(filter.limit))?;
            rows.into_iter().map(summary).collect()
        })
        .await
    }

    async fn section_run_list(&self, run: WorkflowRunId) -> Result<Vec<SectionRun>, StoreError> {
        self.read(move |conn| {
            check_run(conn, run)?;
            converted(section_run::section_run_list(conn, run.into())?)
        })
        .await
    }

    async fn step_run_list(
        &self,
        run: WorkflowRunId,
        filter: &StepRunFilter,
    ) -> Result<Vec<StepRunView>, StoreError> {
        let filter = filter.clone();
        self.read(move |conn| {
            check_run(conn, run)?;
            view::step_run_page(conn, run, &filter)
        })
        .await
    }

    async fn task_list(&self, run: Option<WorkflowRunId>) -> Result<Vec<StepRunView>, StoreError> {
        self.read(move |conn| {
            if let Some(run) = run {
                check_run(conn, run)?;
            }
            let rows = step_run::step_run_list_waiting(conn, run.map(Into::into), BRANCHES_MAX as i64)?;
            view::with_costs(conn, rows)
        })
        .await
    }

    async fn step_run_fetch(&self, id: StepRunId) -> Result<StepRunView, StoreError> {
        self.read(move |conn| {
            let rows = step_run::step_run_fetch_named(conn, id.into())?.into_iter().collect();
            view::with_costs(conn, rows)?.pop().ok_or_else(|| not_found("step run", id).into())
        })
        .await
    }

    async fn attempt_list(&self, step_run: StepRunId) -> Result<Vec<StepAttempt>, StoreError> {
        self.read(move |conn| {
            step_run::step_run_fetch_named(conn, step_run.into())?
                .ok_or_else(|| not_found("step run", step_run))?;
            converted(step_attempt::step_attempt_list(conn, step_run.into())?)
        })
        .await
    }

    async fn step_usage_list(&self, run: WorkflowRunId) -> Result<Vec<StepUsage>, StoreError> {
        self.read(move |conn| view::step_usages(conn, run)).await
    }

    async fn value_list(
        &self,
        run: WorkflowRunId,
        filter: &ValueFilter,
    ) -> Result<Vec<ValueView>, StoreError> {
        let filter = filter.clone();
        self.read(move |conn| value::value_page(conn, run, &filter)).await
    }

    async fn decision_list(&self, run: WorkflowRunId) -> Result<Vec<Decision>, StoreError> {
        self.read(move |conn| {
            check_run(conn, run)?;
            converted(decision::decision_list(conn, run.into())?)
        })
        .await
    }

    async fn event_list(
        &self,
        run: WorkflowRunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RunEvent>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(move |conn| {
            check_run(conn, run)?;
            converted(run_event::run_event_list(conn, run.into(), after, page_rows(limit))?)
        })
        .await
    }

    async fn run_workflow(&self, run: WorkflowRunId) -> Result<WorkflowId, StoreError> {
        self.read(move |conn| workflow_of(conn, run)).await
    }
}

fn find(conn: &mut Conn, text: &str) -> Result<WorkflowRunId, DbError> {
    if text == "last" {
        let newest = workflow_run::workflow_run_newest(conn)?.ok_or_else(|| not_found("run", text))?;
        return Ok(newest.into());
    }
    if let Ok(id) = text.parse::<WorkflowRunId>() {
        check_run(conn, id)?;
        return Ok(id);
    }
    let is_ending = text.chars().all(|character| character.is_ascii_hexdigit() || character == '-');
    if !is_ending || text.len() < ENDING_CHARS_MIN {
        return Err(not_found("run", text).into());
    }
    match workflow_run::workflow_run_list_by_ending(conn, text, AMBIGUOUS_MAX)?.as_slice() {
        [] => Err(not_found("run", text).into()),
        [only] => Ok((*only).into()),
        several => {
            Err(StoreError::Ambiguous { what: "run", name: text.to_owned(), count: several.len() as u32 }
                .into())
        }
    }
}

fn summary((row, workflow_name, version): workflow_run::NamedRun) -> Result<RunSummary, DbError> {
    Ok(RunSummary {
        workflow_name,
        workflow_version: version as u32,
        calls: row.calls()?,
        usage: row.usage()?,
        run: row.try_into()?,
        steps: Vec::new(),
        tolerated_failures: 0,
    })
}

/// Counts in reference order.
fn step_counts(conn: &mut Conn, run: DbUid, workflow: DbUid) -> Result<Vec<StepCount>, DbError> {
    let mut counts: HashMap<DbUid, Vec<(String, i64)>> = HashMap::new();
    for (step, status, count) in step_run::step_count_list(conn, run)? {
        counts.entry(step).or_default().push((status, count));
    }
    let mut list = Vec::new();
    for (id, section, step) in step::step_slug_list(conn, workflow)? {
        for (status, count) in counts.remove(&id).unwrap_or_default() {
            let status = status.parse().map_err(|error| DbError::row("step_runs", error))?;
            list.push(StepCount { step: format!("{section}.{step}"), status, count: count as u32 });
        }
    }
    Ok(list)
}

fn workflow_of(conn: &mut Conn, run: WorkflowRunId) -> Result<WorkflowId, DbError> {
    let row = workflow_run::workflow_run_fetch(conn, run.into())?.ok_or_else(|| not_found("run", run))?;
    Ok(row.workflow_id.into())
}

/// A list of a run that is not there is an error, never an empty list.
fn check_run(conn: &mut Conn, run: WorkflowRunId) -> Result<(), DbError> {
    workflow_run::workflow_run_status(conn, run.into())?.map(drop).ok_or_else(|| not_found("run", run).into())
}

/// As many rows as asked for, within the bound of a page.
fn page_rows(limit: usize) -> i64 {
    limit.min(PAGE_ROWS_MAX) as i64
}
