//! The state of a run in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{AttributeIndex, LevelIndex, Plan, ReadSource, StepIndex};
use branchline_schema_model::run::{
    BranchPath, SectionRunStatus, Status, StepRunAddress, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::time::Timestamp;

use super::binding::Binding;
use super::dispatch::ReadyQueue;
use super::{IllegalInput, StepRunKey, Transition, Written};

/// A run as its owner holds it. See the [module](super) for what it does.
#[derive(Debug, Clone)]
pub struct RunMachine {
    pub(super) plan: Arc<Plan>,
    pub(super) status: WorkflowRunStatus,
    pub(super) waiting: bool,
    pub(super) reason: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) sections: Vec<Option<SectionState>>,
    pub(super) steps: Vec<StepState>,
    /// Steps not closed yet, per section, so that a section knows its end without a scan.
    pub(super) section_steps_open: Vec<u32>,
    /// Who reads each step's values, and when to look at that reader.
    pub(super) readers: Vec<Vec<Reader>>,
    /// Steps that act outside; looked at whenever anything settles.
    pub(super) effects: Vec<StepIndex>,
    pub(super) ready: ReadyQueue,
    /// Retries by due time.
    pub(super) delayed: BTreeSet<(Timestamp, StepRunKey)>,
    /// Fan-outs whose list is being taken apart.
    pub(super) expanding: BTreeSet<StepRunKey>,
    pub(super) waiting_tasks: BTreeSet<StepRunKey>,
    pub(super) failed: Vec<StepRunKey>,
    pub(super) draining: bool,
    /// What is left to look at within one `step`.
    pub(super) agenda: VecDeque<StepRunKey>,
}

/// A reader of a step's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) step: StepIndex,
    pub(super) trigger: Trigger,
}

/// When a reader has to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// Whenever the step settles.
    Value,
    /// When all branches below the first `depth` levels have settled.
    Gather { depth: usize },
}

/// The step runs of one step, and how far its joins are.
#[derive(Debug, Clone, Default)]
pub(super) struct StepState {
    /// Existing step runs by branch.
    pub(super) runs: BTreeMap<BranchPath, StepRunState>,
    /// For a step that fans out: branches per parent branch, once known.
    pub(super) branches: BTreeMap<BranchPath, u32>,
    /// For each node above the branches: children not settled yet, once their number is known.
    pub(super) open_children: BTreeMap<BranchPath, u32>,
}

/// One section run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionState {
    /// Where it stands.
    pub status: SectionRunStatus,
    /// Whether a step run of it succeeded.
    pub any_succeeded: bool,
    /// When its first step run came into being.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// One step run.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRunState {
    /// Where it stands.
    pub status: StepRunStatus,
    /// Attempts begun.
    pub attempts: u32,
    /// Times taken up again after a death of the process.
    pub recoveries: u32,
    /// Repeats that do not count as attempts (a rate limit is nobody's fault).
    pub free_retries: u32,
    /// Attempts in a row that never reached the provider, since it was last taken up.
    pub unsent_in_a_row: u32,
    /// Not before this moment.
    pub available_at: Option<Timestamp>,
    /// The last failure, or why it was skipped.
    pub error: Option<String>,
    /// SHA-256 of the rendered prompt.
    pub prompt_hash: Option<String>,
    /// What it wrote; for a branch of a fan-out also its item.
    pub values: Vec<Written>,
    /// What it reads, from when it is ready until its end is recorded.
    pub binding: Option<Binding>,
    /// Whether the store has the binding.
    pub binding_recorded: bool,
    /// When it came into being.
    pub created_at: Timestamp,
    /// When its first attempt began, or it began to wait.
    pub started_at: Option<Timestamp>,
    /// When the running attempt began.
    pub attempt_started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl StepRunState {
    pub(super) fn new(status: StepRunStatus, now: Timestamp) -> Self {
        Self {
            status,
            attempts: 0,
            recoveries: 0,
            free_retries: 0,
            unsent_in_a_row: 0,
            available_at: None,
            error: None,
            prompt_hash: None,
            values: Vec::new(),
            binding: None,
            binding_recorded: false,
            created_at: now,
            started_at: None,
            attempt_started_at: None,
            ended_at: None,
        }
    }

    /// The value it wrote for an attribute.
    pub fn value_of(&self, attribute: AttributeIndex) -> Option<AttributeValueId> {
        self.values.iter().find(|written| written.attribute == attribute).map(|written| written.id)
    }

    /// Whether readers may pass on from it: it will not write any more, and it has not failed.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.status, StepRunStatus::Succeeded | StepRunStatus::Skipped)
    }
}

