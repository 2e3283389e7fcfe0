//! `runs values`

use std::path::PathBuf;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::name::nearest;
use branchline_schema_model::store::{ValueFilter, ValueView, WorkflowVersion};
use serde_json::{Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::report::value_text;
use crate::words::{clip, writer};

/// Characters of a value in the table.
const PREVIEW_CHARS: usize = 80;

/// Show the values of a run: all of them in short, or one attribute in full
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run: its id, a unique ending of it, or `last`
    #[arg(default_value = "last")]
    run: String,
    /// One attribute, in full; its branches in order
    attribute: Option<String>,
    /// The file; without it the values go to the standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let store = context.store().await?;
    let run = store.run_find(&args.run).await?;
    let workflow = store.workflow_fetch(store.run_workflow(run).await?).await?;
    if let Some(name) = &args.attribute {
        check_attribute(&workflow, name)?;
    }
    let filter = ValueFilter { attribute: args.attribute.clone(), ..ValueFilter::default() };
    let values = store.value_list(run, &filter).await?;
    if context.output.is_json() {
        let rows = values.iter().map(|view| as_json(&workflow, view)).collect::<Result<Vec<_>, _>>()?;
        let result = json!({ "format": "branchline.values/1", "run": run, "values": rows });
        let text = serde_json::to_string(&result).map_err(Failure::unexpected)?;
        match &args.output {
            Some(path) => context.output.document_to(Some(path), &format!("{text}\n"))?,
            None => context.output.json(&result)?,
        }
    } else if args.attribute.is_some() || args.output.is_some() {
        context.output.document_to(args.output.as_deref(), &whole(&workflow, &values)?)?;
    } else {
        context.output.previews(&["attribute", "written by", "source", "value"], values.iter().map(row));
    }
    Ok(ExitCode::Ok)
}

fn check_attribute(workflow: &WorkflowVersion, name: &str) -> Result<(), Failure> {
    if workflow.attributes.iter().any(|attribute| attribute.name == name) {
        return Ok(());
    }
    let failure =
        Failure::usage(format!("`{}@{}` has no attribute `{name}`", workflow.name, workflow.version));
    let names: Vec<_> = workflow.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    Err(match nearest(name, names.iter().copied()) {
        Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
        None => failure.fix(format!("its attributes are `{}`", clip(&names.join("`, `"), 300))),
    })
}

fn row(view: &ValueView) -> Vec<String> {
    let source = match &view.value.author {
        Some(author) => format!("{} ({author})", view.value.source.name()),
        None => view.value.source.name().to_owned(),
    };
    let written_by = writer(&view.address).to_owned();
    vec![view.attribute.clone(), written_by, source, clip(&view.value.value, PREVIEW_CHARS)]
}

/// One value as it is; several, each under a heading that says where it comes from.
fn whole(workflow: &WorkflowVersion, values: &[ValueView]) -> Result<String, Failure> {
    if let [view] = values {
        return Ok(format!("{}\n", text(workflow, view)?));
    }
    let mut parts = Vec::with_capacity(values.len());
    for view in values {
        parts.push(format!("# {} ({})\n\n{}\n", view.attribute, view.address, text(workflow, view)?));
    }
    Ok(parts.join("\n"))
}

fn text(workflow: &WorkflowVersion, view: &ValueView) -> Result<String, Failure> {
    Ok(value_text(&typed(workflow, view)?, type_of(workflow, view)))
}

fn type_of<'a>(workflow: &'a WorkflowVersion, view: &ValueView) -> &'a AttributeType {
    const TEXT: &AttributeType = &AttributeType::STRING;
    let id = view.value.attribute_id;
    workflow.attributes.iter().find(|row| row.id == id).map_or(TEXT, |row| &row.value_type)
}

fn typed(workflow: &WorkflowVersion, view: &ValueView) -> Result<Json, Failure> {
    type_of(workflow, view).from_stored(&view.value.value).map_err(|problem| {
        Failure::unexpected(format!("the stored value of `{}` is damaged", view.attribute)).cause(problem)
    })
}

fn as_json(workflow: &WorkflowVersion, view: &ValueView) -> Result<Json, Failure> {
    let value = &view.value;
    Ok(json!({
        "id": value.id, "attribute": view.attribute, "type": type_of(workflow, view).to_string(),
        "value": typed(workflow, view)?, "address": view.address, "step_run": value.step_run_id,
        "source": value.source, "author": value.author, "hash": value.hash, "created_at": value.created_at,
    }))
}
