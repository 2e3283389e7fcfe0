//! What would fail in the middle of a run, and can be seen before it.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::{problems, problems_as_written, render, rule};

#[test]
fn a_template_step_has_no_roles() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        action: template
        prompt: "{{role 'user'}}Hello."
        outputs: [b]
"#,
        expect![[r#"
            BL0215: `role` makes messages for a model, and a `template` step renders one text
              workflow.yaml:7:20
              |         prompt: "{{role 'user'}}Hello."
              |                    ^^^^
              fix: take it out
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        action: template
        prompt: "Hello."
        outputs: [b]
"#,
    );
}

#[test]
fn a_prompt_asks_something() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "{{role 'system'}}Be brief."
        outputs: [b]
"#,
        expect![[r#"
            BL0215: the prompt has only text for the role `system`, which no model answers
              workflow.yaml:6:20
              |         prompt: "{{role 'system'}}Be brief."
              |                    ^^^^
              fix: write `{{role "user"}}` where the question begins
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "{{role 'system'}}Be brief.{{role 'user'}}Who are you?"
        outputs: [b]
      - name: B
        prompt: "Who are you?{{role 'system'}}Be brief."
        outputs: [c]
"#,
    );
}

#[test]
fn a_fixed_text_is_a_value_of_its_type() {
    rule(
        r#"attributes: { limits: "integer[]", kind: { enum: [long, short] } }
sections:
  - name: S
    steps:
      - { name: A, action: template, prompt: "10 to 20", outputs: [limits] }
      - { name: B, action: template, prompt: tall, outputs: [kind] }
"#,
        expect![[r#"
            BL0235: the text does not fit `limits`: not a JSON value of type `integer[]`: trailing characters at line 1 column 4
              workflow.yaml:6:46
              |       - { name: A, action: template, prompt: "10 to 20", outputs: [limits] }
              |                                              ^^^^^^^^^^
              workflow.yaml:2:15 declared here
              | attributes: { limits: "integer[]", kind: { enum: [long, short] } }
              |               ^^^^^^
              fix: write a value of its type, lists and objects as JSON
            BL0235: the text does not fit `kind`: "tall" is not one of "long" or "short"
              workflow.yaml:7:46
              |       - { name: B, action: template, prompt: tall, outputs: [kind] }
              |                                              ^^^^
              workflow.yaml:2:36 declared here
              | attributes: { limits: "integer[]", kind: { enum: [long, short] } }
              |                                    ^^^^
              fix: write a value of its type, lists and objects as JSON
        "#]],
        r#"attributes: { limits: "integer[]", kind: { enum: [long, short] } }
sections:
  - name: S
    steps:
      - { name: A, action: template, prompt: "[10, 20]", outputs: [limits] }
      - { name: B, action: template, prompt: long, outputs: [kind] }
"#,
    );
}

#[test]
fn helpers_are_given_what_they_work_with() {
    rule(
        r#"attributes:
  text: { input: true }
  size: { input: true, type: integer }
  open: { input: true, type: object }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{truncate text text}} {{truncate text open.size}} {{truncate text (upper text)}}
          {{truncate text (default open.size 5)}}
          {{#each (upper text)}}{{this}}{{/each}}
          {{#with (join open)}}{{size}}{{/with}}
          {{#each (lines text) as |line|}}{{line.size}}{{/each}}
        outputs: [b]
"#,
        expect![[r#"
            BL0301: `size` is declared, and no step reads or writes it
              workflow.yaml:4:3
              |   size: { input: true, type: integer }
              |   ^^^^
              fix: remove it, or use it in a prompt
            BL0215: `truncate` takes a number, and `text` is `string`
              workflow.yaml:11:27
              |           {{truncate text text}} {{truncate text open.size}} {{truncate text (upper text)}}
              |                           ^^^^
              workflow.yaml:3:3 declared here
              |   text: { input: true }
              |   ^^^^
              fix: write `{{truncate text 200}}`
            BL0215: `truncate` takes a number, and the type of `open.size` does not say that it is one
              workflow.yaml:11:50
              |           {{truncate text text}} {{truncate text open.size}} {{truncate text (upper text)}}
              |                                                  ^^^^^^^^^
              workflow.yaml:5:3 declared here
              |   open: { input: true, type: object }
              |   ^^^^
              fix: write `{{truncate text 200}}`
            BL0215: `truncate` takes a number of characters
              workflow.yaml:11:64
              |           {{truncate text text}} {{truncate text open.size}} {{truncate text (upper text)}}
              |                                                                ^^^^^^^^
              fix: write `{{truncate text 200}}`
            BL0215: `truncate` takes a number, and the type of `open.size` does not say that it is one
              workflow.yaml:12:36
              |           {{truncate text (default open.size 5)}}
              |                                    ^^^^^^^^^
              workflow.yaml:5:3 declared here
              |   open: { input: true, type: object }
              |   ^^^^
              fix: write `{{truncate text 200}}`
            BL0215: `each` takes a list
              workflow.yaml:13:14
              |           {{#each (upper text)}}{{this}}{{/each}}
              |              ^^^^
              fix: give `each` an attribute that is a list, or write the value itself
            BL0234: `size` asks for a field of something that has none
              workflow.yaml:14:34
              |           {{#with (join open)}}{{size}}{{/with}}
              |                                  ^^^^
              fix: use the value itself
        "#]],
        r#"attributes:
  text: { input: true }
  size: { input: true, type: integer }
  open: { input: true, type: object }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{truncate text size}} {{truncate text (len text)}} {{truncate text (default size 5)}}
          {{#each (lines text) as |line at|}}{{at}} {{line}}{{/each}}
          {{#with (lookup open "a")}}{{size}}{{/with}}
        outputs: [b]
"#,
    );
}

#[test]
fn truncate_counts_characters() {
    rule(
        r#"attributes: { text: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{truncate text 'short'}} {{truncate text -1}}"
        outputs: [b]
"#,
        expect![[r#"
            BL0215: `truncate` takes a number of characters
              workflow.yaml:7:20
              |         prompt: "{{truncate text 'short'}} {{truncate text -1}}"
              |                    ^^^^^^^^
              fix: write `{{truncate text 200}}`
            BL0215: `truncate` takes a number of characters
              workflow.yaml:7:46
              |         prompt: "{{truncate text 'short'}} {{truncate text -1}}"
              |                                              ^^^^^^^^
              fix: write `{{truncate text 200}}`
        "#]],
        r#"attributes: { text: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{truncate text 20}}"
        outputs: [b]
"#,
    );
}

#[test]
fn the_default_of_a_choice_can_be_taken() {
    rule(
        r#"attributes: { titles: { type: "string[]", input: true }, two: "string[]", pair: "string[]" }
sections:
  - name: S
    steps:
      - { name: A, action: choose, from: titles, min: 2, default: 1, outputs: [two] }
      - { name: B, action: choose, from: titles, min: 2, default: [1, 1], outputs: [pair] }
"#,
        expect![[r#"
            BL0262: `1` is not a choice for `two`
              workflow.yaml:6:67
              |       - { name: A, action: choose, from: titles, min: 2, default: 1, outputs: [two] }
              |                                                                   ^
              fix: give a list of different option numbers within `min` and `max`, such as `[1, 3]`
            BL0262: `[1,1]` is not a choice for `pair`
              workflow.yaml:7:67
              |       - { name: B, action: choose, from: titles, min: 2, default: [1, 1], outputs: [pair] }
              |                                                                   ^
              fix: give a list of different option numbers within `min` and `max`, such as `[1, 3]`
        "#]],
        r#"attributes: { titles: { type: "string[]", input: true }, one: "string[]", pair: "string[]" }
sections:
  - name: S
    steps:
      - { name: A, action: choose, from: titles, default: 1, outputs: [one] }
      - { name: B, action: choose, from: titles, min: 2, default: [1, 2], outputs: [pair] }
"#,
    );
}

#[test]
fn a_choice_fits_the_fields_of_its_output() {
    rule(
        r#"types:
  Talk: { title: string }
  Place: { city: string }
attributes: { talks: { type: "Talk[]", input: true }, place: Place }
sections:
  - name: S
    steps:
      - { name: A, action: choose, from: talks, outputs: [place] }
"#,
        expect![[r#"
            BL0235: the options of `talks` do not fit `place`: the field `city` is required and never there
              workflow.yaml:9:59
              |       - { name: A, action: choose, from: talks, outputs: [place] }
              |                                                           ^^^^^
              workflow.yaml:5:15 declared here
              | attributes: { talks: { type: "Talk[]", input: true }, place: Place }
              |               ^^^^^
              fix: give `place` the type of one option of `talks`
        "#]],
        r#"types:
  Talk: { title: string }
attributes: { talks: { type: "Talk[]", input: true }, talk: Talk }
sections:
  - name: S
    steps:
      - { name: A, action: choose, from: talks, outputs: [talk] }
"#,
    );
}

#[test]
fn a_gather_fits_the_elements_of_its_list() {
    rule(
        r#"types:
  Mood: { enum: [good, bad] }
  Row: { angle: string, fact: string }
attributes: { angles: { type: "string[]", input: true }, moods: "Mood[]", rows: "Row[]" }
sections:
  - name: S
    steps:
      - { name: A, for_each: angle in angles, prompt: "{{angle}}", outputs: [mood, note] }
      - { name: B, action: gather, gather: [mood], outputs: [moods] }
      - { name: C, action: gather, gather: { all: [angle, note] }, outputs: [rows] }
"#,
        expect![[r#"
            BL0235: what `gather` collects does not fit `moods`: the value may be none of `"good"`, `"bad"`
              workflow.yaml:10:62
              |       - { name: B, action: gather, gather: [mood], outputs: [moods] }
              |                                                              ^^^^^
              workflow.yaml:5:58 declared here
              | attributes: { angles: { type: "string[]", input: true }, moods: "Mood[]", rows: "Row[]" }
              |                                                          ^^^^^
              fix: give the elements of `moods` the type of what is gathered
            BL0235: what `gather` collects does not fit `rows`: the field `fact` is required and never there
              workflow.yaml:11:78
              |       - { name: C, action: gather, gather: { all: [angle, note] }, outputs: [rows] }
              |                                                                              ^^^^
              workflow.yaml:5:75 declared here
              | attributes: { angles: { type: "string[]", input: true }, moods: "Mood[]", rows: "Row[]" }
              |                                                                           ^^^^
              fix: give the elements of `rows` the type of what is gathered
        "#]],
        r#"types:
  Mood: { enum: [good, bad] }
  Row: { angle: string, note: string }
attributes: { angles: { type: "string[]", input: true }, mood: Mood, moods: "Mood[]", rows: "Row[]" }
sections:
  - name: S
    steps:
      - { name: A, for_each: angle in angles, prompt: "{{angle}}", outputs: [mood, note] }
      - { name: B, action: gather, gather: [mood], outputs: [moods] }
      - { name: C, action: gather, gather: { all: [angle, note] }, outputs: [rows] }
"#,
    );
}

#[test]
fn literals_are_no_names() {
    rule(
        r#"attributes: { "null": { input: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "{{upper null}}", outputs: [else] }
"#,
        expect![[r#"
            BL0204: `null` has a meaning of its own in templates
              workflow.yaml:2:15
              | attributes: { "null": { input: true } }
              |               ^^^^^^
              fix: give it another name
            BL0301: `null` is declared, and no step reads or writes it
              workflow.yaml:2:15
              | attributes: { "null": { input: true } }
              |               ^^^^^^
              fix: remove it, or use it in a prompt
            BL0204: `else` has a meaning of its own in templates
              workflow.yaml:6:56
              |       - { name: A, prompt: "{{upper null}}", outputs: [else] }
              |                                                        ^^^^
              fix: give it another name
        "#]],
        r#"attributes: { nothing: { input: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "{{upper nothing}}", outputs: [other] }
"#,
    );
}

#[test]
fn an_item_is_no_run_input() {
    rule(
        r#"attributes: { talks: { type: "string[]", input: true }, talk: { input: true } }
sections:
  - name: S
    steps:
      - { name: A, for_each: talk in talks, prompt: "{{talk}}", outputs: [note] }
"#,
        expect![[r#"
            BL0205: `talk` is bound to the elements of `talks`, so it has no value when a run starts
              workflow.yaml:2:57
              | attributes: { talks: { type: "string[]", input: true }, talk: { input: true } }
              |                                                         ^^^^
              fix: remove its `input` and `default`, or give the item another name
        "#]],
        r#"attributes: { talks: { type: "string[]", input: true }, talk: { description: One of them } }
sections:
  - name: S
    steps:
      - { name: A, for_each: talk in talks, prompt: "{{talk}}", outputs: [note] }
"#,
    );
}

#[test]
fn somebody_names_a_model() {
    let steps = r#"sections:
  - name: S
    steps:
      - { name: Frame, action: template, prompt: "Talks", outputs: [frame] }
      - { name: Plan, enabled: false, prompt: "Plan {{frame}}.", outputs: [plan] }
      - { name: Write, prompt: "Write about {{frame}}.", outputs: [draft] }
      - { name: Check, prompt: "Check {{draft}}.", outputs: [verdict] }
"#;
    expect![[r#"
        BL0309: `Write` calls a model, and neither it nor the workflow names one
          workflow.yaml:7:17
          |       - { name: Write, prompt: "Write about {{frame}}.", outputs: [draft] }
          |                 ^^^^^
          fix: write `model:` at the top of the workflow, or give a run its model with `--model`
    "#]]
    .assert_eq(&render(&problems_as_written(steps)));
    assert_eq!(render(&problems_as_written(&format!("model: strong\n{steps}"))), "");
}

#[test]
fn a_short_name_may_be_near_another() {
    let steps = r#"attributes: { n: { type: integer, default: 3 } }
sections:
  - name: S
    steps:
      - { name: Write, prompt: "{{n}} lines.", outputs: [z] }
"#;
    assert_eq!(render(&problems(steps)), "");
}
