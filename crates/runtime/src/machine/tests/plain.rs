//! A small plan by hand.

use branchline_schema_model::plan::{RunInput, TaskPlan};

use super::*;

/// `topic` in; `list` of it; one `text` per element, then `check` in the branch; `all` gathers; a person picks `one`.
pub(super) fn plan() -> Plan {
    let value = |attribute: u32, writer: u32| ReadSource::Value {
        attribute: AttributeIndex(attribute),
        writers: vec![Writer::here(StepIndex(writer))],
    };
    let gather = |attribute: u32, writer: u32| ReadSource::Gather {
        fields: vec![GatherField { attribute: AttributeIndex(attribute), writers: vec![StepIndex(writer)] }],
        depth: 0,
    };
    let read = |name: &str, role, source| PlanRead { name: name.into(), role, source, optional: false };
    let names = ["all", "check", "item", "list", "one", "text", "topic"];
    let attributes = names.map(|name| PlanAttribute {
        name: name.into(),
        description: String::new(),
        value_type: AttributeType::STRING,
        declared: true,
        optional: false,
        default: None,
        run_input: (name == "topic").then_some(RunInput { required: true }),
    });
    let branch = vec![LevelIndex(0)];
    let item = ReadSource::Item { attribute: AttributeIndex(2), level: LevelIndex(0) };
    let mut split = step(
        2,
        "text",
        branch.clone(),
        vec![read("list", ReadRole::ForEach, value(3, 1)), read("item", ReadRole::Prompt, item)],
        5,
    );
    split.opens = branch.clone();
    let fan_out = FanOut {
        list_read: 0,
        path: Vec::new(),
        item: AttributeIndex(2),
        filter: None,
        parallel: Some(2),
        carry: Vec::new(),
        at_least: None,
        label: None,
    };
    let mut pick = step(5, "pick", Vec::new(), vec![read("text", ReadRole::ChooseFrom, gather(5, 2))], 4);
    pick.action = Action::Choose;
    pick.task = Some(TaskPlan {
        from: Some(0),
        show: Vec::new(),
        min: 1,
        max: Some(1),
        own_text: true,
        default: None,
    });
    Plan {
        workflow: "test".into(),
        attributes: attributes.to_vec(),
        sections: vec![section("Inputs", 0, 1), section("Main", 1, 5)],
        steps: vec![
            step(0, "inputs", Vec::new(), Vec::new(), 6),
            step(1, "list", Vec::new(), vec![read("topic", ReadRole::Prompt, value(6, 0))], 3),
            split,
            step(3, "check", branch, vec![read("text", ReadRole::Prompt, value(5, 2))], 1),
            step(4, "all", Vec::new(), vec![read("check", ReadRole::Prompt, gather(1, 3))], 0),
            pick,
        ],
        levels: vec![PlanLevel { opener: StepIndex(2), kind: LevelKind::Each(fan_out) }],
        outputs: Vec::new(),
        partials: BTreeMap::new(),
    }
}

pub(super) fn section(name: &str, first_step: u32, step_count: u32) -> PlanSection {
    let slug = name.to_lowercase();
    PlanSection {
        name: name.into(),
        slug,
        description: String::new(),
        first_step: StepIndex(first_step),
        step_count,
        levels: Vec::new(),
    }
}

pub(super) fn step(
    index: u32,
    slug: &str,
    scope: Vec<LevelIndex>,
    reads: Vec<PlanRead>,
    writes: u32,
) -> PlanStep {
    PlanStep {
        index: StepIndex(index),
        section: SectionIndex(u32::from(index > 0)),
        name: slug.into(),
        slug: slug.into(),
        description: String::new(),
        action: if index == 0 { Action::Input } else { Action::Prompt },
        effect: false,
        enabled: true,
        scope,
        opens: Vec::new(),
        when: Vec::new(),
        after: Vec::new(),
        select: None,
        asserts: Vec::new(),
        on_error: branchline_schema_model::definition::OnError::Fail,
        reads,
        writes: vec![AttributeIndex(writes)],
        prompt: None,
        model: None,
        parameters: branchline_schema_model::definition::ModelParameters::default(),
        task: None,
        retry: None,
        timeout_ms: None,
        with: BTreeMap::new(),
    }
}
