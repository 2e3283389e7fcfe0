//! In which branches a step runs.

use super::{Binder, Reader};
use crate::check::code;
use crate::limits::BRANCH_LEVELS_MAX;
use crate::plan::{LevelIndex, PlanStep, StepIndex};

impl Binder<'_, '_> {
    /// The deepest branches among everything a step reads; all others have to lie around it.
    pub(super) fn scope_for(&mut self, reader: &mut Reader) -> Vec<LevelIndex> {
        let Some((deepest, name)) = reader.scopes.iter().max_by_key(|(scope, _)| scope.len()).cloned() else {
            return Vec::new();
        };
        let other = reader.scopes.iter().find(|(scope, _)| !deepest.starts_with(scope)).cloned();
        if let Some((scope, other)) = other {
            self.independent(reader, (&name, &deepest), (&other, &scope));
            reader.is_broken = true;
        }
        deepest
    }

    fn independent(&mut self, reader: &Reader, one: (&str, &[LevelIndex]), other: (&str, &[LevelIndex])) {
        let place = self.report.value(&format!("{}/name", reader.pointer), "");
        // The first fan-out in which the two ways part.
        let parting = one.1.iter().zip(other.1).take_while(|(left, right)| left == right).count();
        let (Some(&first), Some(&second)) = (one.1.get(parting), other.1.get(parting)) else { return };
        let fan_outs: [StepIndex; 2] = [first, second].map(|level| self.levels[level.get()].opener);
        let names = fan_outs.map(|step| self.steps[step.get()].name.clone());
        let opener = self.pointer_of(fan_outs[1]);
        let second = self.report.value(&format!("{opener}/for_each/list"), "the other fan-out");
        let second = second.or_else(|| self.report.value(&format!("{opener}/name"), "the other one"));
        let message = format!(
            "`{}` comes from the branches of `{}`, `{}` from those of `{}`, and neither lies inside the other",
            one.0, names[0], other.0, names[1]
        );
        let fix = format!("read one of them as a list: `gather: [{}]`", other.0);
        self.report.add(code::INDEPENDENT_FAN_OUTS, message, [place, second], fix);
    }

    /// `branch.number` and `branch.count` are those of the innermost branches, so there have to be some.
    pub(super) fn check_branch_uses(&mut self, step: &PlanStep, reader: &Reader) {
        if self.has_branches(&step.scope) || reader.is_broken {
            return;
        }
        for place in &reader.branch_uses {
            let message = format!("`{}` runs outside of any branches, so it has no branch number", step.name);
            let fix = "read something of the branch, or give the step a `for_each`";
            self.report.add(code::OUTSIDE_BRANCHES, message, [Some(place.clone())], fix);
        }
    }

    /// Adds the level a step opens itself.
    pub(super) fn open_level(&mut self, step: &mut PlanStep, reader: &Reader) {
        step.scope.extend(&step.opens);
        if step.scope.len() > BRANCH_LEVELS_MAX {
            self.report.add(
                code::TOO_MANY_LEVELS,
                format!("`{}` opens branches inside {} levels of branches", step.name, step.scope.len() - 1),
                [self.report.value(&format!("{}/for_each", reader.pointer), "")],
                format!("gather before the level {BRANCH_LEVELS_MAX} is passed"),
            );
        }
    }
}
