//! Workflow versions and their rows.

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value as Json;

use super::error::StoreError;
use crate::definition::AttributeType;
use crate::id::{AttributeId, SectionId, StepId, WorkflowId};
use crate::time::Timestamp;

/// One immutable version of a workflow with the rows it is made of.
///
/// `sections`, the steps inside them, and `attributes` stand in plan order: position `i` here is index `i` in the
/// [`Plan`](crate::plan::Plan) compiled from `document`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowVersion {
    /// Its id.
    pub id: WorkflowId,
    /// The name its versions share.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// From 1; set by the store when the version is saved.
    pub version: u32,
    /// SHA-256 of the canonical document without the places of its prompt files, in hex.
    pub content_hash: String,
    /// The canonical JSON document.
    pub document: String,
    /// When it was saved.
    pub created_at: Timestamp,
    /// Sections in order, `Inputs` first.
    pub sections: Vec<SectionRow>,
    /// Attributes by name.
    pub attributes: Vec<AttributeRow>,
}

/// A row of `sections` with its steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SectionRow {
    /// Its id.
    pub id: SectionId,
    /// Its name.
    pub name: String,
    /// Its part of addresses.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// Position in the workflow; 0 is `Inputs`.
    pub order: u32,
    /// Its steps in order.
    pub steps: Vec<StepRow>,
}

/// A row of `steps` with its ports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRow {
    /// Its id.
    pub id: StepId,
    /// Its name.
    pub name: String,
    /// Its part of addresses.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// Position in the section, from 1.
    pub order: u32,
    /// The template; empty without one.
    pub prompt: String,
    /// What it does.
    pub action: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Model, parameters, retry and what else the action needs.
    pub options: Json,
    /// What it reads, in order.
    pub inputs: Vec<InputRow>,
    /// What it writes, in order.
    pub outputs: Vec<OutputRow>,
}

/// A row of `input_attributes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputRow {
    /// The attribute.
    pub attribute_id: AttributeId,
    /// From 0.
    pub position: u32,
    /// The name in the template.
    pub alias: String,
    /// `value`, `each` (the item or the list of a fan-out) or `gather`.
    pub mode: String,
    /// Whether the step cannot run without it.
    pub required: bool,
}

/// A row of `output_attributes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputRow {
    /// The attribute.
    pub attribute_id: AttributeId,
    /// From 0.
    pub position: u32,
}

/// A row of `attributes`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeRow {
    /// Its id.
    pub id: AttributeId,
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Kind, list or not, shape.
    #[serde(flatten)]
    pub value_type: AttributeType,
    /// The declared default.
    pub default_value: Option<Json>,
}

/// What saving a definition came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SavedWorkflow {
    /// The stored version: the one given, or the equal one that was there.
    pub workflow: WorkflowVersion,
    /// Whether a new version was made.
    pub created: bool,
}

/// Keeps workflow versions. Nothing here ever changes a stored one.
#[async_trait]
pub trait DefinitionStore: Send + Sync {
    /// Saves a version: equal content under the same name makes nothing and returns the stored one, changed content
    /// becomes the next version (whatever `version` says).
    async fn workflow_save(&self, workflow: WorkflowVersion) -> Result<SavedWorkflow, StoreError>;

    /// The version with that id.
    async fn workflow_fetch(&self, id: WorkflowId) -> Result<WorkflowVersion, StoreError>;

    /// That version of the workflow with that name; the newest when `version` is `None`.
    async fn workflow_find(&self, name: &str, version: Option<u32>) -> Result<WorkflowVersion, StoreError>;

    /// All versions, by name and then newest first, without their sections and attributes.
    async fn workflow_list(&self) -> Result<Vec<WorkflowVersion>, StoreError>;
}
