//! `workflows show`

use branchline_schema_model::id::AttributeId;
use branchline_schema_model::store::{AttributeRow, WorkflowVersion};
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone, minute};
use crate::words::type_words;
use crate::workflow::split_version;

/// Show the steps and attributes of a stored version
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `name`, or `name@version`
    workflow: String,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let (name, version) = split_version(&args.workflow)?;
    let version = context.store().await?.workflow_find(name, version).await?;
    if context.output.is_json() {
        let mut result = json!(version);
        result["format"] = json!("branchline.workflow-version/1");
        context.output.json(&result)?;
    } else {
        show(context, &version);
    }
    Ok(ExitCode::Ok)
}

fn show(context: &Context, version: &WorkflowVersion) {
    let output = &context.output;
    let name = format!("{}@{}", version.name, version.version);
    let hash = version.content_hash.get(..12).unwrap_or(&version.content_hash);
    let saved = format!("  saved {}  content {hash}", minute(version.created_at));
    output.result(Text::new().push(Tone::Strong, name).push(Tone::Dim, saved));
    if !version.description.is_empty() {
        output.result(&version.description);
    }
    output.result("");
    let steps =
        version.sections.iter().flat_map(|section| section.steps.iter().map(move |step| (section, step)));
    let rows = steps.map(|(section, step)| {
        let reads = step.inputs.iter().map(|input| input.alias.as_str()).collect::<Vec<_>>();
        let writes = step
            .outputs
            .iter()
            .map(|output| attribute_name(version, output.attribute_id))
            .collect::<Vec<_>>();
        let action = if step.enabled { step.action.clone() } else { format!("{} (disabled)", step.action) };
        vec![format!("{}.{}", section.slug, step.slug), action, reads.join(", "), writes.join(", ")]
    });
    output.table(&["step", "action", "reads", "writes"], rows.collect::<Vec<_>>());
    output.result("");
    output.table(
        &["attribute", "type", "default", "description"],
        version.attributes.iter().map(attribute_row),
    );
}

fn attribute_name(version: &WorkflowVersion, id: AttributeId) -> &str {
    version.attributes.iter().find(|attribute| attribute.id == id).map_or("", |attribute| &attribute.name)
}

fn attribute_row(attribute: &AttributeRow) -> Vec<String> {
    vec![
        attribute.name.clone(),
        type_words(&attribute.value_type),
        attribute.default_value.as_ref().map(ToString::to_string).unwrap_or_default(),
        attribute.description.clone(),
    ]
}
