//! The maps of a workflow file, and the order of their keys.

use std::sync::LazyLock;

use crate::definition::document::decode::keyword::CONSTRAINTS;

/// What stands at a place of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Workflow,
    Types,
    Attributes,
    Attribute,
    Partials,
    Sections,
    Section,
    Steps,
    Step,
    ForEach,
    Inputs,
    Input,
    Gathers,
    Gather,
    Parameters,
    Choice,
    Variants,
    Variant,
    Select,
    Repeat,
    Retry,
    /// Anything whose keys the author chose.
    Other,
}

const WORKFLOW: &[&str] = &[
    "format",
    "name",
    "description",
    "model",
    "parameters",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "types",
    "attributes",
    "outputs",
    "partials",
    "sections",
];

const SECTION: &[&str] = &[
    "name",
    "description",
    "enabled",
    "when",
    "for_each",
    "where",
    "label",
    "carry",
    "parallel",
    "at_least",
    "repeat",
    "steps",
];

/// What it is, when and how often it runs, what it reads, how it is done, the text, what it writes.
const STEP: &[&str] = &[
    "name",
    "description",
    "action",
    "enabled",
    "when",
    "after",
    "for_each",
    "where",
    "label",
    "carry",
    "parallel",
    "at_least",
    "gather",
    "inputs",
    "from",
    "show",
    "min",
    "max",
    "own_text",
    "default",
    "choice",
    "select",
    "model",
    "parameters",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "variants",
    "samples",
    "with",
    "retry",
    "timeout",
    "timeout_ms",
    "on_error",
    "effect",
    "prompt_file",
    "prompt",
    "outputs",
    "assert",
];

/// What it is, what its values are like, and where they come from.
static ATTRIBUTE: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    [&["type"], &CONSTRAINTS[..], &["input", "optional", "default", "description"]].concat()
});

const PARAMETERS: &[&str] = &["temperature", "top_p", "max_tokens", "seed", "stop"];

impl Level {
    /// The keys in order; `None` where the author's order stays.
    pub(super) fn keys(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Workflow => WORKFLOW,
            Self::Section => SECTION,
            Self::Step => STEP,
            Self::Attribute => ATTRIBUTE.as_slice(),
            Self::Parameters => PARAMETERS,
            Self::ForEach => &["item", "list"],
            Self::Input => &["name", "attribute", "optional"],
            Self::Gather => &["name", "attributes"],
            Self::Choice => &["from", "show", "min", "max", "own_text", "default"],
            Self::Variant => {
                &["name", "model", "parameters", "temperature", "top_p", "max_tokens", "seed", "stop"]
            }
            Self::Select => &["from", "by", "order", "max"],
            Self::Repeat => &["until", "max", "on_max"],
            Self::Retry => &["attempts", "delay", "delay_ms"],
            Self::Types
            | Self::Attributes
            | Self::Partials
            | Self::Sections
            | Self::Steps
            | Self::Inputs
            | Self::Gathers
            | Self::Variants
            | Self::Other => return None,
        })
    }

    /// Whether it always has lines of its own, however short it is.
    pub(super) fn is_always_open(self) -> bool {
        matches!(
            self,
            Self::Workflow
                | Self::Types
                | Self::Attributes
                | Self::Partials
                | Self::Sections
                | Self::Section
                | Self::Steps
                | Self::Step
        )
    }

    /// What stands under a key here, or in a list.
    pub(super) fn below(self, key: Option<&str>) -> Self {
        match (self, key) {
            (Self::Workflow, Some("types")) => Self::Types,
            (Self::Workflow, Some("attributes")) => Self::Attributes,
            (Self::Attributes, Some(_)) => Self::Attribute,
            (Self::Workflow, Some("partials")) => Self::Partials,
            (Self::Workflow, Some("sections")) => Self::Sections,
            (Self::Sections, None) => Self::Section,
            (Self::Section, Some("steps")) => Self::Steps,
            (Self::Steps, None) => Self::Step,
            (Self::Section | Self::Step, Some("for_each")) => Self::ForEach,
            (Self::Section, Some("repeat")) => Self::Repeat,
            (Self::Step, Some("inputs")) => Self::Inputs,
            (Self::Inputs, _) => Self::Input,
            (Self::Step, Some("gather")) => Self::Gathers,
            (Self::Gathers, None) => Self::Gather,
            (Self::Step, Some("choice")) => Self::Choice,
            (Self::Step, Some("variants")) => Self::Variants,
            (Self::Variants, _) => Self::Variant,
            (Self::Step, Some("select")) => Self::Select,
            (Self::Step, Some("retry")) => Self::Retry,
            (Self::Workflow | Self::Step | Self::Variant, Some("parameters")) => Self::Parameters,
            _ => Self::Other,
        }
    }
}
