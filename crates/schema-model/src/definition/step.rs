//! A step: one prompt, template, question or custom action, with what it reads and writes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::flow::{OnError, Select, Spread, Variant};

/// A step in authored form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique within its section by its slug.
    pub name: String,
    /// What it is for; people see it when the step asks them something.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What the step does.
    #[serde(default, skip_serializing_if = "Action::is_prompt")]
    pub action: Action,
    /// `false` switches it off: readers see the writer before it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub enabled: bool,
    /// The prompt or template text, front matter removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The file the prompt came from, relative to the workflow folder with `/`; only for writing the folder back,
    /// so it is no part of the content hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_file: Option<String>,
    /// Declared inputs. What the prompt mentions need not be declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// Attributes this step writes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// The model alias or `provider/model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Model parameters.
    #[serde(default, skip_serializing_if = "ModelParameters::is_empty")]
    pub parameters: ModelParameters,
    /// Runs the step once per element of a list.
    #[serde(flatten)]
    pub spread: Spread,
    /// The CEL condition under which the step runs; else it is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Variants of the call in order, each a candidate with a result of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Candidates per variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Branched values this step reads as lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gather: Vec<Gather>,
    /// What a person is asked (`choose` and `input`).
    #[serde(default, skip_serializing_if = "Choice::is_empty")]
    pub choice: Choice,
    /// Which option is taken (`select`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Select>,
    /// CEL conditions over inputs and outputs that the result has to meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assert: Vec<String>,
    /// What a failure means; `None` is `fail`, or `skip` inside a fan-out with `at_least`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<OnError>,
    /// Steps that have to end before it, as `Step` of the same section or `Section.Step`, by names or slugs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Whether it changes something outside; `None` is what its action says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<bool>,
    /// How often and when to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// The longest one attempt may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Settings of a custom action, passed to it as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, Json>,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            action: Action::default(),
            enabled: true,
            prompt: None,
            prompt_file: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
            model: None,
            parameters: ModelParameters::default(),
            spread: Spread::default(),
            when: None,
            variants: Vec::new(),
            samples: None,
            gather: Vec::new(),
            choice: Choice::default(),
            select: None,
            assert: Vec::new(),
            on_error: None,
            after: Vec::new(),
            effect: None,
            retry: None,
            timeout_ms: None,
            with: BTreeMap::new(),
        }
    }
}

impl Step {
    /// The part of an address that names this step within its section.
    pub fn slug(&self) -> String {
        crate::name::slug(&self.name)
    }
}

/// What a step does.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Action {
    /// Sends the rendered prompt to a model.
    #[default]
    Prompt,
    /// Renders the prompt without a model.
    Template,
    /// Asks a person for the values of its outputs.
    Input,
    /// Asks a person to pick from a list or from branches.
    Choose,
    /// Writes the list of a branched attribute, without a prompt.
    Gather,
    /// Takes the best of several options by a score.
    Select,
    /// Asks a person to do something elsewhere and to say when it is done.
    Note,
    /// Opens the branches of a section with `for_each`; only in plans.
    Each,
    /// Decides whether a section with `repeat` has another turn; only in plans.
    Until,
    /// An action registered by the program that embeds the engine.
    Custom(String),
}

impl Action {
    /// The built-in names, for messages and suggestions.
    pub const BUILT_IN: [&'static str; 7] =
        ["prompt", "template", "input", "choose", "gather", "select", "note"];

    /// Actions of the language that this version does not build.
    pub(crate) const NOT_YET: [&'static str; 4] = ["review", "http", "tool", "workflow"];

    /// The name as written in a definition.
    pub fn name(&self) -> &str {
        match self {
            Self::Prompt => "prompt",
            Self::Template => "template",
            Self::Input => "input",
            Self::Choose => "choose",
            Self::Gather => "gather",
            Self::Select => "select",
            Self::Note => "note",
            Self::Each => "each",
            Self::Until => "until",
            Self::Custom(name) => name,
        }
    }

    /// Whether a person performs it.
    pub fn is_human(&self) -> bool {
        matches!(self, Self::Input | Self::Choose | Self::Note)
    }

    /// Whether a stored name is that of an implicit action.
    pub fn is_implicit_name(name: &str) -> bool {
        [Self::Each, Self::Until].iter().any(|action| action.name() == name)
    }

    /// Whether the engine performs it by itself, for a section; no author writes it.
    pub fn is_implicit(&self) -> bool {
        matches!(self, Self::Each | Self::Until)
    }

    fn is_prompt(&self) -> bool {
        *self == Self::Prompt
    }
}

impl From<String> for Action {
    fn from(name: String) -> Self {
        match name.as_str() {
            "prompt" => Self::Prompt,
            "template" => Self::Template,
            "input" => Self::Input,
            "choose" => Self::Choose,
            "gather" => Self::Gather,
            "select" => Self::Select,
            "note" => Self::Note,
            _ => Self::Custom(name),
        }
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        action.name().to_owned()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A declared input: what the prompt calls `name` is the attribute `attribute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The name in the template.
    pub name: String,
    /// The attribute it reads.
    pub attribute: String,
    /// Whether the step runs without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// `for_each: item in list`: one branch per element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForEach {
    /// The attribute that is bound to the element.
    pub item: String,
    /// The list attribute, or a dotted path into a typed object (`chapter.subs`).
    pub list: String,
}

/// `gather: { name: attribute }`: the values of a branched attribute as one list, in branch order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gather {
    /// The name in the template.
    pub name: String,
    /// One attribute, or several: then each branch gives one object.
    pub attributes: Vec<String>,
}

/// What a person is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The attribute that is chosen from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Attributes shown beside each option.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<String>,
    /// Fewest options, when several may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Most options, when several may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// `false` forbids a text of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_text: Option<bool>,
    /// What is taken when nobody answers: option numbers from 1 (`choose`), or the value itself (`input`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
}

impl Choice {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// When and how often a failed attempt is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The first delay in milliseconds; each further one doubles, with jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

/// Parameters of a model call. What is absent is left to the provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelParameters {
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling mass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Sampling seed, where the provider has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Texts that end the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
}

impl ModelParameters {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These parameters, with what they leave open taken from `fallback`.
    #[must_use]
    pub fn or(&self, fallback: &Self) -> Self {
        Self {
            temperature: self.temperature.or(fallback.temperature),
            top_p: self.top_p.or(fallback.top_p),
            max_tokens: self.max_tokens.or(fallback.max_tokens),
            seed: self.seed.or(fallback.seed),
            stop: if self.stop.is_empty() { fallback.stop.clone() } else { self.stop.clone() },
        }
    }
}

pub(super) fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
pub(super) fn is_true(value: &bool) -> bool {
    *value
}
