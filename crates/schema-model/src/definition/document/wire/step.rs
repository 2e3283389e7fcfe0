//! A step and what it reads.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value as Json;

use super::flow::{OnError, Select, Spread, Variants};
use super::workflow::ParameterMap;
use super::{Duration, Settings, Texts};
use crate::limits::{ATTEMPTS_MAX, CANDIDATES_MAX};

/// A step: one prompt, template, question or action, with what it reads and writes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["name"]))]
pub(super) struct Step {
    /// Unique within its section.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    /// What the step is for; people see it when the step asks them something.
    description: String,
    /// What the step does; `prompt` when nothing is said.
    action: Action,
    /// `false` switches the step off: its readers see the writer before it.
    enabled: bool,
    /// The condition (CEL) under which the step runs; else it is skipped.
    #[schemars(regex(pattern = r"[^ \t\n]"), example = &"verdict.score < 8")]
    when: String,
    /// Steps that have to end before it: `Step` of the same section, or `Section.Step`.
    after: Texts,
    #[schemars(flatten)]
    spread: Spread,
    /// Branched values this step reads as lists: `[facts]`, `{ notes: facts }`, or `{ rows: [angle, facts] }` for one
    /// object per branch.
    gather: Gathers,
    /// Inputs that are renamed, optional (`notes?`), or only shown. What the prompt mentions need not be listed.
    inputs: Inputs,
    #[schemars(flatten)]
    asked: Choice,
    /// What a person is asked, as exports write it; authors write these keys directly on the step.
    choice: ChoiceMap,
    /// Takes the best option by a score; makes `select` the action.
    select: Select,
    /// The model: an alias from branchline.toml (`strong`), or `provider/model`.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    model: String,
    /// Model parameters; they may also stand directly on the step.
    parameters: ParameterMap,
    #[schemars(flatten)]
    beside: Parameters,
    /// The same prompt with other models or parameters; each gives a candidate, in a branch of its own.
    variants: Variants,
    /// Candidates per variant.
    #[schemars(range(min = 1, max = CANDIDATES_MAX))]
    samples: u32,
    /// Settings of a custom action, passed to it as they are.
    with: Settings,
    /// How often and when a failed attempt is repeated.
    retry: Retry,
    /// The longest one attempt may take.
    timeout: Duration,
    /// The timeout in milliseconds, as exports write it.
    timeout_ms: u64,
    /// What a failure means for the rest of the run; `fail` when nothing is said.
    on_error: OnError,
    /// Whether the step changes something outside; when absent, what its action says.
    effect: bool,
    /// The file with the prompt, relative to the workflow folder.
    #[schemars(regex(pattern = r"^[^/\\:][^\\:]*$"), example = &"prompts/outline.md")]
    prompt_file: String,
    /// The prompt or template (Handlebars). The names in it are what the step reads.
    prompt: Prompt,
    /// The attributes the step writes, in order.
    outputs: Texts,
    /// Conditions (CEL) over inputs and outputs that the result has to meet.
    assert: Texts,
}

/// A text; nothing is an empty one.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum Prompt {
    Text(String),
    Nothing(()),
}

/// What a step does: a built-in action, or one that the program registers.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Action {
    BuiltIn(BuiltIn),
    // Names the language keeps for later are no custom actions.
    Custom(
        #[schemars(
            regex(pattern = r"[^ \t\n]"),
            extend("not" = { "enum": ["review", "http", "tool", "workflow"] })
        )]
        String,
    ),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum BuiltIn {
    /// Sends the rendered prompt to a model.
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
}

/// Inputs of a step.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Inputs {
    One(String),
    Several(Vec<InputItem>),
    /// The name in the prompt, and the attribute it stands for.
    Named(BTreeMap<String, NamedInput>),
}

/// The name of an attribute, with `?` when the step runs without it; or the same as a map.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum InputItem {
    Attribute(String),
    Written(Input),
}

/// The name of an attribute, with `?` when the step runs without it; or the same as a map.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum NamedInput {
    Attribute(String),
    Written(InputOfName),
}

/// An input.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["attribute"]))]
pub(super) struct Input {
    /// The name in the prompt; that of the attribute when nothing is said.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    /// The attribute it reads.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    attribute: String,
    /// Whether the step runs without it.
    optional: bool,
}

/// An input whose name is the key it stands under.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["attribute"]))]
pub(super) struct InputOfName {
    /// The attribute it reads.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    attribute: String,
    /// Whether the step runs without it.
    optional: bool,
}

/// Branched values as lists, in branch order.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Gathers {
    One(String),
    Several(Vec<GatherItem>),
    /// The name in the prompt, and one attribute, or several for one object per branch.
    Named(BTreeMap<String, Attributes>),
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum GatherItem {
    Attribute(String),
    Written(Gather),
}

/// One gathered list.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Gather {
    /// The name in the prompt.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    /// One attribute, or several: then each branch gives one object.
    attributes: Attributes,
}

#[derive(JsonSchema)]
#[schemars(untagged, inline)]
pub(super) enum Attributes {
    One(String),
    Several(#[schemars(length(min = 1))] Vec<String>),
}

/// What a person is asked, directly on the step.
#[derive(JsonSchema)]
pub(super) struct Choice {
    /// The attribute that is chosen from (`choose`).
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    from: String,
    /// Attributes shown beside each option.
    show: Texts,
    /// Fewest options, when several may be chosen.
    min: u32,
    /// Most options, when several may be chosen.
    max: u32,
    /// `false` forbids a text of one's own.
    own_text: bool,
    /// What is taken when nobody answers: option numbers from 1 (`choose`), or the value itself (`input`).
    default: Json,
}

/// What a person is asked.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct ChoiceMap {
    #[schemars(flatten)]
    choice: Choice,
}

/// Attempts in all, or a map with the delay between them.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Retry {
    Attempts(#[schemars(range(min = 1, max = ATTEMPTS_MAX))] u32),
    Written(RetryMap),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct RetryMap {
    /// Attempts in all, the first included.
    #[schemars(range(min = 1, max = ATTEMPTS_MAX))]
    attempts: u32,
    /// The first delay; each further one doubles.
    delay: Duration,
    /// The first delay in milliseconds, as exports write it.
    delay_ms: u64,
}

/// Parameters of a model call, directly on what they belong to.
#[derive(JsonSchema)]
pub(super) struct Parameters {
    /// Sampling temperature.
    #[schemars(range(min = 0, max = 10))]
    temperature: f64,
    /// Nucleus sampling mass.
    #[schemars(range(min = 0, max = 1))]
    top_p: f64,
    /// The most tokens of the answer.
    #[schemars(range(min = 1))]
    max_tokens: u32,
    /// Sampling seed, where the provider has one.
    seed: u64,
    /// Texts that end the answer.
    stop: Texts,
}
