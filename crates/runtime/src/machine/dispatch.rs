//! The queue of ready step runs, in reference order, bounded by slots.
//!
//! Three bounds hold: attempts in flight of the whole run, with and without a slot, and `parallel: N` of a fan-out, which counts every step in
//! its branches. Ready step runs wait in groups, one per bounded fan-out and parent branch, so that a full group is
//! passed over in one look however long it is.

use std::collections::{BTreeMap, BTreeSet};

use branchline_schema_model::limits::SLOTLESS_ATTEMPTS_MAX;
use branchline_schema_model::plan::{Plan, StepIndex};
use branchline_schema_model::run::{BranchPath, EventKind, StepRunStatus};
use branchline_schema_model::time::Timestamp;

use super::state::RunMachine;
use super::{Command, IllegalInput, StepRunKey, Transition};

/// The bounded fan-outs a step run lives in, outermost first: opener, parent branch, bound.
type Group = Vec<(StepIndex, BranchPath, u32)>;

/// Ready and running step runs.
#[derive(Debug, Clone)]
pub(super) struct ReadyQueue {
    takes_slot: Vec<bool>,
    parallel_calls: u32,
    slotless: BTreeSet<StepRunKey>,
    groups: BTreeMap<Group, BTreeSet<StepRunKey>>,
    running: BTreeSet<StepRunKey>,
    running_with_slot: u32,
    in_flight: BTreeMap<(StepIndex, BranchPath), u32>,
}

impl ReadyQueue {
    pub(super) fn new(takes_slot: Vec<bool>, parallel_calls: u32) -> Self {
        Self {
            takes_slot,
            parallel_calls: parallel_calls.max(1),
            slotless: BTreeSet::new(),
            groups: BTreeMap::new(),
            running: BTreeSet::new(),
            running_with_slot: 0,
            in_flight: BTreeMap::new(),
        }
    }

    pub(super) fn push(&mut self, plan: &Plan, key: StepRunKey) {
        if self.takes_slot(key.step) {
            self.groups.entry(group_of(plan, &key)).or_default().insert(key);
        } else {
            self.slotless.insert(key);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slotless.is_empty() && self.groups.is_empty()
    }

    pub(super) fn running_count(&self) -> usize {
        self.running.len()
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &StepRunKey> {
        self.running.iter()
    }

    /// The next step run that may start now, moved from ready to running.
    pub(super) fn start_next(&mut self, plan: &Plan) -> Option<StepRunKey> {
        let key = self.pop_slotless().or_else(|| self.pop_with_slot())?;
        if self.takes_slot(key.step) {
            self.running_with_slot += 1;
            for (opener, parent, _) in group_of(plan, &key) {
                *self.in_flight.entry((opener, parent)).or_default() += 1;
            }
        }
        self.running.insert(key.clone());
        Some(key)
    }

    fn pop_slotless(&mut self) -> Option<StepRunKey> {
        let running = self.running.len() - self.running_with_slot as usize;
        if running < SLOTLESS_ATTEMPTS_MAX { self.slotless.pop_first() } else { None }
    }

    fn pop_with_slot(&mut self) -> Option<StepRunKey> {
        if self.running_with_slot >= self.parallel_calls {
            return None;
        }
        let group = self
            .groups
            .iter()
            .filter(|(group, _)| self.has_room(group))
            .min_by_key(|(_, keys)| keys.first())
            .map(|(group, _)| group.clone())?;
        let keys = self.groups.get_mut(&group)?;
        let key = keys.pop_first();
        if keys.is_empty() {
            self.groups.remove(&group);
        }
        key
    }

    fn has_room(&self, group: &Group) -> bool {
        group.iter().all(|(opener, parent, bound)| {
            self.in_flight.get(&(*opener, parent.clone())).copied().unwrap_or(0) < *bound
        })
    }

    /// An attempt ended; `false` when none was under way.
    pub(super) fn stop(&mut self, plan: &Plan, key: &StepRunKey) -> bool {
        if !self.running.remove(key) {
            return false;
        }
        if self.takes_slot(key.step) {
            self.running_with_slot -= 1;
            for (opener, parent, _) in group_of(plan, key) {
                if let Some(count) = self.in_flight.get_mut(&(opener, parent)) {
                    *count -= 1;
                }
            }
        }
        true
    }

    /// Takes everything that has not started out of the queue.
    pub(super) fn drain_ready(&mut self) -> Vec<StepRunKey> {
        let mut keys: Vec<_> = std::mem::take(&mut self.slotless).into_iter().collect();
        keys.extend(std::mem::take(&mut self.groups).into_values().flatten());
        keys
    }

    fn takes_slot(&self, step: StepIndex) -> bool {
        self.takes_slot.get(step.get()).copied().unwrap_or(true)
    }
}

fn group_of(plan: &Plan, key: &StepRunKey) -> Group {
    let scope = plan.step(key.step).scope.iter().enumerate();
    scope
        .filter_map(|(depth, level)| {
            let level = plan.level(*level);
            let bound = level.kind.each()?.parallel?;
            Some((level.opener, key.path.prefix(depth), bound.max(1)))
        })
        .collect()
}

impl RunMachine {
    /// Starts ready step runs as long as there are slots.
    pub(super) fn dispatch(
        &mut self,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.draining {
            return Ok(());
        }
        while let Some(key) = self.ready.start_next(&self.plan) {
            let run = self.move_step_run(&key, StepRunStatus::Running, transition)?;
            run.attempts += 1;
            run.available_at = None;
            run.started_at.get_or_insert(now);
            run.attempt_started_at = Some(now);
            let (attempt, binding) = (run.attempts, run.binding.clone().unwrap_or_default());
            transition.attempts_opened.push((key.clone(), attempt));
            let (step, label) = (self.address(&key), self.label_of(&key));
            transition.events.push(EventKind::StepStarted { step, label, attempt });
            transition.commands.push(Command::Execute { key, attempt, binding });
        }
        Ok(())
    }
}
