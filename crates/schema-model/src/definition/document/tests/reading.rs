use expect_test::expect;

use super::{files, read_yaml, render};
use crate::definition::document::read;
use crate::definition::{Action, ForEach, Gather, Input};

pub(super) const ARTICLE: &str = r#"
name: transcript-to-article
description: A video transcript becomes an article.
model: fast
temperature: 0.3

types:
  Verdict: { score: { type: integer, minimum: 1, maximum: 10 }, reason: string }

attributes:
  transcript:       { input: true, description: Plain text of the talk }
  intro_variations: string[]
  verdict:          Verdict
  mood:             { enum: [calm, bold], default: calm }
  scores:           { type: "integer[]", minimum: 1, maxItems: 3 }
outputs: [final_draft]

sections:
  - name: Analysis
    steps:
      - name: Generate Outline
        prompt_file: prompts/outline.md
        outputs: outline
        retry: { attempts: 4, delay: 2s }
        timeout: 90s
      - name: Update Draft
        for_each: intro_variation in intro_variations
        parallel: 8
        prompt: "Replace the opening of {{first_draft}} by {{intro_variation}}."
        inputs: { first_draft: draft, notes: notes? }
        outputs: [second_draft]
      - name: Verdicts
        action: template
        gather: { rows: [second_draft, verdict] }
        prompt: |
          {{json rows}}

          Done.
        outputs: [verdicts]
      - name: Pick the Draft
        action: choose
        from: second_draft
        show: [verdict]
        min: 1
        own_text: false
        default: [1]
        outputs: [final_draft]
"#;

