//! Step runs on the wire.

use std::collections::BTreeMap;

use branchline_schema_model::id::{AttributeValueId, StepId, StepRunId};
use branchline_schema_model::run::{StepRunStatus, Tolerated};
use branchline_schema_model::store::StepRunView;
use branchline_schema_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::run::UsageBody;

/// Which step runs to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepQuery {
    /// Only at and below this address, such as `section.step` or `section/2+3.step/4@bold.2`.
    pub step: Option<String>,
    /// Only in this state.
    pub status: Option<String>,
    /// Skip everything up to and with the step run with this id.
    pub after: Option<String>,
    /// Rows of the page.
    pub limit: Option<usize>,
}

/// A step run.
#[derive(Debug, Serialize)]
pub struct StepRunBody {
    /// Its id.
    pub id: StepRunId,
    /// Such as `section.step/branch`.
    pub address: String,
    /// The step it executes.
    pub step_id: StepId,
    /// The way to its branch inside its section run, from the outside; empty outside any fan-out.
    pub branch_path: Vec<u32>,
    /// The variant, for a candidate of a step with variants.
    pub variant: Option<String>,
    /// The sample, from 1, for a candidate of a step with several samples.
    pub sample: Option<u32>,
    /// A name of its branch for people.
    pub label: Option<String>,
    /// Where it stands.
    pub status: StepRunStatus,
    /// `skip` or `null` when it failed and the run went on without it.
    pub tolerated: Option<Tolerated>,
    /// The ids of the values it read, by template name.
    pub inputs: BTreeMap<String, Vec<AttributeValueId>>,
    /// Attempts begun so far.
    pub attempts: u32,
    /// The last failure, or why it was skipped.
    pub error: Option<String>,
    /// SHA-256 of the rendered prompt, in hex.
    pub prompt_hash: Option<String>,
    /// Model calls of all its attempts.
    pub calls: u64,
    /// Their tokens.
    pub usage: UsageBody,
    /// When it became ready or was skipped.
    pub created_at: Timestamp,
    /// When its first attempt began, or it began to wait.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

impl From<StepRunView> for StepRunBody {
    fn from(view: StepRunView) -> Self {
        let StepRunView { step_run, address, run_id: _, usage, calls } = view;
        Self {
            id: step_run.id,
            address,
            step_id: step_run.step_id,
            branch_path: step_run.branch_path.numbers().to_vec(),
            variant: step_run.variant,
            sample: step_run.sample,
            label: step_run.label,
            status: step_run.status,
            tolerated: step_run.tolerated,
            inputs: step_run.inputs,
            attempts: step_run.attempts,
            error: step_run.error,
            prompt_hash: step_run.prompt_hash,
            calls,
            usage: usage.into(),
            created_at: step_run.created_at,
            started_at: step_run.started_at,
            ended_at: step_run.ended_at,
        }
    }
}
