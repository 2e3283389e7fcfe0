//! A commit of a run's changes: sorted into rows by the caller, applied by the writer.

use branchline_schema_model::id::RunMessageId;
use branchline_schema_model::run::Status as _;
use branchline_schema_model::store::{Change, Fence, RunCommit, StoreError};

use super::query::workflow_run::RunCounters;
use super::query::{
    attribute_value, decision, fan_out, run_event, run_message, section_run, step_attempt, step_run,
    workflow_run,
};
use super::{Conn, engine};
use crate::error::{DbError, not_found};
use crate::row::attribute_value::AttributeValueRow;
use crate::row::decision::DecisionRow;
use crate::row::fan_out::FanOutRow;
use crate::row::run_event::RunEventRow;
use crate::row::section_run::{SectionRunChanges, SectionRunRow, SectionRunUpdate};
use crate::row::step_attempt::{StepAttemptRow, StepAttemptUpdate};
use crate::row::step_run::{StepRunRow, StepRunUpdate};
use crate::row::workflow_run::{WorkflowRunChanges, WorkflowRunUpdate};
use crate::sql_types::{DbInstant, DbUid};

/// The changes of a commit, by table.
///
/// New rows go in first, parents before children, many per statement; then the updates follow in the order given.
/// That comes to the same as the order given: a new row's id is new, so no earlier update was for it, and no update
/// changes a key another row refers to.
pub(super) struct PreparedCommit {
    fence: Fence,
    counters: RunCounters,
    section_runs: Vec<SectionRunRow>,
    step_runs: Vec<StepRunRow>,
    fan_outs: Vec<FanOutRow>,
    attempts: Vec<StepAttemptRow>,
    values: Vec<AttributeValueRow>,
    decisions: Vec<DecisionRow>,
    updates: Vec<Update>,
    events: Vec<RunEventRow>,
    messages: Vec<RunMessageId>,
    /// The time of the last event.
    at: Option<DbInstant>,
}

/// A change of a row that is there.
enum Update {
    Run(WorkflowRunUpdate),
    SectionRun(SectionRunUpdate),
    StepRun(StepRunUpdate),
    Attempt(StepAttemptUpdate),
}

impl PreparedCommit {
    /// Sorts the changes. Done by the caller, so that the one writer has less to do.
    pub(super) fn new(commit: RunCommit) -> Result<Self, StoreError> {
        let mut prepared = Self {
            fence: commit.fence,
            counters: counters(&commit)?,
            section_runs: Vec::new(),
            step_runs: Vec::new(),
            fan_outs: Vec::new(),
            attempts: Vec::new(),
            values: Vec::new(),
            decisions: Vec::new(),
            updates: Vec::new(),
            events: Vec::with_capacity(commit.events.len()),
            messages: commit.messages_applied,
            at: commit.events.last().map(|event| event.at.into()),
        };
        for change in commit.changes {
            prepared.add(change);
        }
        for event in commit.events {
            prepared.events.push(event.try_into()?);
        }
        Ok(prepared)
    }

    fn add(&mut self, change: Change) {
        match change {
            Change::Run { status, waiting, reason, started_at, ended_at } => {
                let (started_at, ended_at) = (started_at.map(Into::into), ended_at.map(Into::into));
                let reason = crate::row::kept(reason);
                let changes =
                    WorkflowRunChanges { status: status.name(), waiting, reason, started_at, ended_at };
                self.updates.push(Update::Run(WorkflowRunUpdate { status, changes }));
            }
            Change::SectionRunInsert(section_run) => self.section_runs.push(section_run.into()),
            Change::SectionRunUpdate { id, status, started_at, ended_at } => {
                let (started_at, ended_at) = (started_at.map(Into::into), ended_at.map(Into::into));
                let changes = SectionRunChanges { status: status.name(), started_at, ended_at };
                self.updates.push(Update::SectionRun(SectionRunUpdate { id, status, changes }));
            }
            Change::StepRunInsert(step_run) => {
                self.step_runs.push(StepRunRow::new(self.fence.run_id, step_run));
            }
            Change::StepRunUpdate(update) => self.updates.push(Update::StepRun(update.into())),
            Change::FannedOut(record) => self.fan_outs.push(record.into()),
            Change::AttemptInsert(attempt) => self.attempts.push(attempt.into()),
            Change::AttemptUpdate(end) => self.updates.push(Update::Attempt((*end).into())),
            Change::ValueInsert(value) => self.values.push(value.into()),
            Change::DecisionInsert(decision) => self.decisions.push(decision.into()),
        }
    }

