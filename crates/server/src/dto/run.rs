//! Runs on the wire.

use std::collections::BTreeMap;

use branchline_runtime::engine::RunOptions;
use branchline_schema_model::id::{WorkflowId, WorkflowRunId};
use branchline_schema_model::limits::{NAME_CHARS_MAX, PARALLEL_CALLS_MAX};
use branchline_schema_model::run::{StepRunStatus, Usage, WorkflowRunStatus};
use branchline_schema_model::store::RunSummary;
use branchline_schema_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Problem;

/// Which runs to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunQuery {
    /// Only of the workflow with this name.
    pub workflow: Option<String>,
    /// Only in this state.
    pub status: Option<String>,
    /// Only older than the run with this id.
    pub before: Option<String>,
    /// Rows of the page.
    pub limit: Option<usize>,
}

/// Starts a run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStart {
    /// Name, `name@version` or id of the workflow.
    pub workflow: String,
    /// The version, when `workflow` is a bare name; the newest when nothing is said.
    pub version: Option<u32>,
    /// Values of run inputs by attribute name.
    #[serde(default)]
    pub inputs: BTreeMap<String, Json>,
    /// A name for people.
    pub label: Option<String>,
    /// A model that replaces the one of every step.
    pub model: Option<String>,
    /// Tasks take their default or the first option by themselves.
    #[serde(default)]
    pub unattended: bool,
    /// Model calls in flight.
    pub parallel_calls: Option<u32>,
}

impl RunStart {
    /// The engine's options, or everything that is out of bounds.
    pub fn into_options(self, idempotency_key: Option<String>) -> Result<RunOptions, Problem> {
        let mut problems = Vec::new();
        for (name, text) in [("label", &self.label), ("model", &self.model)] {
            if text.as_ref().is_some_and(|text| text.is_empty() || text.chars().count() > NAME_CHARS_MAX) {
                problems.push(format!("`{name}` has 1 to {NAME_CHARS_MAX} characters"));
            }
        }
        if self.parallel_calls.is_some_and(|calls| !(1..=PARALLEL_CALLS_MAX).contains(&calls)) {
            problems.push(format!("`parallel_calls` is a number from 1 to {PARALLEL_CALLS_MAX}"));
        }
        if !problems.is_empty() {
            return Err(Problem::invalid("the run cannot be started like this", problems));
        }
        Ok(RunOptions {
            inputs: self.inputs,
            label: self.label,
            model: self.model,
            unattended: self.unattended,
            parallel_calls: self.parallel_calls,
            idempotency_key,
            ..RunOptions::default()
        })
    }
}

/// Cancels a run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCancel {
    /// Who, for people.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
}

/// Pauses a run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPause {
    /// Who, for people.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
}

/// Lets a run go on. There is nothing to say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunResume {}

/// The version a run runs.
#[derive(Debug, Serialize)]
pub struct RunWorkflow {
    /// Its id.
    pub id: WorkflowId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// A run.
#[derive(Debug, Serialize)]
pub struct RunBody {
    /// Its id.
    pub id: WorkflowRunId,
    /// What it runs.
    pub workflow: RunWorkflow,
    /// A name people gave it.
    pub label: Option<String>,
    /// Where it stands.
    pub status: WorkflowRunStatus,
    /// Whether every live step waits for a person.
    pub waiting: bool,
    /// Why it is paused, failed or cancelled.
    pub reason: Option<String>,
    /// The model that replaces the one of every step.
    pub model: Option<String>,
    /// Whether tasks answer themselves.
    pub unattended: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its first step started.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Model calls made.
    pub calls: u64,
    /// Tokens of all attempts.
    pub usage: UsageBody,
    /// Step runs by step and state; absent in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepCountBody>,
    /// Step runs that failed and the run went on without them; not counted in lists.
    pub tolerated_failures: u32,
}

/// How many step runs of a step are in a state.
#[derive(Debug, Serialize)]
pub struct StepCountBody {
    /// `section.step`.
    pub step: String,
    /// The state.
    pub status: StepRunStatus,
    /// How many.
    pub count: u32,
}

/// Tokens by kind.
#[derive(Debug, Serialize)]
pub struct UsageBody {
    /// Of prompts, cached ones included.
    pub input_tokens: u64,
    /// Of those, read from the provider's cache.
    pub cached_tokens: u64,
    /// Of answers, reasoning included.
    pub output_tokens: u64,
    /// Of those, spent on reasoning.
    pub reasoning_tokens: u64,
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            cached_tokens: usage.cached_tokens,
            output_tokens: usage.output_tokens,
            reasoning_tokens: usage.reasoning_tokens,
        }
    }
}

impl From<RunSummary> for RunBody {
    fn from(summary: RunSummary) -> Self {
        let RunSummary { run, workflow_name, workflow_version, calls, usage, steps, tolerated_failures } =
            summary;
        let steps = steps.into_iter().map(|step| StepCountBody {
            step: step.step,
            status: step.status,
            count: step.count,
        });
        Self {
            id: run.id,
            workflow: RunWorkflow { id: run.workflow_id, name: workflow_name, version: workflow_version },
            label: run.label,
            status: run.status,
            waiting: run.waiting,
            reason: run.reason,
            // The inputs among the options are left out: they are values of the run.
            model: run.options.get("model").and_then(Json::as_str).map(str::to_owned),
            unattended: run.options.get("unattended").and_then(Json::as_bool).unwrap_or_default(),
            created_at: run.created_at,
            started_at: run.started_at,
            ended_at: run.ended_at,
            calls,
            usage: usage.into(),
            steps: steps.collect(),
            tolerated_failures,
        }
    }
}
