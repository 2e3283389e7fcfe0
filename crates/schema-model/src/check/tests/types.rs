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
              workflow.yaml:9:19 written here
              |         outputs: [text]
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

#[test]
fn types_that_refuse_everything_are_seen() {
    rule(
        r#"types:
  Mood: { enum: [] }
  Card:
    type: object
    properties: { name: { type: string, minLength: 9, maxLength: 3 }, mood: Mood }
    required: [name, mod]
    additionalProperties: false
  Grid: { type: array, items: { type: array, items: string } }
attributes:
  card: Card
  picks: { type: "string[]", enum: [a, b], minItems: 3, uniqueItems: true }
  level: { type: integer, enum: [1, two] }
  share: { type: number, exclusiveMinimum: 1, maximum: 1 }
  whole: { type: integer, minimum: 1.2, maximum: 1.8 }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Go.", outputs: [card, picks, level, share, whole] }
"#,
        expect![[r#"
            BL0237: no value fits the type of `Mood`: `enum` has no values
              workflow.yaml:3:17
              |   Mood: { enum: [] }
              |                 ^
              fix: name the values that are allowed
            BL0237: no value fits the type of `Card`: `minLength` is 9 and `maxLength` is 3
              workflow.yaml:6:52
              |     properties: { name: { type: string, minLength: 9, maxLength: 3 }, mood: Mood }
              |                                                    ^
              workflow.yaml:6:66 and here
              |     properties: { name: { type: string, minLength: 9, maxLength: 3 }, mood: Mood }
              |                                                                  ^
              fix: give a `maxLength` above the `minLength`
            BL0237: no value fits the type of `Card`: the field `mod` is required and, by `additionalProperties: false`, not allowed
              workflow.yaml:7:15
              |     required: [name, mod]
              |               ^
              workflow.yaml:8:27 and here
              |     additionalProperties: false
              |                           ^^^^^
              fix: did you mean `mood`?
            BL0230: `Grid` is a list of lists, and there are none
              workflow.yaml:9:31
              |   Grid: { type: array, items: { type: array, items: string } }
              |                               ^
              fix: use a list of objects that hold the inner lists
            BL0237: no value fits the type of `picks`: 3 different items are wanted, and there are 2 values
              workflow.yaml:12:54
              |   picks: { type: "string[]", enum: [a, b], minItems: 3, uniqueItems: true }
              |                                                      ^
              fix: give a `minItems` of at most 2
            BL0237: the type of `level` names the value `"two"`, which it refuses: "two" is not of type "integer"
              workflow.yaml:13:33
              |   level: { type: integer, enum: [1, two] }
              |                                 ^
              fix: remove the value, or the keyword that refuses it
            BL0237: no value fits the type of `share`: `exclusiveMinimum` is 1 and `maximum` is 1
              workflow.yaml:14:44
              |   share: { type: number, exclusiveMinimum: 1, maximum: 1 }
              |                                            ^
              workflow.yaml:14:56 and here
              |   share: { type: number, exclusiveMinimum: 1, maximum: 1 }
              |                                                        ^
              fix: give a `maximum` above the `exclusiveMinimum`
            BL0237: no value fits the type of `whole`: there is no whole number from 1.2 to 1.8
              workflow.yaml:15:36
              |   whole: { type: integer, minimum: 1.2, maximum: 1.8 }
              |                                    ^^^
              workflow.yaml:15:50 and here
              |   whole: { type: integer, minimum: 1.2, maximum: 1.8 }
              |                                                  ^^^
              fix: widen the bounds, or use `number`
        "#]],
        r#"types:
  Mood: { enum: [good, bad] }
  Card:
    type: object
    properties: { name: { type: string, minLength: 3, maxLength: 9 }, mood: Mood }
    required: [name, mood]
    additionalProperties: false
  Row: { cells: "string[]" }
attributes:
  card: Card
  grid: "Row[]"
  picks: { type: "string[]", enum: [a, b], minItems: 2, uniqueItems: true }
  level: { type: integer, enum: [1, 2] }
  share: { type: number, minimum: 1, maximum: 1 }
  whole: { type: integer, minimum: 1.2, maximum: 2.8 }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Go.", outputs: [card, grid, picks, level, share, whole] }
"#,
    );
}

#[test]
fn a_default_inside_a_type_fits_it() {
    rule(
        r#"types:
  Card: { type: object, properties: { tone: { enum: [calm, loud], default: quiet } } }
attributes: { card: Card, name: { type: string, maxLength: 3, default: long } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Go, {{name}}.", outputs: [card] }
"#,
        expect![[r#"
            BL0231: a default in the type of `Card` does not fit: "quiet" is not one of "calm" or "loud"
              workflow.yaml:3:76
              |   Card: { type: object, properties: { tone: { enum: [calm, loud], default: quiet } } }
              |                                                                            ^^^^^
              fix: give a value that passes the keywords beside it
            BL0231: the default of `name` is not of type `string`: "long" is longer than 3 characters
              workflow.yaml:4:72
              | attributes: { card: Card, name: { type: string, maxLength: 3, default: long } }
              |                                                                        ^^^^
              fix: give a value of type `string`, or change the type
        "#]],
        r#"types:
  Card: { type: object, properties: { tone: { enum: [calm, loud], default: calm } } }
attributes: { card: Card, name: { type: string, maxLength: 4, default: long } }
sections:
  - name: S
    steps:
      - { name: A, prompt: "Go, {{name}}.", outputs: [card] }
"#,
    );
}
