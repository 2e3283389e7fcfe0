//! The plan: what a checked workflow compiles to and a run is driven by.
//!
//! Names are resolved to indices, every read knows its candidate writers, and every step knows the levels it lives in:
//! fan-outs, candidates of one step (variants and samples), and the turns of a section that repeats. A plan is a pure function of the canonical document, so it is never stored: whoever resumes a run compiles it
//! again.
//!
//! Step 0 is always the implicit `inputs` step in section 0, `Inputs`. Steps stand in reference order (section order,
//! then step order); a read only ever sees steps with a smaller index, or earlier turns and branches.
//!
//! A section with `for_each` begins with an implicit step `each` that opens its branches and holds their elements; one
//! with `repeat` ends with an implicit step `until` that decides whether another turn follows.

mod compile;
mod level;
mod read;
mod rows;

pub use compile::compile;
pub use level::{Candidates, FanOut, LevelIndex, LevelKind, PlanLevel, PlanVariant, Turns};
pub use read::{GatherField, PlanCondition, PlanRead, ReadRole, ReadSource, Writer, WriterAt};
pub use rows::workflow_version;

use serde::Serialize;
use serde_json::Value as Json;

use crate::definition::{Action, AttributeType, ModelParameters, OnError, Retry, SelectOrder};
use crate::run::{BranchPath, StepRunAddress, section_run_address};

/// Position of a section in [`Plan::sections`] and, equally, of its row by `order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SectionIndex(pub u32);

/// Position of a step in [`Plan::steps`], which is reference order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct StepIndex(pub u32);

/// Position of an attribute in [`Plan::attributes`], which is alphabetical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AttributeIndex(pub u32);

impl SectionIndex {
    /// As an index into a slice.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl StepIndex {
    /// The implicit step that writes the run inputs and the declared defaults.
    pub const INPUTS: Self = Self(0);

    /// As an index into a slice.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl AttributeIndex {
    /// As an index into a slice.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A compiled workflow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The workflow's name.
    pub workflow: String,
    /// Every attribute, declared or inferred, in alphabetical order.
    pub attributes: Vec<PlanAttribute>,
    /// Sections in order; the first is `Inputs`.
    pub sections: Vec<PlanSection>,
    /// Steps in reference order, disabled and implicit ones included; the first is `inputs`.
    pub steps: Vec<PlanStep>,
    /// Everything that multiplies step runs.
    pub levels: Vec<PlanLevel>,
    /// The results of the workflow. Branched ones are gathered.
    pub outputs: Vec<PlanRead>,
    /// Partials by name: texts that templates include with `{{> name}}`.
    pub partials: std::collections::BTreeMap<String, String>,
}

/// A typed variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanAttribute {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its type, named types resolved.
    #[serde(rename = "type")]
    pub value_type: AttributeType,
    /// Whether it was declared, and not inferred from a step that writes it.
    pub declared: bool,
    /// Whether it may have no value, in a run and in the answer to an `input` step.
    pub optional: bool,
    /// The declared default.
    pub default: Option<Json>,
    /// Set when it is a run input.
    pub run_input: Option<RunInput>,
}

/// What starting a run asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RunInput {
    /// Whether a run cannot start without it.
    pub required: bool,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanSection {
    /// Its name.
    pub name: String,
    /// Its part of addresses.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// Its first step.
    pub first_step: StepIndex,
    /// How many steps it has, implicit ones included.
    pub step_count: u32,
    /// The levels it opens itself, outermost first: elements (`for_each`), then turns (`repeat`). They are the first
    /// levels in the scope of its steps, and each place in them is a section run of its own.
    pub levels: Vec<LevelIndex>,
}

