//! Conditions as a run meets them: read once however many branches ask, and evaluated over values by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use branchline_schema_model::condition::Condition;
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::limits::CONDITIONS_KEPT_MAX;
use branchline_schema_model::plan::{Plan, PlanRead, ReadSource};
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::Value as Json;

/// Conditions that have been read, by their text.
static KEPT: LazyLock<Mutex<HashMap<String, Arc<Condition>>>> = LazyLock::new(Mutex::default);

/// A condition ready to be evaluated, and of which class its failures are.
pub(crate) struct Ready {
    condition: Arc<Condition>,
    class: ErrorClass,
}

impl Ready {
    /// Reads a condition, unless that was done before.
    pub(crate) fn new(text: &str, class: ErrorClass) -> Result<Self, Failure> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(condition) = kept.get(text) {
            return Ok(Self { condition: Arc::clone(condition), class });
        }
        let condition =
            Condition::parse(text).map_err(|problem| no_result(text, class, &problem.to_string()))?;
        let condition = Arc::new(condition);
        if kept.len() >= CONDITIONS_KEPT_MAX {
            kept.clear();
        }
        kept.insert(text.to_owned(), Arc::clone(&condition));
        Ok(Self { condition, class })
    }

    /// Whether it holds for these values.
    pub(crate) fn holds(
        &self,
        values: &BTreeMap<String, Json>,
        types: &dyn Fn(&str) -> Option<AttributeType>,
        branch: Option<(u32, u32)>,
    ) -> Result<bool, Failure> {
        let result = self.condition.evaluate(values, types, branch);
        result.map_err(|problem| no_result(self.condition.text(), self.class, &problem.to_string()))
    }
}

fn no_result(text: &str, class: ErrorClass, problem: &str) -> Failure {
    Failure::new(class, format!("`{text}` has no result: {problem}"))
}

/// The type a name has for its reader; nothing is known about rows of several attributes.
pub(crate) fn type_of(plan: &Plan, reads: &[PlanRead], name: &str) -> Option<AttributeType> {
    let read = reads.iter().find(|read| read.name == name)?;
    match (&read.source, read.source.attributes().as_slice()) {
        (ReadSource::Gather { .. }, [attribute]) => {
            let value_type = &plan.attribute(*attribute).value_type;
            Some(if value_type.is_array { value_type.clone() } else { value_type.list() })
        }
        (ReadSource::Value { .. } | ReadSource::Item { .. }, [attribute]) => {
            Some(plan.attribute(*attribute).value_type.clone())
        }
        _ => None,
    }
}
