//! Lists, items and fields, as templates use them.

use expect_test::expect;

use super::rule::rule;

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
#[expect(clippy::too_many_lines, reason = "a snapshot of eleven mistakes")]
fn fields_are_followed_through_blocks_and_partials() {
    rule(
        r#"types:
  Part: { title: string, points: "string[]", place: { city: string } }
attributes: { parts: { type: "Part[]", input: true } }
partials: { line: "{{part.titel}} {{part.place.town}}" }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{#each parts as |p at|}}{{p.titel}} {{p.place.town}} {{p.points.first}}{{/each}}
          {{#each parts}}{{#with place}}{{town}} {{../titel}}{{/with}}{{#each points}}{{this.x}} {{../place.town}}{{/each}}{{/each}}
          {{#with parts.[0] as |first|}}{{#each first.points as |point|}}{{point.x}} {{first.titel}}{{/each}}{{/with}}
          {{#each parts as |part|}}{{> line part=part}}{{/each}}
        outputs: [text]
"#,
        expect![[r#"
            BL0234: `parts[].titel` asks for the field `titel`, which the type does not have
              workflow.yaml:5:22
              | partials: { line: "{{part.titel}} {{part.place.town}}" }
              |                      ^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: did you mean `title`?
            BL0234: `parts[].place.town` asks for the field `town`, which the type does not have
              workflow.yaml:5:37
              | partials: { line: "{{part.titel}} {{part.place.town}}" }
              |                                     ^^^^^^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use one of its fields: `city`
            BL0234: `parts[].titel` asks for the field `titel`, which the type does not have
              workflow.yaml:11:38
              |           {{#each parts as |p at|}}{{p.titel}} {{p.place.town}} {{p.points.first}}{{/each}}
              |                                      ^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: did you mean `title`?
            BL0234: `parts[].place.town` asks for the field `town`, which the type does not have
              workflow.yaml:11:50
              |           {{#each parts as |p at|}}{{p.titel}} {{p.place.town}} {{p.points.first}}{{/each}}
              |                                                  ^^^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use one of its fields: `city`
            BL0232: `parts[].points` is a list, so it has no field `first`
              workflow.yaml:11:67
              |           {{#each parts as |p at|}}{{p.titel}} {{p.place.town}} {{p.points.first}}{{/each}}
              |                                                                   ^^^^^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: write `{{#each parts[].points}}{{first}}{{/each}}`
            BL0234: `parts[].place.town` asks for the field `town`, which the type does not have
              workflow.yaml:12:43
              |           {{#each parts}}{{#with place}}{{town}} {{../titel}}{{/with}}{{#each points}}{{this.x}} {{../place.town}}{{/each}}{{/each}}
              |                                           ^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use one of its fields: `city`
            BL0234: `parts[].titel` asks for the field `titel`, which the type does not have
              workflow.yaml:12:52
              |           {{#each parts}}{{#with place}}{{town}} {{../titel}}{{/with}}{{#each points}}{{this.x}} {{../place.town}}{{/each}}{{/each}}
              |                                                    ^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: did you mean `title`?
            BL0234: `parts[].points[].x` asks for the field `x` of a single value
              workflow.yaml:12:89
              |           {{#each parts}}{{#with place}}{{town}} {{../titel}}{{/with}}{{#each points}}{{this.x}} {{../place.town}}{{/each}}{{/each}}
              |                                                                                         ^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use the value itself, or give it an object type
            BL0234: `parts[].place.town` asks for the field `town`, which the type does not have
              workflow.yaml:12:100
              |           {{#each parts}}{{#with place}}{{town}} {{../titel}}{{/with}}{{#each points}}{{this.x}} {{../place.town}}{{/each}}{{/each}}
              |                                                                                                    ^^^^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use one of its fields: `city`
            BL0234: `parts.0.points[].x` asks for the field `x` of a single value
              workflow.yaml:13:76
              |           {{#with parts.[0] as |first|}}{{#each first.points as |point|}}{{point.x}} {{first.titel}}{{/each}}{{/with}}
              |                                                                            ^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: use the value itself, or give it an object type
            BL0234: `parts.0.titel` asks for the field `titel`, which the type does not have
              workflow.yaml:13:88
              |           {{#with parts.[0] as |first|}}{{#each first.points as |point|}}{{point.x}} {{first.titel}}{{/each}}{{/with}}
              |                                                                                        ^^^^^^^^^^^
              workflow.yaml:4:15 declared here
              | attributes: { parts: { type: "Part[]", input: true } }
              |               ^^^^^
              fix: did you mean `title`?
        "#]],
        r#"types:
  Part: { title: string, points: "string[]", place: { city: string } }
attributes: { parts: { type: "Part[]", input: true } }
partials: { line: "{{part.title}} {{part.place.city}}" }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{#each parts as |p at|}}{{p.title}} {{p.place.city}} {{p.points.[0]}}{{/each}}
          {{#each parts}}{{#with place}}{{city}} {{../title}}{{/with}}{{#each points}}{{this}} {{../place.city}}{{/each}}{{/each}}
          {{#with parts.[0] as |first|}}{{#each first.points as |point|}}{{point}} {{first.title}}{{/each}}{{/with}}
          {{#each parts as |part|}}{{> line part=part}}{{/each}}
        outputs: [text]
"#,
    );
}

#[test]
fn a_field_that_is_looked_up_by_its_name_is_one_of_the_type() {
    rule(
        r#"types: { Talk: { title: string, meta: { author: string } } }
attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{lookup talk "titel"}}
          {{lookup (lookup talks 0) "titel"}}
          {{lookup (lookup talk "meta") "autor"}}
"#,
        expect![[r#"
            BL0234: `talk.titel` asks for the field `titel`, which the type does not have
              workflow.yaml:9:26
              |           {{lookup talk "titel"}}
              |                          ^^^^^
              workflow.yaml:3:15 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |               ^^^^
              fix: did you mean `title`?
            BL0234: `talks[].titel` asks for the field `titel`, which the type does not have
              workflow.yaml:10:38
              |           {{lookup (lookup talks 0) "titel"}}
              |                                      ^^^^^
              workflow.yaml:3:50 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |                                                  ^^^^^
              fix: did you mean `title`?
            BL0234: `talk.meta.autor` asks for the field `autor`, which the type does not have
              workflow.yaml:11:42
              |           {{lookup (lookup talk "meta") "autor"}}
              |                                          ^^^^^
              workflow.yaml:3:15 declared here
              | attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
              |               ^^^^
              fix: did you mean `author`?
        "#]],
        r#"types: { Talk: { title: string, meta: { author: string } } }
attributes: { talk: { type: Talk, input: true }, talks: { type: "Talk[]", input: true } }
sections:
  - name: S
    steps:
      - name: A
        prompt: |
          {{lookup talk "title"}}
          {{lookup (lookup talks 0) "title"}}
          {{lookup (lookup talk "meta") "author"}}
"#,
    );
}
