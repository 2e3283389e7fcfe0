//! Performing one attempt: collect its inputs, call its executor, check what comes back.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::limits::STEP_TIMEOUT_MS_DEFAULT;
use branchline_schema_model::plan::{AttributeIndex, GatherField, Plan, PlanRead, PlanStep, ReadSource};
use branchline_schema_model::run::{ErrorClass, Failure};
use futures_util::FutureExt as _;
use serde_json::{Map, Value as Json};

use crate::action::{StepCall, StepExecutor, StepFailure, StepOutput};
use crate::machine::{Bound, StepRunKey};

/// The values an attempt reads, by template name, from the stored texts of its binding.
pub(crate) fn inputs_of(
    plan: &Plan,
    reads: &[PlanRead],
    bound: &[(Bound, Vec<Arc<str>>)],
) -> Result<BTreeMap<String, Json>, Failure> {
    let mut inputs = BTreeMap::new();
    for (read, (bound, texts)) in reads.iter().zip(bound) {
        if let Some(value) = value_of(plan, read, bound, texts)? {
            inputs.insert(read.name.clone(), value);
        }
    }
    Ok(inputs)
}

fn value_of(
    plan: &Plan,
    read: &PlanRead,
    bound: &Bound,
    texts: &[Arc<str>],
) -> Result<Option<Json>, Failure> {
    match (bound, &read.source) {
        (Bound::One(_), source) => {
            let (Some(attribute), Some(text)) = (source.attributes().first().copied(), texts.first()) else {
                return Ok(None);
            };
            from_stored(plan, attribute, text).map(Some)
        }
        (Bound::Rows(rows), ReadSource::Gather { fields, .. }) => {
            gathered(plan, fields, rows, texts).map(Some)
        }
        (Bound::Absent, _) | (Bound::Rows(_), ReadSource::Value { .. } | ReadSource::Item { .. }) => Ok(None),
    }
}

/// One attribute gives the list of its values, lists joined end to end; several give one object per branch.
fn gathered<T>(
    plan: &Plan,
    fields: &[GatherField],
    rows: &[Vec<Option<T>>],
    texts: &[Arc<str>],
) -> Result<Json, Failure> {
    let mut texts = texts.iter();
    let mut list = Vec::new();
    for row in rows {
        let mut object = Map::new();
        for (field, present) in fields.iter().zip(row) {
            let Some(text) = present.as_ref().and_then(|_| texts.next()) else { continue };
            let value = from_stored(plan, field.attribute, text)?;
            match value {
                Json::Array(items) if fields.len() == 1 => list.extend(items),
                value if fields.len() == 1 => list.push(value),
                value => {
                    object.insert(plan.attribute(field.attribute).name.clone(), value);
                }
            }
        }
        if fields.len() > 1 {
            list.push(Json::Object(object));
        }
    }
    Ok(Json::Array(list))
}

pub(super) fn from_stored(plan: &Plan, attribute: AttributeIndex, text: &str) -> Result<Json, Failure> {
    let attribute = plan.attribute(attribute);
    attribute.value_type.from_stored(text).map_err(|problem| {
        Failure::new(
            ErrorClass::MissingInput,
            format!("the stored value of `{}` is damaged: {problem}", attribute.name),
        )
    })
}

/// An attempt to perform.
pub(super) struct Attempt {
    pub(super) plan: Arc<Plan>,
    pub(super) key: StepRunKey,
    pub(super) address: String,
    pub(super) branch_counts: Vec<u32>,
    pub(super) number: u32,
    pub(super) id: StepAttemptId,
    pub(super) model: Option<String>,
}

/// Performs an attempt within its time limit. A panic of the executor is a failure like any other.
pub(super) async fn perform(
    attempt: &Attempt,
    inputs: BTreeMap<String, Json>,
    executor: &dyn StepExecutor,
    on_token: &mut (dyn FnMut(&str) + Send),
) -> Result<StepOutput, StepFailure> {
    let step = attempt.plan.step(attempt.key.step);
    let limit_ms = step.timeout_ms.unwrap_or(STEP_TIMEOUT_MS_DEFAULT);
    let call = StepCall {
        plan: &attempt.plan,
        step: attempt.key.step,
        address: attempt.address.clone(),
        path: attempt.key.path.clone(),
        branch_counts: attempt.branch_counts.clone(),
        attempt: attempt.number,
        attempt_id: attempt.id,
        inputs,
        model: attempt.model.clone(),
        on_token,
    };
    // The call itself stands inside as well: a hand-written `execute` may panic before there is a future.
    let guarded = AssertUnwindSafe(async { executor.execute(call).await }).catch_unwind();
    match tokio::time::timeout(Duration::from_millis(limit_ms), guarded).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => {
            Err(Failure::new(ErrorClass::Action, format!("the action `{}` panicked", step.action)).into())
        }
        Err(_) => Err(Failure::new(ErrorClass::Timeout, format!("no result within {limit_ms} ms")).into()),
    }
}

/// The stored texts of the outputs of a step, in the order it declares them.
pub(super) fn stored_outputs(
    plan: &Plan,
    step: &PlanStep,
    values: &BTreeMap<String, Json>,
) -> Result<Vec<(AttributeIndex, String)>, Failure> {
    let stored = |index: &AttributeIndex| {
        let attribute = plan.attribute(*index);
        let problem = |what: &str| {
            Failure::new(
                ErrorClass::InvalidOutput,
                format!("the output `{}` does not fit: {what}", attribute.name),
            )
        };
        let value = values.get(&attribute.name).ok_or_else(|| problem("there is none"))?;
        attribute.value_type.check(value).map_err(|error| problem(&error.to_string()))?;
        let text = attribute.value_type.to_stored(value).map_err(|error| problem(&error.to_string()))?;
        Ok((*index, text))
    };
    step.writes.iter().map(stored).collect()
}
