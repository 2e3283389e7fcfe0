//! Names.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn a_name_needs_a_letter() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: "…"
        prompt: "Hi"
"#,
        expect![[r#"
            BL0201: the name `…` has no letter and no digit
              workflow.yaml:5:15
              |       - name: "…"
              |               ^^^
              fix: give it a name that can be part of an address
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: One
        prompt: "Hi"
"#,
    );
}

#[test]
fn section_names_are_unique() {
    rule(
        r#"sections:
  - name: Intro
    steps:
      - { name: A, prompt: Hi }
  - name: intro!
    steps:
      - { name: A, prompt: Hi }
  - name: Inputs
    steps:
      - { name: A, prompt: Hi }
"#,
        expect![[r#"
            BL0202: another section has the address `intro`
              workflow.yaml:6:11
              |   - name: intro!
              |           ^^^^^^
              workflow.yaml:3:11 the first one
              |   - name: Intro
              |           ^^^^^
              fix: give one of them another name
            BL0202: `Inputs` has the address `inputs`, which belongs to the run inputs
              workflow.yaml:9:11
              |   - name: Inputs
              |           ^^^^^^
              fix: give one of them another name
        "#]],
        r#"sections:
  - name: Intro
    steps:
      - { name: A, prompt: Hi }
  - name: Outro
    steps:
      - { name: A, prompt: Hi }
"#,
    );
}

#[test]
fn step_names_are_unique_within_their_section() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Write Draft
        prompt: "Hi"
      - name: write-draft
        prompt: "Hi"
"#,
        expect![[r#"
            BL0203: another step of this section has the address `write-draft`
              workflow.yaml:7:15
              |       - name: write-draft
              |               ^^^^^^^^^^^
              workflow.yaml:5:15 the first one
              |       - name: Write Draft
              |               ^^^^^^^^^^^
              fix: give one of them another name
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Write Draft
        prompt: "Hi"
      - name: Write More
        prompt: "Hi"
"#,
    );
}

#[test]
fn attributes_are_template_names() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [my draft]
      - name: B
        prompt: "Hi"
        outputs: [branch]
"#,
        expect![[r#"
            BL0204: `my draft` cannot be the name of a value
              workflow.yaml:7:19
              |         outputs: [my draft]
              |                   ^^^^^^^^
              fix: write `my_draft`
            BL0204: `branch` has a meaning of its own in templates
              workflow.yaml:10:19
              |         outputs: [branch]
              |                   ^^^^^^
              fix: give it another name
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [my_draft]
"#,
    );
}

#[test]
fn items_are_not_written() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: B
        prompt: "Hi"
        outputs: [topic]
"#,
        expect![[r#"
            BL0205: `topic` is bound to the elements of `topics`, so no step may write it
              workflow.yaml:7:19
              |         for_each: topic in topics
              |                   ^^^^^
              workflow.yaml:12:19 written here
              |         outputs: [topic]
              |                   ^^^^^
              fix: give the item or the output another name
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: B
        prompt: "Hi"
        outputs: [other]
"#,
    );
}

#[test]
fn an_output_is_named_once() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [x, x]
"#,
        expect![[r#"
            BL0206: the output `x` is named twice
              workflow.yaml:7:22
              |         outputs: [x, x]
              |                      ^
              workflow.yaml:7:19 the first one
              |         outputs: [x, x]
              |                   ^
              fix: remove one of them, or rename it
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [x, y]
"#,
    );
}

#[test]
fn an_input_is_named_once() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{draft}}"
        inputs: [draft, draft]
"#,
        expect![[r#"
            BL0207: the input `draft` is named twice
              workflow.yaml:10:25
              |         inputs: [draft, draft]
              |                         ^^^^^
              workflow.yaml:10:18 the first one
              |         inputs: [draft, draft]
              |                  ^^^^^
              fix: remove one of them, or rename it
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{draft}}"
        inputs: [draft]
"#,
    );
}

#[test]
fn items_of_one_name_have_one_type() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, sizes: { type: "integer[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Count
        for_each: topic in sizes
        prompt: "{{topic}}"
"#,
        expect![[r#"
            BL0208: `topic` is `string`, and the elements of `sizes` are `integer`
              workflow.yaml:11:19
              |         for_each: topic in sizes
              |                   ^^^^^
              workflow.yaml:7:19 the first one
              |         for_each: topic in topics
              |                   ^^^^^
              fix: give the item of `sizes` another name
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, sizes: { type: "integer[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Count
        for_each: size in sizes
        prompt: "{{size}}"
"#,
    );
}

#[test]
fn a_workflow_has_steps() {
    rule(
        r#"sections: []
"#,
        expect![[r#"
            BL0281: the workflow has no steps
              workflow.yaml:2:11
              | sections: []
              |           ^
              fix: add a section with a step
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
"#,
    );
}

#[test]
fn names_have_a_length() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        prompt: "Hi"
"#,
        expect![[r#"
            BL0280: the name has 201 characters, at most 200 are allowed
              workflow.yaml:5:15
              |       - name: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
              |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              fix: move the rest to `description`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        prompt: "Hi"
"#,
    );
}
