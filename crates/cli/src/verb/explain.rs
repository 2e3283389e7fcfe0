//! `explain`: what the code of a diagnostic means.

use branchline_schema_model::check;
use branchline_schema_model::definition::document;
use branchline_schema_model::name::nearest;
use serde_json::json;

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

/// A code with its title and its text.
type Entry = (&'static str, &'static str, &'static str);

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    let of_documents = document::code::TABLE.iter().map(|(code, title, text)| (code.0, *title, *text));
    let of_checks = check::codes().iter().map(|info| (info.code.0, info.title, info.text));
    let entries: Vec<Entry> = of_documents.chain(of_checks).collect();
    let Some(wanted) = &args.code else { return list(context, &entries) };
    let wanted = wanted.to_uppercase();
    let found = entries.iter().find(|(code, ..)| *code == wanted);
    let (code, title, text) = found.ok_or_else(|| {
        let failure = Failure::usage(format!("there is no code `{wanted}`"));
        match nearest(&wanted, entries.iter().map(|(code, ..)| *code)) {
            Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
            None => failure.fix("`branchline explain` lists all codes"),
        }
    })?;
    if context.output.is_json() {
        let result = json!({ "format": "branchline.code/1", "code": code, "title": title, "text": text });
        context.output.json(&result)?;
    } else {
        context.output.result(Text::new().push(Tone::Strong, format!("{code}: {title}")));
        context.output.result(format!("\n{text}"));
    }
    Ok(ExitCode::Ok)
}

fn list(context: &Context, entries: &[Entry]) -> Result<ExitCode, Failure> {
    if context.output.is_json() {
        let codes =
            entries.iter().map(|(code, title, text)| json!({ "code": code, "title": title, "text": text }));
        context
            .output
            .json(&json!({ "format": "branchline.codes/1", "codes": codes.collect::<Vec<_>>() }))?;
    } else {
        let rows = entries.iter().map(|(code, title, _)| vec![(*code).to_owned(), (*title).to_owned()]);
        context.output.table(&["code", "meaning"], rows);
    }
    Ok(ExitCode::Ok)
}
