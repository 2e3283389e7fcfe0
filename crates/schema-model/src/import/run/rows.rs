//! From the file of a run to rows, checked against the workflow they belong to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use super::file::{RunFile, SectionRunFile, StepRunFile, ValueFile};
use super::names::RunNames;
use super::snapshot::read_value;
use crate::hash::sha256_hex;
use crate::id::{AttributeValueId, SchedulerId, SectionRunId, StepRunId, WorkflowRunId};
use crate::import::ImportReport;
use crate::import::convert::attribute_name;
use crate::limits::DIAGNOSTICS_MAX;
use crate::name::slug;
use crate::plan::{LevelKind, Plan, PlanStep, StepIndex};
use crate::run::{
    AttributeValue, BranchPath, EventKind, FanOutRecord, RunEvent, SectionRun, SectionRunStatus, Status as _,
    StepRun, StepRunStatus, ValueSource, WorkflowRunStatus,
};
use crate::store::{Change, Fence, NewRun, RunCommit, WorkflowVersion};
use crate::time::Timestamp;

/// The workflow a run is imported into.
#[derive(Debug, Clone, Copy)]
pub struct RunTarget<'a> {
    /// Its rows.
    pub version: &'a WorkflowVersion,
    /// What it compiles to.
    pub plan: &'a Plan,
    /// The names behind ids, when the file has no names of its own.
    pub names: Option<&'a RunNames>,
}

/// A run to be written as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRun {
    /// Its row.
    pub run: NewRun,
    /// Everything in it.
    pub commit: RunCommit,
}

/// The rows of a run. Everything in it has ended: whoever imports it looks at it and does not go on with it.
///
/// # Errors
///
/// Every contradiction between the file and the workflow, a sentence each.
pub fn run_rows(
    file: &RunFile,
    target: RunTarget<'_>,
    new_uuid: &mut dyn FnMut() -> Uuid,
    now: Timestamp,
    report: &mut ImportReport,
) -> Result<ImportedRun, Vec<String>> {
    let run_id = WorkflowRunId::from_uuid(new_uuid());
    let fence = Fence { run_id, owner_id: SchedulerId::from_uuid(new_uuid()), claim_epoch: 1 };
    let mut writer = Writer {
        target,
        run_id,
        new_uuid,
        now,
        report,
        changes: Vec::new(),
        problems: Vec::new(),
        branches: BTreeMap::new(),
        ran: HashSet::new(),
        // The Ruby program may count from 0, and a branch number here counts from 1.
        shift: u32::from(file.section_runs.iter().any(|section| counts_from_zero(section, target))),
    };
    writer.sections(file);
    writer.fan_outs();
    let (status, reason) = writer.status(file);
    let Writer { mut changes, problems, .. } = writer;
    if !problems.is_empty() {
        return Err(problems);
    }
    let running = Change::Run {
        status: WorkflowRunStatus::Running,
        waiting: false,
        reason: None,
        started_at: Some(now),
        ended_at: None,
    };
    changes.insert(0, running);
    let ended = Change::Run {
        status,
        waiting: false,
        reason: reason.clone(),
        started_at: Some(now),
        ended_at: Some(now),
    };
    changes.push(ended);
    let event = |sequence, status, reason| RunEvent {
        run_id,
        sequence,
        at: now,
        kind: EventKind::RunStatus { status, reason },
    };
    let events = vec![event(1, WorkflowRunStatus::Running, None), event(2, status, reason)];
    Ok(ImportedRun {
        run: NewRun {
            id: run_id,
            workflow_id: target.version.id,
            label: file.label.clone(),
            options: serde_json::json!({}),
            idempotency_key: None,
            created_at: now,
        },
        commit: RunCommit { fence, changes, events, messages_applied: Vec::new() },
    })
}

/// Whether a step that fans out has a branch 0 in the file.
fn counts_from_zero(section: &SectionRunFile, target: RunTarget<'_>) -> bool {
    section.step_runs.iter().any(|step_run| {
        let is_branched = || {
            let section = find_section(section, target)?;
            let step = find_step(step_run, section, target)?;
            Some(depth(target.plan, step) > 0)
        };
        step_run.branch_path.is_none() && step_run.branch_number == Some(0) && is_branched() == Some(true)
    })
}

