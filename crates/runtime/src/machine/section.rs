//! Section runs: opened with their first step run, closed with their last. A section that runs for each element of a
//! list, or in turns, has one for each place.

use std::collections::BTreeMap;

use branchline_schema_model::plan::{Plan, SectionIndex, StepIndex};
use branchline_schema_model::run::{BranchPath, EventKind, SectionRunStatus, Status, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;

use super::state::RunMachine;
use super::{StepRunKey, Transition};

/// A section run by its section and the numbers of the levels the section opens itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionKey {
    /// The section.
    pub section: SectionIndex,
    /// One number per level of the section.
    pub path: BranchPath,
}

/// One section run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionState {
    /// Where it stands.
    pub status: SectionRunStatus,
    /// Whether a step run of it succeeded.
    pub any_succeeded: bool,
    /// A name of its element for people.
    pub label: Option<String>,
    /// When its first step run came into being.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The section runs of a run.
#[derive(Debug, Clone)]
pub(super) struct Sections {
    runs: BTreeMap<SectionKey, SectionState>,
    /// Steps not closed yet, per place once one of them is, so that a section run knows its end without a scan.
    open: BTreeMap<SectionKey, u32>,
    /// What `open` begins with, per section.
    steps: Vec<u32>,
    /// Places where the last step has closed, to be looked at.
    closed: Vec<SectionKey>,
}

impl Sections {
    pub(super) fn of(plan: &Plan) -> Self {
        let count = |section: usize| {
            let steps = plan.steps.iter().filter(|step| step.section.get() == section);
            steps.filter(|step| step.enabled && step.scope.len() >= plan.section_depth(step.index)).count()
                as u32
        };
        Self {
            runs: BTreeMap::new(),
            open: BTreeMap::new(),
            steps: (0..plan.sections.len()).map(count).collect(),
            closed: Vec::new(),
        }
    }

    pub(super) fn get(&self, key: &SectionKey) -> Option<&SectionState> {
        self.runs.get(key)
    }

    pub(super) fn put(&mut self, key: SectionKey, state: SectionState) {
        self.runs.insert(key, state);
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SectionKey, &SectionState)> {
        self.runs.iter()
    }
}

impl RunMachine {
    /// The section run a step run belongs to. What stands outside of the turns of its section belongs to the first.
    pub fn section_of(&self, key: &StepRunKey) -> SectionKey {
        let section = self.plan.step(key.step).section;
        let levels = &self.plan.sections[section.get()].levels;
        let path = key.path.prefix(levels.len());
        let outside_of_turns = levels.get(path.depth()).is_some_and(|level| {
            path.depth() + 1 == levels.len() && !self.plan.level(*level).kind.is_branching()
        });
        SectionKey { section, path: if outside_of_turns { path.child(1) } else { path } }
    }

    /// Opens the section run of a step run, if it is the first of it.
    pub(super) fn open_section(&mut self, key: &StepRunKey, now: Timestamp, transition: &mut Transition) {
        let key = self.section_of(key);
        if self.sections.runs.contains_key(&key) {
            return;
        }
        let status = SectionRunStatus::Running;
        let label = self.section_label(&key);
        let state = SectionState { status, any_succeeded: false, label, started_at: now, ended_at: None };
        self.sections.runs.insert(key.clone(), state);
        self.note_section(key, status, transition);
    }

    /// A step run that somebody wrote succeeded.
    pub(super) fn section_progressed(&mut self, key: &StepRunKey) {
        if self.plan.step(key.step).action.is_implicit() {
            return;
        }
        let section = self.section_of(key);
        if let Some(section) = self.sections.runs.get_mut(&section) {
            section.any_succeeded = true;
        }
    }

    /// All step runs of a step in one section run have settled.
    pub(super) fn section_step_closed(&mut self, step: StepIndex, path: BranchPath) {
        let key = SectionKey { section: self.plan.step(step).section, path };
        let steps = self.sections.steps[key.section.get()];
        let open = self.sections.open.entry(key.clone()).or_insert(steps);
        *open = open.saturating_sub(1);
        if *open == 0 {
            self.sections.open.remove(&key);
            self.sections.closed.push(key);
        }
    }

    /// Ends the section runs whose steps have all settled.
    pub(super) fn close_sections(&mut self, now: Timestamp, transition: &mut Transition) {
        for key in std::mem::take(&mut self.sections.closed) {
            self.move_section(key, now, transition, |section| {
                if section.any_succeeded { SectionRunStatus::Succeeded } else { SectionRunStatus::Skipped }
            });
        }
    }

    /// Ends what is still open when the run ends: something it needed has failed, or it was cancelled.
    pub(super) fn end_sections(
        &mut self,
        run: WorkflowRunStatus,
        now: Timestamp,
        transition: &mut Transition,
    ) {
        let status = match run {
            WorkflowRunStatus::Cancelled => SectionRunStatus::Cancelled,
            _ => SectionRunStatus::Failed,
        };
        for key in self.sections.runs.keys().cloned().collect::<Vec<_>>() {
            self.move_section(key, now, transition, |_| status);
        }
    }

    fn move_section(
        &mut self,
        key: SectionKey,
        now: Timestamp,
        transition: &mut Transition,
        next: impl Fn(&SectionState) -> SectionRunStatus,
    ) {
        let Some(section) = self.sections.runs.get_mut(&key) else { return };
        let next = next(section);
        if section.status.is_terminal() || !section.status.may_become(next) {
            return;
        }
        section.status = next;
        section.ended_at = Some(now);
        self.note_section(key, next, transition);
    }

    fn note_section(&self, key: SectionKey, status: SectionRunStatus, transition: &mut Transition) {
        let section = self.plan.section_address(key.section, &key.path);
        let label = self.section_label(&key);
        transition.events.push(EventKind::SectionStatus { section, label, status });
        transition.sections.insert(key);
    }
}
