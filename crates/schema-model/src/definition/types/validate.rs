//! Values against JSON Schemas. Compiling a schema costs far more than using it, and every branch of a fan-out checks
//! against the same few, so compiled ones are kept.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value as Json;

use super::{ValueProblem, reach};
use crate::limits::{
    COMPILED_SCHEMAS_MAX, PREVIEW_CHARS_MAX, SCHEMA_LEVELS_MAX, SCHEMA_LEVELS_TIMES_VALUE_MAX,
};

/// Problems told of one value: the first few say what to do.
const PROBLEMS_MAX: usize = 5;

static COMPILED: LazyLock<Mutex<HashMap<Json, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

/// A schema ready to check values.
pub(crate) struct Compiled {
    validator: Validator,
    /// See [`reach::levels`].
    levels: usize,
}

/// What is compiled of a schema; formats (`date`, `email`, …) are checked like any other keyword.
///
/// # Errors
///
/// The JSON pointer of what is wrong with the schema, and a sentence about it.
pub(crate) fn compiled(schema: &Json) -> Result<Arc<Compiled>, (String, String)> {
    if let Some(found) = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(schema) {
        return Ok(Arc::clone(found));
    }
    let levels = reach::levels(schema);
    if levels > SCHEMA_LEVELS_MAX {
        let problem = format!(
            "with all it refers to it has {levels} levels, and one with references may have {SCHEMA_LEVELS_MAX}"
        );
        return Err((String::new(), problem));
    }
    // Compiled outside of the lock: two that do it at once only waste some time.
    let options = jsonschema::options().should_validate_formats(true);
    let built = options.build(schema);
    let validator = built.map_err(|error| (error.instance_path().as_str().to_owned(), error.to_string()))?;
    let compiled = Arc::new(Compiled { validator, levels });
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= COMPILED_SCHEMAS_MAX {
        kept.clear();
    }
    kept.insert(schema.clone(), Arc::clone(&compiled));
    Ok(compiled)
}

/// What is compiled of a schema, unless it would go too deep into a value.
fn usable(schema: &Json, value: &Json) -> Result<Arc<Compiled>, ValueProblem> {
    let compiled = compiled(schema)
        .map_err(|(_, error)| ValueProblem::one(format!("the schema of the type is not valid: {error}")))?;
    if compiled.levels > 0 && compiled.levels * reach::depth(value) > SCHEMA_LEVELS_TIMES_VALUE_MAX {
        let most = SCHEMA_LEVELS_TIMES_VALUE_MAX / compiled.levels;
        return Err(ValueProblem::one(format!(
            "the value is nested {} levels deep, and at most {most} are checked against its type, which refers to \
             its own parts",
            reach::depth(value)
        )));
    }
    Ok(compiled)
}

/// Checks one value.
pub(crate) fn item(schema: &Json, value: &Json) -> Result<(), ValueProblem> {
    let compiled = usable(schema, value)?;
    told(problems(&compiled.validator, value, ""))
}

/// Checks a list item by item, so that references inside the schema of an item stay what they are.
pub(super) fn list(schema: &Json, value: &Json) -> Result<(), ValueProblem> {
    let compiled = usable(schema, value)?;
    let Json::Array(items) = value else {
        return Err(ValueProblem::one(format!("{} is not of type \"array\"", shown(&value.to_string()))));
    };
    told(
        items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| problems(&compiled.validator, item, &format!("/{at}"))),
    )
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
