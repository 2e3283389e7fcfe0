//! Binding: who writes what each step reads, and in which branches it runs.
//!
//! Steps are taken in reference order, so that everything a step may read has been bound before it.

mod branch;
mod candidate;
mod choose;
mod condition;
mod earlier;
mod gather;
mod output;
mod prompt;
mod section;
mod select;
mod step;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Report, Site};
use super::symbol::Symbols;
use super::{CheckContext, Place};
use crate::definition::{Action, Workflow};
use crate::name::slug;
use crate::plan::{
    AttributeIndex, LevelIndex, LevelKind, Plan, PlanAttribute, PlanCondition, PlanLevel, PlanRead,
    PlanSection, PlanStep, RunInput, SectionIndex, StepIndex, TaskPlan,
};
use crate::prompt::Partials;

/// What binding needs to know, and what it has found so far.
pub(super) struct Binder<'a, 'r> {
    workflow: &'a Workflow,
    context: &'a CheckContext,
    symbols: &'a Symbols<'a>,
    partials: &'a Partials<'a>,
    report: &'r mut Report<'a>,
    steps: Vec<PlanStep>,
    sections: Vec<PlanSection>,
    levels: Vec<PlanLevel>,
    /// By level: the section it is opened in. Its opener may not be bound yet.
    level_sections: Vec<SectionIndex>,
    /// By step: its JSON pointer; for an implicit step that of its section.
    pointers: Vec<String>,
    /// What the section at hand gives to all its steps.
    around: Around,
    /// By step: whether it runs in every run that needs it, and is not skipped for a missing value.
    certain: Vec<bool>,
    /// By step: whether its branches could not be found out. Its readers are not judged by them.
    broken: Vec<bool>,
    /// By attribute: enabled steps so far that write it, or fan out over it as their item.
    writers: Vec<Vec<StepIndex>>,
    /// By attribute: whether an enabled step reads the value of the `inputs` step.
    asked_for: Vec<bool>,
    /// By attribute: the last enabled step that reads it.
    last_read: Vec<Option<StepIndex>>,
    /// By attribute: whether anything reads it, enabled or not.
    mentioned: Vec<bool>,
}

/// What a section gives to all its steps.
#[derive(Default)]
pub(super) struct Around {
    /// The levels it opens.
    base: Vec<LevelIndex>,
    /// Its own condition, bound where it begins.
    when: Vec<PlanCondition>,
    /// Whether its steps may be skipped by that condition.
    is_conditional: bool,
    /// Its name.
    name: String,
    /// Attributes that its steps write, or that are carried: an earlier turn or branch may have written them.
    written: BTreeSet<AttributeIndex>,
    /// Reads of those, which are judged when all its steps are bound.
    sought: Vec<Sought>,
    /// What its fan-outs carry from branch to branch.
    carried: Vec<Carried>,
}

/// A read of something that an earlier turn or branch may have written.
struct Sought {
    reader: StepIndex,
    attribute: AttributeIndex,
    site: Site,
}

/// An attribute named by a `carry`.
struct Carried {
    level: LevelIndex,
    attribute: AttributeIndex,
    /// Where it is named.
    pointer: String,
}

/// The step being bound.
pub(super) struct Reader {
    index: StepIndex,
    section: SectionIndex,
    /// Its JSON pointer.
    pointer: String,
    /// The branches its reads were written in, each with the name that was read.
    scopes: Vec<(Vec<LevelIndex>, String)>,
    /// Set when something it reads has unknown branches.
    is_broken: bool,
    /// Cleared when something it needs may be missing.
    is_certain: bool,
    /// The item of its own fan-out.
    item: Option<AttributeIndex>,
    /// The level its own fan-out opens.
    level: Option<LevelIndex>,
    /// Where it reads `branch.number` or `branch.count`, which only a step in branches has.
    branch_uses: Vec<Place>,
}

/// Binds a whole workflow. The plan is only right when no error was reported.
pub(super) fn bind<'a>(
    workflow: &'a Workflow,
    context: &'a CheckContext,
    symbols: &'a Symbols<'a>,
    partials: &'a Partials<'a>,
    report: &mut Report<'a>,
) -> (Plan, Vec<bool>) {
    let count = symbols.all.len();
    let mut binder = Binder {
        workflow,
        context,
        symbols,
        partials,
        report,
        steps: vec![inputs_step()],
        sections: vec![section("Inputs", "", 0, 1)],
        levels: Vec::new(),
        level_sections: Vec::new(),
        pointers: vec![String::new()],
        around: Around::default(),
        certain: vec![true],
        broken: vec![false],
        writers: vec![Vec::new(); count],
        asked_for: vec![false; count],
        last_read: vec![None; count],
        mentioned: vec![false; count],
    };
    for section_at in 0..workflow.sections.len() {
        binder.section(section_at);
    }
    let outputs = binder.outputs();
    binder.finish(outputs)
}

