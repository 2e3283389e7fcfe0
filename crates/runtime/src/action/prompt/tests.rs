#![expect(clippy::needless_raw_string_hashes, reason = "this is how expect-test writes them")]

use branchline_schema_model::plan::ReadRole;
use expect_test::expect;
use serde_json::json;

use super::super::testing::{Script, execute, plan};
use super::super::{GatherExecutor, TemplateExecutor};
use super::*;
use crate::provider::CallFailure;
use branchline_schema_model::run::Usage;

const INPUTS: &[(&str, ReadRole, bool)] =
    &[("draft", ReadRole::Prompt, false), ("note", ReadRole::Prompt, true)];

#[tokio::test]
async fn a_text_is_asked_for_once_and_everything_is_recorded() {
    let script = Arc::new(Script::texts(["\nGood.\n"]));
    let plan =
        plan("Judge {{branch.number}}/{{branch.count}}: {{draft}}{{note}}", INPUTS, &[("remark", "string")]);
    let executor = PromptExecutor::new(script.clone());
    let output = execute(&executor, &plan, json!({"draft": "D {{x}}"}), None).await.unwrap();
    assert_eq!(output.values, [("remark".to_owned(), json!("Good."))].into());
    let record = output.record;
    assert_eq!(record.model.as_deref(), Some("script/model"));
    assert_eq!(record.response.as_deref(), Some("\nGood.\n"));
    assert_eq!(record.provider_request_id.as_deref(), Some("request-1"));
    assert_eq!((record.calls, record.usage.input_tokens), (1, 10));
    expect![[r#"{"messages":[{"content":"Judge 2/3: D {{x}}","role":"user"}],"model":"fast","output_schema":null,"parameters":{"temperature":0.5}}"#]].assert_eq(&record.request.unwrap().to_string());
    expect!["4701b24582f066f065ff8a741e20bcb11b328b4d8de78f2e76385145cceff982"]
        .assert_eq(&record.prompt_hash.unwrap());
    let asked = script.asked.lock().unwrap();
    assert_eq!(asked[0].0, "fast");
    assert_eq!(asked[0].1.address, "analysis.judge/2");
    assert_eq!(asked[0].1.output_schema, None);
}

#[tokio::test]
async fn a_wrong_answer_is_asked_for_again_with_the_errors() {
    let script = Arc::new(Script::texts(["nine", r#"{"score": 9}"#]));
    let plan = plan("Score {{draft}}", INPUTS, &[("score", "integer")]);
    let output = execute(&PromptExecutor::new(script.clone()), &plan, json!({"draft": "D"}), Some("strong"))
        .await
        .unwrap();
    assert_eq!(output.values, [("score".to_owned(), json!(9))].into());
    assert_eq!((output.record.calls, output.record.usage.output_tokens), (2, 10));
    let asked = script.asked.lock().unwrap();
    let keys: Vec<&str> = asked.iter().map(|(_, request)| request.idempotency_key.as_str()).collect();
    assert_eq!(keys, ["01900000-0000-7000-8000-000000000001.1", "01900000-0000-7000-8000-000000000001.2"]);
    assert!(asked.iter().all(|(model, request)| model == "strong" && request.output_schema.is_some()));
    let roles: Vec<Role> = asked[1].1.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
    expect![[r#"
        Your answer could not be used:
        - the answer holds no complete JSON value
        Give the whole answer again, corrected, in the form asked for and without any other text."#]]
    .assert_eq(&asked[1].1.messages[2].content);
}

#[tokio::test]
async fn asking_again_has_an_end() {
    let script = Arc::new(Script::texts([r#"{"score": 1"#, "[]", r#"{"score": "x"}"#]));
    let plan = plan("Score {{draft}}", INPUTS, &[("score", "integer")]);
    let failed = execute(&PromptExecutor::new(script), &plan, json!({"draft": "D"}), None).await.unwrap_err();
    assert_eq!(failed.failure.class, ErrorClass::InvalidOutput);
    assert_eq!((failed.record.calls, failed.record.usage.input_tokens), (1 + REPAIRS_DEFAULT, 30));
    assert_eq!(failed.record.response.as_deref(), Some(r#"{"score": "x"}"#));
}

#[tokio::test]
async fn a_failed_call_is_a_failed_attempt_with_its_cost() {
    for class in [ErrorClass::Refused, ErrorClass::Truncated, ErrorClass::RateLimited] {
        let failure = CallFailure {
            failure: Failure { retry_after_ms: Some(7), ..Failure::new(class, "the provider's words") },
            model: Some("script/model".to_owned()),
            request_id: None,
            response: Some(r#"{"score": 9}"#.to_owned()),
            usage: Usage { output_tokens: 4, ..Usage::default() },
            was_sent: true,
        };
        let script = Arc::new(Script::new([Err(failure.clone())]));
        let plan = plan("Score {{draft}}", INPUTS, &[("score", "integer")]);
        let failed =
            execute(&PromptExecutor::new(script), &plan, json!({"draft": "D"}), None).await.unwrap_err();
        assert_eq!(failed.failure, failure.failure);
        assert_eq!((failed.record.calls, failed.record.usage.output_tokens), (1, 4));
        assert_eq!(failed.record.response, failure.response);
        assert!(failed.record.request.is_some() && failed.record.prompt_hash.is_some());
    }
}

#[tokio::test]
async fn a_call_that_never_left_is_none() {
    let failure = Failure::new(ErrorClass::NotSent, "cannot be reached");
    let script = Arc::new(Script::new([Err(failure.into())]));
    let plan = plan("Score {{draft}}", INPUTS, &[("score", "integer")]);
    let failed = execute(&PromptExecutor::new(script), &plan, json!({"draft": "D"}), None).await.unwrap_err();
    assert_eq!(failed.record.calls, 0);
}

#[tokio::test]
async fn nothing_is_sent_when_there_is_nothing_to_say() {
    let script = Arc::new(Script::texts([]));
    for (template, inputs) in [
        ("{{note}} \n", json!({})),
        ("{{draft}}", json!({})),
        ("{{role \"system\"}}{{draft}}", json!({"draft": "D"})),
        ("{{#if}}", json!({})),
    ] {
        let plan = plan(template, INPUTS, &[]);
        let failed = execute(&PromptExecutor::new(script.clone()), &plan, inputs, None).await.unwrap_err();
        assert_eq!(failed.failure.class, ErrorClass::Template, "{template}");
    }
    let mut nameless = plan("x", INPUTS, &[]);
    nameless.steps[0].model = None;
    let failed = execute(&PromptExecutor::new(script), &nameless, json!({}), None).await.unwrap_err();
    assert_eq!(failed.failure.class, ErrorClass::BadRequest);
}

#[tokio::test]
async fn a_template_renders_text_or_json() {
    let executor = TemplateExecutor::default();
    let run = async |template: &str, writes: &[(&str, &str)], inputs| {
        execute(&executor, &plan(template, INPUTS, writes), inputs, None).await
    };
    let text = run("a {{draft}}\n", &[("out", "string")], json!({"draft": "[1]"})).await.unwrap();
    assert_eq!(text.values["out"], json!("a [1]\n"));
    let list = run("{{json draft}}", &[("out", "string[]")], json!({"draft": ["x", "y\nz"]})).await.unwrap();
    assert_eq!(list.values["out"], json!(["x", "y\nz"]));
    let both = run(
        "{\"a\": {{json draft}}, \"b\": 2}",
        &[("a", "string"), ("b", "integer")],
        json!({"draft": "\"q\""}),
    )
    .await
    .unwrap();
    assert_eq!(both.values, [("a".to_owned(), json!("\"q\"")), ("b".to_owned(), json!(2))].into());
    let wrong = run("{{draft}}", &[("out", "integer")], json!({"draft": "x"})).await.unwrap_err();
    assert_eq!(wrong.failure.class, ErrorClass::Template);
    assert_eq!(wrong.record.response.as_deref(), Some("x"));
    let roles = run("{{role \"user\"}}x", &[("out", "string")], json!({})).await.unwrap_err();
    assert_eq!(roles.failure.class, ErrorClass::Template);
    assert!(!executor.takes_slot() && !GatherExecutor.takes_slot());
}

#[tokio::test]
async fn gather_writes_the_lists_it_is_given() {
    let reads = &[("facts", ReadRole::Value, false), ("notes", ReadRole::Value, false)];
    let plan = plan("", reads, &[("all_facts", "string[]"), ("scores", "integer[]")]);
    let output = execute(&GatherExecutor, &plan, json!({"facts": ["a"], "notes": []}), None).await.unwrap();
    assert_eq!(
        output.values,
        [("all_facts".to_owned(), json!(["a"])), ("scores".to_owned(), json!([]))].into()
    );
    let failed = execute(&GatherExecutor, &plan, json!({"facts": ["a"]}), None).await.unwrap_err();
    assert_eq!(failed.failure.class, ErrorClass::MissingInput);
    let failed =
        execute(&GatherExecutor, &plan, json!({"facts": ["a"], "notes": ["x"]}), None).await.unwrap_err();
    assert_eq!(failed.failure.class, ErrorClass::MissingInput);
}
