//! Questions to people.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn a_choice_says_from_what() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Pick
        action: choose
        outputs: [best]
"#,
        expect![[r#"
            BL0260: `Pick` does not say what to choose from
              workflow.yaml:5:15
              |       - name: Pick
              |               ^^^^
              fix: add `from:` with a list or a branched attribute
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
"#,
    );
}

#[test]
fn a_choice_needs_options() {
    rule(
        r#"sections:
  - name: S
    steps:
      - name: Draft
        prompt: "Write."
        outputs: [draft]
      - name: Pick
        action: choose
        from: draft
        outputs: [best]
"#,
        expect![[r#"
            BL0233: `choose` needs options, and `draft` is a single `string`
              workflow.yaml:10:15
              |         from: draft
              |               ^^^^^
              workflow.yaml:7:19 written here
              |         outputs: [draft]
              |                   ^^^^^
              fix: choose from a list, for example `draft: string[]`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
"#,
    );
}

#[test]
fn bounds_can_be_met() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, several: "string[]" }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
        max: 3
  - name: Two
    steps:
      - { name: Again, action: choose, from: topics, min: 3, max: 2, outputs: [several] }
"#,
        expect![[r#"
            BL0261: `best` is a single `string`, so exactly one option is picked
              workflow.yaml:14:14
              |         max: 3
              |              ^
              fix: declare `best: string[]` to pick several, or remove the bound
            BL0261: at least 3 and at most 2 options cannot be picked
              workflow.yaml:17:67
              |       - { name: Again, action: choose, from: topics, min: 3, max: 2, outputs: [several] }
              |                                                                   ^
              fix: let `max` be at least 1 and no less than `min`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, several: "string[]" }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [several]
        min: 1
        max: 3
"#,
    );
}

#[test]
fn defaults_can_be_taken() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, n: integer }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
        default: first
      - name: Ask
        action: input
        outputs: [n]
        default: many
"#,
        expect![[r#"
            BL0262: `"first"` is not a choice for `best`
              workflow.yaml:14:18
              |         default: first
              |                  ^^^^^
              fix: give one option number, such as `1`
            BL0262: the default of `n` is not of type `integer`: "many" is not of type "integer"
              workflow.yaml:18:18
              |         default: many
              |                  ^^^^
              fix: give a value of type `integer`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true }, n: integer }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
        default: 1
      - name: Ask
        action: input
        outputs: [n]
        default: 3
"#,
    );
}

#[test]
fn questions_are_asked_by_questions() {
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
        prompt: "Hi {{text}}"
        from: text
        default: 1
"#,
        expect![[r#"
            BL0263: `from` belongs to a question, and the action of `A` is `prompt`
              workflow.yaml:12:9
              |         from: text
              |         ^^^^
              fix: write `action: choose`, or remove `from`
            BL0263: `default` belongs to a question, and the action of `A` is `prompt`
              workflow.yaml:13:9
              |         default: 1
              |         ^^^^^^^
              fix: write `action: choose`, or remove `default`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Each
        for_each: topic in topics
        prompt: "{{topic}}"
        outputs: [text]
      - name: Pick
        action: choose
        from: text
        outputs: [best]
        default: 1
"#,
    );
}
