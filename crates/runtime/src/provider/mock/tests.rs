use serde_json::{Value as Json, json};

use super::super::Message;
use super::*;

fn request(address: &str, prompt: &str, output_schema: Option<Json>) -> CompletionRequest {
    let message = |role, content: &str| Message { role, content: content.to_owned() };
    CompletionRequest {
        messages: vec![message(Role::System, "You are an editor."), message(Role::User, prompt)],
        parameters: branchline_schema_model::definition::ModelParameters::default(),
        output_schema,
        idempotency_key: "call-1".to_owned(),
        address: address.to_owned(),
    }
}

async fn complete(model: &MockModel, request: &CompletionRequest) -> Result<(String, String), ErrorClass> {
    let mut streamed = String::new();
    let result = model.complete("default", request, &mut |piece| streamed.push_str(piece)).await;
    result.map(|completion| (completion.text, streamed)).map_err(|failure| failure.failure.class)
}

#[tokio::test]
async fn an_answer_depends_on_seed_messages_schema_and_address_alone() {
    let mock = |seed| MockModel::new(MockConfig { seed, ..MockConfig::default() });
    let asked = request("analysis.outline", "Outline the talk", None);
    let first = complete(&mock(1), &asked).await.unwrap();
    assert_eq!(first.0, first.1, "the pieces make up the answer");
    assert!(
        first.0.starts_with("[mock] An answer for `analysis.outline` to “Outline the talk”."),
        "{}",
        first.0
    );

    let other_key = CompletionRequest { idempotency_key: "call-2".to_owned(), ..asked.clone() };
    assert_eq!(complete(&mock(1), &other_key).await.unwrap(), first);
    assert_ne!(complete(&mock(2), &asked).await.unwrap(), first);
    assert_ne!(
        complete(&mock(1), &request("analysis.outline/2", "Outline the talk", None)).await.unwrap(),
        first
    );
    assert_ne!(complete(&mock(1), &request("analysis.outline", "Outline it", None)).await.unwrap(), first);
}

#[tokio::test]
async fn the_first_calls_fail_as_told_and_scripted_answers_follow_the_calls() {
    let mut answers = MockAnswers::default();
    answers.insert("a.judge/*", json!({"attempts": ["not JSON", {"score": 5}]})).unwrap();
    let fail = BTreeMap::from([("a.judge/4".to_owned(), vec![ErrorClass::Overloaded])]);
    let model = MockModel::new(MockConfig { fail, answers, ..MockConfig::default() });

    assert_eq!(complete(&model, &request("a.judge/4", "Judge", None)).await, Err(ErrorClass::Overloaded));
    assert_eq!(complete(&model, &request("a.judge/4", "Judge", None)).await.unwrap().0, r#"{"score":5}"#);
    assert_eq!(complete(&model, &request("a.judge/3", "Judge", None)).await.unwrap().0, "not JSON");
    assert_eq!(complete(&model, &request("a.judge/3", "Judge", None)).await.unwrap().0, r#"{"score":5}"#);
}

#[tokio::test(start_paused = true)]
async fn latency_stays_in_its_range() {
    let model = MockModel::new(MockConfig { latency_ms: Some((50, 200)), ..MockConfig::default() });
    let before = tokio::time::Instant::now();
    complete(&model, &request("a.b", "Say more than one word here", None)).await.unwrap();
    let took = before.elapsed().as_millis();
    assert!((50..=212).contains(&took), "{took} ms");
}

#[test]
fn shape_true_values_fit_their_schemas() {
    let schemas = [
        json!({"type": "object", "required": ["a", "b", "c"], "additionalProperties": false, "properties": {
            "a": {"type": "array", "items": {"type": "string", "minLength": 3, "maxLength": 5}},
            "b": {"type": "array", "minItems": 7, "items": {"type": "integer", "minimum": 3, "exclusiveMaximum": 5}},
            "c": {"enum": ["x", "y"]}, "d": {"type": ["null", "number"], "minimum": 0.25, "maximum": 0.5},
            "e": {"type": "boolean"}, "f": {"const": 7}}}),
        json!({"type": "array", "maxItems": 2, "items": {"type": "integer", "multipleOf": 4, "minimum": 5}}),
        json!({"type": "array", "uniqueItems": true, "minItems": 3, "items": {"enum": [1, 2, 3]}}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": false}),
        json!({"$defs": {"node": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2}}}},
            "$ref": "#/$defs/node"}),
        json!({"anyOf": [{"type": "object", "required": ["k"], "properties": {"k": {"type": "string", "format": "uuid"}}},
            {"type": "null"}]}),
        json!({"allOf": [{"required": ["a"], "properties": {"a": {"type": "integer", "maximum": -4}}},
            {"required": ["b"], "properties": {"b": {"type": "string", "minLength": 200}}}]}),
        json!({"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0, "maximum": 0.001}}),
        json!({"type": "string", "format": "date-time"}),
        json!({"type": "string", "pattern": "^[A-Z]{3}-\\d+(, (one|two))?$", "minLength": 6}),
        json!({"type": "string", "pattern": "^[^a-z]+$", "minLength": 40, "maxLength": 60}),
        json!({"type": "string", "pattern": "@"}),
        json!({"type": "integer", "minimum": 100}),
        json!({}),
    ];
    for schema in schemas {
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for seed in 0..40_u8 {
            let value = shape_true_value(&schema, &[seed]);
            let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{value} for {schema}: {errors:?}");
            assert_eq!(value, shape_true_value(&schema, &[seed]));
        }
    }
}

#[test]
fn a_type_without_end_ends_all_the_same() {
    let schema = json!({"$defs": {"n": {"type": "object", "required": ["n"], "properties": {"n": {"$ref": "#/$defs/n"}}}},
        "$ref": "#/$defs/n"});
    shape_true_value(&schema, b"seed");
    let schema = json!({"$defs": {"n": {"type": "object", "required": ["a", "b", "c"], "properties": {
        "a": {"$ref": "#/$defs/n"}, "b": {"$ref": "#/$defs/n"}, "c": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"});
    shape_true_value(&schema, b"seed");
    shape_true_value(&json!({"$ref": "#"}), b"seed");
    shape_true_value(&json!({"allOf": [{"$ref": "#"}]}), b"seed");
    shape_true_value(&json!({"type": "array", "minItems": 1_000_000, "items": {"type": "null"}}), b"seed");
    shape_true_value(
        &json!({"type": "integer", "minimum": 9e99, "maximum": -9e99, "multipleOf": 3}),
        b"seed",
    );
}

#[test]
fn lists_have_three_to_five_elements() {
    for seed in 0..40_u8 {
        let value = shape_true_value(&json!({"type": "array", "items": {"type": "string"}}), &[seed]);
        assert!((3..=5).contains(&value.as_array().unwrap().len()), "{value}");
    }
}
