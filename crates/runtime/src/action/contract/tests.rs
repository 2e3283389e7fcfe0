use branchline_schema_model::plan::StepIndex;
use expect_test::{Expect, expect};

use super::super::testing::plan;
use super::Contract;

const VERDICT: &str = r#"{"type": "object", "properties": {"score": {"type": "integer", "maximum": 10}}, "required": ["score"]}"#;
const MOOD: &str = r#"{"enum": ["calm", "bold"]}"#;

#[expect(clippy::needless_pass_by_value, reason = "tables read better without ampersands")]
fn check(writes: &[(&str, &str)], answer: &str, expected: Expect) {
    let plan = plan("", &[], writes);
    let shown = match Contract::of_step(&plan, StepIndex(0)).parse(answer) {
        Ok(values) => serde_json::to_string(&values).unwrap(),
        Err(problems) => format!("error {}", problems.join("; ")),
    };
    expected.assert_eq(&shown);
}

#[test]
fn one_text_is_the_answer_without_blank_edges() {
    check(
        &[("draft", "string")],
        "\n\n  Once.\n\n```x```\n\n",
        expect![[r#"{"draft":"  Once.\n\n```x```"}"#]],
    );
    check(
        &[("draft", "string")],
        "{\"draft\": \"kept as written\"}",
        expect![[r#"{"draft":"{\"draft\": \"kept as written\"}"}"#]],
    );
    check(
        &[("draft", "string")],
        "a\u{0}b",
        expect!["error `draft`: the value holds a NUL character, which no database can keep"],
    );
    check(&[], "anything", expect!["{}"]);
}

#[test]
fn one_structured_output_may_come_wrapped_or_bare() {
    let ideas = &[("ideas", "string[]")];
    check(ideas, r#"{"ideas": ["a", "b"]}"#, expect![[r#"{"ideas":["a","b"]}"#]]);
    check(ideas, "Here they are:\n```json\n[\"a\", \"b\"]\n```\nEnjoy!", expect![[r#"{"ideas":["a","b"]}"#]]);
    check(ideas, "As in [1], I think: [\"a\"]", expect![[r#"{"ideas":["a"]}"#]]);
    check(ideas, r#"{"ideas": ["a", 2]}"#, expect![[r#"error `ideas`: at /1: 2 is not of type "string""#]]);
    check(ideas, r#"{"ideas": ["a", "b"#, expect!["error the answer holds no complete JSON value"]);
    check(ideas, "no idea", expect!["error the answer holds no complete JSON value"]);
    check(&[("verdict", VERDICT)], r#"{"score": 7}"#, expect![[r#"{"verdict":{"score":7}}"#]]);
    check(
        &[("verdict", VERDICT)],
        r#"{"verdict": {"score": 11}}"#,
        expect!["error `verdict`: at /score: 11 is greater than the maximum of 10"],
    );
    check(&[("score", "integer")], "7", expect![[r#"{"score":7}"#]]);
    check(
        &[("score", "integer")],
        r#"{"score": "7"}"#,
        expect![[r#"error `score`: "7" is not of type "integer""#]],
    );
    check(&[("mood", MOOD)], "calm\n", expect![[r#"{"mood":"calm"}"#]]);
    check(&[("mood", MOOD)], r#"{"mood": "bold"}"#, expect![[r#"{"mood":"bold"}"#]]);
    check(&[("mood", MOOD)], "angry", expect![[r#"error `mood`: "angry" is not one of "calm" or "bold""#]]);
}

#[test]
fn several_outputs_come_as_one_object() {
    let both = &[("title", "string"), ("score", "integer")];
    check(
        both,
        "Sure! {\"score\": 3, \"title\": \"T\", \"why\": \"extra\"}",
        expect![[r#"{"score":3,"title":"T"}"#]],
    );
    check(both, r#"{"title": "T"}"#, expect!["error `score` is missing"]);
    check(both, r#"["T", 3]"#, expect!["error the answer is not a JSON object with `title`, `score`"]);
    check(both, r#"{"draft": true} {"title": "T", "score": 3}"#, expect![[r#"{"score":3,"title":"T"}"#]]);
    check(
        both,
        r#"{"title": 1, "score": "x"}"#,
        expect![[r#"error `title`: 1 is not of type "string"; `score`: "x" is not of type "integer""#]],
    );
}

#[test]
fn the_schema_asks_for_an_object_of_all_outputs() {
    let schema = |writes: &[(&str, &str)]| {
        let plan = plan("", &[], writes);
        Contract::of_step(&plan, StepIndex(0))
            .schema()
            .map_or_else(String::new, |schema| format!("{schema:#}"))
    };
    assert_eq!(schema(&[]), "");
    assert_eq!(schema(&[("draft", "string")]), "");
    expect![[r#"
        {
          "additionalProperties": false,
          "properties": {
            "ideas": {
              "items": {
                "type": "string"
              },
              "type": "array"
            },
            "mood": {
              "enum": [
                "calm",
                "bold"
              ]
            }
          },
          "required": [
            "ideas",
            "mood"
          ],
          "type": "object"
        }"#]]
    .assert_eq(&schema(&[("ideas", "string[]"), ("mood", MOOD)]));
}
