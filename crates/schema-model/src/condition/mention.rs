//! What a condition reads.

use std::fmt;
use std::ops::Range;

use super::presence::Known;
use super::syntax::{Each, Expression, Kind, Logical};
use crate::prompt::PathPart;

/// A read of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionMention {
    /// The variable.
    pub name: String,
    /// The way into its value.
    pub path: Vec<PathPart>,
    /// Whether an absent variable is provided for: the read is inside a `has(…)`, or one before it has shown that the
    /// variable is there.
    pub guarded: bool,
    /// Bytes of the text it stands in.
    pub at: Range<usize>,
}

/// `verdict.score`, `notes[].title`.
impl fmt::Display for ConditionMention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.path.iter().try_for_each(|part| write!(f, "{part}"))
    }
}

/// The mentions of a tree, and whether it reads `branch`.
pub(super) fn mentions(tree: &Expression) -> (Vec<ConditionMention>, bool) {
    let mut walk = Walk { found: Vec::new(), uses_branch: false, locals: Vec::new() };
    walk.expression(tree, &Known::default(), false);
    (walk.found, walk.uses_branch)
}

struct Walk<'t> {
    found: Vec<ConditionMention>,
    uses_branch: bool,
    /// Variables of the macros around, the innermost last.
    locals: Vec<&'t str>,
}

impl<'t> Walk<'t> {
    fn expression(&mut self, expression: &'t Expression, known: &Known, in_has: bool) {
        match &expression.kind {
            Kind::Literal(_) => {}
            Kind::Variable(_) | Kind::Field { .. } | Kind::Item { .. } => {
                self.path(expression, known, in_has);
            }
            Kind::Has(of) => self.expression(of, known, true),
            Kind::List(parts) => parts.iter().for_each(|part| self.expression(part, known, false)),
            Kind::Not(part) | Kind::Negate(part) => self.expression(part, known, false),
            Kind::Binary { left, right, .. } => {
                self.expression(left, known, false);
                self.expression(right, known, false);
            }
            Kind::Logical { operator, operands } => {
                let mut known = known.clone();
                for operand in operands {
                    self.expression(operand, &known, false);
                    known.learn(operand, *operator == Logical::And);
                }
            }
            Kind::Choice { test, then, otherwise } => {
                self.expression(test, known, false);
                self.expression(then, &known.after(test, true), false);
                self.expression(otherwise, &known.after(test, false), false);
            }
            Kind::Call(call) => call
                .target
                .as_deref()
                .into_iter()
                .chain(&call.arguments)
                .for_each(|part| self.expression(part, known, false)),
            Kind::Each(each) => self.each(each, known),
        }
    }

    fn each(&mut self, each: &'t Each, known: &Known) {
        self.expression(&each.list, known, false);
        let mut known = known.without(&each.variable);
        self.locals.push(&each.variable);
        if let Some(filter) = &each.filter {
            self.expression(filter, &known, false);
            known.learn(filter, true);
        }
        self.expression(&each.body, &known, false);
        self.locals.pop();
    }

    /// A chain of fields and items, down to what it starts from.
    fn path(&mut self, whole: &'t Expression, known: &Known, in_has: bool) {
        let mut parts = Vec::new();
        let mut current = whole;
        loop {
            match &current.kind {
                Kind::Field { of, name } => {
                    parts.push(PathPart::Field(name.clone()));
                    current = of;
                }
                Kind::Item { of, index } => {
                    parts.push(PathPart::Item);
                    self.expression(index, known, false);
                    current = of;
                }
                Kind::Variable(name) if self.locals.contains(&name.as_str()) => return,
                Kind::Variable(name) if name == BRANCH => {
                    self.uses_branch = true;
                    return;
                }
                Kind::Variable(name) => {
                    parts.reverse();
                    let guarded = in_has || known.holds(name);
                    let mention =
                        ConditionMention { name: name.clone(), path: parts, guarded, at: whole.at.clone() };
                    // What stands in an index was met first, and stands later.
                    let place = self.found.partition_point(|other| other.at.start < mention.at.start);
                    return self.found.insert(place, mention);
                }
                _ => return self.expression(current, known, false),
            }
        }
    }
}

/// The built-in that holds `number` and `count`.
pub(super) const BRANCH: &str = "branch";
