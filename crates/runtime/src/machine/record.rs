//! What is kept of what a step run read: value ids by name, for `step_runs.inputs` and the lineage of values.
//!
//! Written once: when a step run becomes ready, or when it ends without that. Conditions are not kept by the machine;
//! they are bound again, which gives the same, because values never change.

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{PlanCondition, PlanRead, ReadRole};
use branchline_schema_model::run::{BranchPath, InputBinding, Status as _};

use super::StepRunKey;
use super::binding::{Binding, Bound, Resolution};
use super::state::RunMachine;

impl RunMachine {
    /// What a step run read, the first time it is asked for after that is known: by the names in its template, then
    /// what `when` and `where` read. An ended step run lets go of its binding then.
    pub fn inputs_to_record(&mut self, key: &StepRunKey) -> Option<InputBinding> {
        let run = self.steps.get_mut(key.step.get())?.runs.get_mut(&key.path)?;
        let ended = run.status.is_terminal();
        let binding = if ended { run.binding.take() } else { run.binding.clone() };
        let is_known = binding.is_some() || ended;
        if std::mem::replace(&mut run.binding_recorded, is_known) || !is_known {
            return None;
        }
        Some(self.inputs_of(key, binding))
    }

    fn inputs_of(&self, key: &StepRunKey, binding: Option<Binding>) -> InputBinding {
        let mut inputs = InputBinding::new();
        let step = self.plan.step(key.step);
        if key.path.depth() < step.scope.len() {
            // Above its branches nothing was read.
            return inputs;
        }
        let binding = binding.or_else(|| {
            // What the engine does by itself is never bound to be performed.
            let resolved = |read: &PlanRead| self.bound_now(read, &key.path).unwrap_or(Bound::Absent);
            step.action.is_implicit().then(|| step.reads.iter().map(resolved).collect())
        });
        for (read, bound) in step.reads.iter().zip(binding.unwrap_or_default()) {
            add(&mut inputs, &read.name, "", self.ids_of(key, read, &bound));
        }
        for condition in &step.when {
            self.add_condition(&mut inputs, "when", condition, &key.path);
        }
        for (depth, level) in step.scope.iter().enumerate().filter(|(_, level)| step.opens.contains(level)) {
            if let Some(filter) = self.each(*level).and_then(|fan_out| fan_out.filter.as_ref()) {
                self.add_condition(&mut inputs, "where", filter, &key.path.prefix(depth));
            }
        }
        inputs
    }

    fn add_condition(
        &self,
        inputs: &mut InputBinding,
        keyword: &str,
        condition: &PlanCondition,
        at: &BranchPath,
    ) {
        for read in &condition.reads {
            if let Some(bound) = self.bound_now(read, at) {
                add(inputs, &read.name, keyword, bound.ids());
            }
        }
    }

    fn bound_now(&self, read: &PlanRead, at: &BranchPath) -> Option<Bound> {
        match self.resolve(read, at) {
            Resolution::Bound(bound) => Some(bound),
            Resolution::Pending | Resolution::Missing | Resolution::TooFew(_) => None,
        }
    }

    /// The ids of a read. A list that was gathered is as long as there are branches: each gets the value that is its own
    /// element, because all of them in all of them would be the square.
    fn ids_of(&self, key: &StepRunKey, read: &PlanRead, bound: &Bound) -> Vec<AttributeValueId> {
        let ids = bound.ids();
        let (ReadRole::ForEach, Bound::Rows(_)) = (read.role, bound) else { return ids };
        let step = self.plan.step(key.step);
        let mut levels = step.scope.iter().enumerate().filter(|(_, level)| step.opens.contains(level));
        let own = levels.find_map(|(depth, level)| {
            let fan_out = self.each(*level)?;
            let attribute = read.source.attributes().first().copied()?;
            let is_list = self.plan.attribute(attribute).value_type.is_array || !fan_out.path.is_empty();
            let number = key.path.numbers().get(depth).filter(|_| !is_list)?;
            ids.get(*number as usize - 1).copied()
        });
        own.map_or(ids, |own| vec![own])
    }
}

/// Adds a read. Where a template calls something else by the name that a condition reads, both are kept.
fn add(inputs: &mut InputBinding, name: &str, keyword: &str, ids: Vec<AttributeValueId>) {
    if ids.is_empty() {
        return;
    }
    let is_taken = inputs.get(name).is_some_and(|known| *known != ids);
    let name = if is_taken { format!("{keyword}.{name}") } else { name.to_owned() };
    inputs.insert(name, ids);
}
