//! Typing mistakes: what is said of them, and that it is said once.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::{problems, render, rule};
use crate::check::Diagnostic;

#[test]
fn an_attribute_that_is_meant_elsewhere_is_not_unused() {
    rule(
        r#"attributes: { topic: { input: true } }
sections:
  - { name: S, steps: [{ name: A, prompt: "{{tpic}}" }] }
"#,
        expect![[r#"
            BL0220: there is no attribute `tpic`
              workflow.yaml:4:46
              |   - { name: S, steps: [{ name: A, prompt: "{{tpic}}" }] }
              |                                              ^^^^
              workflow.yaml:2:15 declared here
              | attributes: { topic: { input: true } }
              |               ^^^^^
              fix: did you mean `topic`?
        "#]],
        r#"attributes: { topic: { input: true } }
sections:
  - { name: S, steps: [{ name: A, prompt: "{{topic}}" }] }
"#,
    );
}

#[test]
fn a_declaration_is_probably_of_what_is_written_undeclared() {
    rule(
        r#"attributes: { chaptrs: "string[]" }
sections:
  - name: S
    steps:
      - { name: Plan, prompt: "Plan", outputs: [chapters] }
      - { name: Write, prompt: "{{chapters}}" }
"#,
        expect![[r#"
            BL0301: `chaptrs` is declared, and no step reads or writes it
              workflow.yaml:2:15
              | attributes: { chaptrs: "string[]" }
              |               ^^^^^^^
              workflow.yaml:6:49 written here
              |       - { name: Plan, prompt: "Plan", outputs: [chapters] }
              |                                                 ^^^^^^^^
              fix: did you mean `chapters`?
        "#]],
        r#"attributes: { chapters: "string[]" }
sections:
  - name: S
    steps:
      - { name: Plan, prompt: "Plan", outputs: [chapters] }
      - { name: Write, prompt: "{{chapters}}" }
"#,
    );
}

/// What could not be read may use anything.
#[test]
fn nothing_is_unused_while_a_step_cannot_be_read() {
    let unread = [
        r#"
attributes: { topic: { input: true } }
outputs: [text]
sections:
  - { name: S, step: [{ name: A, prompt: "{{topic}}" }] }
  - { name: T, steps: [{ name: A, prompt: "B", outputs: [text] }] }
"#,
        r#"
attributes: { topic: { input: true } }
sections:
  - { name: S, steps: [{ name: A, prompt: "{{#if topic}}" }] }
"#,
        r#"
attributes: { topic: { input: true } }
sections:
  - { name: S, steps: [{ name: A, prompt: "B", when: "topic = 3" }] }
"#,
        r#"
attributes: { topic: { input: true } }
section:
  - { name: S, steps: [{ name: A, prompt: "{{topic}}" }] }
"#,
    ];
    let line = |one: &Diagnostic| format!("{} {}", one.code, one.message);
    let shown = unread.map(|text| problems(text).iter().map(line).collect::<Vec<_>>().join("\n"));
    expect![[r#"
        BL0113 this section has no `steps`
        BL0110 unknown key `step` in this section

        BL0210 the template cannot be read: this block is not closed

        BL0217 `=` means nothing in a condition; two values are compared with `==`

        BL0113 this workflow has no `sections`
        BL0110 unknown key `section` in this workflow"#]]
    .assert_eq(&shown.join("\n\n"));
}

#[test]
fn a_name_one_letter_from_one_that_is_read_is_told() {
    rule(
        r#"sections:
  - name: S
    steps:
      - { name: Draft, prompt: "Write", outputs: [draft] }
      - { name: Polish, prompt: "Polish {{draft}}", outputs: [drafft] }
      - { name: Page, action: template, prompt: "<p>{{draft}}</p>", outputs: [page] }
outputs: [page]
"#,
        expect![[r#"
            BL0305: `drafft` is written and never read, and `draft` differs by one letter
              workflow.yaml:6:63
              |       - { name: Polish, prompt: "Polish {{draft}}", outputs: [drafft] }
              |                                                               ^^^^^^
              workflow.yaml:5:51 written here
              |       - { name: Draft, prompt: "Write", outputs: [draft] }
              |                                                   ^^^^^
              fix: write `draft` in both places
        "#]],
        r#"sections:
  - name: S
    steps:
      - { name: Draft, prompt: "Write", outputs: [draft] }
      - { name: Polish, prompt: "Polish {{draft}}", outputs: [draft] }
      - { name: Page, action: template, prompt: "<p>{{draft}}</p>", outputs: [page] }
outputs: [page]
"#,
    );
}

/// Declaring it does not make it another word.
#[test]
fn a_declared_name_one_letter_from_one_that_is_read_is_told() {
    rule(
        r#"attributes: { outline: { description: The plan }, outlin: { description: The plan } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Plan", outputs: [outlin] }
      - { name: B, prompt: "{{outline}}" }
"#,
        expect![[r#"
            BL0305: `outlin` is written and never read, and `outline` is read and never written
              workflow.yaml:6:46
              |       - { name: A, prompt: "Plan", outputs: [outlin] }
              |                                              ^^^^^^
              workflow.yaml:2:15 asked for when a run starts
              | attributes: { outline: { description: The plan }, outlin: { description: The plan } }
              |               ^^^^^^^
              fix: write `outline` in both places
        "#]],
        r#"attributes: { outline: { description: The plan } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Plan", outputs: [outline] }
      - { name: B, prompt: "{{outline}}" }
"#,
    );
}

/// A number in a name counts, so does a plural, and what is read is no mistake.
#[test]
fn names_that_differ_for_a_reason_are_not_told() {
    let text = r#"attributes: { verdicts: "string[]" }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Write", outputs: [draft1] }
      - { name: B, prompt: "{{draft1}}", outputs: [draft2] }
      - { name: C, prompt: "Judge", samples: 2, outputs: [verdict] }
      - { name: D, action: gather, gather: [verdict], outputs: [verdicts] }
      - { name: E, prompt: "Two", outputs: [bread] }
      - { name: F, prompt: "{{bread}}", outputs: [break] }
      - { name: G, prompt: "{{break}}" }
"#;
    assert_eq!(render(&problems(text)), "");
}

#[test]
fn an_action_of_a_later_version_is_one_problem() {
    rule(
        r#"sections:
  - { name: S, steps: [{ name: A, action: http }] }
"#,
        expect![[r#"
            BL0111: the action `http` is not supported by this version
              workflow.yaml:3:43
              |   - { name: S, steps: [{ name: A, action: http }] }
              |                                           ^^^^
              fix: use one of `prompt`, `template`, `input`, `choose`, `gather`, `select`, `note`
        "#]],
        r#"sections:
  - { name: S, steps: [{ name: A, action: note }] }
"#,
    );
}

#[test]
fn a_gather_of_an_unknown_name_is_one_problem() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: A, for_each: topic in topics, prompt: "{{topic}}", outputs: [text] }
      - { name: B, action: template, gather: [txet], prompt: "{{join text}}", outputs: [all] }
"#,
        expect![[r#"
            BL0220: there is no attribute `txet`
              workflow.yaml:7:47
              |       - { name: B, action: template, gather: [txet], prompt: "{{join text}}", outputs: [all] }
              |                                               ^^^^
              workflow.yaml:6:78 written here
              |       - { name: A, for_each: topic in topics, prompt: "{{topic}}", outputs: [text] }
              |                                                                              ^^^^
              fix: did you mean `text`?
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: A, for_each: topic in topics, prompt: "{{topic}}", outputs: [text] }
      - { name: B, action: template, gather: [text], prompt: "{{join text}}", outputs: [all] }
"#,
    );
}
