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

use crate::action::{
    BranchValue, StepCall, StepExecutor, StepFailure, StepOutput, broken_asserts, one_branch,
};
use crate::machine::{Bound, Row, StepRunKey};
use crate::prompt::Branch;
use crate::provider::held::{TooLate, limited};

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
fn gathered(plan: &Plan, fields: &[GatherField], rows: &[Row], texts: &[Arc<str>]) -> Result<Json, Failure> {
    let mut texts = texts.iter();
    let mut list = Vec::new();
    for row in rows {
        let mut object = Map::new();
        for (field, present) in fields.iter().zip(&row.values) {
            let Some(text) = present.as_ref().and_then(|_| texts.next()) else {
                // A failure that counts as a missing value keeps its place, except among the items of lists.
                if fields.len() == 1 && !plan.attribute(field.attribute).value_type.is_array {
                    list.push(Json::Null);
                }
                continue;
            };
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

/// The values a read was bound to, with the branches they come from.
fn branch_values(
    plan: &Plan,
    read: &PlanRead,
    bound: &Bound,
    texts: &[Arc<str>],
) -> Result<Vec<BranchValue>, Failure> {
    let (Bound::Rows(rows), Some(attribute)) = (bound, read.source.attributes().first().copied()) else {
        return Ok(value_of(plan, read, bound, texts)?.map(one_branch).unwrap_or_default());
    };
    let mut texts = texts.iter();
    rows.iter()
        .map(|row| {
            let text = row.values.first().copied().flatten().and_then(|_| texts.next());
            let value = text.map_or(Ok(Json::Null), |text| from_stored(plan, attribute, text))?;
            Ok(BranchValue { branch: row.branch.clone(), value })
        })
        .collect()
}

/// Options and scores of a `select`, by the names of its reads.
pub(super) fn gathered_of(
    plan: &Plan,
    step: &PlanStep,
    bound: &[(Bound, Vec<Arc<str>>)],
) -> Result<BTreeMap<String, Vec<BranchValue>>, Failure> {
    if step.select.is_none() {
        return Ok(BTreeMap::new());
    }
    let pairs = step
        .reads
        .iter()
        .zip(bound)
        .map(|(read, (bound, texts))| Ok((read.name.clone(), branch_values(plan, read, bound, texts)?)));
    pairs.collect()
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
    pub(super) branch: Option<Branch>,
    pub(super) number: u32,
    pub(super) id: StepAttemptId,
    pub(super) model: Option<String>,
}

/// Performs an attempt within its time limit, which leaves out what it waits for its turn at a provider. A panic of the executor is a failure like any other.
pub(super) async fn perform(
    attempt: &Attempt,
    inputs: BTreeMap<String, Json>,
    gathered: BTreeMap<String, Vec<BranchValue>>,
    executor: &dyn StepExecutor,
    on_token: &mut (dyn FnMut(&str) + Send),
) -> Result<StepOutput, StepFailure> {
    let step = attempt.plan.step(attempt.key.step);
    let limit_ms = step.timeout_ms.unwrap_or(STEP_TIMEOUT_MS_DEFAULT);
    // Only a step that asserts something looks at what it read again.
    let read = if step.asserts.is_empty() { BTreeMap::new() } else { inputs.clone() };
    let call = StepCall {
        plan: &attempt.plan,
        step: attempt.key.step,
        address: attempt.address.clone(),
        path: attempt.key.path.clone(),
        branch: attempt.branch,
        attempt: attempt.number,
        attempt_id: attempt.id,
        inputs,
        gathered,
        model: attempt.model.clone(),
        on_token,
    };
    // The call itself stands inside as well: a hand-written `execute` may panic before there is a future.
    let guarded = AssertUnwindSafe(async { executor.execute(call).await }).catch_unwind();
    match limited(Duration::from_millis(limit_ms), guarded).await {
        Ok(Ok(result)) => result.and_then(|output| asserted(attempt, step, &read, output)),
        Ok(Err(_)) => {
            Err(Failure::new(ErrorClass::Action, format!("the action `{}` panicked", step.action)).into())
        }
        Err(TooLate) => {
            Err(Failure::new(ErrorClass::Timeout, format!("no result within {limit_ms} ms")).into())
        }
    }
}

/// The output, if all that its step asserts holds.
fn asserted(
    attempt: &Attempt,
    step: &PlanStep,
    read: &BTreeMap<String, Json>,
    output: StepOutput,
) -> Result<StepOutput, StepFailure> {
    let problems = broken_asserts(&attempt.plan, step, read, &output.values, attempt.branch);
    if problems.is_empty() {
        return Ok(output);
    }
    let failure = Failure::new(ErrorClass::InvalidOutput, problems.join("; "));
    Err(StepFailure { failure, record: Box::new(output.record) })
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
    let given = |index: &&AttributeIndex| {
        values.contains_key(&plan.attribute(**index).name) || !plan.may_leave_out(step, **index)
    };
    step.writes.iter().filter(given).map(stored).collect()
}