#[test]
fn the_authored_form_is_understood() {
    let outline =
        "---\nabout: Makes the outline\ntemperature: 0.7\nmodel: strong\n---\nOutline of {{transcript}}\r\n";
    let files = files([
        ("workflow.yaml", ARTICLE),
        ("prompts/outline.md", outline),
        ("prompts/_house-style.md", "\u{feff}Be short."),
    ]);
    let document = read(&files, "workflow.yaml");
    assert_eq!(render(&document), "");
    let workflow = document.workflow.unwrap();
    expect![[r#"
        {
          "attributes": {
            "intro_variations": {
              "type": "string[]"
            },
            "mood": {
              "default": "calm",
              "type": {
                "enum": [
                  "calm",
                  "bold"
                ]
              }
            },
            "scores": {
              "type": {
                "items": {
                  "minimum": 1,
                  "type": "integer"
                },
                "maxItems": 3,
                "type": "array"
              }
            },
            "transcript": {
              "description": "Plain text of the talk",
              "input": true
            },
            "verdict": {
              "type": "Verdict"
            }
          },
          "types": {
            "Verdict": {
              "additionalProperties": false,
              "properties": {
                "reason": {
                  "type": "string"
                },
                "score": {
                  "maximum": 10,
                  "minimum": 1,
                  "type": "integer"
                }
              },
              "required": [
                "reason",
                "score"
              ],
              "type": "object"
            }
          }
        }"#]]
    .assert_eq(
        &serde_json::to_string_pretty(&serde_json::json!({
            "types": workflow.types, "attributes": workflow.attributes,
        }))
        .unwrap(),
    );
    assert_eq!(workflow.parameters.temperature, Some(0.3));
    assert_eq!(workflow.partials["house-style"], "Be short.");
    let steps = &workflow.sections[0].steps;
    assert_eq!(steps[0].prompt.as_deref(), Some("Outline of {{transcript}}\n"));
    assert_eq!(steps[0].description, "Makes the outline");
    assert_eq!(steps[0].model.as_deref(), Some("strong"));
    assert_eq!(steps[0].parameters.temperature, Some(0.7));
    assert_eq!(steps[0].outputs, ["outline"]);
    assert_eq!(steps[0].retry.as_ref().map(|retry| (retry.attempts, retry.delay_ms)), Some((4, Some(2_000))));
    assert_eq!(steps[0].timeout_ms, Some(90_000));
    let each = ForEach { item: "intro_variation".to_owned(), list: "intro_variations".to_owned() };
    assert_eq!(steps[1].spread.for_each, Some(each));
    let input = |name: &str, attribute: &str, optional| Input {
        name: name.to_owned(),
        attribute: attribute.to_owned(),
        optional,
    };
    assert_eq!(steps[1].inputs, [input("first_draft", "draft", false), input("notes", "notes", true)]);
    assert_eq!(steps[2].action, Action::Template);
    let attributes = vec!["second_draft".to_owned(), "verdict".to_owned()];
    assert_eq!(steps[2].gather, [Gather { name: "rows".to_owned(), attributes }]);
    assert_eq!(steps[3].choice.from.as_deref(), Some("second_draft"));
    assert_eq!(steps[3].choice.default, Some(serde_json::json!([1])));
    let sources = document.sources;
    let place = |pointer: &str, line, column, length| {
        let place = sources.place_in_text(pointer, line, column, length, "");
        let marked: String =
            place.source_line.chars().skip(place.column as usize - 1).take(place.length as usize).collect();
        format!("{}:{} {marked}", place.file, place.line)
    };
    assert_eq!(place("/sections/0/steps/0/prompt", 1, 14, 10), "prompts/outline.md:6 transcript");
    assert_eq!(place("/sections/0/steps/1/prompt", 1, 26, 11), "workflow.yaml:29 first_draft");
    assert_eq!(place("/sections/0/steps/2/prompt", 3, 1, 4), "workflow.yaml:38 Done");
    assert_eq!(place("/sections/0/steps/1/for_each/list", 1, 1, 1), "workflow.yaml:27 intro_variations");
    assert_eq!(place("/sections/0/steps/0/parameters/temperature", 1, 1, 3), "prompts/outline.md:3 0.7");
    assert_eq!(place("/partials/house-style", 1, 4, 5), "prompts/_house-style.md:1 short");
}

#[test]
fn places_inside_quotes_count_escapes() {
    let document = read_yaml(concat!(
        "name: n\nsections:\n- name: s\n  steps:\n",
        "  - { name: a, prompt: \"one\\ttwo \\U0001F600 \\n{{x}}\" }\n",
        "  - { name: b, prompt: 'it''s {{y}}' }\n",
        "  - { name: c, prompt: {\"a\": 1} }\n",
    ));
    let place = |pointer: &str, line, column| {
        let place = document.sources.place_in_text(pointer, line, column, 5, "");
        place
            .source_line
            .chars()
            .skip(place.column as usize - 1)
            .take(place.length as usize)
            .collect::<String>()
    };
    assert_eq!(place("/sections/0/steps/0/prompt", 2, 1), "{{x}}");
    assert_eq!(place("/sections/0/steps/1/prompt", 1, 6), "{{y}}");
}

#[test]
fn json_is_read_by_the_same_rules() {
    let text = "{\r\n\t\"name\":\"n\",\t\"sections\":[{\"name\":\"s\",\"steps\":[{\"name\":\"a\",\
                \"prompt\":\"\\ud83d\\ude00 \\u0041\\/\\b {{x}}\",\"temperature\":1e-1}]}]\r\n}";
    let document = read(&files([("w.json", text)]), "w.json");
    assert_eq!(render(&document), "");
    let step = &document.workflow.unwrap().sections[0].steps[0];
    assert_eq!(step.prompt.as_deref(), Some("\u{1F600} A/\u{8} {{x}}"));
    assert_eq!(step.parameters.temperature, Some(0.1));
    let place = document.sources.place_in_text("/sections/0/steps/0/prompt", 1, 7, 5, "");
    let marked: String = place.source_line.chars().skip(place.column as usize - 1).take(5).collect();
    assert_eq!(marked, "{{x}}");
}
