//! The state of a run in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use branchline_schema_model::definition::Action;
use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{AttributeIndex, LevelIndex, Plan, ReadSource, StepIndex, WriterAt};
use branchline_schema_model::run::{BranchPath, Status, StepRunStatus, Tolerated, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;

use super::amount::Amount;
use super::binding::Binding;
use super::dispatch::ReadyQueue;
use super::enough::Quorums;
use super::join::{inside_of, shared_levels};
use super::level::Branches;
use super::section::{SectionKey, SectionState, Sections};
use super::{IllegalInput, Question, StepRunKey, Transition, Written};

/// A run as its owner holds it. See the [module](super) for what it does.
#[derive(Debug, Clone)]
pub struct RunMachine {
    pub(super) plan: Arc<Plan>,
    pub(super) status: WorkflowRunStatus,
    pub(super) waiting: bool,
    pub(super) reason: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) sections: Sections,
    pub(super) steps: Vec<StepState>,
    /// Who reads each step's values, and when to look at that reader.
    pub(super) readers: Vec<Vec<Reader>>,
    /// Steps that act outside, in their order.
    pub(super) effects: Vec<StepIndex>,
    /// The steps that live in each level.
    pub(super) inside: Vec<Vec<StepIndex>>,
    pub(super) quorums: Quorums,
    pub(super) amount: Amount,
    pub(super) ready: ReadyQueue,
    /// Retries by due time.
    pub(super) delayed: BTreeSet<(Timestamp, StepRunKey)>,
    /// Fan-outs whose list is being taken apart.
    pub(super) expanding: BTreeSet<StepRunKey>,
    /// Conditions that are being evaluated.
    pub(super) evaluating: BTreeSet<(StepRunKey, Question)>,
    /// Blocked step runs whose `when` holds.
    pub(super) allowed: BTreeSet<StepRunKey>,
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
    /// When everything below the first `depth` levels has settled.
    Gather { depth: usize },
    /// Whenever the step settles, in the later numbers of the level at `depth`.
    Earlier { depth: usize },
}

/// The step runs of one step, and how far its joins are.
#[derive(Debug, Clone, Default)]
pub(super) struct StepState {
    /// Existing step runs by branch.
    pub(super) runs: BTreeMap<BranchPath, StepRunState>,
    /// For a step that opens levels: branches per place, once known.
    pub(super) branches: BTreeMap<BranchPath, Branches>,
    /// For each node above the branches: children not settled yet, once their number is known. Turns that have not
    /// ended count as one more.
    pub(super) open_children: BTreeMap<BranchPath, u32>,
}

/// One step run.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRunState {
    /// Where it stands.
    pub status: StepRunStatus,
    /// Set when it failed and the run goes on without it.
    pub tolerated: Option<Tolerated>,
    /// A name of its branch for people.
    pub label: Option<String>,
    /// Attempts begun.
    pub attempts: u32,
    /// Times taken up again after a death of the process.
    pub recoveries: u32,
    /// Repeats that do not count as attempts (a rate limit is nobody's fault).
    pub free_retries: u32,
    /// Attempts that count no more, because somebody resumed the run that its failure had paused.
    pub renewed_attempts: u32,
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
    /// Whether the store has what it read.
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
            tolerated: None,
            label: None,
            attempts: 0,
            recoveries: 0,
            free_retries: 0,
            renewed_attempts: 0,
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

    /// Attempts that count against its retries.
    pub(super) const fn counted_attempts(&self) -> u32 {
        let uncounted = self.recoveries + self.free_retries + self.renewed_attempts;
        self.attempts.saturating_sub(uncounted)
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
        Self {
            status: WorkflowRunStatus::Pending,
            waiting: false,
            reason: None,
            started_at: None,
            ended_at: None,
            sections: Sections::of(&plan),
            steps: vec![StepState::default(); plan.steps.len()],
            readers: readers_of(&plan),
            effects: plan
                .steps
                .iter()
                .filter(|step| step.effect && step.enabled)
                .map(|step| step.index)
                .collect(),
            inside: inside_of(&plan),
            quorums: Quorums::of(&plan),
            amount: Amount::of(&plan),
            ready: ReadyQueue::new(takes_slot, parallel_calls),
            delayed: BTreeSet::new(),
            expanding: BTreeSet::new(),
            evaluating: BTreeSet::new(),
            allowed: BTreeSet::new(),
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
    pub fn section(&self, key: &SectionKey) -> Option<&SectionState> {
        self.sections.get(key)
    }

    /// A step run, if it came into being.
    pub fn step_run(&self, key: &StepRunKey) -> Option<&StepRunState> {
        self.steps.get(key.step.get())?.runs.get(&key.path)
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

    /// The address of a step run.
    pub fn address(&self, key: &StepRunKey) -> String {
        self.plan.run_address(key.step, &key.path).to_string()
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

/// Who has to be looked at when a step settles.
struct Readers<'a> {
    plan: &'a Plan,
    of: Vec<Vec<Reader>>,
}

fn readers_of(plan: &Plan) -> Vec<Vec<Reader>> {
    let mut readers = Readers { plan, of: vec![Vec::new(); plan.steps.len()] };
    for step in plan.steps.iter().filter(|step| step.enabled) {
        let filters = step.opens.iter().filter_map(|level| plan.level(*level).kind.each()?.filter.as_ref());
        let conditions = step.when.iter().chain(filters).flat_map(|condition| &condition.reads);
        for read in step.reads.iter().chain(conditions) {
            readers.add_read(step.index, &read.source);
        }
        for earlier in &step.after {
            let depth = shared_levels(&step.scope, &plan.step(*earlier).scope);
            readers.add(*earlier, step.index, Trigger::Gather { depth });
        }
        if step.action == Action::Until {
            let depth = step.scope.len();
            for other in
                plan.steps.iter().filter(|other| other.section == step.section && other.index != step.index)
            {
                readers.add(other.index, step.index, Trigger::Gather { depth });
            }
        }
    }
    readers.of
}

impl Readers<'_> {
    fn add(&mut self, writer: StepIndex, step: StepIndex, trigger: Trigger) {
        let reader = Reader { step, trigger };
        let list = &mut self.of[writer.get()];
        if !list.contains(&reader) {
            list.push(reader);
        }
    }

    fn add_read(&mut self, step: StepIndex, source: &ReadSource) {
        match source {
            ReadSource::Value { writers, .. } => {
                for writer in writers {
                    let depth_of = |level| self.depth_of(writer.step, level);
                    let trigger = match writer.at {
                        WriterAt::Here => Trigger::Value,
                        WriterAt::Earlier(level) => Trigger::Earlier { depth: depth_of(level) },
                        WriterAt::Last(level) => Trigger::Gather { depth: depth_of(level) },
                    };
                    self.add(writer.step, step, trigger);
                }
            }
            // The element is there before any step run that could read it.
            ReadSource::Item { .. } => {}
            ReadSource::Gather { fields, depth } => {
                for writer in fields.iter().flat_map(|field| &field.writers) {
                    self.add(*writer, step, Trigger::Gather { depth: *depth as usize });
                }
            }
        }
    }

    fn depth_of(&self, writer: StepIndex, level: LevelIndex) -> usize {
        let scope = &self.plan.step(writer).scope;
        scope.iter().position(|one| *one == level).unwrap_or(scope.len())
    }
}
