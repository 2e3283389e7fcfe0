//! Section runs: opened with their first step run, closed with their last.

use branchline_schema_model::plan::{SectionIndex, StepIndex};
use branchline_schema_model::run::{EventKind, SectionRunStatus, Status, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;

use super::Transition;
use super::state::{RunMachine, SectionState};

impl RunMachine {
    /// Opens the section run of a step, if it is the first of its section.
    pub(super) fn open_section(&mut self, step: StepIndex, now: Timestamp, transition: &mut Transition) {
        let index = self.plan.step(step).section;
        let section = &mut self.sections[index.get()];
        if section.is_some() {
            return;
        }
        let status = SectionRunStatus::Running;
        *section = Some(SectionState { status, any_succeeded: false, started_at: now, ended_at: None });
        self.note_section(index, status, transition);
    }

    /// A step run of the section succeeded.
    pub(super) fn section_progressed(&mut self, step: StepIndex) {
        if let Some(section) = &mut self.sections[self.plan.step(step).section.get()] {
            section.any_succeeded = true;
        }
    }

    /// All step runs of a step have settled.
    pub(super) fn section_step_closed(&mut self, step: StepIndex) {
        let open = &mut self.section_steps_open[self.plan.step(step).section.get()];
        *open = open.saturating_sub(1);
    }

    /// Ends the section runs whose steps have all settled.
    pub(super) fn close_sections(&mut self, now: Timestamp, transition: &mut Transition) {
        for index in 0..self.sections.len() {
            if self.section_steps_open[index] == 0 {
                self.move_section(index, now, transition, |section| {
                    if section.any_succeeded {
                        SectionRunStatus::Succeeded
                    } else {
                        SectionRunStatus::Skipped
                    }
                });
            }
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
        for index in 0..self.sections.len() {
            self.move_section(index, now, transition, |_| status);
        }
    }

    fn move_section(
        &mut self,
        index: usize,
        now: Timestamp,
        transition: &mut Transition,
        next: impl Fn(&SectionState) -> SectionRunStatus,
    ) {
        let Some(section) = &mut self.sections[index] else { return };
        let next = next(section);
        if section.status.is_terminal() || !section.status.may_become(next) {
            return;
        }
        section.status = next;
        section.ended_at = Some(now);
        self.note_section(SectionIndex(index as u32), next, transition);
    }

    fn note_section(&self, index: SectionIndex, status: SectionRunStatus, transition: &mut Transition) {
        transition.sections.insert(index);
        let section = self.plan.sections[index.get()].slug.clone();
        transition.events.push(EventKind::SectionStatus { section, status });
    }
}
