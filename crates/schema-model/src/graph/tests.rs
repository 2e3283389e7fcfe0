//! The pictures of a workflow with a fan-out, a gather, a person and a disabled step, and of one that overwrites.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{expect, expect_file};

use super::layout::Arrange as _;
use super::{Layer, Picture};
use crate::check::{CheckContext, check};
use crate::definition::document;
use crate::plan::Plan;

const ARTICLE: &str = r#"
name: transcript-to-article
model: fast
attributes:
  transcript: { input: true }
  tone: { input: true, optional: true }
  intro_variations: string[]
  verdicts: string[]
outputs: [final_draft, title_ideas]
sections:
  - name: Analysis
    steps:
      - { name: Generate Outline, prompt: "Outline {{transcript}}.", outputs: [outline] }
      - { name: Write First Draft, prompt: "Write {{outline}} in {{transcript}} with {{tone}}.", outputs: [first_draft] }
      - { name: Generate Intros, prompt: "Five openings for {{first_draft}}.", outputs: [intro_variations] }
      - name: Update Draft with Intro
        for_each: intro_variation in intro_variations
        prompt: "Open {{first_draft}} by {{intro_variation}}."
        outputs: [second_draft]
      - { name: 'Score <each> "draft" & intro', action: template, prompt: "{{second_draft}}", outputs: [verdict] }
      - { name: Verdicts, action: gather, gather: [verdict], outputs: [verdicts] }
      - { name: Pick the Draft, action: choose, from: second_draft, show: [verdict], outputs: [final_draft] }
  - name: Publish & Promote
    steps:
      - { name: Translate, enabled: false, prompt: "Translate {{final_draft}}.", outputs: [translation] }
      - { name: Title Ideas, prompt: "Titles for {{final_draft}} with {{tone}} and {{verdicts}}.", outputs: [title_ideas] }
"#;

fn plan(yaml: &str) -> Plan {
    let files = BTreeMap::from([("workflow.yaml".to_owned(), yaml.to_owned())]);
    let read = document::read(&files, "workflow.yaml");
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    let checked = check(&read.workflow.unwrap(), &read.sources, &CheckContext::default());
    checked.plan.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// Chapters are made, changed and used; the notes have nothing to do with them.
const BOOK: &str = r#"
name: book "A\B"
model: fast
attributes:
  talk: { input: true }
  chapters: string[]
sections:
  - name: Plan
    steps:
      - { name: Chapters, prompt: "Chapters of {{talk}}", outputs: [chapters] }
      - { name: Notes, prompt: "Notes on {{talk}}", outputs: [notes] }
      - { name: '1. "Better" chapters & co', prompt: "Better {{chapters}}", outputs: [chapters] }
  - name: Write
    steps:
      - { name: Each, for_each: chapter in chapters, prompt: "Write {{chapter}}", outputs: [text] }
      - { name: Book, action: template, gather: [text], prompt: "{{text}} {{notes}}", outputs: [book] }
"#;

/// Everything that multiplies or withholds steps.
const FLOW: &str = r#"
name: flow
model: fast
types:
  Chapter: { title: string, research: boolean }
attributes:
  book: { type: "Chapter[]", input: true }
  tone: { input: true, optional: true }
  score: { type: integer, optional: true }
  points: integer
  texts: string[]
  summary: { optional: true }
sections:
  - name: Write
    for_each: chapter in book
    where: chapter.research
    repeat: { until: "has(score) && score >= 8", max: 3 }
    steps:
      - name: Draft
        variants: { calm: { temperature: 0.3 }, bold: { model: strong } }
        samples: 2
        prompt: "Write {{chapter.title}}{{#if score}}, last time {{score}} points{{/if}}"
        outputs: [draft]
      - { name: Judge, prompt: "Score {{draft}}", outputs: [points], on_error: skip }
      - { name: Best, select: { from: draft, by: points }, action: select, outputs: [best] }
      - { name: Grade, when: "has(tone) && tone != 'none'", prompt: "Grade {{best}}", outputs: [score] }
  - name: Publish
    steps:
      - { name: All, action: gather, gather: [best], outputs: [texts] }
      - name: Tell
        for_each: text in texts
        carry: [summary]
        prompt: "{{text}}{{#if summary}} after {{summary}}{{/if}}"
        outputs: [summary]
      - { name: Print, action: note, prompt: "Print {{json texts}}", after: [Tell] }
"#;

/// The picture of a layer, with an attribute marked.
fn draw<'a>(plan: &'a Plan, layer: Layer, attribute: &str) -> Picture<'a> {
    Picture::new(plan, layer, plan.attribute_named(attribute))
}

#[test]
fn a_terminal_shows_one_step_a_line() {
    expect_file!["tests/article.txt"].assert_eq(&draw(&plan(ARTICLE), Layer::Control, "").text());
    expect_file!["tests/book.txt"].assert_eq(&draw(&plan(BOOK), Layer::Control, "chapters").text());
}

#[test]
fn the_data_layer_tells_the_generations_of_an_attribute_apart() {
    expect_file!["tests/article.data.txt"].assert_eq(&draw(&plan(ARTICLE), Layer::Data, "").text());
    expect_file!["tests/book.data.txt"].assert_eq(&draw(&plan(BOOK), Layer::Data, "chapters").text());
}

