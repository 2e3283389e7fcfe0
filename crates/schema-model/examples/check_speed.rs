//! How long reading and checking a large workflow takes: 1,000 steps, 5,000 attributes, one run of each kind of rule.
//!
//! `cargo run --release -p branchline-schema-model --example check_speed`
#![expect(clippy::print_stdout, reason = "a measurement is read in a terminal")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use branchline_schema_model::check::{CheckContext, Diagnostic, check};
use branchline_schema_model::definition::document::read;

const SECTIONS: usize = 50;
const STEPS: usize = 20;
const OUTPUTS: usize = 5;
const ROUNDS: u32 = 5;

fn main() -> std::fmt::Result {
    let text = workflow()?;
    let files = BTreeMap::from([("workflow.yaml".to_owned(), text.clone())]);
    println!("{} steps, {} attributes, {} bytes", SECTIONS * STEPS, SECTIONS * STEPS * OUTPUTS, text.len());
    for round in 1..=ROUNDS {
        let start = Instant::now();
        let document = read(&files, "workflow.yaml");
        let read_ms = start.elapsed().as_secs_f64() * 1000.0;
        let Some(workflow) = &document.workflow else { break };
        let start = Instant::now();
        let checked = check(workflow, &document.sources, &CheckContext::default());
        let check_ms = start.elapsed().as_secs_f64() * 1000.0;
        let errors = document.diagnostics.iter().chain(&checked.diagnostics).filter(|one| one.is_error());
        let shown: Vec<String> = errors.take(3).map(Diagnostic::to_string).collect();
        let warnings = checked.diagnostics.len();
        println!(
            "round {round}: read {read_ms:.0} ms, check {check_ms:.0} ms, {warnings} warnings {shown:?}"
        );
    }
    Ok(())
}

/// Every step reads what the five before it wrote; the third of a section fans out, and the last gathers.
fn workflow() -> Result<String, std::fmt::Error> {
    let mut text = "name: large\nmodel: fast\ntypes:\n  Score: { value: { type: integer, minimum: 1, maximum: 10 }, why: string }\n".to_owned();
    text.push_str("attributes:\n  topic: { input: true }\n");
    for at in 0..SECTIONS * STEPS * OUTPUTS {
        let kind = match at % OUTPUTS {
            1 => "string[]",
            2 => "Score",
            // No two bounds are equal, so that every schema is compiled.
            3 => {
                writeln!(text, "  value_{at}: {{ type: integer, minimum: 0, maximum: {at} }}")?;
                continue;
            }
            4 => "{ enum: [low, high] }",
            _ => "{ description: A text }",
        };
        writeln!(text, "  value_{at}: {kind}")?;
    }
    text.push_str("sections:\n");
    for section in 0..SECTIONS {
        writeln!(text, "  - name: Section {section}\n    steps:")?;
        for step in 0..STEPS {
            write_step(&mut text, section, step)?;
        }
    }
    Ok(text)
}

fn write_step(text: &mut String, section: usize, step: usize) -> std::fmt::Result {
    let first = (section * STEPS + step) * OUTPUTS;
    writeln!(text, "      - name: Step {step}")?;
    if step == 2 {
        writeln!(text, "        for_each: item_{section} in value_{}", first - 2 * OUTPUTS + 1)?;
        writeln!(text, "        prompt: \"On {{{{item_{section}}}}}.\"")?;
    } else if step == STEPS - 1 {
        writeln!(text, "        gather: [value_{}]", first - OUTPUTS)?;
        writeln!(text, "        prompt: \"All of {{{{value_{}}}}}.\"", first - OUTPUTS)?;
    } else {
        writeln!(text, "        prompt: |\n          On {{{{topic}}}}.")?;
        for back in 1..=step.min(5) {
            let of = first - back * OUTPUTS;
            writeln!(
                text,
                "          {{{{value_{of}}}}} {{{{#each value_{}}}}}{{{{this}}}}{{{{/each}}}}",
                of + 1
            )?;
            writeln!(text, "          {{{{value_{}.value}}}} {{{{value_{}}}}}", of + 2, of + 3)?;
        }
    }
    let outputs: Vec<String> = (first..first + OUTPUTS).map(|at| format!("value_{at}")).collect();
    writeln!(text, "        outputs: [{}]", outputs.join(", "))
}
