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

use super::query::{decision, run_event, section_run, step, step_attempt, step_run, workflow_run};
use super::{Conn, Store, engine, operation, query};
use crate::error::{DbError, not_found};
use crate::row::converted;
use crate::sql_types::DbUid;

/// The shortest ending of an id that names a run: shorter ones are hit by accident.
const ENDING_CHARS_MIN: usize = 4;

/// Runs counted when an ending fits several.
const AMBIGUOUS_MAX: i64 = 1_000;

#[async_trait]
impl RunReader for Store {
    async fn run_find(&self, text: &str) -> Result<WorkflowRunId, StoreError> {
        self.read(text.trim().to_ascii_lowercase(), operation!(find)).await
    }

    async fn run_fetch(&self, id: WorkflowRunId) -> Result<RunSummary, StoreError> {
        self.read(id, operation!(fetch)).await
    }

    async fn run_list(&self, filter: &RunFilter) -> Result<Vec<RunSummary>, StoreError> {
        self.read(filter.clone(), operation!(list)).await
    }

    async fn section_run_list(&self, run: WorkflowRunId) -> Result<Vec<SectionRun>, StoreError> {
        self.read(run, operation!(section_runs)).await
    }

    async fn step_run_list(
        &self,
        run: WorkflowRunId,
        filter: &StepRunFilter,
    ) -> Result<Vec<StepRunView>, StoreError> {
        self.read((run, filter.clone()), operation!(view::step_run_page)).await
    }

    async fn task_list(&self, run: Option<WorkflowRunId>) -> Result<Vec<StepRunView>, StoreError> {
        self.read((run,), operation!(tasks)).await
    }

    async fn step_run_fetch(&self, id: StepRunId) -> Result<StepRunView, StoreError> {
        self.read(id, operation!(step_run)).await
    }

    async fn attempt_list(&self, step_run: StepRunId) -> Result<Vec<StepAttempt>, StoreError> {
        self.read(step_run, operation!(attempts)).await
    }

    async fn step_usage_list(&self, run: WorkflowRunId) -> Result<Vec<StepUsage>, StoreError> {
        self.read(run, operation!(view::step_usages)).await
    }

    async fn value_list(
        &self,
        run: WorkflowRunId,
        filter: &ValueFilter,
    ) -> Result<Vec<ValueView>, StoreError> {
        self.read((run, filter.clone()), operation!(value::value_page)).await
    }

    async fn decision_list(&self, run: WorkflowRunId) -> Result<Vec<Decision>, StoreError> {
        self.read(run, operation!(decisions)).await
    }