fn find_section(file: &SectionRunFile, target: RunTarget<'_>) -> Option<usize> {
    let name = file.section.as_ref().or_else(|| target.names?.sections.get(&file.section_id))?;
    target.version.sections.iter().position(|row| row.slug == slug(name))
}

fn find_step(file: &StepRunFile, section: usize, target: RunTarget<'_>) -> Option<StepIndex> {
    let name = file.step.as_ref().or_else(|| target.names?.steps.get(&file.step_id))?;
    target.plan.step_at(&target.version.sections[section].slug, &slug(name))
}

/// Levels of a step's own branch paths.
fn depth(plan: &Plan, step: StepIndex) -> usize {
    plan.step(step).scope.len().saturating_sub(plan.section_depth(step))
}

struct Writer<'a> {
    target: RunTarget<'a>,
    run_id: WorkflowRunId,
    new_uuid: &'a mut dyn FnMut() -> Uuid,
    now: Timestamp,
    report: &'a mut ImportReport,
    changes: Vec<Change>,
    problems: Vec<String>,
    /// Numbers of branches by the step that opens them, and the place they are opened in.
    branches: BTreeMap<(StepIndex, BranchPath), BTreeSet<u32>>,
    ran: HashSet<StepIndex>,
    shift: u32,
}

impl Writer<'_> {
    fn problem(&mut self, sentence: String) {
        if self.problems.len() < DIAGNOSTICS_MAX {
            self.problems.push(sentence);
        }
    }

    fn sections(&mut self, file: &RunFile) {
        if self.shift > 0 {
            self.report.changed("step runs", "branches count from 0 in the file, and from 1 here");
        }
        let mut seen = BTreeSet::new();
        for section_run in &file.section_runs {
            let called = section_run.section.as_deref().unwrap_or(&section_run.section_id);
            let Some(section) = find_section(section_run, self.target) else {
                self.problem(format!("the workflow has no section `{called}`"));
                continue;
            };
            match self.section_path(section, section_run) {
                Err(reason) => self.problem(format!("the section `{called}`: {reason}")),
                Ok(path) if seen.insert((section, path.clone())) => self.section(section, &path, section_run),
                Ok(path) => self.problem(format!("the section `{}` has two section runs", at(called, &path))),
            }
        }
        if !seen.contains(&(0, BranchPath::ROOT)) {
            self.section(0, &BranchPath::ROOT, &SectionRunFile::inputs());
        }
    }

    /// The numbers of a section run: its element, then its turn, as far as the section has them.
    fn section_path(&self, section: usize, file: &SectionRunFile) -> Result<BranchPath, String> {
        let plan = self.target.plan;
        let mut numbers = Vec::new();
        for level in &plan.sections[section].levels {
            let (number, what) = match plan.level(*level).kind {
                LevelKind::Turns(_) => (file.iteration, "`iteration`"),
                LevelKind::Each(_) | LevelKind::Candidates(_) => (file.item_index, "`item_index`"),
            };
            let number = number.filter(|number| *number > 0);
            numbers.push(
                number.ok_or_else(|| format!("it is repeated, so each section run has to say {what}"))?,
            );
        }
        Ok(BranchPath::new(numbers))
    }

    fn section(&mut self, section: usize, around: &BranchPath, file: &SectionRunFile) {
        let id = SectionRunId::from_uuid((self.new_uuid)());
        let status = file.status.as_deref().and_then(|status| status.parse::<SectionRunStatus>().ok());
        let status = status.filter(|status| status.is_terminal()).unwrap_or(SectionRunStatus::Succeeded);
        self.changes.push(Change::SectionRunInsert(SectionRun {
            id,
            workflow_run_id: self.run_id,
            section_id: self.target.version.sections[section].id,
            item_index: file.item_index,
            iteration: file.iteration,
            label: file.label.clone(),
            status,
            started_at: Some(self.now),
            ended_at: Some(self.now),
        }));
        let mut seen = HashSet::new();
        for step_run in &file.step_runs {
            let called = step_run.step.as_deref().unwrap_or(&step_run.step_id);
            let Some(step) = find_step(step_run, section, self.target) else {
                let section = &self.target.version.sections[section].name;
                self.problem(format!("the section `{section}` has no step `{called}`"));
                continue;
            };
            let address = self.target.plan.address(step);
            match self.path(step, step_run) {
                Ok(path) => {
                    if !seen.insert((step, path.clone())) {
                        let place = at(&address, &path);
                        self.problem(format!("`{place}` has two step runs; only one result can be kept"));
                        continue;
                    }
                    self.note_branches(step, around, &path);
                    self.step_run(section, id, (step, &path), step_run);
                }
                Err(reason) => self.problem(format!("`{address}`: {reason}")),
            }
        }
    }

    /// The way to the branch of a step run.
    fn path(&self, step: StepIndex, file: &StepRunFile) -> Result<BranchPath, String> {
        let depth = depth(self.target.plan, step);
        let number = file.branch_number.unwrap_or(0);
        if let Some(text) = &file.branch_path {
            let path: BranchPath = text.parse().map_err(|_| format!("`{text}` is no branch path"))?;
            if path.depth() != depth || path.branch_number() != number {
                return Err(format!(
                    "the branch path `{text}` does not fit to branch number {number}, or to the workflow"
                ));
            }
            return Ok(path);
        }
        match depth {
            0 if number <= 1 => Ok(BranchPath::ROOT),
            0 => Err(format!("the file has a branch {number}, and the step has no branches in the workflow")),
            1 => Ok(BranchPath::new(vec![number + self.shift])).and_then(|path| match path.branch_number() {
                0 => Err("the file does not say which branch".to_owned()),
                _ => Ok(path),
            }),
            _ => Err("its branches lie inside of others, so the file has to say `branch_path`".to_owned()),
        }
    }

    fn step_run(
        &mut self,
        section: usize,
        section_run_id: SectionRunId,
        (step, path): (StepIndex, &BranchPath),
        file: &StepRunFile,
    ) {
        let plan = self.target.plan;
        let id = StepRunId::from_uuid((self.new_uuid)());
        let first = plan.sections[section].first_step.0;
        let row = &self.target.version.sections[section].steps[(step.0 - first) as usize];
        let status = file.status.as_deref().and_then(|status| status.parse::<StepRunStatus>().ok());
        let status = match status {
            None => StepRunStatus::Succeeded,
            Some(status) if status.is_terminal() => status,
            Some(_) => StepRunStatus::Cancelled,
        };
        self.changes.push(Change::StepRunInsert(StepRun {
            id,
            section_run_id,
            step_id: row.id,
            branch_number: path.branch_number(),
            branch_path: path.clone(),
            variant: file.variant.clone(),
            sample: file.sample,
            label: file.label.clone(),
            tolerated: file.tolerated.as_deref().and_then(|text| text.parse().ok()),
            status,
            inputs: BTreeMap::new(),
            attempts: 0,
            recoveries: 0,
            renewed_attempts: 0,
            available_at: None,
            error: file.error.clone(),
            prompt_hash: None,
            created_at: self.now,
            started_at: Some(self.now),
            ended_at: Some(self.now),
        }));
        self.ran.insert(step);
        let place = at(&plan.address(step), path);
        let mut seen = BTreeSet::new();
        for value in &file.attribute_values {
            self.value(plan.step(step), id, &place, value, &mut seen);
        }
    }

    fn value(
        &mut self,
        step: &PlanStep,
        id: StepRunId,
        place: &str,
        file: &ValueFile,
        seen: &mut BTreeSet<u32>,
    ) {
        let names = self.target.names;
        let called = file.name.as_ref().or_else(|| names?.attributes.get(&file.id)).unwrap_or(&file.id);
        let renamed = names.and_then(|names| names.renamed.get(called)).cloned();
        let name = renamed.unwrap_or_else(|| attribute_name(called));
        let plan = self.target.plan;
        let Some(index) = plan.attribute_named(&name) else {
            return self.problem(format!(
                "`{place}` has a value of `{called}`, and the workflow has no such attribute"
            ));
        };
        let is_item = plan.fan_out(step.index).is_some_and(|fan_out| fan_out.item == index);
        let is_input = step.index == StepIndex::INPUTS;
        if !is_item && !is_input && !step.writes.contains(&index) {
            return self.problem(format!("`{place}` has a value of `{name}`, which the step does not write"));
        }
        if !seen.insert(index.0) {
            return self.problem(format!("`{place}` has two values of `{name}`"));
        }
        let value_type = &plan.attribute(index).value_type;
        let value = read_value(&file.value, value_type, &format!("{place} {name}"), self.report);
        let stored = value.as_ref().and_then(|value| value_type.to_stored(value).ok());
        let (Some(value), Some(text)) = (value, stored) else {
            return self.problem(format!("the value of `{name}` in `{place}` is no `{value_type}`"));
        };
        self.changes.push(Change::ValueInsert(AttributeValue {
            id: AttributeValueId::from_uuid((self.new_uuid)()),
            attribute_id: self.target.version.attributes[index.get()].id,
            step_run_id: id,
            hash: sha256_hex(text.as_bytes()),
            value: text,
            list_length: value.as_array().map(|items| items.len() as u32),
            source: ValueSource::Import,
            author: None,
            created_at: self.now,
        }));
    }

    /// Notes a branch of every level that a step opens.
    fn note_branches(&mut self, step: StepIndex, around: &BranchPath, path: &BranchPath) {
        let plan = self.target.plan;
        let whole = [around.numbers(), path.numbers()].concat();
        for (depth, level) in plan.step(step).scope.iter().enumerate() {
            if plan.level(*level).opener == step
                && let Some(number) = whole.get(depth)
            {
                let parent = BranchPath::new(whole[..depth].to_vec());
                self.branches.entry((step, parent)).or_default().insert(*number);
            }
        }
    }

    /// Records how many branches each fan-out had.
    fn fan_outs(&mut self) {
        for ((step, parent_path), numbers) in std::mem::take(&mut self.branches) {
            let plan = self.target.plan;
            let section = plan.step(step).section;
            let first = plan.sections[section.get()].first_step.0;
            let row = &self.target.version.sections[section.get()].steps[(step.0 - first) as usize];
            let branch_count = numbers.len() as u32;
            let has_gaps = numbers.last().is_some_and(|last| *last != branch_count);
            self.changes.push(Change::FannedOut(FanOutRecord {
                workflow_run_id: self.run_id,
                step_id: row.id,
                parent_path,
                branch_count,
                numbers: has_gaps.then(|| numbers.into_iter().collect()),
            }));
        }
    }

    /// How the run ended: as the file says, else by whether every step ran.
    fn status(&mut self, file: &RunFile) -> (WorkflowRunStatus, Option<String>) {
        let status = file.status.as_deref().and_then(|status| status.parse::<WorkflowRunStatus>().ok());
        if let Some(status) = status.filter(|status| status.is_terminal()) {
            return (status, file.reason.clone());
        }
        let steps = self.target.plan.steps.iter().skip(1).filter(|step| step.enabled);
        let missing = steps.clone().filter(|step| !self.ran.contains(&step.index)).count();
        if missing == 0 && file.status.is_none() {
            return (WorkflowRunStatus::Succeeded, None);
        }
        let reason = match file.status.as_deref() {
            Some(status) => format!("imported while it was {status}"),
            None => format!("imported; {missing} of {} steps have no step run in the file", steps.count()),
        };
        self.report.info("run", format!("it is kept as cancelled: {reason}"));
        (WorkflowRunStatus::Cancelled, Some(reason))
    }
}

/// `section.step/branch`.
fn at(address: &str, path: &BranchPath) -> String {
    if path.depth() == 0 { address.to_owned() } else { format!("{address}/{path}") }
}
