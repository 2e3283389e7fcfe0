//! Forecasts of small workflows, one property each.

use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::document;
use serde_json::json;

use super::*;

fn plan(body: &str) -> Plan {
    let text = format!("name: w\nmodel: openai/small\n{body}");
    let files = BTreeMap::from([("workflow.yaml".to_owned(), text)]);
    let read = document::read(&files, "workflow.yaml");
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let checked = check(&read.workflow.unwrap(), &read.sources, &CheckContext::default());
    checked.plan.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn look(body: &str, inputs: Json) -> Vec<(String, StepForecast)> {
    let plan = plan(body);
    let inputs: BTreeMap<String, Json> = serde_json::from_value(inputs).unwrap();
    let config = ProjectConfig::default();
    let known = Known { inputs: &inputs, config: &config, model: None, history: &[] };
    let forecast = forecast(&plan, &known);
    let slugs = plan.steps.iter().map(|step| step.slug.clone());
    slugs.zip(forecast.steps).collect()
}

fn calls(body: &str, inputs: Json) -> String {
    let steps = look(body, inputs);
    let shown = steps.iter().filter(|(_, step)| step.call.is_some());
    shown.map(|(slug, step)| format!("{slug}: {}", step.calls)).collect::<Vec<_>>().join(", ")
}

const NESTED: &str = "
types:
  Chapter: { title: string, subs: 'string[]' }
attributes:
  book: { type: 'Chapter[]', input: true }
sections:
  - name: Main
    for_each: chapter in book
    where: chapter.title != ''
    steps:
      - { name: Intro, prompt: 'On {{chapter.title}}', outputs: [intro] }
      - { name: Sub, for_each: sub in chapter.subs, prompt: 'On {{sub}}', outputs: [text] }
";

#[test]
fn lists_inside_lists_are_counted_when_they_are_given() {
    let book =
        json!({ "book": [{ "title": "a", "subs": ["x", "y", "z"] }, { "title": "b", "subs": ["u"] }] });
    assert_eq!(calls(NESTED, book), "intro: 0–2, sub: 0–4", "`where` may leave elements out");
    assert_eq!(calls(NESTED, json!({})), "intro: (0–1) × n(book), sub: (0–1) × n(book) × n(chapter.subs)");
    assert_eq!(calls(NESTED, json!({ "book": [] })), "intro: 0, sub: 0");
}

#[test]
fn what_may_be_skipped_is_a_range_down_to_nothing() {
    let body = "
attributes:
  tone: { input: true, optional: true }
  talk: { input: true }
sections:
  - name: Main
    steps:
      - { name: A, when: has(tone), prompt: 'A {{talk}}', outputs: [a] }
      - { name: B, prompt: 'B {{a}}', outputs: [b] }
      - { name: C, prompt: 'C{{#if b}} {{b}}{{/if}}', inputs: [{ attribute: b, optional: true }], outputs: [c] }
      - { name: D, enabled: false, prompt: 'D {{c}}', outputs: [d] }
";
    assert_eq!(calls(body, json!({})), "a: 0–1, b: 0–1, c: 1");
}

#[test]
fn a_prompt_is_measured_when_all_its_values_are_known() {
    let body = "
attributes:
  talk: { input: true }
  tone: { input: true, optional: true }
  title: { type: string, maxLength: 60 }
  verdict: { enum: [good, bad] }
sections:
  - name: Main
    steps:
      - { name: Talk, prompt: '{{talk}}{{#if tone}} {{tone}}{{/if}}', outputs: [plain] }
      - { name: Title, prompt: '{{talk}}', outputs: [title] }
      - { name: Judge, prompt: 'Judge {{title}}', outputs: [verdict] }
      - { name: Text, prompt: 'Write {{title}}', max_tokens: 300, outputs: [text] }
      - { name: Sum, prompt: 'Sum up {{text}}', outputs: [sum] }
";
    let steps = look(body, json!({ "talk": "x".repeat(300) }));
    let call = |slug: &str| steps.iter().find(|(name, _)| name == slug).unwrap().1.call.unwrap();
    let talk = call("talk");
    assert_eq!((talk.input, talk.input_basis), (TokenRange { low: 60, high: 100 }, Basis::Measured));
    let title = call("title");
    assert!(title.input.low > talk.input.low, "the schema of the answer is sent along: {title:?}");
    assert_eq!(
        (title.output_basis, title.output.high),
        (Basis::Declared, 20 + 4),
        "quotes, name and braces too"
    );
    assert_eq!((call("judge").input_basis, call("judge").output_basis), (Basis::Assumed, Basis::Declared));
    assert!(call("judge").input.high < 100, "a title has at most 60 characters: {:?}", call("judge"));
    let text = call("text");
    assert_eq!((text.output_basis, text.output.high), (Basis::MaxTokens, 300));
    let sum = call("sum");
    assert!(sum.input.high > 300 && sum.input.high < 310, "it reads what `text` writes: {sum:?}");
}

#[test]
fn a_history_counts_runs_and_keeps_the_spread() {
    let usage = |input, output| branchline_schema_model::store::StepUsage {
        step: "main.a".to_owned(),
        model: "openai/small".to_owned(),
        calls: 3,
        input_tokens: input,
        output_tokens: output,
    };
    let history =
        StepHistory::of_runs(&[vec![usage((10, 20), (5, 6))], vec![usage((15, 30), (1, 2))], vec![]]);
    let [one] = &history[..] else { panic!("{history:?}") };
    assert_eq!((one.runs, one.input, one.output), (2, (10, 30).into(), (1, 6).into()));
}

#[test]
fn a_gathered_list_of_thousands_is_no_problem_for_memory() {
    let body = "
attributes:
  xs: { type: 'string[]', input: true }
sections:
  - name: Main
    steps:
      - { name: Each, for_each: x in xs, prompt: 'Write {{x}}', outputs: [text] }
      - { name: All, gather: [text], prompt: 'All {{text}}', outputs: [page] }
";
    let xs: Vec<String> = (0..5_000).map(|number| number.to_string()).collect();
    let steps = look(body, json!({ "xs": xs }));
    let all = steps.iter().find(|(slug, _)| slug == "all").unwrap().1.call.unwrap();
    assert!(all.input.low >= 5_000 * 45 && all.input.high > 1_000_000, "{all:?}");
}
