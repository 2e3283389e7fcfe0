//! The pictures of one workflow with a fan-out, a gather, a person and a disabled step.

use std::collections::BTreeMap;

use expect_test::expect_file;

use crate::definition::{Action, AttributeType, ModelParameters};
use crate::plan::{
    AttributeIndex, FanOut, GatherField, Plan, PlanAttribute, PlanRead, PlanSection, PlanStep, ReadRole,
    ReadSource, RunInput, SectionIndex, StepIndex,
};

/// Attributes in alphabetical order, as in every plan.
const ATTRIBUTES: [&str; 10] = [
    "final_draft",
    "first_draft",
    "intro_variation",
    "intro_variations",
    "outline",
    "second_draft",
    "title_ideas",
    "tone",
    "transcript",
    "verdicts",
];

fn attribute(name: &str) -> AttributeIndex {
    AttributeIndex(ATTRIBUTES.iter().position(|one| *one == name).unwrap() as u32)
}

fn read(role: ReadRole, name: &str, source: ReadSource) -> PlanRead {
    PlanRead { name: name.into(), role, source, optional: false }
}

fn value(name: &str, writer: u32) -> PlanRead {
    let source = ReadSource::Value { attribute: attribute(name), writers: vec![StepIndex(writer)] };
    read(ReadRole::Prompt, name, source)
}

fn gather(name: &str, writer: u32) -> PlanRead {
    let fields = vec![GatherField { attribute: attribute(name), writers: vec![StepIndex(writer)] }];
    read(ReadRole::ChooseFrom, name, ReadSource::Gather { fields, depth: 0 })
}

fn step(
    index: u32,
    section: u32,
    name: &str,
    action: Action,
    reads: Vec<PlanRead>,
    writes: &[&str],
) -> PlanStep {
    PlanStep {
        index: StepIndex(index),
        section: SectionIndex(section),
        name: name.into(),
        slug: crate::name::slug(name),
        description: String::new(),
        model: (action == Action::Prompt).then(|| "fast".into()),
        action,
        effect: false,
        enabled: true,
        scope: Vec::new(),
        fan_out: None,
        reads,
        writes: writes.iter().map(|name| attribute(name)).collect(),
        prompt: None,
        parameters: ModelParameters::default(),
        task: None,
        retry: None,
        timeout_ms: None,
        with: BTreeMap::new(),
    }
}

fn steps() -> Vec<PlanStep> {
    use Action::{Choose, Input, Prompt, Template};
    let list = ReadSource::Value { attribute: attribute("intro_variations"), writers: vec![StepIndex(3)] };
    let item = ReadSource::Item { attribute: attribute("intro_variation"), fan_out: StepIndex(4) };
    let reads = vec![
        read(ReadRole::ForEach, "intro_variations", list),
        value("first_draft", 2),
        read(ReadRole::Prompt, "intro_variation", item),
    ];
    let fan_out =
        FanOut { list_read: 0, path: Vec::new(), item: attribute("intro_variation"), parallel: None };
    let mut steps = vec![
        step(0, 0, "inputs", Input, vec![], &["transcript", "tone"]),
        step(1, 1, "Generate Outline", Prompt, vec![value("transcript", 0)], &["outline"]),
        step(
            2,
            1,
            "Write First Draft",
            Prompt,
            vec![value("outline", 1), value("tone", 0)],
            &["first_draft"],
        ),
        step(3, 1, "Generate Intros", Prompt, vec![value("first_draft", 2)], &["intro_variations"]),
        PlanStep {
            fan_out: Some(fan_out),
            ..step(4, 1, "Update Draft with Intro", Prompt, reads, &["second_draft"])
        },
        step(5, 1, "Score <each> \"draft\" & intro", Template, vec![value("second_draft", 4)], &["verdicts"]),
        step(
            6,
            1,
            "Pick the Draft",
            Choose,
            vec![gather("second_draft", 4), gather("verdicts", 5)],
            &["final_draft"],
        ),
        PlanStep { enabled: false, ..step(7, 2, "Translate", Prompt, vec![], &[]) },
        step(8, 2, "Title Ideas", Prompt, vec![value("final_draft", 6), value("tone", 0)], &["title_ideas"]),
    ];
    steps[4].scope = vec![StepIndex(4)];
    steps[5].scope = vec![StepIndex(4)];
    steps
}

fn plan() -> Plan {
    let section = |name: &str, first: u32, count: u32| PlanSection {
        name: name.into(),
        slug: crate::name::slug(name),
        description: String::new(),
        first_step: StepIndex(first),
        step_count: count,
    };
    let attributes = ATTRIBUTES.map(|name| PlanAttribute {
        name: name.into(),
        description: String::new(),
        value_type: AttributeType::STRING,
        declared: true,
        default: None,
        run_input: match name {
            "transcript" => Some(RunInput { required: true }),
            "tone" => Some(RunInput { required: false }),
            _ => None,
        },
    });
    Plan {
        workflow: "transcript-to-article".into(),
        attributes: attributes.into(),
        sections: vec![
            section("Inputs", 0, 1),
            section("Analysis", 1, 6),
            section("Publish & Promote", 7, 2),
        ],
        steps: steps(),
        outputs: vec![value("final_draft", 6), value("title_ideas", 8)],
        partials: BTreeMap::new(),
    }
}

#[test]
fn a_terminal_shows_one_step_a_line() {
    expect_file!["tests/article.txt"].assert_eq(&super::text(&plan()));
}

#[test]
fn mermaid_escapes_names() {
    expect_file!["tests/article.mmd"].assert_eq(&super::mermaid(&plan()));
}

#[test]
fn the_svg_is_as_reviewed() {
    expect_file!["tests/article.svg"].assert_eq(&super::svg(&plan()));
}

/// What a reader must be able to rely on, whatever the workflow: nothing covers anything else.
#[test]
fn nodes_and_labels_of_the_svg_do_not_overlap() {
    let mut plan = plan();
    // Twelve steps that all read the inputs and the step before the last, so that wires are long and many.
    for index in 9..21 {
        let reads = vec![value("transcript", 0), value("title_ideas", index - 1), value("tone", index - 2)];
        plan.steps.push(step(
            index,
            2,
            &format!("Step number {index}"),
            Action::Prompt,
            reads,
            &["title_ideas"],
        ));
    }
    let layout = super::layout::layout(&super::flow::Flow::new(&plan));
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
