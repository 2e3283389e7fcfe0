//! What steps read.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn a_typing_mistake_is_found_in_the_prompt() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "Polish:\n{{drafd}}"
"#,
        expect![[r#"
            BL0220: there is no attribute `drafd`
              workflow.yaml:9:29
              |         prompt: "Polish:\n{{drafd}}"
              |                             ^^^^^
              workflow.yaml:7:19 written here
              |         outputs: [draft]
              |                   ^^^^^
              fix: did you mean `draft`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "Polish:\n{{draft}}"
"#,
    );
}

#[test]
fn nothing_is_read_before_it_is_written() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "{{draft}}"
      - name: Draft
        prompt: "Write."
        outputs: [draft]
"#,
        expect![[r#"
            BL0221: `draft` is read before any step writes it
              workflow.yaml:6:20
              |         prompt: "{{draft}}"
              |                    ^^^^^
              workflow.yaml:9:19 written only here
              |         outputs: [draft]
              |                   ^^^^^
              fix: move the step behind the one that writes it, or declare `draft` with `input: true`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{draft}}"
"#,
    );
}

#[test]
fn workflow_outputs_exist() {
    rule(
        r#"outputs: [drafd]
sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
"#,
        expect![[r#"
            BL0222: the workflow output `drafd` is no attribute
              workflow.yaml:2:11
              | outputs: [drafd]
              |           ^^^^^
              fix: did you mean `draft`?
        "#]],
        r#"outputs: [draft]
sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
"#,
    );
}

#[test]
fn declared_inputs_exist() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{text}}"
        inputs: { text: drafd }
"#,
        expect![[r#"
            BL0220: there is no attribute `drafd`
              workflow.yaml:10:25
              |         inputs: { text: drafd }
              |                         ^^^^^
              workflow.yaml:7:19 written here
              |         outputs: [draft]
              |                   ^^^^^
              fix: did you mean `draft`?
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "{{text}}"
        inputs: { text: draft }
"#,
    );
}

#[test]
fn branch_has_two_fields() {
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
        prompt: "{{text}} {{branch.size}}"
"#,
        expect![[r#"
            BL0220: there is no `branch.size`
              workflow.yaml:11:29
              |         prompt: "{{text}} {{branch.size}}"
              |                             ^^^^^^^^^^^
              fix: use `branch.number` or `branch.count`
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
        prompt: "{{text}} {{branch.number}}"
"#,
    );
}

/// Its prompt can do without, the assert cannot.
#[test]
fn an_assert_over_an_optional_read_asks_for_it_first() {
    rule(
        r#"attributes: { tone: { input: true, optional: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Write{{#if tone}} in {{tone}}{{/if}}", assert: "size(tone) > 3 && tone != text", outputs: [text] }
"#,
        expect![[r#"
            BL0219: `tone` is optional, and the condition needs its value
              workflow.yaml:6:82
              |       - { name: A, prompt: "Write{{#if tone}} in {{tone}}{{/if}}", assert: "size(tone) > 3 && tone != text", outputs: [text] }
              |                                                                                  ^^^^
              workflow.yaml:2:15 declared here
              | attributes: { tone: { input: true, optional: true } }
              |               ^^^^
              fix: ask `has(tone)` first: `has(tone) && …`
        "#]],
        r#"attributes: { tone: { input: true, optional: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Write{{#if tone}} in {{tone}}{{/if}}", assert: "!has(tone) || tone != text", outputs: [text] }
"#,
    );
}