#[test]
fn levels_conditions_and_what_comes_from_before_are_told() {
    let plan = plan(FLOW);
    expect_file!["tests/flow.txt"].assert_eq(&draw(&plan, Layer::Control, "").text());
    expect_file!["tests/flow.data.txt"].assert_eq(&draw(&plan, Layer::Data, "score").text());
    expect_file!["tests/flow.mmd"].assert_eq(&draw(&plan, Layer::Control, "").mermaid());
    expect_file!["tests/flow.dot"].assert_eq(&draw(&plan, Layer::Data, "score").dot());
    expect_file!["tests/flow.svg"].assert_eq(&draw(&plan, Layer::Control, "").svg());
}

#[test]
fn mermaid_escapes_names_and_marks_by_class() {
    expect_file!["tests/article.mmd"].assert_eq(&draw(&plan(ARTICLE), Layer::Control, "").mermaid());
    expect_file!["tests/book.mmd"].assert_eq(&draw(&plan(BOOK), Layer::Control, "chapters").mermaid());
    expect_file!["tests/book.data.mmd"].assert_eq(&draw(&plan(BOOK), Layer::Data, "chapters").mermaid());
}

#[test]
fn dot_escapes_names_and_marks_by_width() {
    expect_file!["tests/article.dot"].assert_eq(&draw(&plan(ARTICLE), Layer::Control, "").dot());
    expect_file!["tests/book.data.dot"].assert_eq(&draw(&plan(BOOK), Layer::Data, "chapters").dot());
}

#[test]
fn the_svg_is_as_reviewed() {
    expect_file!["tests/article.svg"].assert_eq(&draw(&plan(ARTICLE), Layer::Control, "").svg());
    expect_file!["tests/book.data.svg"].assert_eq(&draw(&plan(BOOK), Layer::Data, "chapters").svg());
}

#[test]
fn json_has_the_nodes_and_edges_of_the_picture() {
    let plan = plan(BOOK);
    let json = draw(&plan, Layer::Data, "chapters").json();
    let nodes = json["nodes"].as_array().unwrap();
    let marked = |mark: &str| -> Vec<&str> {
        nodes.iter().filter(|node| node["mark"] == mark).map(|node| node["id"].as_str().unwrap()).collect()
    };
    expect![[r#"
        [
            "plan.chapters",
            "chapters (1.1)",
            "plan.1-better-chapters-co",
            "chapters (1.3)",
            "write.each",
        ]
    "#]]
    .assert_debug_eq(&marked("flow"));
    expect![[r#"
        [
            "chapter of write.each",
            "text",
            "write.book",
            "book",
            "results",
        ]
    "#]]
    .assert_debug_eq(&marked("made"));
    for edge in json["edges"].as_array().unwrap() {
        for end in ["from", "to"] {
            assert!(nodes.iter().any(|node| node["id"] == edge[end]), "{edge}");
        }
    }
}

/// Eighteen steps that read an input each and many texts before them, so that wires are long and many.
fn tangled() -> Plan {
    let (mut attributes, mut sections) = (String::new(), String::new());
    for section in 1..=3 {
        writeln!(sections, "  - name: Section {section}\n    steps:").unwrap();
        for step in section * 10..section * 10 + 6 {
            writeln!(attributes, "  input_{step}: {{ input: true }}").unwrap();
            let earlier = (10..step).filter(|number| number % 10 < 6 && number % 3 == step % 3);
            let reads = earlier.fold(String::new(), |text, number| text + &format!("{{{{text_{number}}}}} "));
            let prompt = format!("Use {{{{input_{step}}}}} {reads}");
            writeln!(
                sections,
                "      - {{ name: Step {step}, prompt: \"{prompt}\", outputs: [text_{step}] }}"
            )
            .unwrap();
        }
    }
    plan(&format!("name: tangled\nattributes:\n{attributes}sections:\n{sections}"))
}

/// What a reader must be able to rely on, whatever the workflow: nothing covers anything else.
#[test]
fn nodes_and_labels_of_the_svg_do_not_overlap() {
    let plans = [plan(ARTICLE), plan(BOOK), plan(FLOW), tangled()];
    for (plan, layer) in plans.iter().flat_map(|plan| [(plan, Layer::Control), (plan, Layer::Data)]) {
        let layout = super::layout::Layered.arrange(&draw(plan, layer, "").flow);
        let labels = layout.labels.iter().map(|label| super::layout::Rectangle {
            x: label.x,
            y: label.y - 11.0,
            width: super::layout::text_width(&label.text, 11.0),
            height: 11.0,
        });
        let all: Vec<_> = layout.boxes.iter().copied().chain(labels).collect();
        for (number, one) in all.iter().enumerate() {
            assert!(
                one.x > 0.0 && one.x + one.width < layout.width && one.y + one.height < layout.height,
                "{one:?}"
            );
            for other in &all[number + 1..] {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{one:?} covers {other:?}");
            }
        }
    }
}

#[test]
fn many_values_to_the_same_readers_share_a_wire() {
    let plan = tangled();
    let picture = draw(&plan, Layer::Control, "");
    assert!(
        picture.svg().contains(">18 values</text>"),
        "eighteen run inputs with a reader each are one wire"
    );
    assert!(picture.text().contains("input_10, input_11"), "the text still names each");
}