    /// Checks the fence and writes everything, or fails.
    #[engine]
    pub(super) async fn apply(&self, conn: &mut Conn) -> Result<(), DbError> {
        if workflow_run::workflow_run_fence(conn, self.fence, &self.counters).await? == 0 {
            return Err(self.why_refused(conn).await?.into());
        }
        section_run::section_run_insert(conn, &self.section_runs).await?;
        step_run::step_run_insert(conn, &self.step_runs).await?;
        fan_out::fan_out_put(conn, &self.fan_outs).await?;
        step_attempt::step_attempt_insert(conn, &self.attempts).await?;
        attribute_value::attribute_value_insert(conn, &self.values).await?;
        decision::decision_insert(conn, &self.decisions).await?;
        for update in &self.updates {
            self.update(conn, update).await?;
        }
        run_event::run_event_insert(conn, &self.events).await?;
        for message in &self.messages {
            if run_message::run_message_apply(conn, self.fence.run_id.into(), (*message).into(), self.at)
                .await?
                == 0
            {
                return Err(not_found("unapplied message", message).into());
            }
        }
        Ok(())
    }

    #[engine]
    async fn update(&self, conn: &mut Conn, update: &Update) -> Result<(), DbError> {
        let run = DbUid::from(self.fence.run_id);
        match update {
            Update::Run(update) => {
                if workflow_run::workflow_run_update(conn, run, update).await? == 0 {
                    let from = workflow_run::workflow_run_status(conn, run).await?;
                    return Err(refused_move("run", self.fence.run_id, from, update.status.name()));
                }
            }
            Update::SectionRun(update) => {
                if section_run::section_run_update(conn, run, update).await? == 0 {
                    let from = section_run::section_run_status(conn, run, update.id.into()).await?;
                    return Err(refused_move("section run", update.id, from, update.status.name()));
                }
            }
            Update::StepRun(update) => {
                if step_run::step_run_update(conn, run, update).await? == 0 {
                    let from = step_run::step_run_status(conn, run, update.id.into()).await?;
                    return Err(refused_move("step run", update.id, from, update.status.name()));
                }
            }
            Update::Attempt(update) => {
                if step_attempt::step_attempt_end(conn, update).await? == 0 {
                    return Err(not_found("open attempt", update.id).into());
                }
            }
        }
        Ok(())
    }

    /// Why the first statement found no row: the fence, or a gap in the events.
    #[engine]
    async fn why_refused(&self, conn: &mut Conn) -> Result<StoreError, DbError> {
        let run = self.fence.run_id;
        let owner =
            workflow_run::workflow_run_owner(conn, run.into()).await?.ok_or_else(|| not_found("run", run))?;
        if owner != (Some(self.fence.owner_id.into()), self.fence.claim_epoch) {
            return Ok(StoreError::Fenced);
        }
        let first = self.counters.sequence_before.unwrap_or_default() + 1;
        Ok(StoreError::Unexpected {
            message: format!("event {first} does not follow the last one of run `{run}`"),
        })
    }
}

/// What the commit adds to the run's counters; refuses events that leave a gap or belong to another run.
fn counters(commit: &RunCommit) -> Result<RunCounters, StoreError> {
    let first = commit.events.first().map(|event| event.sequence);
    for (event, expected) in commit.events.iter().zip(first.unwrap_or(1)..) {
        if event.sequence != expected || event.sequence == 0 || event.run_id != commit.fence.run_id {
            let message = format!("event {} of a commit is out of order", event.sequence);
            return Err(StoreError::Unexpected { message });
        }
    }
    let mut counters = RunCounters {
        sequence_before: first.map(|first| first as i64 - 1),
        events: commit.events.len() as i64,
        ..RunCounters::default()
    };
    for change in &commit.changes {
        let (calls, usage) = match change {
            Change::AttemptInsert(attempt) => (attempt.calls, attempt.usage),
            Change::AttemptUpdate(end) => (end.calls, end.usage),
            _ => continue,
        };
        counters.calls += i64::from(calls);
        counters.usage += usage;
    }
    Ok(counters)
}

fn refused_move(what: &'static str, id: impl std::fmt::Display, from: Option<String>, to: &str) -> DbError {
    match from {
        None => not_found(what, id).into(),
        Some(from) => {
            let message = format!("{what} `{id}` cannot go from `{from}` to `{to}`");
            StoreError::Unexpected { message }.into()
        }
    }
}
