//! Joins: nobody reads branches before all of them have ended, or fewer than were asked for.

use std::collections::{BTreeMap, BTreeSet};

use branchline_schema_model::id::StepId;
use branchline_schema_model::plan::{LevelKind, ReadSource, StepIndex};
use branchline_schema_model::run::{BranchPath, StepRun, StepRunStatus, ValueSource};
use branchline_schema_model::store::Change;

use super::{Problems, Seen, place};

/// Step runs by their place.
type Places<'a> = BTreeMap<(StepIndex, BranchPath), &'a StepRun>;

impl Seen<'_> {
    /// `JoinComplete`.
    pub(super) fn check_joins(&self, problems: &mut Problems) {
        let inserted = self.commit.changes.iter().filter_map(|change| match change {
            Change::StepRunInsert(row) => self.after.step_runs.get(&row.id),
            Change::StepRunUpdate(update) => {
                let was = self.before.step_runs.get(&update.id).map(|row| row.status);
                let fresh = was.is_none_or(|was| was == StepRunStatus::Blocked);
                self.after.step_runs.get(&update.id).filter(|_| fresh)
            }
            _ => None,
        });
        let mut places: Option<Places<'_>> = None;
        for row in inserted {
            let step = self.plan.step(self.steps[&row.step_id]);
            let goes_on = !matches!(
                row.status,
                StepRunStatus::Blocked
                    | StepRunStatus::Cancelled
                    | StepRunStatus::Skipped
                    | StepRunStatus::Failed
            );
            if !goes_on || step.action.is_implicit() {
                continue;
            }
            for read in &step.reads {
                let ReadSource::Gather { fields, depth } = &read.source else { continue };
                if read.role == branchline_schema_model::plan::ReadRole::Display {
                    continue;
                }
                let places = places.get_or_insert_with(|| self.places());
                let (_, path) = place(self.plan, self.steps, self.after, row);
                let below = path.prefix(*depth as usize);
                let writers = fields.iter().flat_map(|field| &field.writers);
                if let Some(writer) =
                    writers.into_iter().find(|writer| !self.is_closed(places, **writer, &below))
                {
                    let what = format!(
                        "`{}` reads `{}` before all branches of `{}` have ended",
                        self.address(row),
                        read.name,
                        self.plan.address(*writer)
                    );
                    problems.push(("JoinComplete", what));
                }
                if let [field] = fields.as_slice()
                    && let [writer] = field.writers.as_slice()
                {
                    problems.extend(self.too_few(row, &read.name, *writer, &below));
                }
            }
        }
    }

    fn places(&self) -> Places<'_> {
        let rows = self.after.step_runs.values();
        rows.map(|row| (place(self.plan, self.steps, self.after, row), &**row)).collect()
    }

    fn step_id(&self, step: StepIndex) -> Option<StepId> {
        self.steps.iter().find(|(_, index)| **index == step).map(|(id, _)| *id)
    }

    /// Whether everything of a step at and below a place has ended well or was passed over.
    fn is_closed(&self, places: &Places<'_>, step: StepIndex, at: &BranchPath) -> bool {
        let settled = |path: &BranchPath| {
            places
                .get(&(step, path.clone()))
                .is_some_and(|row| matches!(row.status, StepRunStatus::Succeeded | StepRunStatus::Skipped))
        };
        let plan_step = self.plan.step(step);
        if !plan_step.enabled {
            return true;
        }
        let Some(level) = plan_step.scope.get(at.depth()) else {
            return settled(&at.prefix(plan_step.scope.len()));
        };
        let opener = self.plan.level(*level).opener;
        let record = self.step_id(opener).and_then(|id| self.after.fan_outs.get(&(id, at.clone())));
        let Some(record) = record else { return settled(at) };
        let listed = record.numbers.clone().unwrap_or_else(|| (1..=record.branch_count).collect());
        listed.into_iter().all(|number| self.is_closed(places, step, &at.child(number)))
    }

    /// Whether a fan-out wants more branches with a value than the reader was given.
    fn too_few(
        &self,
        row: &StepRun,
        read: &str,
        writer: StepIndex,
        below: &BranchPath,
    ) -> Option<(&'static str, String)> {
        let level = self.plan.step(writer).scope.get(below.depth())?;
        let LevelKind::Each(fan_out) = &self.plan.level(*level).kind else { return None };
        let needed = fan_out.at_least?;
        let values = row.inputs.get(read).into_iter().flatten().filter_map(|id| self.after.values.get(id));
        let mut branches = BTreeSet::new();
        for value in values {
            if value.source == ValueSource::Item {
                return None;
            }
            let writer = self.after.step_runs.get(&value.step_run_id)?;
            branches.insert(place(self.plan, self.steps, self.after, writer).1.prefix(below.depth() + 1));
        }
        (branches.len() < needed as usize).then(|| {
            let what = format!(
                "`{}` goes on with {} branches of `{read}`, {needed} are needed",
                self.address(row),
                branches.len()
            );
            ("JoinComplete", what)
        })
    }
}
