//! Workflow versions on the wire.

use std::collections::HashMap;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::{AttributeId, SectionId, StepId, WorkflowId};
use branchline_schema_model::plan::Plan;
use branchline_schema_model::store::{AttributeRow, SectionRow, StepRow, WorkflowVersion};
use branchline_schema_model::time::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use super::finding::FindingBody;

/// One version of a workflow, as lists show it.
#[derive(Debug, Serialize)]
pub struct WorkflowBody {
    /// Its id.
    pub id: WorkflowId,
    /// The name its versions share.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// What it is for.
    pub description: String,
    /// SHA-256 of its canonical document, in hex.
    pub content_hash: String,
    /// When it was saved.
    pub created_at: Timestamp,
}

impl From<&WorkflowVersion> for WorkflowBody {
    fn from(version: &WorkflowVersion) -> Self {
        Self {
            id: version.id,
            name: version.name.clone(),
            version: version.version,
            description: version.description.clone(),
            content_hash: version.content_hash.clone(),
            created_at: version.created_at,
        }
    }
}

/// What saving a definition came to.
#[derive(Debug, Serialize)]
pub struct WorkflowSaved {
    /// The stored version.
    #[serde(flatten)]
    pub workflow: WorkflowBody,
    /// Whether it is new.
    pub created: bool,
    /// Warnings of the checker.
    pub warnings: Vec<FindingBody>,
}

/// One version with everything in it.
#[derive(Debug, Serialize)]
pub struct WorkflowDetail {
    /// The version.
    #[serde(flatten)]
    pub workflow: WorkflowBody,
    /// What starting a run asks for; `null` when this program cannot compile the definition.
    pub inputs: Option<Vec<RunInputBody>>,
    /// Sections in order, `Inputs` first.
    pub sections: Vec<SectionBody>,
    /// Attributes by name.
    pub attributes: Vec<AttributeBody>,
}

/// A run input.
#[derive(Debug, Serialize)]
pub struct RunInputBody {
    /// Attribute name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its type, for people.
    pub r#type: String,
    /// Its JSON Schema.
    pub schema: Json,
    /// Whether a run cannot start without it.
    pub required: bool,
    /// What is taken when nothing is given.
    pub default: Option<Json>,
}

/// A section.
#[derive(Debug, Serialize)]
pub struct SectionBody {
    /// Its id.
    pub id: SectionId,
    /// Its name.
    pub name: String,
    /// Its part of addresses.
    pub slug: String,
    /// What it is for.
    pub description: String,
    /// 0 is `Inputs`.
    pub order: u32,
    /// Its steps in order.
    pub steps: Vec<StepBody>,
}

/// A step.
#[derive(Debug, Serialize)]
pub struct StepBody {
    /// Its id.
    pub id: StepId,
    /// Its name.
    pub name: String,
    /// `section.step`.
    pub address: String,
    /// What it is for.
    pub description: String,
    /// From 1 within its section.
    pub order: u32,
    /// What it does.
    pub action: String,
    /// Whether it runs.
    pub enabled: bool,
    /// The template; empty without one.
    pub prompt: String,
    /// Model, parameters, retry and what else the action needs.
    pub options: Json,
    /// What it reads.
    pub inputs: Vec<PortBody>,
    /// Names of the attributes it writes.
    pub outputs: Vec<String>,
}

/// One read of a step.
#[derive(Debug, Serialize)]
pub struct PortBody {
    /// The name in the template.
    pub name: String,
    /// The attribute.
    pub attribute: String,
    /// `value`, `each` or `gather`.
    pub mode: String,
    /// Whether the step cannot run without it.
    pub required: bool,
}

/// An attribute.
#[derive(Debug, Serialize)]
pub struct AttributeBody {
    /// Its id.
    pub id: AttributeId,
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// `string`, `integer`, `number`, `boolean`, `object` or `file`.
    pub r#type: String,
    /// Whether it is a list of these.
    pub is_array: bool,
    /// JSON Schema of a whole value.
    pub schema: Json,
    /// The declared default.
    pub default: Option<Json>,
}

impl WorkflowDetail {
    /// From the stored rows and, where it compiles, the plan.
    pub fn new(version: &WorkflowVersion, plan: Option<&Plan>) -> Self {
        let names = version.attributes.iter().map(|row| (row.id, row.name.as_str())).collect();
        Self {
            workflow: version.into(),
            inputs: plan.map(run_inputs),
            sections: version.sections.iter().map(|row| section_body(row, &names)).collect(),
            attributes: version.attributes.iter().map(attribute_body).collect(),
        }
    }
}

fn run_inputs(plan: &Plan) -> Vec<RunInputBody> {
    let inputs = plan.run_inputs().map(|(attribute, input)| RunInputBody {
        name: attribute.name.clone(),
        description: attribute.description.clone(),
        r#type: attribute.value_type.to_string(),
        schema: attribute.value_type.json_schema(),
        required: input.required,
        default: attribute.default.clone(),
    });
    inputs.collect()
}

fn section_body(row: &SectionRow, names: &HashMap<AttributeId, &str>) -> SectionBody {
    SectionBody {
        id: row.id,
        name: row.name.clone(),
        slug: row.slug.clone(),
        description: row.description.clone(),
        order: row.order,
        steps: row.steps.iter().map(|step| step_body(step, &row.slug, names)).collect(),
    }
}

fn step_body(row: &StepRow, section: &str, names: &HashMap<AttributeId, &str>) -> StepBody {
    let name_of = |id: &AttributeId| names.get(id).copied().unwrap_or_default().to_owned();
    let inputs = row.inputs.iter().map(|input| PortBody {
        name: input.alias.clone(),
        attribute: name_of(&input.attribute_id),
        mode: input.mode.clone(),
        required: input.required,
    });
    StepBody {
        id: row.id,
        name: row.name.clone(),
        address: format!("{section}.{}", row.slug),
        description: row.description.clone(),
        order: row.order,
        action: row.action.clone(),
        enabled: row.enabled,
        prompt: row.prompt.clone(),
        options: row.options.clone(),
        inputs: inputs.collect(),
        outputs: row.outputs.iter().map(|output| name_of(&output.attribute_id)).collect(),
    }
}

fn attribute_body(row: &AttributeRow) -> AttributeBody {
    let AttributeType { kind, is_array, .. } = &row.value_type;
    AttributeBody {
        id: row.id,
        name: row.name.clone(),
        description: row.description.clone(),
        r#type: kind.name().to_owned(),
        is_array: *is_array,
        schema: row.value_type.json_schema(),
        default: row.default_value.clone(),
    }
}
