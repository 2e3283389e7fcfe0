//! What has to hold of the rows of a run, whoever wrote them: the part of the invariants that rows can show at rest.
//!
//! `branchline db check` judges every run of a database by it, while engines go on. The simulation holds the engine to
//! more, because it also sees what came before. What the keys of the tables hold (one step run at a place, one decision
//! for a task, no gap below an attempt's number) is not looked at again.

use std::collections::{BTreeSet, HashMap};

use super::{RunEvent, SectionRun, Status as _, StepRun, StepRunStatus, ValueSource};
use crate::id::{AttributeValueId, StepRunId};
use crate::limits::RECOVERIES_MAX;
use crate::store::RunSnapshot;

/// Something that has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// What has ended says when, and what has not does not.
    TimesAgree,
    /// Nothing is alive in a run that has ended.
    StatusAgrees,
    /// A run has an owner only under an epoch of a claim.
    OwnerHasEpoch,
    /// A step run has one attempt under way at most, and only while it runs.
    OneAttempt,
    /// A step run is taken up again after a death 3 times at most.
    RecoveryBound,
    /// A step run writes each attribute once; what people change afterwards stands beside it.
    ResultOnce,
    /// A value belongs to a step run of its run that ended well.
    NoGhostValues,
    /// What a step run read is there, and it wrote none of it itself.
    BindingsExist,
    /// The numbers of the events have no gap, and end where the run says.
    OutboxAtomic,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::TimesAgree,
        Self::StatusAgrees,
        Self::OwnerHasEpoch,
        Self::OneAttempt,
        Self::RecoveryBound,
        Self::ResultOnce,
        Self::NoGhostValues,
        Self::BindingsExist,
        Self::OutboxAtomic,
    ];

    /// Its name, as people and programs are told.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// What it says, as one clause.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::TimesAgree => "what has ended says when",
            Self::StatusAgrees => "nothing is alive in a run that has ended",
            Self::OwnerHasEpoch => "an owner has claimed its run",
            Self::OneAttempt => "one attempt of a step run at a time, while it runs",
            Self::RecoveryBound => "no step is taken up again for ever",
            Self::ResultOnce => "one value of each attribute from a step run",
            Self::NoGhostValues => "values come from step runs that ended well",
            Self::BindingsExist => "what was read is there",
            Self::OutboxAtomic => "the log of events has no gap",
        }
    }
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What should.
    pub invariant: Invariant,
    /// The step run it is about, where there is one.
    pub step_run: Option<StepRunId>,
    /// What is wrong, as a sentence.
    pub sentence: String,
}

/// The numbers of a log, read page by page.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogSpan {
    last: u64,
    gap_after: Option<u64>,
}

impl LogSpan {
    /// Takes in the next event. A log may begin late, when its beginning was cleared away.
    pub fn add(&mut self, event: &RunEvent) {
        if self.last > 0 && event.sequence != self.last + 1 {
            self.gap_after.get_or_insert(self.last);
        }
        self.last = event.sequence;
    }

    /// The last number so far; 0 without one.
    pub const fn last(&self) -> u64 {
        self.last
    }
}

/// Judges a run. `log` is read after the snapshot, so that it may know more than it.
pub fn judge(run: &RunSnapshot, log: LogSpan) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    judge_run(run, &mut found);
    judge_log(run, log, &mut found);
    for row in &run.section_runs {
        judge_section_run(run, row, &mut found);
    }
    for row in &run.step_runs {
        judge_step_run(run, row, &mut found);
    }
    judge_attempts(run, &mut found);
    judge_values(run, &mut found);
    found.0
}

struct Found(Vec<Violation>);

impl Found {
    fn say(&mut self, invariant: Invariant, step_run: Option<StepRunId>, sentence: String) {
        self.0.push(Violation { invariant, step_run, sentence });
    }
}

fn judge_run(RunSnapshot { run, .. }: &RunSnapshot, found: &mut Found) {
    if run.status.is_terminal() != run.ended_at.is_some() {
        found.say(Invariant::TimesAgree, None, format!("the run is {} with the wrong end", run.status));
    }
    if run.owner_id.is_some() && run.claim_epoch < 1 {
        found.say(Invariant::OwnerHasEpoch, None, "the run has an owner and no epoch".to_owned());
    }
}

