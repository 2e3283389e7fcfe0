//! Levels: what multiplies step runs.
//!
//! A branch path has one number per level of its step's scope. Elements and candidates are branches: what is written
//! in them comes together again only by a join. Turns follow each other: outside, the last one is what counts.

use serde::Serialize;

use super::{AttributeIndex, PlanCondition, StepIndex};
use crate::definition::{ModelParameters, OnMax};
use crate::run::CandidateAddress;

/// Position of a level in [`Plan::levels`](super::Plan::levels).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LevelIndex(pub u32);

impl LevelIndex {
    /// As an index into a slice.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// One level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanLevel {
    /// The step that opens it. For the levels of a section these are its implicit steps `each` and `until`.
    pub opener: StepIndex,
    /// What its numbers count.
    pub kind: LevelKind,
}

/// What the numbers of a level count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LevelKind {
    /// Elements of a list.
    Each(FanOut),
    /// Variants and samples of one step.
    Candidates(Candidates),
    /// Turns of a section that repeats.
    Turns(Turns),
}

impl LevelKind {
    /// The fan-out, if it is one.
    pub const fn each(&self) -> Option<&FanOut> {
        match self {
            Self::Each(fan_out) => Some(fan_out),
            Self::Candidates(_) | Self::Turns(_) => None,
        }
    }

    /// Variants and samples, if they are what it counts.
    pub const fn candidates(&self) -> Option<&Candidates> {
        match self {
            Self::Candidates(candidates) => Some(candidates),
            Self::Each(_) | Self::Turns(_) => None,
        }
    }

    /// Whether its numbers are branches, which only a join brings together.
    pub const fn is_branching(&self) -> bool {
        !matches!(self, Self::Turns(_))
    }
}

/// `for_each`: one branch per element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FanOut {
    /// Which of the opener's reads is the list (role [`ReadRole::ForEach`](super::ReadRole::ForEach)).
    pub list_read: usize,
    /// Fields to walk from the bound value to the list; empty when the value is the list.
    pub path: Vec<String>,
    /// The attribute bound to the element, written by each branch with source `item`.
    pub item: AttributeIndex,
    /// `where`: which elements get a branch; they keep their numbers. The item itself is not among its reads,
    /// and its `branch.count` is the number of elements, because how many branches there are is what it decides.
    pub filter: Option<PlanCondition>,
    /// Branches with a call in flight at one time.
    pub parallel: Option<u32>,
    /// Attributes that a branch reads from the branch before it.
    pub carry: Vec<AttributeIndex>,
    /// How many branches have to give a value for their joins to succeed; branches may fail then. Where no join brings
    /// them together, this many have to come through, or the fan-out itself fails.
    pub at_least: Option<u32>,
    /// A template over the item that names a branch for people.
    pub label: Option<String>,
}

/// `variants` and `samples`: numbers count from 1, variant by variant, sample by sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidates {
    /// The variants in order; empty when there are only samples.
    pub variants: Vec<PlanVariant>,
    /// Samples of each variant, at least 1.
    pub samples: u32,
}

impl Candidates {
    /// How many there are.
    pub fn count(&self) -> u32 {
        self.variants.len().max(1) as u32 * self.samples
    }

    /// The variant and the sample (from 1) of a number from 1.
    pub fn at(&self, number: u32) -> (Option<&PlanVariant>, u32) {
        let zero_based = number.saturating_sub(1);
        (self.variants.get((zero_based / self.samples) as usize), zero_based % self.samples + 1)
    }

    /// How addresses name a candidate: what is the only one is left out.
    pub fn address(&self, number: u32) -> CandidateAddress {
        let (variant, sample) = self.at(number);
        let named = variant.map(|variant| variant.name.clone());
        let sample = (self.samples > 1 || named.is_none()).then_some(sample);
        CandidateAddress { variant: named, sample }
    }
}

/// One variant of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanVariant {
    /// Its name, part of addresses.
    pub name: String,
    /// The model instead of the step's.
    pub model: Option<String>,
    /// The step's parameters with the variant's over them.
    pub parameters: ModelParameters,
}

/// `repeat`: turns of a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turns {
    /// The condition that ends them; its reads are the opener's reads of role
    /// [`ReadRole::Condition`](super::ReadRole::Condition).
    pub until: Option<String>,
    /// The most turns.
    pub max: u32,
    /// What happens when the last turn did not meet the condition.
    pub on_max: OnMax,
}