impl Binder<'_, '_> {
    fn finish(mut self, outputs: Vec<PlanRead>) -> (Plan, Vec<bool>) {
        let attributes: Vec<PlanAttribute> =
            self.symbols.all.iter().zip(&self.asked_for).map(plan_attribute).collect();
        self.steps[0].writes = attributes
            .iter()
            .zip(0..)
            .filter(|(attribute, _)| attribute.run_input.is_some() || attribute.default.is_some())
            .map(|(_, index)| AttributeIndex(index))
            .collect();
        let plan = Plan {
            workflow: self.workflow.name.clone(),
            attributes,
            sections: self.sections,
            steps: self.steps,
            levels: self.levels,
            outputs,
            partials: self.workflow.partials.clone(),
        };
        (plan, self.mentioned)
    }

    fn note_read(&mut self, attribute: AttributeIndex, reader: StepIndex) {
        self.mentioned[attribute.get()] = true;
        if !self.report.is_muted {
            self.last_read[attribute.get()] = Some(reader);
        }
    }

    /// The place of an attribute's declaration or first writer.
    fn declaration(&self, attribute: AttributeIndex) -> Option<Place> {
        self.symbols.at(attribute).declaration(self.report)
    }

    fn section_of(&self, step: StepIndex) -> SectionIndex {
        self.steps[step.get()].section
    }

    fn scope_of(&self, step: StepIndex) -> &[LevelIndex] {
        &self.steps[step.get()].scope
    }

    /// `step` of `section` as a pointer, for second places.
    fn pointer_of(&self, step: StepIndex) -> String {
        self.pointers[step.get()].clone()
    }

    /// Adds a level that a step of the section at hand opens.
    fn add_level(&mut self, opener: StepIndex, section: SectionIndex, kind: LevelKind) -> LevelIndex {
        let level = LevelIndex(self.levels.len() as u32);
        self.levels.push(PlanLevel { opener, kind });
        self.level_sections.push(section);
        level
    }

    /// Whether any of these levels are branches, and not only turns.
    fn has_branches(&self, scope: &[LevelIndex]) -> bool {
        scope.iter().any(|level| self.levels[level.get()].kind.is_branching())
    }

    /// The levels of a writer that a reader in `section` is outside of: none of its own section's.
    fn levels_below(&self, writer: StepIndex, section: SectionIndex) -> &[LevelIndex] {
        let scope = self.scope_of(writer);
        if self.section_of(writer) == section {
            &scope[self.around.base.len().min(scope.len())..]
        } else {
            scope
        }
    }
}

fn plan_attribute((symbol, asked_for): (&super::symbol::Symbol<'_>, &bool)) -> PlanAttribute {
    let is_run_input = symbol.is_marked_input() || *asked_for && symbol.writers.is_empty();
    PlanAttribute {
        name: symbol.name.to_owned(),
        description: symbol.declared.map(|declared| declared.description.clone()).unwrap_or_default(),
        value_type: symbol.value_type.clone().unwrap_or(crate::definition::AttributeType::STRING),
        declared: symbol.declared.is_some(),
        optional: symbol.is_optional(),
        default: symbol.declared.and_then(|declared| declared.default.clone()),
        run_input: is_run_input.then(|| RunInput { required: symbol.is_required() }),
    }
}

fn section(name: &str, description: &str, first_step: u32, step_count: u32) -> PlanSection {
    PlanSection {
        name: name.to_owned(),
        slug: slug(name),
        description: description.to_owned(),
        first_step: StepIndex(first_step),
        step_count,
        levels: Vec::new(),
    }
}

fn inputs_step() -> PlanStep {
    PlanStep {
        index: StepIndex::INPUTS,
        section: SectionIndex(0),
        name: "inputs".to_owned(),
        slug: "inputs".to_owned(),
        description: String::new(),
        action: Action::Input,
        effect: false,
        enabled: true,
        scope: Vec::new(),
        opens: Vec::new(),
        when: Vec::new(),
        after: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        prompt: None,
        model: None,
        parameters: crate::definition::ModelParameters::default(),
        task: Some(single_task(None)),
        select: None,
        asserts: Vec::new(),
        on_error: crate::definition::OnError::Fail,
        retry: None,
        timeout_ms: None,
        with: BTreeMap::new(),
    }
}

/// A step that a section has besides those its author wrote.
fn implicit_step(index: StepIndex, section: SectionIndex, action: Action, enabled: bool) -> PlanStep {
    let name = action.name().to_owned();
    PlanStep { index, section, slug: name.clone(), name, action, enabled, task: None, ..inputs_step() }
}

/// A question that takes one answer.
fn single_task(default: Option<serde_json::Value>) -> TaskPlan {
    TaskPlan { from: None, show: Vec::new(), min: 1, max: Some(1), own_text: true, default }
}
