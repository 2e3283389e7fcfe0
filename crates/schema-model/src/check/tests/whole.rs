//! What holds for all rules together.

use serde_json::json;

use super::rule::problems;
use crate::check::{CheckContext, check, codes};
use crate::definition::{SourceMap, Workflow};
use crate::limits::STEPS_MAX;

#[test]
fn codes_are_unique_and_in_order() {
    assert!(codes().is_sorted_by(|one, next| one.code < next.code));
}

fn codes_of(workflow: &Workflow) -> Vec<String> {
    let checked = check(workflow, &SourceMap::default(), &CheckContext::default());
    assert_eq!(checked.plan.is_none(), checked.diagnostics.iter().any(crate::check::Diagnostic::is_error));
    checked.diagnostics.iter().map(ToString::to_string).collect()
}

/// The reader of documents refuses these before; a workflow built in Rust gets here.
#[test]
fn workflows_built_in_rust_are_held_to_the_same_bounds() {
    let step = |extra: serde_json::Value| {
        let mut step = json!({ "name": "A", "prompt": "Hi" });
        step.as_object_mut().unwrap().append(&mut extra.as_object().unwrap().clone());
        let workflow = json!({ "name": "w", "sections": [{ "name": "S", "steps": [step] }] });
        codes_of(&serde_json::from_value(workflow).unwrap())
    };
    assert_eq!(step(json!({ "retry": { "attempts": 21 } })), ["BL0271: `attempts` cannot be 21"]);
    assert_eq!(step(json!({ "timeout_ms": 0 })), ["BL0271: `timeout` cannot be 0"]);
    let partials = json!({ "a": "{{> b}}", "b": "{{> a}}" });
    let cycle = json!({ "name": "w", "partials": partials, "sections": [{ "name": "S", "steps": [{ "name": "A", "prompt": "{{> a}}" }] }] });
    assert_eq!(
        codes_of(&serde_json::from_value(cycle).unwrap()),
        ["BL0214: the partials include each other: `a` → `b` → `a` (/partials/b:1:5)"]
    );
    let types = json!({ "T": { "type": "object", "properties": 3 } });
    let schema = json!({ "name": "w", "types": types, "sections": [{ "name": "S", "steps": [{ "name": "A", "prompt": "Hi" }] }] });
    let found = codes_of(&serde_json::from_value(schema).unwrap());
    assert!(found[0].starts_with("BL0236: the schema of `T` is not valid"), "{found:?}");
}

#[test]
fn all_problems_are_reported_at_once_and_in_file_order() {
    let found = problems(
        "attributes: { x: { type: strin } }\nsections:\n  - name: S\n    steps:\n      - { name: A, prompt: \"{{x.y}} {{nothing}}\", model: slow }\n      - { name: A, prompt: \"{{uper x}}\", outputs: [z] }\n      - { name: C, prompt: \"{{z}} {{later}}\" }\n      - { name: D, prompt: Hi, outputs: [later] }\n",
    );
    let found: Vec<_> = found.iter().map(|one| (one.places[0].line, one.code.0)).collect();
    assert_eq!(
        found,
        [(2, "BL0230"), (6, "BL0220"), (6, "BL0270"), (7, "BL0203"), (7, "BL0212"), (8, "BL0221")]
    );
}

/// One unknown list makes one problem, not one for everything that lives in its branches.
#[test]
fn a_problem_is_not_repeated_by_its_readers() {
    let found = problems(
        r#"sections:
  - name: S
    steps:
      - { name: Each, for_each: topic in topcs, prompt: "{{topic}}", outputs: [text] }
      - { name: Read, prompt: "{{text}} {{topic}}", outputs: [note] }
      - { name: All, prompt: "{{text}} {{note}}", gather: [text, note], outputs: [summary] }
      - { name: Pick, action: choose, from: text, show: [note], outputs: [best] }
  - name: End
    steps:
      - { name: Use, prompt: "{{best}} {{note}} {{summary}}" }
"#,
    );
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["BL0220: there is no attribute `topcs` (workflow.yaml:5:42)"]);
}

/// A thousand steps that each read five values of the step before and write five: no rule may look at all pairs.
#[test]
fn a_thousand_steps_with_five_thousand_attributes_check() {
    let name = |step: usize, attribute: usize| format!("value_{step}_{attribute}");
    let steps: Vec<_> = (0..1_000)
        .map(|step| {
            let reads =
                (0..5).filter(|_| step > 0).map(|attribute| format!("{{{{{}}}}}", name(step - 1, attribute)));
            let prompt = format!("Go on: {}", reads.collect::<String>());
            let outputs: Vec<_> = (0..5).map(|attribute| name(step, attribute)).collect();
            json!({ "name": format!("Step {step}"), "prompt": prompt, "outputs": outputs })
        })
        .collect();
    let workflow = json!({ "name": "large", "sections": [{ "name": "S", "steps": steps }] });
    let workflow = serde_json::from_value(workflow).unwrap();
    let checked = check(&workflow, &SourceMap::default(), &CheckContext::default());
    assert_eq!(checked.diagnostics, []);
    let plan = checked.plan.unwrap();
    assert_eq!((plan.steps.len(), plan.attributes.len(), plan.outputs.len()), (1_001, 5_000, 5));
    assert_eq!(plan.steps[1_000].reads.len(), 5);
}

#[test]
fn too_many_steps_are_refused() {
    let steps: Vec<_> =
        (0..=STEPS_MAX).map(|step| json!({ "name": format!("Step {step}"), "prompt": "Hi" })).collect();
    let workflow = json!({ "name": "large", "sections": [{ "name": "S", "steps": steps }] });
    let found = codes_of(&serde_json::from_value(workflow).unwrap());
    assert_eq!(found, ["BL0280: the workflow has 2001 steps, at most 2000 are allowed"]);
}
