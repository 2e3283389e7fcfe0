//! What runs, and probably not as meant.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn declared_attributes_are_used() {
    rule(
        r#"attributes: { tone: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
"#,
        expect![[r#"
            BL0301: `tone` is declared, and no step reads or writes it
              workflow.yaml:2:15
              | attributes: { tone: { input: true } }
              |               ^^^^
              fix: remove it, or use it in a prompt
        "#]],
        r#"attributes: { tone: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi {{tone}}"
"#,
    );
}

#[test]
fn optional_values_are_guarded() {
    rule(
        r#"attributes: { tone: { input: true, optional: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "In a {{tone}} voice."
"#,
        expect![[r#"
            BL0302: `tone` is optional, and without it this part of the prompt has a gap
              workflow.yaml:7:25
              |         prompt: "In a {{tone}} voice."
              |                         ^^^^
              workflow.yaml:2:15 declared here
              | attributes: { tone: { input: true, optional: true } }
              |               ^^^^
              fix: write `{{#if tone}}…{{/if}}` around it, or `{{default tone "…"}}`
        "#]],
        r#"attributes: { tone: { input: true, optional: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{#if tone}}In a {{tone}} voice.{{/if}}"
"#,
    );
}

#[test]
fn gathered_lists_are_used() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: A
        prompt: "Hi"
        gather: [text]
"#,
        expect![[r#"
            BL0303: the prompt does not mention the gathered list `text`
              workflow.yaml:12:18
              |         gather: [text]
              |                  ^^^^
              fix: write `{{text}}` where it belongs, or remove it
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: A
        prompt: "Hi {{text}}"
        gather: [text]
"#,
    );
}

#[test]
fn declared_inputs_are_used() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "Hi"
        inputs: [draft]
"#,
        expect![[r#"
            BL0304: the prompt does not mention the input `draft`
              workflow.yaml:10:18
              |         inputs: [draft]
              |                  ^^^^^
              fix: write `{{draft}}` where it belongs, or remove the input
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: "Hi {{draft}}"
        inputs: [draft]
"#,
    );
}

#[test]
fn two_halves_of_a_name_are_seen() {
    rule(
        r#"attributes: { outline: { description: The plan } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [outlin]
      - name: B
        prompt: "{{outline}}"
"#,
        expect![[r#"
            BL0305: `outlin` is written and never read, and `outline` is read and never written
              workflow.yaml:8:19
              |         outputs: [outlin]
              |                   ^^^^^^
              workflow.yaml:2:15 asked for when a run starts
              | attributes: { outline: { description: The plan } }
              |               ^^^^^^^
              fix: write `outline` in both places
        "#]],
        r#"attributes: { outline: { description: The plan } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        outputs: [outline]
      - name: B
        prompt: "{{outline}}"
"#,
    );
}

#[test]
fn an_empty_prompt_is_a_question() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        prompt: ""
        inputs: [draft]
        outputs: [x]
"#,
        expect![[r#"
            BL0306: `A` has no prompt, so a person is asked for its outputs
              workflow.yaml:8:15
              |       - name: A
              |               ^
              fix: write `action: input` if that is meant, else a prompt
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: A
        action: input
        inputs: [draft]
        outputs: [x]
"#,
    );
}

#[test]
fn a_disabled_writer_is_missed() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: A
        prompt: "Hi"
        enabled: false
        outputs: [draft]
      - name: B
        prompt: "{{draft}}"
"#,
        expect![[r#"
            BL0307: every step that writes `draft` is disabled, so a run asks for it
              workflow.yaml:8:19
              |         outputs: [draft]
              |                   ^^^^^
              fix: enable the step, or declare `draft` with `input: true`
        "#]],
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: B
        prompt: "{{draft}}"
"#,
    );
}

#[test]
fn a_missing_value_skips_its_reader() {
    rule(
        r#"attributes: { note: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{note}}"
      - name: B
        prompt: "Hi"
        outputs: [note]
"#,
        expect![[r#"
            BL0308: `note` may be missing, and then this step and what needs it are skipped
              workflow.yaml:7:20
              |         prompt: "{{note}}"
              |                    ^^^^
              fix: give `note` a `default`, or mark it `optional: true`
        "#]],
        r#"attributes: { note: { input: true, default: none } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{note}}"
      - name: B
        prompt: "Hi"
        outputs: [note]
"#,
    );
}

#[test]
fn a_field_that_may_be_absent_is_asked_for_first() {
    rule(
        r#"types: { Talk: { type: object, properties: { title: { type: string }, note: { type: string } }, required: [title] } }
attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "{{talk.title}}: {{talk.note}}" }
      - { name: B, prompt: "{{#each talks}}{{title}}: {{note}}{{/each}}" }
      - { name: C, prompt: "{{#if talk.title}}{{#with talk}}{{upper note}}{{/with}}{{/if}}" }
"#,
        expect![[r#"
            BL0302: `talk.note` may be absent, and without it this part of the prompt has a gap
              workflow.yaml:7:47
              |       - { name: A, prompt: "{{talk.title}}: {{talk.note}}" }
              |                                               ^^^^^^^^^
              workflow.yaml:3:15 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |               ^^^^
              fix: write `{{#if talk.note}}…{{/if}}` around it, or make the field required
            BL0302: `talks[].note` may be absent, and without it this part of the prompt has a gap
              workflow.yaml:8:57
              |       - { name: B, prompt: "{{#each talks}}{{title}}: {{note}}{{/each}}" }
              |                                                         ^^^^
              workflow.yaml:3:50 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |                                                  ^^^^^
              fix: write `{{#if note}}…{{/if}}` around it, or make the field required
            BL0302: `talk.note` may be absent, and without it this part of the prompt has a gap
              workflow.yaml:9:69
              |       - { name: C, prompt: "{{#if talk.title}}{{#with talk}}{{upper note}}{{/with}}{{/if}}" }
              |                                                                     ^^^^
              workflow.yaml:3:15 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |               ^^^^
              fix: write `{{#if note}}…{{/if}}` around it, or make the field required
        "#]],
        r#"types: { Talk: { type: object, properties: { title: { type: string }, note: { type: string } }, required: [title] } }
attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "{{talk.title}}{{#if talk.note}}: {{talk.note}}{{/if}}" }
      - { name: B, prompt: "{{#each talks}}{{title}}: {{default note \"none\"}}{{#if note}}{{note}}{{/if}}{{/each}}" }
      - { name: C, prompt: "{{#with talk}}{{#if note}}{{upper note}}{{/if}}{{/with}}{{json talk}}" }
"#,
    );
}
