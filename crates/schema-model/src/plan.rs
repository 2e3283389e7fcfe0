//! The plan: what a checked workflow compiles to and a run is driven by.
//!
//! Names are resolved to indices, every read knows its candidate writers, and every step knows the fan-outs it lives
//! in. A plan is a pure function of the canonical document, so it is never stored: whoever resumes a run compiles it
//! again.
//!
//! Step 0 is always the implicit `inputs` step in section 0, `Inputs`. Steps stand in reference order (section order,
//! then step order); a read only ever sees steps with a smaller index.

mod compile;
mod rows;

pub use compile::compile;
pub use rows::workflow_version;

use serde::Serialize;
use serde_json::Value as Json;

use crate::definition::{Action, AttributeType, ModelParameters, Retry};

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
    /// Steps in reference order, disabled ones included; the first is `inputs`.
    pub steps: Vec<PlanStep>,
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
    /// How many steps it has.
    pub step_count: u32,
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
    /// The fan-out steps it lives in, outermost first; the last one is itself if it opens a fan-out. The length is
    /// the depth of its branch paths.
    pub scope: Vec<StepIndex>,
    /// Set when the step opens a fan-out.
    pub fan_out: Option<FanOut>,
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
    /// What a person is asked; set for `choose` and `input`.
    pub task: Option<TaskPlan>,
    /// When and how often to try again.
    pub retry: Option<Retry>,
    /// The longest one attempt may take.
    pub timeout_ms: Option<u64>,
    /// Settings of a custom action.
    pub with: std::collections::BTreeMap<String, Json>,
}

/// `for_each`: one branch per element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FanOut {
    /// Which of the step's reads is the list (role [`ReadRole::ForEach`]).
    pub list_read: usize,
    /// Fields to walk from the bound value to the list; empty when the value is the list.
    pub path: Vec<String>,
    /// The attribute bound to the element, written by each branch with source `item`.
    pub item: AttributeIndex,
    /// Branches with a call in flight at one time.
    pub parallel: Option<u32>,
}

/// One read of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRead {
    /// The name in the template; for other roles the attribute's name.
    pub name: String,
    /// What the read is for. Reads of role `Display` never block or order anything.
    pub role: ReadRole,
    /// Where the value comes from.
    pub source: ReadSource,
    /// Whether the step runs without it.
    pub optional: bool,
}

/// What a read is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadRole {
    /// Used by the template.
    Prompt,
    /// The list of a fan-out.
    ForEach,
    /// The options of a `choose`.
    ChooseFrom,
    /// Shown beside each option.
    ChooseShow,
    /// The list an action without a prompt writes (`gather`) or a custom action is given.
    Value,
    /// Declared, but the prompt does not mention it.
    Display,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum ReadSource {
    /// One value: of the nearest writer, in the reader's own branch or its nearest ancestor.
    Value {
        /// The attribute.
        attribute: AttributeIndex,
        /// Candidate writers, nearest first; a later one counts only if all before it were passed over. Each lives
        /// in a scope that is a prefix of the reader's. Never empty.
        writers: Vec<StepIndex>,
    },
    /// The element of a fan-out that encloses the reader.
    Item {
        /// The item attribute.
        attribute: AttributeIndex,
        /// The step that fans out; it is in the reader's scope.
        fan_out: StepIndex,
    },
    /// The values of all branches below the reader's own, as one list in branch order. Lists are concatenated. A
    /// branch without a value is dropped.
    Gather {
        /// One attribute (the list of its values) or several (a list of objects with these fields, one per branch).
        fields: Vec<GatherField>,
        /// How many levels of the reader's own branch path the gathered branches share with it.
        depth: u32,
    },
}

/// One attribute of a gather.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GatherField {
    /// The attribute.
    pub attribute: AttributeIndex,
    /// Candidate writers inside the branches, nearest first. For the item of a fan-out: the fan-out step itself.
    pub writers: Vec<StepIndex>,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskPlan {
    /// `choose`: which of the step's reads holds the options. `None` for `input`.
    pub from: Option<usize>,
    /// Reads shown beside each option; with as many values as there are options, each belongs to one.
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

impl Plan {
    /// The step at an index.
    pub fn step(&self, index: StepIndex) -> &PlanStep {
        &self.steps[index.get()]
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

    /// The attributes asked for when a run starts.
    pub fn run_inputs(&self) -> impl Iterator<Item = (&PlanAttribute, RunInput)> {
        self.attributes.iter().filter_map(|attribute| Some((attribute, attribute.run_input?)))
    }
}

impl ReadSource {
    /// The attributes a read sees.
    pub fn attributes(&self) -> Vec<AttributeIndex> {
        match self {
            Self::Value { attribute, .. } | Self::Item { attribute, .. } => vec![*attribute],
            Self::Gather { fields, .. } => fields.iter().map(|field| field.attribute).collect(),
        }
    }
}
