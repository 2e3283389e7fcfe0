//! Reading the two files of runs. Both are JSON; what they hold beside the known keys is listed.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::RunDocument;
use crate::import::{ImportError, ImportReport};
use crate::limits::IMPORT_RUN_BYTES_MAX;

/// A run with ids.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RunFile {
    /// Ids of the other database; never used here.
    #[serde(deserialize_with = "id")]
    id: String,
    /// The workflow's id in the other database: the name of the definition file is made of it.
    #[serde(deserialize_with = "id")]
    pub workflow_id: String,
    /// The workflow's name; only our own files have it.
    pub workflow: Option<String>,
    /// A name for people.
    pub label: Option<String>,
    pub(super) format: Option<String>,
    version: Option<Json>,
    pub(super) status: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) section_runs: Vec<SectionRunFile>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SectionRunFile {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(deserialize_with = "id")]
    pub(super) section_id: String,
    pub(super) section: Option<String>,
    pub(super) item_index: Option<u32>,
    pub(super) iteration: Option<u32>,
    pub(super) label: Option<String>,
    pub(super) status: Option<String>,
    pub(super) step_runs: Vec<StepRunFile>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct StepRunFile {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(deserialize_with = "id")]
    pub(super) step_id: String,
    pub(super) step: Option<String>,
    pub(super) branch_number: Option<u32>,
    pub(super) branch_path: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) sample: Option<u32>,
    pub(super) label: Option<String>,
    pub(super) status: Option<String>,
    pub(super) tolerated: Option<String>,
    pub(super) error: Option<String>,
    pub(super) attribute_values: Vec<ValueFile>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ValueFile {
    #[serde(deserialize_with = "id")]
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) value: Json,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

impl SectionRunFile {
    /// The section run of the run inputs, which files of the Ruby program do not have.
    pub(super) fn inputs() -> Self {
        let inputs = StepRunFile { step: Some("inputs".to_owned()), ..StepRunFile::default() };
        Self { step_runs: vec![inputs], ..Self::default() }
    }
}

/// What the player page saves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SnapshotFile {
    /// The workflow's name.
    pub workflow: String,
    /// Where the person was.
    pub section: Option<String>,
    /// Where the person was.
    pub step: Option<String>,
    /// When it was saved.
    pub timestamp: Option<String>,
    pub(super) attributes: BTreeMap<String, SnapshotAttribute>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SnapshotAttribute {
    /// Absent if it was never filled in.
    pub(super) value: Option<Json>,
    #[serde(flatten)]
    rest: BTreeMap<String, Json>,
}

/// Keys of an attribute in a snapshot that repeat the workflow.
const REPEATED_KEYS: [&str; 5] = ["name", "type", "is_array", "description", "title"];

/// An id is a number or a text.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Json::deserialize(deserializer)? {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    })
}

/// Reads a file of a run.
///
/// # Errors
///
/// [`ImportError`] when it is neither of the two.
pub fn read_run_file(text: &str, report: &mut ImportReport) -> Result<RunDocument, ImportError> {
    if text.len() > IMPORT_RUN_BYTES_MAX {
        let bytes = text.len();
        return Err(ImportError::TooLarge(format!(
            "it has {bytes} bytes, at most {IMPORT_RUN_BYTES_MAX} are read"
        )));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Json = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    let shape = |error: serde_json::Error| ImportError::Shape(error.to_string());
    if document.get("section_runs").is_some() {
        let file: RunFile = serde_json::from_value(document).map_err(shape)?;
        if let Some(format) = file.format.as_ref().filter(|format| *format != crate::import::RUN_IDS_FORMAT) {
            return Err(ImportError::Shape(format!(
                "it has the format `{format}`, this program reads `{}`",
                crate::import::RUN_IDS_FORMAT
            )));
        }
        list_rest(&file, report);
        return Ok(RunDocument::Run(file));
    }
    let is_snapshot = document.get("workflow").is_some_and(Json::is_string)
        && document.get("attributes").is_some_and(Json::is_object);
    if is_snapshot {
        let file: SnapshotFile = serde_json::from_value(document).map_err(shape)?;
        rest(&file.rest, "run", report);
        for (name, attribute) in &file.attributes {
            let others = attribute.rest.iter().filter(|(key, _)| !REPEATED_KEYS.contains(&key.as_str()));
            let others = others.map(|(key, value)| (key.clone(), value.clone())).collect();
            rest(&others, &format!("attribute {name}"), report);
        }
        return Ok(RunDocument::Snapshot(file));
    }
    Err(ImportError::Shape(
        "it is neither a run with `section_runs` nor a snapshot with `workflow` and `attributes`".to_owned(),
    ))
}

fn syntax(error: &serde_json::Error) -> ImportError {
    ImportError::Syntax { line: error.line().max(1), reason: error.to_string() }
}

/// Lists keys that have no place in a run.
fn list_rest(file: &RunFile, report: &mut ImportReport) {
    rest(&file.rest, "run", report);
    let mut section_keys = BTreeMap::new();
    let mut step_keys = BTreeMap::new();
    let mut value_keys = BTreeMap::new();
    for section in &file.section_runs {
        section_keys.extend(section.rest.iter().map(|(key, value)| (key.clone(), value.clone())));
        for step in &section.step_runs {
            step_keys.extend(step.rest.iter().map(|(key, value)| (key.clone(), value.clone())));
            for value in &step.attribute_values {
                value_keys.extend(value.rest.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
        }
    }
    rest(&section_keys, "section runs", report);
    rest(&step_keys, "step runs", report);
    rest(&value_keys, "attribute values", report);
}

fn rest(keys: &BTreeMap<String, Json>, place: &str, report: &mut ImportReport) {
    if !keys.is_empty() {
        let names: Vec<_> = keys.keys().map(|key| format!("`{key}`")).collect();
        report.left_out(place, format!("{} has no place in a run here", names.join(", ")));
    }
}
