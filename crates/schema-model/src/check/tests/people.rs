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

#[test]
fn an_optional_value_may_be_left_out_of_an_answer() {
    rule(
        r#"attributes: { title: { type: string }, note: { optional: true } }
sections:
  - name: S
    steps:
      - { name: Ask, action: input, default: { titel: A, title: A }, assert: "size(note) > 3", outputs: [title, note] }
      - { name: Use, prompt: "{{title}} {{note}}" }
"#,
        expect![[r#"
            BL0262: the default gives a value for `titel`, which is no output of this step
              workflow.yaml:6:46
              |       - { name: Ask, action: input, default: { titel: A, title: A }, assert: "size(note) > 3", outputs: [title, note] }
              |                                              ^
              fix: did you mean `title`?
            BL0219: `note` is optional, and the condition needs its value
              workflow.yaml:6:84
              |       - { name: Ask, action: input, default: { titel: A, title: A }, assert: "size(note) > 3", outputs: [title, note] }
              |                                                                                    ^^^^
              workflow.yaml:2:40 declared here
              | attributes: { title: { type: string }, note: { optional: true } }
              |                                        ^^^^
              fix: ask `has(note)` first: `has(note) && …`
            BL0302: `note` is optional, and without it this part of the prompt has a gap
              workflow.yaml:7:43
              |       - { name: Use, prompt: "{{title}} {{note}}" }
              |                                           ^^^^
              workflow.yaml:2:40 declared here
              | attributes: { title: { type: string }, note: { optional: true } }
              |                                        ^^^^
              fix: write `{{#if note}}…{{/if}}` around it, or `{{default note "…"}}`
        "#]],
        r#"attributes: { title: { type: string }, note: { optional: true } }
sections:
  - name: S
    steps:
      - { name: Ask, action: input, default: { title: A }, assert: "!has(note) || size(note) > 3", outputs: [title, note] }
      - { name: Use, prompt: "{{title}} {{#if note}}{{note}}{{/if}}" }
"#,
    );
}

/// A value of an outer level belongs to every option within it, wherever the choice stands.
#[test]
fn a_choice_shows_what_stands_around_its_options() {
    let text = r#"attributes: { topics: { type: "string[]", input: true }, angles: "string[]" }
sections:
  - name: S
    steps:
      - { name: Brief, for_each: topic in topics, prompt: "{{topic}}", outputs: [brief] }
      - { name: Angles, prompt: "{{brief}}", outputs: [angles] }
      - { name: Draft, for_each: angle in angles, prompt: "{{angle}} {{brief}}", outputs: [draft] }
      - { name: Inside, action: choose, from: draft, show: [brief, topic, angle], outputs: [better] }
  - name: T
    steps:
      - { name: Pick, action: choose, from: draft, show: [brief, topic, angle, topics, better], outputs: [best] }
"#;
    assert_eq!(super::rule::render(&super::rule::problems(text)), "");
}

#[test]
fn a_choice_does_not_show_what_stands_beside_its_options() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: Draft, for_each: topic in topics, prompt: "{{topic}}", outputs: [draft] }
      - { name: Note, samples: 2, prompt: "Note", outputs: [note] }
  - name: T
    steps:
      - { name: Pick, action: choose, from: draft, show: [note], outputs: [best] }
"#,
        expect![[r#"
            BL0240: `note` exists once per branch of `Note`, whose branches end with their section
              workflow.yaml:10:59
              |       - { name: Pick, action: choose, from: draft, show: [note], outputs: [best] }
              |                                                           ^^^^
              workflow.yaml:7:17 written here, once per branch
              |       - { name: Note, samples: 2, prompt: "Note", outputs: [note] }
              |                 ^^^^
              fix: read all of them with `gather: [note]`, or add a step with `action: choose` and `from: note`
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: Draft, for_each: topic in topics, prompt: "{{topic}}", outputs: [draft] }
      - { name: Note, samples: 2, prompt: "Note on {{draft}}", outputs: [note] }
  - name: T
    steps:
      - { name: Pick, action: choose, from: note, show: [draft], outputs: [best] }
"#,
    );
}
