//! What the checker says about a template against what rendering it does.

use std::cell::Cell;

use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::SourceMap;
use branchline_schema_model::testing::{Choices, scene};
use proptest::collection::vec;
use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::*;

/// Values tried with each template.
const VALUES: usize = 5;

/// Templates that check; with their values 10,000 cases.
const TEMPLATES: usize = 2_000;

/// A template that passes the check never fails to render with values of the right types.
#[test]
fn a_template_that_checks_renders() {
    let (written, checked) = (Cell::new(0_usize), Cell::new(0_usize));
    let numbers = (vec(any::<u16>(), 40..400), vec(vec(any::<u16>(), 0..60), VALUES));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    while checked.get() < TEMPLATES {
        let tree = numbers.new_tree(&mut runner).unwrap();
        written.set(written.get() + 1);
        let outcome = runner.run_one(tree, |(template, values)| holds(&template, &values, &checked));
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    }
    // Else the generator writes nothing that is worth checking.
    assert!(written.get() < 3 * TEMPLATES, "{TEMPLATES} of {} check", written.get());
}

fn holds(template: &[u16], values: &[Vec<u16>], checked: &Cell<usize>) -> Result<(), TestCaseError> {
    let scene = scene(&mut Choices::new(template));
    let found = check(&scene.workflow(), &SourceMap::default(), &CheckContext::default());
    let Some(plan) = found.plan else { return Ok(()) };
    checked.set(checked.get() + 1);
    let step = plan.steps.last().unwrap().index;
    for numbers in values {
        let values = scene.values(&mut Choices::new(numbers));
        let reads = plan.step(step).reads.iter();
        let inputs = reads.filter_map(|read| Some((read.name.clone(), values.get(&read.name)?.clone())));
        let rendered = render(&plan, step, &inputs.collect(), None);
        if let Err(error) = rendered {
            return Err(TestCaseError::fail(format!("{error}\n{}\n{values:?}", scene.shown())));
        }
    }
    Ok(())
}
