//! Values against JSON Schemas. Compiling a schema costs far more than using it, and every branch of a fan-out checks
//! against the same few, so compiled ones are kept.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value as Json;

use super::ValueProblem;
use crate::limits::{COMPILED_SCHEMAS_MAX, PREVIEW_CHARS_MAX};

/// Problems told of one value: the first few say what to do.
const PROBLEMS_MAX: usize = 5;

static COMPILED: LazyLock<Mutex<HashMap<Json, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The validator of a schema; formats (`date`, `email`, …) are checked like any other keyword.
///
/// # Errors
///
/// The JSON pointer of what is wrong with the schema, and a sentence about it.
pub(crate) fn compiled(schema: &Json) -> Result<Arc<Validator>, (String, String)> {
    if let Some(found) = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(schema) {
        return Ok(Arc::clone(found));
    }
    // Compiled outside of the lock: two that do it at once only waste some time.
    let options = jsonschema::options().should_validate_formats(true);
    let built = options.build(schema);
    let validator = built.map_err(|error| (error.instance_path().as_str().to_owned(), error.to_string()))?;
    let validator = Arc::new(validator);
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= COMPILED_SCHEMAS_MAX {
        kept.clear();
    }
    kept.insert(schema.clone(), Arc::clone(&validator));
    Ok(validator)
}

fn usable(schema: &Json) -> Result<Arc<Validator>, ValueProblem> {
    compiled(schema)
        .map_err(|(_, error)| ValueProblem::one(format!("the schema of the type is not valid: {error}")))
}

/// Checks one value.
pub(crate) fn item(schema: &Json, value: &Json) -> Result<(), ValueProblem> {
    let validator = usable(schema)?;
    told(problems(&validator, value, ""))
}

/// Checks a list item by item, so that references inside the schema of an item stay what they are.
pub(super) fn list(schema: &Json, value: &Json) -> Result<(), ValueProblem> {
    let validator = usable(schema)?;
    let Json::Array(items) = value else {
        return Err(ValueProblem::one(format!("{} is not of type \"array\"", shown(&value.to_string()))));
    };
    told(items.iter().enumerate().flat_map(|(at, item)| problems(&validator, item, &format!("/{at}"))))
}

fn problems(validator: &Validator, value: &Json, place: &str) -> Vec<String> {
    let told = validator.iter_errors(value).take(PROBLEMS_MAX).map(|error| {
        let place = format!("{place}{}", error.instance_path().as_str());
        let problem = shown(&error.to_string());
        if place.is_empty() { problem } else { format!("at {place}: {problem}") }
    });
    told.collect()
}

fn told(problems: impl IntoIterator<Item = String>) -> Result<(), ValueProblem> {
    let problems: Vec<String> = problems.into_iter().take(PROBLEMS_MAX).collect();
    if problems.is_empty() { Ok(()) } else { Err(ValueProblem { problems }) }
}

/// A sentence quotes the value it is about, which may be millions of characters long: its two ends are enough.
fn shown(sentence: &str) -> String {
    let count = sentence.chars().count();
    if count <= PREVIEW_CHARS_MAX {
        return sentence.to_owned();
    }
    let half = PREVIEW_CHARS_MAX / 2;
    let start: String = sentence.chars().take(half).collect();
    let end: String = sentence.chars().skip(count - half).collect();
    format!("{start} … {end}")
}
