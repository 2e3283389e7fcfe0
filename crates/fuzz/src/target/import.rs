//! Files of another program: what is imported is a workflow that can be kept, written and read.

use std::collections::BTreeMap;

use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::SourceMap;
use branchline_schema_model::import::{ImportOptions, detect, workflow};

use super::document::hold_round_trip;
use crate::seen::Seen;

pub(super) const WORDS: &[&str] = &[
    "\"sections\":[",
    "\"steps\":[",
    "\"workflow\":{",
    "\"attributes\":{",
    "\"input_attributes\":[",
    "\"output_attributes\":[",
    "\"prompt\":\"[x] {{y}}\"",
    "\"name\":\"",
    "\"description\":",
    "\"order\":1,",
    "\"id\":1,",
    "\"section_id\":1,",
    "\"workflow_id\":1",
    "\"is_array\":true",
    "\"type\":\"array\"",
    "\"step_runs\":[",
    "\"branch_number\":1",
    ":sections:\n",
    ":steps:\n",
    ":name: ",
    ":prompt: |\n",
    ":input_attributes:\n",
    ":output_attributes:\n",
    "- :name: ",
    "!ruby/object:Thing",
    "!ruby/hash:Hash",
    ":symbol",
    "prompts:\n",
    "schemas:\n",
    "placeholders:\n",
    "inputs:\n",
    "outputs:\n",
    "path: prompts/a.md",
    "&a ",
    "*a",
    "[x]",
    "[xs]",
    "{{x}}",
    "{{#each xs}}",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\n",
    "  ",
    "null",
    "true",
    "1",
    "x",
    "xs",
];

pub(super) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let files = [("prompts/a.md", "Write about {{x}}.\n"), ("a.md", "[x]")];
    let files: BTreeMap<String, String> = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    seen.note(format!("{:?}", detect(text)));
    for literal in [false, true] {
        match workflow(text, &files, ImportOptions { literal }) {
            Ok(imported) => {
                for finding in &imported.report.findings {
                    seen.note(format!("{:?}", finding.kind));
                    seen.sentence(&finding.sentence);
                }
                let workflow = &imported.workflow;
                let checked = check(workflow, &SourceMap::default(), &CheckContext::default());
                seen.diagnostics(&checked.diagnostics);
                hold_round_trip(workflow);
            }
            Err(error) => seen.sentence(&error.to_string()),
        }
    }
    seen
}