/// A step with everything resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanStep {
    /// Its own position.
    pub index: StepIndex,
    /// Its section.
    pub section: SectionIndex,
    /// Its name.
    pub name: String,
    /// Its part of addresses.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// What it does. An empty prompt with inputs and outputs has become `input` here.
    pub action: Action,
    /// Whether it acts outside, so that it may only start when all before it has ended well (DESIGN §4, effects).
    pub effect: bool,
    /// Whether it runs; disabled steps (or sections) never have step runs and are passed over by reads.
    pub enabled: bool,
    /// The levels it lives in, outermost first; the last ones are those it opens itself. The length is the depth of
    /// its branch paths.
    pub scope: Vec<LevelIndex>,
    /// The levels it opens for itself and for those who read from its branches: elements, then candidates.
    pub opens: Vec<LevelIndex>,
    /// All have to hold, or the step is skipped: the section's condition, then its own.
    pub when: Vec<PlanCondition>,
    /// Steps that have to have ended before it, beside those it reads from.
    pub after: Vec<StepIndex>,
    /// Everything it reads.
    pub reads: Vec<PlanRead>,
    /// Attributes it writes as outputs, in declared order. The item of a fan-out is not among them.
    pub writes: Vec<AttributeIndex>,
    /// The template, for `prompt` and `template` (and custom actions that have one).
    pub prompt: Option<String>,
    /// Model alias or `provider/model`, the workflow's default applied.
    pub model: Option<String>,
    /// Model parameters, the workflow's defaults applied.
    pub parameters: ModelParameters,
    /// What a person is asked; set for `choose`, `input` and `note`.
    pub task: Option<TaskPlan>,
    /// Which option a `select` takes.
    pub select: Option<SelectPlan>,
    /// CEL conditions over its reads and outputs, by name; one that is false makes the result invalid.
    pub asserts: Vec<String>,
    /// What a failure means. A step in branches that may fail (`at_least`) is `Skip` unless it says otherwise.
    pub on_error: OnError,
    /// When and how often to try again.
    pub retry: Option<Retry>,
    /// The longest one attempt may take.
    pub timeout_ms: Option<u64>,
    /// Settings of a custom action.
    pub with: std::collections::BTreeMap<String, Json>,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskPlan {
    /// `choose`: which of the step's reads holds the options. `None` for `input`.
    pub from: Option<usize>,
    /// Reads shown beside each option: of several values the one whose branch the option lies in.
    pub show: Vec<usize>,
    /// Fewest picks; 1 for a single output.
    pub min: u32,
    /// Most picks; 1 for a single output, `None` for no bound.
    pub max: Option<u32>,
    /// Whether a text of one's own is taken.
    pub own_text: bool,
    /// What is taken unattended: option numbers from 1 (`choose`), or values by output name (`input`).
    pub default: Option<Json>,
}

/// How `select` takes the best option.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelectPlan {
    /// Which of the step's reads holds the options.
    pub from: usize,
    /// Which of the step's reads holds the scores, one per option.
    pub by: usize,
    /// Fields to walk from a score's value to the number (or, for `first`, the boolean).
    pub path: Vec<String>,
    /// Which score wins.
    pub order: SelectOrder,
    /// Most options taken; 1 for a single output, `None` for all that have a score.
    pub max: Option<u32>,
}

impl Plan {
    /// The level at an index.
    pub fn level(&self, index: LevelIndex) -> &PlanLevel {
        &self.levels[index.get()]
    }

    /// The fan-out a step opens, if it has a `for_each`.
    pub fn fan_out(&self, step: StepIndex) -> Option<&FanOut> {
        let mut levels = self.step(step).opens.iter();
        levels.find_map(|level| self.level(*level).kind.each())
    }

    /// How many of the first levels of a step's scope belong to its section and not to its own branch path.
    pub fn section_depth(&self, step: StepIndex) -> usize {
        self.sections[self.step(step).section.get()].levels.len()
    }

    /// The step at an index.
    pub fn step(&self, index: StepIndex) -> &PlanStep {
        &self.steps[index.get()]
    }

    /// Whether a step may end well without writing one of its outputs: a person may leave an optional value out.
    pub fn may_leave_out(&self, step: &PlanStep, output: AttributeIndex) -> bool {
        step.action == Action::Input && self.attribute(output).optional
    }

