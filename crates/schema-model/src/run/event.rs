//! The durable log of a run: one numbered fact after another, without gaps.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::record::Tolerated;
use super::status::{SectionRunStatus, WorkflowRunStatus};
use crate::id::WorkflowRunId;
use crate::time::Timestamp;

/// One event (`run_events`). `sequence` counts from 1 per run without gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The run it belongs to.
    pub run_id: WorkflowRunId,
    /// From 1, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Everything that can be said of a run. `step` is the address of the step run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run moved to another state.
    RunStatus {
        /// The new state.
        status: WorkflowRunStatus,
        /// Why, where it is not plain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An engine took the run over after another had ended without letting go of it.
    RunRecovered {
        /// Attempts that were under way and count as lost.
        lost_attempts: u32,
    },
    /// A section run moved to another state.
    SectionStatus {
        /// Address of the section run: the slug, with its element and turn.
        section: String,
        /// The name of its element, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// The new state.
        status: SectionRunStatus,
    },
    /// The most turns there may be have passed without their condition, and the run goes on with what the last one gave.
    TurnsUsedUp {
        /// Address of the section, with its element.
        section: String,
        /// How many there were.
        turns: u32,
        /// The condition that does not hold.
        until: String,
    },
    /// A step fans out.
    FannedOut {
        /// Address of the step with its parent branch.
        step: String,
        /// How many branches.
        branches: u32,
    },
    /// An attempt begins.
    StepStarted {
        /// Address.
        step: String,
        /// The name of its branch, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// From 1.
        attempt: u32,
    },
    /// A step run waits for a person.
    StepWaiting {
        /// Address.
        step: String,
        /// The name of its branch, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// A step run ended with its outputs.
    StepSucceeded {
        /// Address.
        step: String,
        /// Names of the attributes it wrote.
        outputs: Vec<String>,
        /// Tokens in, over all calls of the attempt.
        input_tokens: u64,
        /// Tokens out.
        output_tokens: u64,
        /// From the attempt's start to its end.
        duration_ms: u64,
    },
    /// An attempt failed and another follows.
    StepRetrying {
        /// Address.
        step: String,
        /// The attempt that failed.
        attempt: u32,
        /// Why.
        failure: Failure,
        /// How long until the next one.
        delay_ms: u64,
    },
    /// A step run failed.
    StepFailed {
        /// Address.
        step: String,
        /// The name of its branch, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        /// Why.
        failure: Failure,
        /// Set when the run goes on without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerated: Option<Tolerated>,
    },
    /// A step run was not needed or not possible.
    StepSkipped {
        /// Address.
        step: String,
        /// Why.
        reason: String,
    },
    /// A task was answered.
    Answered {
        /// Address.
        step: String,
        /// Who, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<String>,
        /// Numbers of the picked options.
        picked: Vec<u32>,
    },
    /// A step run was cancelled with its run.
    StepCancelled {
        /// Address.
        step: String,
    },
}
