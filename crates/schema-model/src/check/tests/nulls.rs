//! `on_error: null`: a branch that failed keeps its place in what is gathered, so an item may be null.

use expect_test::expect;

use super::rule::rule;

#[test]
fn a_condition_asks_whether_an_item_is_there() {
    rule(
        r#"types: { Grade: { score: integer } }
attributes: { topics: { type: "string[]", input: true }, grade: Grade, best: integer }
sections:
  - name: S
    steps:
      - { name: Grade, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [grade] }
      - name: Best
        action: template
        gather: [grade]
        prompt: "{{len grade}}"
        assert: ["grade.exists(one, one.score > 3)", "grade[0].score > 1", "size(grade) > 1"]
        outputs: [best]
"#,
        expect![[r#"
            BL0219: `one` may be null
              workflow.yaml:12:37
              |         assert: ["grade.exists(one, one.score > 3)", "grade[0].score > 1", "size(grade) > 1"]
              |                                     ^^^
              fix: test it first: `has(one) && …`
            BL0219: `grade[0]` may be null
              workflow.yaml:12:55
              |         assert: ["grade.exists(one, one.score > 3)", "grade[0].score > 1", "size(grade) > 1"]
              |                                                       ^^^^^^^^
              fix: test it first: `has(grade[0]) && …`
        "#]],
        r#"types: { Grade: { score: integer } }
attributes: { topics: { type: "string[]", input: true }, grade: Grade, best: integer }
sections:
  - name: S
    steps:
      - { name: Grade, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [grade] }
      - name: Best
        action: template
        gather: [grade]
        prompt: "{{len grade}}"
        assert:
          - grade.exists(one, has(one) && one.score > 3)
          - grade.all(one, one == null || one.score > 3)
          - grade.filter(one, one != null).all(one, one.score > 3)
          - has(grade[0]) && grade[0].score > 1
          - size(grade) > 1
        outputs: [best]
"#,
    );
}

#[test]
fn a_prompt_asks_whether_an_item_is_there() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: Note, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [note] }
      - { name: All, action: template, gather: [note], prompt: "{{#each note}}- {{this}}{{/each}}", outputs: [all] }
"#,
        expect![[r#"
            BL0302: an item of `note` is null where `Note` failed, and this part of the prompt has a gap then
              workflow.yaml:7:83
              |       - { name: All, action: template, gather: [note], prompt: "{{#each note}}- {{this}}{{/each}}", outputs: [all] }
              |                                                                                   ^^^^
              workflow.yaml:6:50 said here
              |       - { name: Note, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [note] }
              |                                                  ^^^^^^^^
              fix: ask for it first, as in `{{#if this}}…{{/if}}`, or write `on_error: skip`, which drops the branch
        "#]],
        r#"attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: Note, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [note] }
      - name: All
        action: template
        gather: [note]
        prompt: |
          {{#each note}}{{#if this}}- {{this}}{{/if}}{{/each}}
          {{#each note as |one|}}{{default one "nothing"}}{{#if one}}{{upper one}}{{/if}}{{/each}}
          {{#each note}}{{#with this}}{{this}}{{/with}}{{/each}}
          {{json note}}
        outputs: [all]
"#,
    );
}

/// Its fields are still known.
#[test]
fn an_item_that_may_be_null_keeps_its_type() {
    rule(
        r#"types: { Grade: { score: integer } }
attributes: { topics: { type: "string[]", input: true }, grade: Grade }
sections:
  - name: S
    steps:
      - { name: Grade, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [grade] }
      - { name: All, action: template, gather: [grade], prompt: "{{#each grade}}{{#if this}}{{mark}}{{/if}}{{/each}}", outputs: [all] }
"#,
        expect![[r#"
            BL0234: `grade[].mark` asks for the field `mark`, which the type does not have
              workflow.yaml:8:95
              |       - { name: All, action: template, gather: [grade], prompt: "{{#each grade}}{{#if this}}{{mark}}{{/if}}{{/each}}", outputs: [all] }
              |                                                                                               ^^^^
              workflow.yaml:3:58 declared here
              | attributes: { topics: { type: "string[]", input: true }, grade: Grade }
              |                                                          ^^^^^
              fix: use one of its fields: `score`
        "#]],
        r#"types: { Grade: { score: integer } }
attributes: { topics: { type: "string[]", input: true }, grade: Grade }
sections:
  - name: S
    steps:
      - { name: Grade, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [grade] }
      - { name: All, action: template, gather: [grade], prompt: "{{#each grade}}{{#if this}}{{score}}{{/if}}{{/each}}", outputs: [all] }
"#,
    );
}

/// Lists are joined end to end, and what is missing among several gathered values is missing in its object.
#[test]
fn only_an_item_of_its_own_may_be_null() {
    let text = r#"attributes: { topics: { type: "string[]", input: true }, tags: "string[]" }
sections:
  - name: S
    steps:
      - { name: Tags, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [tags] }
      - { name: All, action: template, gather: [tags], prompt: "{{#each tags}}- {{this}}{{/each}}", assert: "tags.all(tag, tag != '')", outputs: [all] }
"#;
    assert_eq!(super::rule::render(&super::rule::problems(text)), "");
}