fn judge_log(run: &RunSnapshot, log: LogSpan, found: &mut Found) {
    if let Some(last) = log.gap_after {
        found.say(Invariant::OutboxAtomic, None, format!("the events have a gap after number {last}"));
    } else if log.last > 0 && log.last < run.last_sequence {
        let sentence = format!("the events end with number {} of {}", log.last, run.last_sequence);
        found.say(Invariant::OutboxAtomic, None, sentence);
    }
}

fn judge_section_run(run: &RunSnapshot, row: &SectionRun, found: &mut Found) {
    let (id, status) = (row.id, row.status);
    if status.is_terminal() != row.ended_at.is_some() {
        let sentence = format!("the section run {id} is {status} with the wrong end");
        found.say(Invariant::TimesAgree, None, sentence);
    }
    if run.run.status.is_terminal() && !status.is_terminal() {
        let sentence = format!("the run has {}, and its section run {id} is {status}", run.run.status);
        found.say(Invariant::StatusAgrees, None, sentence);
    }
}

fn judge_step_run(run: &RunSnapshot, row: &StepRun, found: &mut Found) {
    let status = row.status;
    if status.is_terminal() != row.ended_at.is_some() {
        found.say(Invariant::TimesAgree, Some(row.id), format!("it is {status} with the wrong end"));
    }
    if run.run.status.is_terminal() && !status.is_terminal() {
        let sentence = format!("the run has {}, and it is {status}", run.run.status);
        found.say(Invariant::StatusAgrees, Some(row.id), sentence);
    }
    // The last one makes it fail as poison; with `on_error: pause` it is held then, and whoever resumes renews its attempts.
    let is_poison = status.is_terminal() || status == StepRunStatus::Held;
    let most = RECOVERIES_MAX + u32::from(is_poison);
    if row.recoveries > most && row.renewed_attempts == 0 {
        let sentence = format!("it was taken up again {} times", row.recoveries);
        found.say(Invariant::RecoveryBound, Some(row.id), sentence);
    }
}

fn judge_attempts(run: &RunSnapshot, found: &mut Found) {
    let rows: HashMap<StepRunId, &StepRun> = run.step_runs.iter().map(|row| (row.id, row)).collect();
    let mut open = BTreeSet::new();
    for attempt in &run.open_attempts {
        let id = attempt.step_run_id;
        if !open.insert(id) {
            found.say(Invariant::OneAttempt, Some(id), "it has two attempts under way".to_owned());
        }
        let status = rows.get(&id).map(|row| row.status);
        if status != Some(StepRunStatus::Running) {
            let status = status.map_or_else(|| "not of this run".to_owned(), |status| status.to_string());
            let sentence = format!("it has an attempt under way and is {status}");
            found.say(Invariant::OneAttempt, Some(id), sentence);
        }
    }
}

fn judge_values(run: &RunSnapshot, found: &mut Found) {
    let rows: HashMap<StepRunId, &StepRun> = run.step_runs.iter().map(|row| (row.id, row)).collect();
    let mut results = BTreeSet::new();
    // An element is a value of the step run that reads it.
    let mut writers: HashMap<AttributeValueId, (StepRunId, bool)> = HashMap::new();
    for value in &run.values {
        let id = value.step_run_id;
        let is_item = value.source == ValueSource::Item;
        writers.insert(value.id, (id, is_item));
        let status = rows.get(&id).map(|row| row.status);
        if !is_item && status != Some(StepRunStatus::Succeeded) {
            let status = status.map_or_else(|| "not of this run".to_owned(), |status| status.to_string());
            found.say(Invariant::NoGhostValues, Some(id), format!("it has a value and is {status}"));
        }
        if !results.insert((id, value.attribute_id, is_item)) && value.source != ValueSource::Human {
            found.say(Invariant::ResultOnce, Some(id), "it wrote an attribute twice".to_owned());
        }
    }
    for row in &run.step_runs {
        for (name, ids) in &row.inputs {
            let missing = ids.iter().find(|id| !writers.contains_key(id));
            let own = ids.iter().any(|id| writers.get(id) == Some(&(row.id, false)));
            if let Some(id) = missing {
                let sentence = format!("it read the value {id} as `{name}`, which is not of this run");
                found.say(Invariant::BindingsExist, Some(row.id), sentence);
            } else if own {
                let sentence = format!("it read `{name}`, which it wrote itself");
                found.say(Invariant::BindingsExist, Some(row.id), sentence);
            }
        }
    }
}
