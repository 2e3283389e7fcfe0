//! How steps and sections flow: conditions, variants, selections, turns, failures.

use serde::{Deserialize, Serialize};

use super::step::{ForEach, ModelParameters};

/// `for_each` and what stands beside it, on a step or on a section: one branch per element of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The list, and the name of its element. Without it nothing else is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// A CEL condition over the element (and other attributes); elements that do not meet it get no branch.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Branches with a call in flight at one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<u32>,
    /// Attributes that a branch reads from the branch before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carry: Vec<String>,
    /// How many branches have to succeed; the others may fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// A template over the element that names its branch for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// One variant of a step: the same prompt with another model or other parameters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Unique within its step; part of addresses.
    pub name: String,
    /// The model instead of the step's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Parameters over the step's.
    #[serde(default, skip_serializing_if = "ModelParameters::is_empty")]
    pub parameters: ModelParameters,
}

/// Which option a step with the action `select` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Select {
    /// The branched attribute, or list, that is selected from.
    pub from: String,
    /// The score of each option: an attribute of the same branches, or a dotted path into it (`verdict.score`).
    pub by: String,
    /// Which score wins.
    #[serde(default, skip_serializing_if = "SelectOrder::is_default")]
    pub order: SelectOrder,
    /// Most options, when the output is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// Which score of a `select` wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectOrder {
    /// The highest number; ties go to the first option.
    #[default]
    Highest,
    /// The lowest number; ties go to the first option.
    Lowest,
    /// The first option whose score, a boolean, is true.
    First,
}

impl SelectOrder {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a failed step means for the rest of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// Nothing that needs its values runs, and the run fails when all else has ended.
    #[default]
    Fail,
    /// Its readers pass it over, as if it had been skipped.
    Skip,
    /// Its outputs are missing values; in a gather they keep their place.
    Null,
    /// The run pauses; resuming it tries again.
    Pause,
}

/// `repeat` on a section: turns one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// The CEL condition that ends them, seen after each turn; without one there are `max` turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The most turns.
    pub max: u32,
    /// What happens when the last turn did not meet the condition.
    #[serde(default, skip_serializing_if = "OnMax::is_default")]
    pub on_max: OnMax,
}

/// What a `repeat` does when its turns are used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMax {
    /// Goes on with what the last turn gave.
    #[default]
    Continue,
    /// Fails.
    Fail,
}

impl OnMax {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
