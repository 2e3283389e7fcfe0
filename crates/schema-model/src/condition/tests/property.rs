//! A condition that checks does not fail for a reason the checker could have seen.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use super::random::{Generator, Want, cases, choices};
use super::types;
use crate::condition::{Condition, ConditionFailureKind as Failure};

/// What no checker can know.
const SEEN_AT_RUN_TIME: [Failure; 5] = [
    Failure::IndexOutOfRange,
    Failure::DivisionByZero,
    Failure::Overflow,
    Failure::Conversion,
    Failure::TooMuchWork,
];

#[test]
fn what_checks_only_fails_for_its_values() {
    let types = types();
    let type_of = |name: &str| types.get(name).cloned();
    let checked = Cell::new(0);
    let has_failed = Cell::new(0);
    let mut runner = TestRunner::new(cases(6_000));
    let result = runner.run(&choices(), |choices| {
        let mut generator = Generator::new(&choices);
        generator.is_careless = true;
        let values: BTreeMap<String, Json> = serde_json::from_value(generator.values()).expect("a map");
        for (name, value) in &values {
            prop_assert!(types[name].check(value).is_ok(), "the value {value} of {name}");
        }
        let text = generator.expression(Want::Boolean, 5);
        // `has(3)` is refused by its form.
        let Ok(condition) = Condition::parse(&text) else { return Ok(()) };
        if !condition.check(&type_of).is_empty() {
            return Ok(());
        }
        checked.set(checked.get() + 1);
        if let Err(failure) = condition.evaluate(&values, &type_of, Some((2, 3))) {
            has_failed.set(has_failed.get() + 1);
            prop_assert!(SEEN_AT_RUN_TIME.contains(&failure.kind), "{text}\n{failure}\n{values:?}");
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // Without these the test could pass by refusing everything, or by never coming to a failure.
    assert!(checked.get() >= 2_000, "only {} conditions were fine", checked.get());
    assert!(has_failed.get() >= 50, "only {} failed at run time", has_failed.get());
}
