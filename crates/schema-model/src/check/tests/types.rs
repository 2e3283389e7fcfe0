//! Types.

#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::expect;

use super::rule::rule;

#[test]
fn types_are_known() {
    rule(
        r#"attributes: { x: { type: strin, input: true }, y: { type: "string[][]", input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{x}} {{y}}"
"#,
        expect![[r#"
            BL0116: `string[][]` is a list of lists, which this language does not have
              workflow.yaml:2:59
              | attributes: { x: { type: strin, input: true }, y: { type: "string[][]", input: true } }
              |                                                           ^^^^^^^^^^^^
              fix: use a list of objects that hold a list each
            BL0230: there is no type `strin`
              workflow.yaml:2:26
              | attributes: { x: { type: strin, input: true }, y: { type: "string[][]", input: true } }
              |                          ^^^^^
              fix: did you mean `string`?
        "#]],
        r#"attributes: { x: { type: string, input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{x}}"
"#,
    );
}

#[test]
fn defaults_fit() {
    rule(
        r#"attributes: { n: { type: integer, default: many } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{n}}"
"#,
        expect![[r#"
            BL0231: the default of `n` is not of type `integer`: "many" is not of type "integer"
              workflow.yaml:2:44
              | attributes: { n: { type: integer, default: many } }
              |                                            ^^^^
              fix: give a value of type `integer`, or change the type
        "#]],
        r#"attributes: { n: { type: integer, default: 3 } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{n}}"
"#,
    );
}

#[test]
fn a_list_has_no_fields() {
    rule(
        r#"types: { Doc: { title: string } }
attributes: { docs: { type: "Doc[]", input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{docs.title}}"
"#,
        expect![[r#"
            BL0232: `docs` is a list, so it has no field `title`
              workflow.yaml:8:20
              |         prompt: "{{docs.title}}"
              |                    ^^^^^^^^^^
              workflow.yaml:3:15 declared here
              | attributes: { docs: { type: "Doc[]", input: true } }
              |               ^^^^
              fix: write `{{#each docs}}{{title}}{{/each}}`
        "#]],
        r#"types: { Doc: { title: string } }
attributes: { docs: { type: "Doc[]", input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{#each docs}}{{title}}{{/each}}"
"#,
    );
}

#[test]
fn a_single_value_is_no_list() {
    rule(
        r#"attributes: { topic: { input: true } }
sections:
  - name: S
    steps:
      - name: Go
        prompt: "{{#each topic}}{{this}}{{/each}}"
      - name: Fan
        for_each: one in topic
        prompt: "{{one}}"
"#,
        expect![[r#"
            BL0233: `{{#each}}` goes through a list, and `topic` is a single `string`
              workflow.yaml:7:26
              |         prompt: "{{#each topic}}{{this}}{{/each}}"
              |                          ^^^^^
              workflow.yaml:2:15 declared here
              | attributes: { topic: { input: true } }
              |               ^^^^^
              fix: write `{{topic}}`, or make it a list with the type `string[]`
            BL0233: `for_each` goes through a list, and `topic` is a single `string`
              workflow.yaml:9:26
              |         for_each: one in topic
              |                          ^^^^^
              workflow.yaml:2:15 declared here
              | attributes: { topic: { input: true } }
              |               ^^^^^
              fix: declare it as a list: `topic: string[]` under `attributes`
        "#]],
        r#"attributes: { topic: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - name: Go
        prompt: "{{#each topic}}{{this}}{{/each}}"
      - name: Fan
        for_each: one in topic
        prompt: "{{one}}"
"#,
    );
}

#[test]
fn fields_are_those_of_the_type() {
    rule(
        r#"types: { V: { score: integer } }
attributes: { v: { type: V, input: true }, t: { input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{v.scor}} {{v.score}}"
      - name: B
        prompt: "{{t.x}}"
"#,
        expect![[r#"
            BL0234: `v.scor` asks for the field `scor`, which the type does not have
              workflow.yaml:8:20
              |         prompt: "{{v.scor}} {{v.score}}"
              |                    ^^^^^^
              workflow.yaml:3:15 declared here
              | attributes: { v: { type: V, input: true }, t: { input: true } }
              |               ^
              fix: did you mean `score`?
            BL0234: `t.x` asks for the field `x` of a single value
              workflow.yaml:10:20
              |         prompt: "{{t.x}}"
              |                    ^^^
              workflow.yaml:3:44 declared here
              | attributes: { v: { type: V, input: true }, t: { input: true } }
              |                                            ^
              fix: use the value itself, or give it an object type
        "#]],
        r#"types: { V: { score: integer } }
attributes: { v: { type: V, input: true }, o: { type: object, input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: "{{v.score}}"
      - name: B
        prompt: "{{o.anything}}"
"#,
    );
}

#[test]
fn a_gather_writes_a_list() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true } }
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
        expect![[r#"
            BL0235: `gather` gives a list of type `string[]`, and `texts` is `string`
              workflow.yaml:13:19
              |         outputs: [texts]
              |                   ^^^^^
              fix: declare `texts: string[]` under `attributes`
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
fn a_choice_has_the_type_of_its_options() {
    rule(
        r#"attributes: { topics: { type: "string[]", input: true }, best: integer }
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
        expect![[r#"
            BL0235: the options of `text` are `string`, and `best` is `integer`
              workflow.yaml:13:19
              |         outputs: [best]
              |                   ^^^^
              fix: declare `best` with the type of one option of `text`
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