    async fn event_list(
        &self,
        run: WorkflowRunId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RunEvent>, StoreError> {
        self.read((run, i64::try_from(after).unwrap_or(i64::MAX), page_rows(limit)), operation!(events)).await
    }

    async fn run_workflow(&self, run: WorkflowRunId) -> Result<WorkflowId, StoreError> {
        self.read(run, operation!(workflow_of)).await
    }
}

#[engine]
async fn fetch(conn: &mut Conn, id: &WorkflowRunId) -> Result<RunSummary, DbError> {
    let run = DbUid::from(*id);
    let row = workflow_run::workflow_run_fetch_named(conn, run).await?.ok_or_else(|| not_found("run", id))?;
    let mut summary = summary(row)?;
    summary.steps = step_counts(conn, run, summary.run.workflow_id.into()).await?;
    summary.tolerated_failures = step_run::step_run_count_tolerated(conn, run).await? as u32;
    Ok(summary)
}

#[engine]
async fn list(conn: &mut Conn, filter: &RunFilter) -> Result<Vec<RunSummary>, DbError> {
    let (name, before) = (filter.workflow.as_deref(), filter.before.map(Into::into));
    let limit = page_rows(filter.limit);
    let rows = workflow_run::workflow_run_list(conn, name, filter.status, before, limit).await?;
    rows.into_iter().map(summary).collect()
}

#[engine]
async fn section_runs(conn: &mut Conn, run: &WorkflowRunId) -> Result<Vec<SectionRun>, DbError> {
    check_run(conn, *run).await?;
    converted(section_run::section_run_list(conn, (*run).into()).await?)
}

#[engine]
async fn tasks(conn: &mut Conn, (run,): &(Option<WorkflowRunId>,)) -> Result<Vec<StepRunView>, DbError> {
    if let Some(run) = run {
        check_run(conn, *run).await?;
    }
    let rows = step_run::step_run_list_waiting(conn, run.map(Into::into), BRANCHES_MAX as i64).await?;
    view::with_costs(conn, rows).await
}

#[engine]
async fn step_run(conn: &mut Conn, id: &StepRunId) -> Result<StepRunView, DbError> {
    let rows = step_run::step_run_fetch_named(conn, (*id).into()).await?.into_iter().collect();
    view::with_costs(conn, rows).await?.pop().ok_or_else(|| not_found("step run", id).into())
}

#[engine]
async fn attempts(conn: &mut Conn, step_run: &StepRunId) -> Result<Vec<StepAttempt>, DbError> {
    let id = DbUid::from(*step_run);
    step_run::step_run_fetch_named(conn, id).await?.ok_or_else(|| not_found("step run", step_run))?;
    converted(step_attempt::step_attempt_list(conn, id).await?)
}

#[engine]
async fn decisions(conn: &mut Conn, run: &WorkflowRunId) -> Result<Vec<Decision>, DbError> {
    check_run(conn, *run).await?;
    converted(decision::decision_list(conn, (*run).into()).await?)
}

#[engine]
async fn events(
    conn: &mut Conn,
    (run, after, limit): &(WorkflowRunId, i64, i64),
) -> Result<Vec<RunEvent>, DbError> {
    check_run(conn, *run).await?;
    converted(run_event::run_event_list(conn, (*run).into(), *after, *limit).await?)
}

#[engine]
async fn find(conn: &mut Conn, text: &String) -> Result<WorkflowRunId, DbError> {
    if text == "last" {
        let newest = workflow_run::workflow_run_newest(conn).await?.ok_or_else(|| not_found("run", text))?;
        return Ok(newest.into());
    }
    if let Ok(id) = text.parse::<WorkflowRunId>() {
        check_run(conn, id).await?;
        return Ok(id);
    }
    let is_ending = text.chars().all(|character| character.is_ascii_hexdigit() || character == '-');
    if !is_ending || text.len() < ENDING_CHARS_MIN {
        return Err(not_found("run", text).into());
    }
    match workflow_run::workflow_run_list_by_ending(conn, text, AMBIGUOUS_MAX).await?.as_slice() {
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
#[engine]
async fn step_counts(conn: &mut Conn, run: DbUid, workflow: DbUid) -> Result<Vec<StepCount>, DbError> {
    let mut counts: HashMap<DbUid, Vec<(String, i64)>> = HashMap::new();
    for (step, status, count) in step_run::step_count_list(conn, run).await? {
        counts.entry(step).or_default().push((status, count));
    }
    let mut list = Vec::new();
    for (id, section, step) in step::step_slug_list(conn, workflow).await? {
        for (status, count) in counts.remove(&id).unwrap_or_default() {
            let status = status.parse().map_err(|error| DbError::row("step_runs", error))?;
            list.push(StepCount { step: format!("{section}.{step}"), status, count: count as u32 });
        }
    }
    Ok(list)
}

#[engine]
async fn workflow_of(conn: &mut Conn, run: &WorkflowRunId) -> Result<WorkflowId, DbError> {
    let row =
        workflow_run::workflow_run_fetch(conn, (*run).into()).await?.ok_or_else(|| not_found("run", run))?;
    Ok(row.workflow_id.into())
}

/// A list of a run that is not there is an error, never an empty list.
#[engine]
async fn check_run(conn: &mut Conn, run: WorkflowRunId) -> Result<(), DbError> {
    workflow_run::workflow_run_status(conn, run.into())
        .await?
        .map(drop)
        .ok_or_else(|| not_found("run", run).into())
}

/// As many rows as asked for, within the bound of a page.
fn page_rows(limit: usize) -> i64 {
    limit.min(PAGE_ROWS_MAX) as i64
}
