//! What the machine asks of the values it knows by id only: lists to take apart, conditions to evaluate.

use std::sync::Arc;

use branchline_schema_model::plan::{AttributeIndex, LevelKind, Plan, PlanCondition, ReadRole, StepIndex};
use branchline_schema_model::run::{BranchPath, ErrorClass, Failure, ValueSource};
use branchline_schema_model::store::StoreError;

use super::super::expand::{Element, elements_of};
use super::super::perform::inputs_of;
use super::Driver;
use crate::condition::{Ready, type_of};
use crate::machine::{Binding, Bound, Input, NewBranch, Question, StepRunKey};

type BoundTexts = Vec<(Bound, Vec<Arc<str>>)>;

impl Driver {
    /// Takes the list of a fan-out apart.
    pub(super) async fn expand(
        &mut self,
        step: StepIndex,
        parent: BranchPath,
        list: &Bound,
        filter: Binding,
    ) -> Result<(), StoreError> {
        if !self.machine.is_expanding(step, &parent) {
            // Cancelled by a message that came with the same commit.
            return Ok(());
        }
        let plan = Arc::clone(self.machine.plan());
        let texts = self.texts.fetch(&list.ids()).await?;
        let filter = self.bound_texts(filter).await?;
        let elements = elements(&plan, step, &texts, &filter);
        let items = match (plan.fan_out(step).map(|fan_out| fan_out.item), elements) {
            // The machine refuses more; their values are not wanted.
            (_, Ok(elements)) if !self.machine.takes_branches(step, elements.len()) => {
                Ok(Self::uncounted(elements.len()))
            }
            (Some(item), Ok(elements)) => Ok(self.new_branches(&plan, step, &parent, item, elements)),
            (None, Ok(_)) => Ok(Vec::new()),
            (_, Err(failure)) => Err(failure),
        };
        self.feed(Input::Expanded { step, parent, items });
        Ok(())
    }

    /// As many branches as there are elements, without values.
    fn uncounted(elements: usize) -> Vec<NewBranch> {
        let item = branchline_schema_model::id::AttributeValueId::from_uuid(uuid::Uuid::nil());
        (1..=elements as u32).map(|number| NewBranch { number, item, label: None }).collect()
    }

    fn new_branches(
        &mut self,
        plan: &Plan,
        step: StepIndex,
        parent: &BranchPath,
        item: AttributeIndex,
        elements: Vec<Element>,
    ) -> Vec<NewBranch> {
        let depth = plan.step(step).scope.len();
        let mut branches = Vec::with_capacity(elements.len());
        for element in elements {
            let mut path = parent.child(element.number);
            // The first candidate holds the element.
            while path.depth() < depth {
                path = path.child(1);
            }
            let key = StepRunKey { step, path };
            let written = self.new_value(&key, item, element.text, ValueSource::Item, None);
            branches.push(NewBranch { number: element.number, item: written.id, label: element.label });
        }
        branches
    }

    /// Evaluates the conditions of a step run until one does not hold.
    pub(super) async fn evaluate(
        &mut self,
        key: StepRunKey,
        question: Question,
        bindings: Vec<Binding>,
    ) -> Result<(), StoreError> {
        if !self.machine.is_evaluating(&key, question) {
            return Ok(());
        }
        let plan = Arc::clone(self.machine.plan());
        let branch = self.machine.branch_of(&key);
        let mut result = Ok(true);
        for (condition, binding) in conditions(&plan, key.step, question).iter().zip(bindings) {
            let bound = self.bound_texts(binding).await?;
            result = holds(&plan, condition, &bound, branch);
            if result != Ok(true) {
                break;
            }
        }
        self.feed(Input::Evaluated { key, question, result });
        Ok(())
    }

    /// The texts behind a binding.
    pub(super) async fn bound_texts(&mut self, binding: Binding) -> Result<BoundTexts, StoreError> {
        let mut bound = Vec::with_capacity(binding.len());
        for one in binding {
            let texts = self.texts.fetch(&one.ids()).await?;
            bound.push((one, texts));
        }
        Ok(bound)
    }
}

/// The elements that get a branch.
fn elements(
    plan: &Plan,
    step: StepIndex,
    list: &[Arc<str>],
    filter: &BoundTexts,
) -> Result<Vec<Element>, Failure> {
    let reads = plan.fan_out(step).and_then(|fan_out| fan_out.filter.as_ref()).map(|filter| &filter.reads);
    let values = inputs_of(plan, reads.map_or(&[][..], Vec::as_slice), filter)?;
    elements_of(plan, plan.step(step), list, &values)
}

/// Whether a condition holds for what its reads were bound to.
fn holds(
    plan: &Plan,
    condition: &PlanCondition,
    bound: &BoundTexts,
    branch: Option<(u32, u32)>,
) -> Result<bool, Failure> {
    let values = inputs_of(plan, &condition.reads, bound)?;
    let types = |name: &str| type_of(plan, &condition.reads, name);
    Ready::new(&condition.text, ErrorClass::MissingInput)?.holds(&values, &types, branch)
}

/// The conditions that answer a question about a step.
fn conditions(plan: &Plan, step: StepIndex, question: Question) -> Vec<PlanCondition> {
    let step = plan.step(step);
    if question == Question::When {
        return step.when.clone();
    }
    let until = step.opens.iter().find_map(|level| match &plan.level(*level).kind {
        LevelKind::Turns(turns) => turns.until.clone(),
        LevelKind::Each(_) | LevelKind::Candidates(_) => None,
    });
    debug_assert!(step.reads.iter().all(|read| read.role == ReadRole::Condition));
    until.map(|text| PlanCondition { text, reads: step.reads.clone() }).into_iter().collect()
}
