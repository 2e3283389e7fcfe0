//! Conditions: `when`, `where`, `until` and `assert`, in the [Common Expression Language](https://cel.dev) (CEL).
//!
//! ```text
//!  text ──▶ Condition::parse ──▶ mentions      what it reads, for the binder
//!                │          └──▶ check         whether it fits the types, for the checker
//!                └─────────────▶ evaluate      true or false, for the engine
//! ```
//!
//! The language is CEL's expressions: literals, lists, fields, `[index]`, the operators, `? :`, `in`, the macros `all`,
//! `exists`, `exists_one`, `map` and `filter`, and the functions in [`FUNCTIONS`]. Objects, bytes, unsigned integers,
//! times and messages are left out; no attribute is one. Where conditions differ from CEL they accept more:
//!
//! - `has(x)` tests an attribute, a field, an item, or a whole path: it is false as soon as any part of it is absent
//!   or null, and never an error. It proves for what follows in the same `&&`, `||` or `? :` that the value is there.
//! - Integers and numbers are compared and reckoned with each other. A value is a number or an integer by its type,
//!   not by its digits: a `number` that a model wrote as `7` is divided like `7.0`.
//!
//! Parser and evaluator are ours, and in the tests the crate `cel` is their judge, on random conditions. It is not in the
//! program because its evaluator has no bound on time and memory, copies every value it is given, and does not reckon
//! integers with numbers; and because without optimisation its parser takes more than 100 KB of stack per level of
//! parentheses, so that a dozen of them end the process. Here everything ends: the text, the depth and the work of an
//! evaluation are bounded by [`crate::limits`].

mod check;
mod evaluate;
mod function;
mod mention;
mod parse;
mod pattern;
mod presence;
mod problem;
mod syntax;
mod token;
mod types;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use crate::definition::AttributeType;

pub use function::{FUNCTIONS, Function};
pub use mention::ConditionMention;
pub use problem::{
    ConditionError, ConditionFailure, ConditionFailureKind, ConditionProblem, ConditionProblemKind, place,
};

use syntax::Expression;

/// The type of an attribute by its name; `None` when nothing is known about it.
pub type Types<'a> = &'a dyn Fn(&str) -> Option<AttributeType>;

/// A condition that has been read.
#[derive(Clone, PartialEq)]
pub struct Condition {
    text: String,
    tree: Expression,
    mentions: Vec<ConditionMention>,
    uses_branch: bool,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    ///
    /// What cannot be understood, or the bound it breaks, with its place.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let tree = parse::parse(text)?;
        let (mentions, uses_branch) = mention::mentions(&tree);
        Ok(Self { text: text.to_owned(), tree, mentions, uses_branch })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every read of a variable that is not the item of a macro, in the order of the text. `branch.number` and
    /// `branch.count` are not among them.
    pub fn mentions(&self) -> &[ConditionMention] {
        &self.mentions
    }

    /// Whether it reads `branch.number` or `branch.count`, and so needs to stand in a branch.
    pub const fn uses_branch(&self) -> bool {
        self.uses_branch
    }

    /// What does not fit the types of the attributes, in the order of the text. A name without a type is taken as a
    /// value of any type: whether it exists is not asked here, nor whether its value may be absent.
    pub fn check(&self, types: Types<'_>) -> Vec<ConditionProblem> {
        check::check(&self.text, &self.tree, &self.types_of_mentions(types))
    }

    /// Whether it holds. Absent values are left out of `values`; `branch` is the number and the count.
    ///
    /// # Errors
    ///
    /// What cannot be known before the values are: see [`ConditionFailureKind`].
    pub fn evaluate(
        &self,
        values: &BTreeMap<String, Json>,
        types: Types<'_>,
        branch: Option<(u32, u32)>,
    ) -> Result<bool, ConditionFailure> {
        evaluate::evaluate(&self.text, &self.tree, values, &self.types_of_mentions(types), branch)
    }

    fn types_of_mentions(&self, types: Types<'_>) -> BTreeMap<String, AttributeType> {
        let mut known = BTreeMap::new();
        for mention in &self.mentions {
            if !known.contains_key(&mention.name)
                && let Some(found) = types(&mention.name)
            {
                known.insert(mention.name.clone(), found);
            }
        }
        known
    }
}

/// The text: the tree says the same at length.
impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Condition").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests;
