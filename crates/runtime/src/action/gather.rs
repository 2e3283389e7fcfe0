//! `gather`: writes the lists the step was given.

use std::collections::BTreeMap;

use async_trait::async_trait;
use branchline_schema_model::plan::ReadRole;
use branchline_schema_model::run::{ErrorClass, Failure};

use super::contract::Contract;
use super::{CallRecord, StepCall, StepExecutor, StepFailure, StepOutput};

/// Writes each list it reads to the output at the same position.
pub struct GatherExecutor;

#[async_trait]
impl StepExecutor for GatherExecutor {
    fn takes_slot(&self) -> bool {
        false
    }

    async fn execute(&self, mut call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        let step = call.plan.step(call.step);
        let lists = step.reads.iter().filter(|read| read.role == ReadRole::Value);
        let mut given = BTreeMap::new();
        for (read, output) in lists.zip(&step.writes) {
            let list = call.inputs.remove(&read.name).ok_or_else(|| {
                Failure::new(ErrorClass::MissingInput, format!("there is no list `{}` to write", read.name))
            })?;
            given.insert(call.plan.attribute(*output).name.as_str(), list);
        }
        let values = Contract::of_step(call.plan, call.step)
            .fit(given)
            .map_err(|problems| Failure::new(ErrorClass::MissingInput, problems.join("; ")))?;
        Ok(StepOutput { values, record: CallRecord::default() })
    }
}
