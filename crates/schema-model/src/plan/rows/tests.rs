//! What `steps.options` says of a step.

use expect_test::expect;
use serde_json::json;

use crate::check::CheckContext;
use crate::definition::Workflow;
use crate::plan::{compile, workflow_version};
use crate::time::Timestamp;

#[test]
fn options_say_everything_that_makes_a_step_run_often_or_late() {
    let workflow: Workflow = serde_json::from_value(json!({
        "name": "w",
        "model": "fast",
        "attributes": {
            "topics": { "type": "string[]", "input": true },
            "summary": { "optional": true },
            "good": { "type": "boolean", "optional": true },
        },
        "outputs": ["topics"],
        "sections": [
            { "name": "Write", "steps": [
                {
                    "name": "Draft", "for_each": { "item": "topic", "list": "topics" }, "where": "size(topic) > 3", "parallel": 2,
                    "carry": ["summary"], "at_least": 1, "label": "On {{topic}}",
                    "prompt": "{{topic}} {{#if summary}}{{summary}}{{/if}}", "outputs": ["summary"],
                },
                {
                    "name": "Tell", "after": ["Draft"], "effect": true, "when": "size(topics) > 1",
                    "prompt": "Tell them.",
                },
            ]},
            {
                "name": "Improve", "for_each": { "item": "topic", "list": "topics" }, "label": "{{topic}}",
                "repeat": { "until": "has(good) && good", "max": 4 },
                "steps": [{ "name": "Grade", "prompt": "{{topic}}", "outputs": ["good"] }],
            },
        ],
    }))
    .unwrap();
    let plan = compile(&workflow, &CheckContext::default()).unwrap();
    let version = workflow_version(&workflow, &plan, &mut uuid::Uuid::nil, Timestamp::default());
    let steps = version.sections.iter().flat_map(|section| &section.steps);
    let told = steps.map(|step| format!("{} {}", step.slug, step.options)).collect::<Vec<_>>().join("\n");
    expect![[r#"
        inputs {}
        draft {"at_least":1,"carry":["summary"],"label":"On {{topic}}","model":"fast","on_error":"skip","parallel":2,"where":"size(topic) > 3"}
        tell {"after":["write.draft"],"effect":true,"model":"fast","when":["size(topics) > 1"]}
        each {"label":"{{topic}}"}
        grade {"model":"fast"}
        until {"repeat":{"max":4,"on_max":"continue","until":"has(good) && good"}}"#]].assert_eq(&told);
}