    /// The attribute at an index.
    pub fn attribute(&self, index: AttributeIndex) -> &PlanAttribute {
        &self.attributes[index.get()]
    }

    /// The index of the attribute with that name.
    pub fn attribute_named(&self, name: &str) -> Option<AttributeIndex> {
        let found = self.attributes.binary_search_by(|attribute| attribute.name.as_str().cmp(name));
        found.ok().map(|index| AttributeIndex(index as u32))
    }

    /// The step with that address, `section.step` in slugs.
    pub fn step_at(&self, section: &str, step: &str) -> Option<StepIndex> {
        let section = self.sections.iter().find(|candidate| candidate.slug == section)?;
        let first = section.first_step.get();
        let steps = &self.steps[first..first + section.step_count as usize];
        steps.iter().find(|candidate| candidate.slug == step).map(|step| step.index)
    }

    /// The address of a step, `section.step` in slugs.
    pub fn address(&self, index: StepIndex) -> String {
        let step = self.step(index);
        format!("{}.{}", self.sections[step.section.get()].slug, step.slug)
    }

    /// The address of a step run, from the number of each level of its step.
    pub fn run_address(&self, index: StepIndex, path: &BranchPath) -> StepRunAddress {
        let step = self.step(index);
        let section = &self.sections[step.section.get()];
        let mut address = StepRunAddress {
            section: section.slug.clone(),
            step: step.slug.clone(),
            ..StepRunAddress::default()
        };
        let mut numbers = Vec::with_capacity(path.depth());
        for ((depth, level), number) in step.scope.iter().enumerate().zip(path.numbers()) {
            match &self.level(*level).kind {
                LevelKind::Each(_) if depth < section.levels.len() => address.element = Some(*number),
                LevelKind::Turns(_) => address.turn = Some(*number),
                LevelKind::Candidates(candidates)
                    if depth + 1 == step.scope.len() && step.opens.contains(level) =>
                {
                    address.candidate = Some(candidates.address(*number));
                }
                LevelKind::Each(_) | LevelKind::Candidates(_) => numbers.push(*number),
            }
        }
        address.path = BranchPath::new(numbers);
        address
    }

    /// The step an address names, and the number of each of its levels that it names: what [`Self::run_address`] was
    /// made of.
    pub fn place_of(&self, address: &StepRunAddress) -> Option<(StepIndex, BranchPath)> {
        let index = self.step_at(&address.section, &address.step)?;
        let numbers =
            address.element.into_iter().chain(address.turn).chain(address.path.numbers().iter().copied());
        let mut path = BranchPath::new(numbers.collect());
        if let Some(named) = &address.candidate {
            let LevelKind::Candidates(candidates) = &self.level(*self.step(index).opens.last()?).kind else {
                return None;
            };
            path = path.child((1..=candidates.count()).find(|number| candidates.address(*number) == *named)?);
        }
        Some((index, path))
    }

    /// The address of a section run, from the number of each level of the section.
    pub fn section_address(&self, index: SectionIndex, path: &BranchPath) -> String {
        let section = &self.sections[index.get()];
        let (element, turn) = self.section_numbers(index, path);
        section_run_address(&section.slug, element, turn)
    }

    /// The element and the turn among the numbers of the levels of a section.
    pub fn section_numbers(&self, index: SectionIndex, path: &BranchPath) -> (Option<u32>, Option<u32>) {
        let (mut element, mut turn) = (None, None);
        for (level, number) in self.sections[index.get()].levels.iter().zip(path.numbers()) {
            match self.level(*level).kind {
                LevelKind::Turns(_) => turn = Some(*number),
                LevelKind::Each(_) | LevelKind::Candidates(_) => element = Some(*number),
            }
        }
        (element, turn)
    }

    /// The attributes asked for when a run starts.
    pub fn run_inputs(&self) -> impl Iterator<Item = (&PlanAttribute, RunInput)> {
        self.attributes.iter().filter_map(|attribute| Some((attribute, attribute.run_input?)))
    }
}