impl RunMachine {
    /// A run that has not begun. `takes_slot` says per step whether its attempts count against `parallel_calls`.
    pub fn new(plan: Arc<Plan>, takes_slot: Vec<bool>, parallel_calls: u32) -> Self {
        let section_steps_open = plan
            .sections
            .iter()
            .map(|section| {
                let first = section.first_step.get();
                let steps = &plan.steps[first..first + section.step_count as usize];
                steps.iter().filter(|step| step.enabled).count() as u32
            })
            .collect();
        Self {
            status: WorkflowRunStatus::Pending,
            waiting: false,
            reason: None,
            started_at: None,
            ended_at: None,
            sections: vec![None; plan.sections.len()],
            steps: vec![StepState::default(); plan.steps.len()],
            section_steps_open,
            readers: readers_of(&plan),
            effects: plan
                .steps
                .iter()
                .filter(|step| step.effect && step.enabled)
                .map(|step| step.index)
                .collect(),
            ready: ReadyQueue::new(takes_slot, parallel_calls),
            delayed: BTreeSet::new(),
            expanding: BTreeSet::new(),
            waiting_tasks: BTreeSet::new(),
            failed: Vec::new(),
            draining: false,
            agenda: VecDeque::new(),
            plan,
        }
    }

    /// The plan it runs.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The state of the run.
    pub fn status(&self) -> WorkflowRunStatus {
        self.status
    }

    /// Whether every live step waits for a person.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Why it is paused, failed or cancelled.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// When it began, and when it ended.
    pub fn times(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.started_at, self.ended_at)
    }

    /// A section run, if it came into being.
    pub fn section(&self, index: usize) -> Option<&SectionState> {
        self.sections.get(index)?.as_ref()
    }

    /// A step run, if it came into being.
    pub fn step_run(&self, key: &StepRunKey) -> Option<&StepRunState> {
        self.steps.get(key.step.get())?.runs.get(&key.path)
    }

    /// The binding of a step run, the first time it is asked for; an ended step run lets go of it then.
    pub fn binding_to_record(&mut self, key: &StepRunKey) -> Option<Binding> {
        let run = self.steps.get_mut(key.step.get())?.runs.get_mut(&key.path)?;
        let fresh = !std::mem::replace(&mut run.binding_recorded, run.binding.is_some());
        let binding = if run.status.is_terminal() { run.binding.take() } else { run.binding.clone() };
        binding.filter(|_| fresh)
    }

    /// Open tasks in reference order.
    pub fn tasks(&self) -> impl Iterator<Item = &StepRunKey> {
        self.waiting_tasks.iter()
    }

    /// Attempts under way.
    pub fn running_count(&self) -> usize {
        self.ready.running_count()
    }

    /// When the next retry is due.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.delayed.first().map(|(due_at, _)| *due_at)
    }

    /// For each level of a branch path of this step, how many branches there are.
    pub fn branch_counts(&self, key: &StepRunKey) -> Vec<u32> {
        let scope = &self.plan.step(key.step).scope;
        let count = |(depth, level): (usize, &LevelIndex)| {
            let opener = self.plan.level(*level).opener;
            self.steps[opener.get()].branches.get(&key.path.prefix(depth)).copied().unwrap_or(0)
        };
        scope.iter().enumerate().map(count).collect()
    }

    /// The address of a step run.
    pub fn address(&self, key: &StepRunKey) -> String {
        let step = self.plan.step(key.step);
        StepRunAddress {
            section: self.plan.sections[step.section.get()].slug.clone(),
            step: step.slug.clone(),
            path: key.path.clone(),
            attempt: None,
        }
        .to_string()
    }

    /// Moves an existing step run, refusing what the table of legal moves does not have.
    pub(super) fn move_step_run(
        &mut self,
        key: &StepRunKey,
        next: StepRunStatus,
        transition: &mut Transition,
    ) -> Result<&mut StepRunState, IllegalInput> {
        let address = || format!("there is no step run `{}/{}`", key.step.0, key.path);
        let run =
            self.steps[key.step.get()].runs.get_mut(&key.path).ok_or_else(|| IllegalInput(address()))?;
        run.status = run.status.become_checked(next).map_err(|error| IllegalInput(error.to_string()))?;
        transition.step_runs.insert(key.clone());
        Ok(run)
    }
}

fn readers_of(plan: &Plan) -> Vec<Vec<Reader>> {
    let mut readers: Vec<Vec<Reader>> = vec![Vec::new(); plan.steps.len()];
    let mut add = |writer: StepIndex, reader: Reader| {
        let list = &mut readers[writer.get()];
        if !list.contains(&reader) {
            list.push(reader);
        }
    };
    for step in plan.steps.iter().filter(|step| step.enabled) {
        for read in &step.reads {
            match &read.source {
                ReadSource::Value { writers, .. } => {
                    for writer in writers {
                        add(writer.step, Reader { step: step.index, trigger: Trigger::Value });
                    }
                }
                // The element is there before any step run that could read it.
                ReadSource::Item { .. } => {}
                ReadSource::Gather { fields, depth } => {
                    for writer in fields.iter().flat_map(|field| &field.writers) {
                        let trigger = Trigger::Gather { depth: *depth as usize };
                        add(*writer, Reader { step: step.index, trigger });
                    }
                }
            }
        }
    }
    readers
}
