//! Actions and models.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn actions_are_known() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        action: promt
      - name: B
        prompt: "Hi"
        action: publich
"#,
        expect![[r#"
            BL0250: there is no action `promt`
              workflow.yaml:7:17
              |         action: promt
              |                 ^^^^^
              fix: did you mean `prompt`?
            BL0250: there is no action `publich`
              workflow.yaml:10:17
              |         action: publich
              |                 ^^^^^^^
              fix: did you mean `publish`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        action: publish
"#,
    );
}

#[test]
fn a_step_has_a_prompt() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        outputs: [x]
"#,
        expect![[r#"
            BL0251: `A` has no prompt
              workflow.yaml:5:15
              |       - name: A
              |               ^
              fix: add `prompt:` or `prompt_file:`, or name another `action`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [x]
"#,
    );
}

#[test]
fn a_prompt_is_not_empty() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: " "
        outputs: [x]
"#,
        expect![[r#"
            BL0252: the prompt of `A` is empty
              workflow.yaml:6:17
              |         prompt: " "
              |                 ^^^
              fix: write the prompt, or remove the step
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [x]
"#,
    );
}

#[test]
fn questions_have_no_prompt() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "What?"
        action: input
        outputs: [x]
"#,
        expect![[r#"
            BL0253: `input` renders no prompt, and `A` has one
              workflow.yaml:6:17
              |         prompt: "What?"
              |                 ^^^^^^^
              fix: move what people should read to `description`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        description: What?
        action: input
        outputs: [x]
"#,
    );
}

#[test]
fn actions_have_their_outputs() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        action: input
      - name: B
        prompt: "Hi"
        action: template
        outputs: [x, y]
"#,
        expect![[r#"
            BL0254: `A` has 0 outputs, and `input` takes at least one output
              workflow.yaml:5:15
              |       - name: A
              |               ^
              fix: name the attribute under `outputs`
            BL0254: `B` has 2 outputs, and `template` takes at most one output
              workflow.yaml:10:18
              |         outputs: [x, y]
              |                  ^
              fix: make a step for each output
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        action: input
        outputs: [a, b]
      - name: B
        prompt: "Hi"
        action: template
        outputs: [x]
"#,
    );
}

#[test]
fn a_gather_names_one_list() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, texts: "string[]" }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: All
        action: gather
        outputs: [texts]
"#,
        expect![[r#"
            BL0255: `All` names 0 lists, and `action: gather` writes one
              workflow.yaml:10:15
              |       - name: All
              |               ^^^
              fix: write `gather: [attribute]` with one attribute
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, texts: "string[]" }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: All
        action: gather
        gather: [text]
        outputs: [texts]
"#,
    );
}

#[test]
fn models_are_known() {
    rule(
        r#"model: fast
sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        model: strng
      - name: B
        prompt: "Hi"
        model: openai/gpt-5
      - name: C
        prompt: "Hi"
        model: mock
"#,
        expect![[r#"
            BL0270: there is no model alias `strng`
              workflow.yaml:8:16
              |         model: strng
              |                ^^^^^
              fix: did you mean `strong`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        model: strong
"#,
    );
}
