//! On what both accept, conditions mean what the crate `cel` says.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, Value};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::Value as Json;

use super::random::{Generator, Want, cases, choices};
use super::{read, types};
use crate::condition::types::Type;

#[test]
fn cel_agrees() {
    // The parser of the crate needs more stack than a test has.
    let judge = || std::thread::Builder::new().stack_size(64 << 20).spawn(compare_many);
    judge().expect("a thread").join().expect("they agree");
}

fn compare_many() {
    let types = types();
    let env = Arc::new(Env::stdlib());
    let [agreed, failed] = [Cell::new(0), Cell::new(0)];
    // The same conditions each time, so that a change that fails is to blame for it.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(cases(2_500), rng);
    let result = runner.run(&choices(), |choices| {
        let mut generator = Generator::new(&choices);
        generator.is_strict = true;
        let values: BTreeMap<String, Json> = serde_json::from_value(generator.values()).expect("a map");
        let text = generator.expression(Want::Boolean, 5);
        let condition = read(&text);
        let type_of = |name: &str| types.get(name).cloned();
        if !condition.check(&type_of).is_empty() {
            return Ok(());
        }
        let ours = condition.evaluate(&values, &type_of, Some((2, 3)));
        let mut context = Context::with_env(Arc::clone(&env));
        for (name, value) in &values {
            context.add_variable_from_value(name.as_str(), convert(value, &Type::of_attribute(&types[name])));
        }
        let branch = HashMap::from([("number", 2_i64), ("count", 3)]);
        context.add_variable_from_value("branch", branch);
        let theirs = env.compile(&text).expect("it is CEL").execute(&context);
        match (&ours, &theirs) {
            (Ok(ours), Ok(Value::Bool(theirs))) if ours == theirs => agreed.set(agreed.get() + 1),
            (Err(_), Err(_)) => failed.set(failed.get() + 1),
            (Ok(_), Err(error)) if is_order_of_no_number(error) => {}
            _ => prop_assert!(false, "{text}\nours: {ours:?}\ntheirs: {theirs:?}\n{values:?}"),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(agreed.get() >= 1_000 && failed.get() >= 50, "{} and {} times", agreed.get(), failed.get());
}

/// The one thing the two differ in: `0.0 / 0.0` is no number, and for the crate it has no order with an integer, while
/// with a number it is neither less nor greater. CEL compares integers and numbers as points on one line, and there
/// such a comparison is false with both. Any other number has an order with an integer in the crate as well.
fn is_order_of_no_number(error: &ExecutionError) -> bool {
    let ExecutionError::NoSuchOverload(error) = error else { return false };
    let text = format!("{error:?}");
    let is_order = ["_<_", "_<=_", "_>_", "_>=_"].iter().any(|sign| text.contains(&format!("\"{sign}\"")));
    is_order && [r#"["double", "int"]"#, r#"["int", "double"]"#].iter().any(|types| text.contains(types))
}

/// The value as the crate has it, read by its type.
fn convert(json: &Json, of: &Type<'_>) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (of, number.as_f64()) {
            (Type::Integer(_), Some(number)) if json.is_f64() => Value::Int(number as i64),
            (Type::Integer(_), _) => Value::Int(number.as_i64().expect("an integer")),
            (_, number) => Value::Float(number.expect("a number")),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            let Type::List(element) = of else { panic!("{of} for {json}") };
            Value::from(items.iter().map(|item| convert(item, element)).collect::<Vec<_>>())
        }
        Json::Object(fields) => {
            let Type::Object(Some(schema)) = of else { panic!("{of} for {json}") };
            let field = |(name, value): (&String, &Json)| {
                (name.clone(), convert(value, &Type::of_schema(&schema["properties"][name])))
            };
            Value::from(fields.iter().map(field).collect::<HashMap<_, _>>())
        }
    }
}
