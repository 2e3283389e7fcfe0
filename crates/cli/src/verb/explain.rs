//! `explain`: what the code of a diagnostic means.

use branchline_schema_model::check::{self, CodeInfo};
use branchline_schema_model::definition::document;
use branchline_schema_model::name::nearest;
use serde_json::{Map, Value as Json, json};

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};

const EXAMPLES: &str = "\
Examples:
  branchline explain BL0203
  branchline explain               every code";

/// Say what the code of a diagnostic means
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The code, such as BL0203; all of them when none is given
    code: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let entries: Vec<&CodeInfo> = document::code::TABLE.iter().chain(check::codes()).collect();
    let Some(wanted) = &args.code else { return list(context, &entries) };
    let wanted = wanted.to_uppercase();
    let found = entries.iter().find(|info| info.code.0 == wanted);
    let info = found.ok_or_else(|| {
        let failure = Failure::usage(format!("there is no code `{wanted}`"));
        match nearest(&wanted, entries.iter().map(|info| info.code.0)) {
            Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
            None => failure.fix("`branchline explain` lists all codes"),
        }
    })?;
    if context.output.is_json() {
        context.output.json(&page(info))?;
    } else {
        show(context, info);
    }
    Ok(ExitCode::Ok)
}

fn page(info: &CodeInfo) -> Json {
    let example = info.example();
    json!({
        "format": "branchline.code/1",
        "code": info.code,
        "title": info.title,
        "text": info.text,
        "wrong": folder(&example.wrong),
        "says": example.says,
        "right": folder(&example.right),
    })
}

/// Texts by path.
fn folder(files: &[(&str, &str)]) -> Json {
    files.iter().map(|(path, text)| ((*path).to_owned(), Json::from(*text))).collect::<Map<_, _>>().into()
}

fn show(context: &Context, info: &CodeInfo) {
    let example = info.example();
    context.output.result(Text::new().push(Tone::Strong, format!("{}: {}", info.code, info.title)));
    context.output.result(format!("\n{}", info.text));
    files(context, "Wrong", &example.wrong);
    context.output.result(Text::new().push(Tone::Strong, "\nWhat `check` says"));
    context.output.result(indented(example.says));
    files(context, "Right", &example.right);
}

fn files(context: &Context, heading: &str, files: &[(&str, &str)]) {
    for (path, text) in files {
        context.output.result(Text::new().push(Tone::Strong, format!("\n{heading}: {path}")));
        context.output.result(indented(text));
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn list(context: &Context, entries: &[&CodeInfo]) -> Result<ExitCode, Failure> {
    if context.output.is_json() {
        let codes =
            entries.iter().map(|info| json!({ "code": info.code, "title": info.title, "text": info.text }));
        context
            .output
            .json(&json!({ "format": "branchline.codes/1", "codes": codes.collect::<Vec<_>>() }))?;
    } else {
        let rows = entries.iter().map(|info| vec![info.code.0.to_owned(), info.title.to_owned()]);
        context.output.table(&["code", "meaning"], rows);
    }
    Ok(ExitCode::Ok)
}
