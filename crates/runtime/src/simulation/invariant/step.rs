//! Step runs and their values.

use branchline_schema_model::plan::{ReadRole, ReadSource, StepIndex};
use branchline_schema_model::run::{AttributeValue, Status as _, StepRun, StepRunStatus, ValueSource};
use branchline_schema_model::store::Change;

use super::{Problems, Seen};

impl Seen<'_> {
    /// `TerminalImmutable`, `DepsRespected`, `ResultOnce`, `NoGhostValues`, `AnswerOnce`.
    pub(super) fn check_steps(&self, problems: &mut Problems) {
        for change in &self.commit.changes {
            match change {
                Change::StepRunUpdate(update) => {
                    let (was, is) =
                        (self.before.step_runs.get(&update.id), self.after.step_runs.get(&update.id));
                    if let (Some(was), Some(is)) = (was, is)
                        && was.status.is_terminal()
                        && was != is
                    {
                        problems.push((
                            "TerminalImmutable",
                            format!("`{}` changed after its end", self.address(is)),
                        ));
                    }
                    problems.extend(is.and_then(|row| self.dependency_problem(row)));
                    problems.extend(is.and_then(|row| self.result_problem(row)));
                }
                Change::StepRunInsert(row) => {
                    problems.extend(self.dependency_problem(row));
                    problems.extend(self.result_problem(row));
                }
                Change::ValueInsert(value) => problems.extend(self.value_problem(value)),
                Change::DecisionInsert(decision) => {
                    let was = self.before.step_runs.get(&decision.step_run_id).map(|row| row.status);
                    let is = self.after.step_runs.get(&decision.step_run_id).map(|row| row.status);
                    let asked =
                        was.is_none_or(|was| matches!(was, StepRunStatus::Waiting | StepRunStatus::Held));
                    if !asked || is != Some(StepRunStatus::Succeeded) {
                        let what = format!("a decision moved its task from {was:?} to {is:?}");
                        problems.push(("AnswerOnce", what));
                    }
                }
                _ => {}
            }
        }
    }

    fn dependency_problem(&self, row: &StepRun) -> Option<(&'static str, String)> {
        use StepRunStatus::{Held, Ready, Running, Succeeded, Waiting};
        let step = self.plan.step(self.steps[&row.step_id]);
        let goes_on = matches!(row.status, Ready | Held | Running | Waiting | Succeeded);
        if !goes_on || step.index == StepIndex::INPUTS || step.action.is_implicit() {
            return None;
        }
        let problem = |what: &str| Some(("DepsRespected", format!("`{}` {what}", self.address(row))));
        for id in row.inputs.values().flatten() {
            let Some(value) = self.after.values.get(id) else {
                return problem("read a value that is not there");
            };
            let writer = self.after.step_runs.get(&value.step_run_id);
            let is_written = writer.is_some_and(|writer| writer.status == Succeeded);
            if !is_written && value.source != ValueSource::Item {
                return problem("read a value of a step run that has not succeeded");
            }
        }
        let missing = step.reads.iter().find(|read| {
            let one = !matches!(read.source, ReadSource::Gather { .. });
            one && !read.optional && read.role != ReadRole::Display && !row.inputs.contains_key(&read.name)
        });
        missing.and_then(|read| problem(&format!("goes on without `{}`", read.name)))
    }

    /// A step run that succeeded wrote everything it writes.
    fn result_problem(&self, row: &StepRun) -> Option<(&'static str, String)> {
        let step = self.plan.step(self.steps[&row.step_id]);
        if row.status != StepRunStatus::Succeeded || step.index == StepIndex::INPUTS {
            return None;
        }
        let version =
            |index: &branchline_schema_model::plan::AttributeIndex| &self.plan.attribute(*index).name;
        let own = self.after.values.values().filter(|value| value.step_run_id == row.id);
        let written = own.filter(|value| value.source != ValueSource::Item).count();
        let expected = step.writes.len();
        (written != expected).then(|| {
            let names =
                step.writes.iter().map(|index| version(index).as_str()).collect::<Vec<_>>().join(", ");
            ("ResultOnce", format!("`{}` has {written} values for {names}", self.address(row)))
        })
    }

    fn value_problem(&self, value: &AttributeValue) -> Option<(&'static str, String)> {
        let Some(row) = self.after.step_runs.get(&value.step_run_id) else {
            return Some(("NoGhostValues", "a value belongs to no step run".to_owned()));
        };
        if value.source != ValueSource::Item && row.status != StepRunStatus::Succeeded {
            let what = format!("`{}` is {} and has a value", self.address(row), row.status);
            return Some(("NoGhostValues", what));
        }
        let same = |other: &&std::sync::Arc<AttributeValue>| {
            (other.step_run_id, other.attribute_id) == (value.step_run_id, value.attribute_id)
        };
        (self.after.values.values().filter(same).count() > 1)
            .then(|| ("ResultOnce", format!("`{}` wrote a value twice", self.address(row))))
    }
}
