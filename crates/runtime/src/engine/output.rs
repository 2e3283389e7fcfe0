//! The results of a run.

use std::sync::Arc;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::plan::ReadSource;
use serde::Serialize;
use serde_json::Value as Json;

use super::Engine;
use crate::clock::now;
use crate::error::EngineError;
use crate::machine::RunMachine;
use crate::scheduler::inputs_of;

/// One output of the workflow, as a run wrote it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunOutput {
    /// The attribute.
    pub name: String,
    /// Its type; a list when the branches of a fan-out are gathered.
    #[serde(rename = "type", serialize_with = "type_name")]
    pub value_type: AttributeType,
    /// `None` while it is not written, and when it never was.
    pub value: Option<Json>,
}

fn type_name<S: serde::Serializer>(value_type: &AttributeType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value_type)
}

impl Engine {
    /// The outputs of a run by the rules of every other read, in the order of the workflow. It may still be going on.
    pub async fn run_outputs(&self, run: WorkflowRunId) -> Result<Vec<RunOutput>, EngineError> {
        let state = |message: String| EngineError::State { message };
        let store = &self.inner.store;
        let snapshot = store.run_load(run).await?;
        let workflow = store.workflow_fetch(snapshot.run.workflow_id).await?;
        let plan = Arc::new(self.compile(&workflow)?);
        let takes_slot = vec![false; plan.steps.len()];
        let recovered = RunMachine::recover(Arc::clone(&plan), takes_slot, 1, &workflow, &snapshot, now())
            .map_err(|error| state(error.to_string()))?;
        let mut bound = Vec::with_capacity(plan.outputs.len());
        for one in recovered.machine.outputs() {
            let texts = store.value_texts(&one.ids()).await?;
            bound.push((one, texts));
        }
        let mut values = inputs_of(&plan, &plan.outputs, &bound).map_err(|failure| state(failure.message))?;
        let outputs = plan.outputs.iter().filter_map(|read| {
            let attribute = plan.attribute(*read.source.attributes().first()?);
            let gathers = matches!(read.source, ReadSource::Gather { .. });
            let value_type = &attribute.value_type;
            Some(RunOutput {
                name: read.name.clone(),
                value_type: if gathers { value_type.list() } else { value_type.clone() },
                value: values.remove(&read.name),
            })
        });
        Ok(outputs.collect())
    }
}
