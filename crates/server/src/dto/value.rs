//! Values on the wire.

use branchline_runtime::engine::RunOutput;
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::{AttributeValueId, StepRunId};
use branchline_schema_model::limits::PREVIEW_CHARS_MAX;
use branchline_schema_model::run::ValueSource;
use branchline_schema_model::store::ValueView;
use branchline_schema_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Which values to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueQuery {
    /// Only of this attribute.
    pub attribute: Option<String>,
    /// Only written by the step run with this id.
    pub step_run: Option<String>,
    /// Whole values in place of previews; the page then ends early when they are large.
    #[serde(default)]
    pub full: bool,
    /// Skip everything up to and with the value with this id.
    pub after: Option<String>,
    /// Rows of the page.
    pub limit: Option<usize>,
}

/// A value: its beginning, or the whole.
#[derive(Debug, Serialize)]
pub struct ValueBody {
    /// Its id.
    pub id: AttributeValueId,
    /// The attribute.
    pub attribute: String,
    /// Address of the step run that wrote it.
    pub address: String,
    /// That step run.
    pub step_run_id: StepRunId,
    /// Where it comes from.
    pub source: ValueSource,
    /// Who gave it.
    pub author: Option<String>,
    /// SHA-256 of the stored text, in hex.
    pub hash: String,
    /// Bytes of the stored text.
    pub bytes: usize,
    /// Elements, when the attribute is a list.
    pub list_length: Option<u32>,
    /// When it was written.
    pub created_at: Timestamp,
    /// The beginning of the stored text; absent beside `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// The whole value, as JSON of its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
}

/// One output of the workflow.
#[derive(Debug, Serialize)]
pub struct OutputBody {
    /// The attribute.
    pub name: String,
    /// Its type, for people; a list when the branches of a fan-out are gathered.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The value; `null` while it is not written, and when it never was.
    pub value: Option<Json>,
}

impl From<RunOutput> for OutputBody {
    fn from(output: RunOutput) -> Self {
        Self { name: output.name, type_name: output.value_type.to_string(), value: output.value }
    }
}

impl ValueBody {
    /// With the beginning only.
    pub fn preview(view: ValueView) -> Self {
        let preview = view.value.value.chars().take(PREVIEW_CHARS_MAX).collect();
        Self { preview: Some(preview), ..Self::bare(view) }
    }

    /// With the whole value. A text that does not fit its type any more is given as it is.
    pub fn full(view: ValueView, value_type: &AttributeType) -> Self {
        let text = &view.value.value;
        let value = value_type.from_stored(text).unwrap_or_else(|_| Json::String(text.clone()));
        Self { value: Some(value), ..Self::bare(view) }
    }

    fn bare(view: ValueView) -> Self {
        let ValueView { value, attribute, address } = view;
        Self {
            id: value.id,
            attribute,
            address,
            step_run_id: value.step_run_id,
            source: value.source,
            author: value.author,
            hash: value.hash,
            bytes: value.value.len(),
            list_length: value.list_length,
            created_at: value.created_at,
            preview: None,
            value: None,
        }
    }
}
