//! What is known to be there: the values that a `has(…)` has proven at some place of a condition.

use std::collections::BTreeSet;

use super::syntax::{Expression, Kind, Literal, Logical, Operator};

/// The paths that are there, as [`Expression::path`] writes them, with all that lead to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known(BTreeSet<String>);

impl Known {
    /// Also what follows from a test that came out as `outcome`.
    pub(super) fn after(&self, test: &Expression, outcome: bool) -> Self {
        let mut known = self.clone();
        known.learn(test, outcome);
        known
    }

    /// Inside a macro whose variable hides an outer one.
    pub(super) fn without(&self, variable: &str) -> Self {
        Self(self.0.iter().filter(|path| root(path) != variable).cloned().collect())
    }

    pub(super) fn holds(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    pub(super) fn learn(&mut self, test: &Expression, outcome: bool) {
        match &test.kind {
            Kind::Has(of) if outcome => self.prove(of),
            Kind::Binary { operator: Operator::NotEqual, left, right } if outcome => {
                self.unequal(left, right);
            }
            Kind::Binary { operator: Operator::Equal, left, right } if !outcome => self.unequal(left, right),
            Kind::Not(inside) => self.learn(inside, !outcome),
            // Of `a && b` nothing is known when it is false, of `a || b` nothing when it is true.
            Kind::Logical { operator, operands } if (*operator == Logical::And) == outcome => {
                for operand in operands {
                    self.learn(operand, outcome);
                }
            }
            _ => {}
        }
    }

    /// What is not null is there.
    fn unequal(&mut self, left: &Expression, right: &Expression) {
        for (one, other) in [(left, right), (right, left)] {
            if matches!(one.kind, Kind::Literal(Literal::Null)) {
                self.prove(other);
            }
        }
    }

    fn prove(&mut self, of: &Expression) {
        self.0.extend(of.path());
        if let Kind::Field { of: outer, .. } | Kind::Item { of: outer, .. } = &of.kind {
            self.prove(outer);
        }
    }
}

fn root(path: &str) -> &str {
    path.find(['.', '[']).map_or(path, |end| &path[..end])
}
