//! How steps and sections flow: `for_each` with its companions, variants, `select`, `repeat`, failures.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::Texts;
use super::step::Parameters;
use super::workflow::ParameterMap;
use crate::limits::{BRANCHES_MAX, PARALLEL_CALLS_MAX, TURNS_MAX};

/// `for_each` and what stands beside it.
#[derive(JsonSchema)]
pub(super) struct Spread {
    /// One branch per element of a list: `chapter in chapters`.
    for_each: ForEach,
    /// A condition (CEL) over the element; elements that do not meet it get no branch.
    #[schemars(rename = "where", regex(pattern = r"[^ \t\n]"), example = &"chapter.needs_research")]
    filter: String,
    /// Attributes that a branch reads from the branch before it; the branches then run one after another.
    carry: Texts,
    /// Branches with a call in flight at one time.
    #[schemars(range(min = 1, max = PARALLEL_CALLS_MAX))]
    parallel: u32,
    /// How many branches have to succeed; the others may fail.
    #[schemars(range(min = 1, max = BRANCHES_MAX))]
    at_least: u32,
    /// A template over the element that names its branch for people.
    #[schemars(regex(pattern = r"[^ \t\n]"), example = &"{{chapter.title}}")]
    label: String,
}

/// `item in list`: the list is an attribute, or a path into a typed object (`chapter.subs`).
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum ForEach {
    Short(#[schemars(regex(pattern = r"[^ \t\n]\s+in\s+[^ \t\n]"))] String),
    Written(ForEachMap),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ForEachMap {
    /// The name of the element.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    item: String,
    /// The list.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    list: String,
}

/// Variants by name, in order.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Variants {
    Named(BTreeMap<String, VariantOfName>),
    Listed(Vec<Variant>),
}

/// What a variant changes; nothing is the step as it is.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum VariantOfName {
    Changes(Changes),
    Nothing(()),
}

/// What a variant changes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = []))]
pub(super) struct Changes {
    /// The model instead of the step's.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    model: String,
    /// Parameters over the step's; they may also stand directly on the variant.
    parameters: ParameterMap,
    #[schemars(flatten)]
    beside: Parameters,
}

/// A variant with its name.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["name"]))]
pub(super) struct Variant {
    /// Unique within the step.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    name: String,
    #[schemars(flatten)]
    changes: Changes,
}

/// Which option is taken.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["from", "by"]))]
pub(super) struct Select {
    /// The branched attribute, or list, that is selected from.
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    from: String,
    /// The score of each option: an attribute of the same branches, or a path into it (`verdict.score`).
    #[schemars(regex(pattern = r"[^ \t\n]"))]
    by: String,
    /// Which score wins; `highest` when nothing is said.
    order: Order,
    /// Most options, when the output is a list.
    #[schemars(range(min = 1))]
    max: u32,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
pub(super) enum Order {
    /// The highest number; ties go to the first option.
    Highest,
    /// The lowest number; ties go to the first option.
    Lowest,
    /// The first option whose score, a boolean, is true.
    First,
}

/// Turns one after another: turn 2 reads what turn 1 wrote.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["max"]))]
pub(super) struct Repeat {
    /// The condition (CEL) that ends them, seen after each turn; without one there are `max` turns.
    #[schemars(regex(pattern = r"[^ \t\n]"), example = &"verdict.score >= 8")]
    until: String,
    /// The most turns.
    #[schemars(range(min = 1, max = TURNS_MAX))]
    max: u32,
    /// What happens when the last turn did not meet the condition; `continue` when nothing is said.
    on_max: OnMax,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
pub(super) enum OnMax {
    /// Goes on with what the last turn gave.
    Continue,
    /// Fails.
    Fail,
}

/// What a failed step means for the rest of the run.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum OnError {
    Word(Failure),
    // `null` without quotes is no text in YAML.
    Null(()),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
pub(super) enum Failure {
    /// Nothing that needs its values runs, and the run fails when all else has ended.
    Fail,
    /// Its readers pass it over, as if it had been skipped.
    Skip,
    /// Its outputs are missing values; in a gather they keep their place.
    Null,
    /// The run pauses; resuming it tries again.
    Pause,
}
