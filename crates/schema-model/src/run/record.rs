//! The records of a run, as the store keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::address::BranchPath;
use super::status::{SectionRunStatus, StepRunStatus, WorkflowRunStatus};
use crate::id::{
    AttributeId, AttributeValueId, DecisionId, SchedulerId, SectionId, SectionRunId, StepId, StepRunId,
    WorkflowId, WorkflowRunId,
};
use crate::time::Timestamp;

/// One execution of a workflow version (`workflow_runs`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowRun {
    /// Its id.
    pub id: WorkflowRunId,
    /// The version it runs, for ever.
    pub workflow_id: WorkflowId,
    /// A name people gave it.
    pub label: Option<String>,
    /// Where it stands.
    pub status: WorkflowRunStatus,
    /// Whether every live step waits for a person.
    pub waiting: bool,
    /// Why it is paused, failed or cancelled.
    pub reason: Option<String>,
    /// How it was started: model override, parallel calls, unattended.
    pub options: Json,
    /// The engine that owns it.
    pub owner_id: Option<SchedulerId>,
    /// Grows with every claim and every revocation; the fence of every write.
    pub claim_epoch: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its first step started.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

/// One execution of a section (`section_runs`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SectionRun {
    /// Its id.
    pub id: SectionRunId,
    /// The run it belongs to.
    pub workflow_run_id: WorkflowRunId,
    /// The section it executes.
    pub section_id: SectionId,
    /// The element it is for, from 1, when its section runs for each element of a list.
    pub item_index: Option<u32>,
    /// The turn, from 1, when its section repeats.
    pub iteration: Option<u32>,
    /// A name of its element for people.
    pub label: Option<String>,
    /// Where it stands.
    pub status: SectionRunStatus,
    /// When its first step run started.
    pub started_at: Option<Timestamp>,
    /// When its last step run ended.
    pub ended_at: Option<Timestamp>,
}

/// The value ids each template name was bound to, and what conditions read by the names of the attributes; a gathered name
/// has several, in branch order.
pub type InputBinding = BTreeMap<String, Vec<AttributeValueId>>;

/// One execution of a step in one branch (`step_runs`). Its row is written when it becomes ready, waits, or is
/// skipped; before that it is blocked and has no row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRun {
    /// Its id.
    pub id: StepRunId,
    /// The section run it belongs to.
    pub section_run_id: SectionRunId,
    /// The step it executes.
    pub step_id: StepId,
    /// The number under its parent branch, from 1; 0 outside any fan-out.
    pub branch_number: u32,
    /// The whole way inside its section run, candidates included.
    pub branch_path: BranchPath,
    /// The variant, for a candidate of a step with variants.
    pub variant: Option<String>,
    /// The sample, from 1, for a candidate of a step with several samples.
    pub sample: Option<u32>,
    /// A name of its branch for people.
    pub label: Option<String>,
    /// Where it stands.
    pub status: StepRunStatus,
    /// Set when it failed and the run went on without it; its status is `skipped` then.
    pub tolerated: Option<Tolerated>,
    /// What it read, its `when` and the `where` of its fan-out included; written when it became ready, or when it ended
    /// without that.
    pub inputs: InputBinding,
    /// Attempts begun so far.
    pub attempts: u32,
    /// Times it was taken up again after its process died.
    pub recoveries: u32,
    /// Attempts that count no more, because somebody resumed the run that its failure had paused.
    pub renewed_attempts: u32,
    /// Not before this moment (a retry).
    pub available_at: Option<Timestamp>,
    /// Class and sentence of the last failure, or why it was skipped.
    pub error: Option<String>,
    /// SHA-256 of the rendered prompt, in hex.
    pub prompt_hash: Option<String>,
    /// When it became ready or was skipped.
    pub created_at: Timestamp,
    /// When its first attempt began, or it began to wait.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
}

/// How a run went on after a failure (`step_runs.tolerated`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tolerated {
    /// Readers pass it over.
    Skip,
    /// Readers see missing values.
    Null,
}

impl Tolerated {
    /// The text in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Null => "null",
        }
    }
}

impl std::str::FromStr for Tolerated {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "skip" => Ok(Self::Skip),
            "null" => Ok(Self::Null),
            _ => Err(format!("`{text}` does not say how a failure was tolerated")),
        }
    }
}

/// The branches (elements, candidates or turns) under one place, written when they come into being (`fan_outs`), so
/// that a join can never lose one and an empty list is known to have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FanOutRecord {
    /// The run it happens in.
    pub workflow_run_id: WorkflowRunId,
    /// The step that opens them.
    pub step_id: StepId,
    /// The place, with the numbers of section runs.
    pub parent_path: BranchPath,
    /// How many branches; of turns, how many have begun.
    pub branch_count: u32,
    /// Their numbers, when `where` left some out.
    pub numbers: Option<Vec<u32>>,
}

/// Where a value comes from (`attribute_values.source`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueSource {
    /// A model's answer.
    Model,
    /// A person.
    Human,
    /// Given when the run started.
    Input,
    /// A declared default.
    Default,
    /// An element of the list a fan-out runs over.
    Item,
    /// Computed by a template, a gather or a custom action.
    Computed,
    /// Read from a file of another system.
    Import,
}

impl ValueSource {
    /// Every source with its text.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Model, "model"),
        (Self::Human, "human"),
        (Self::Input, "input"),
        (Self::Default, "default"),
        (Self::Item, "item"),
        (Self::Computed, "computed"),
        (Self::Import, "import"),
    ];

    /// The text in the database and the API.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(source, _)| *source == self).map_or("", |(_, name)| name)
    }

    /// The source of that text.
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(source, _)| *source)
    }
}

/// One value, written once (`attribute_values`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeValue {
    /// Its id.
    pub id: AttributeValueId,
    /// The attribute it is a value of.
    pub attribute_id: AttributeId,
    /// The step run that wrote it.
    pub step_run_id: StepRunId,
    /// The stored text: a single `string` or `file` as itself, all else as canonical JSON.
    pub value: String,
    /// Elements, when the attribute is a list.
    pub list_length: Option<u32>,
    /// Where it comes from.
    pub source: ValueSource,
    /// Who gave it, for people.
    pub author: Option<String>,
    /// SHA-256 of the stored text, in hex.
    pub hash: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What was decided in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionKind {
    /// By a person.
    Human,
    /// By `--unattended`: the default or the first option.
    Automatic,
}

/// The answer to a task (`decisions`); the first one per step run wins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The step run that asked.
    pub step_run_id: StepRunId,
    /// Who decided, by kind.
    pub kind: DecisionKind,
    /// Numbers of the picked options from 1, in order; empty with an own text or a plain input.
    pub picked: Vec<u32>,
    /// How many options there were.
    pub option_count: u32,
    /// The person's name.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: Timestamp,
}
