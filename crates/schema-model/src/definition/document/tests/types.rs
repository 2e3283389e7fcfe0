//! Types that cannot be read.

use expect_test::{Expect, expect};

use super::check;

#[test]
fn types() {
    let types = |types: &str, expected: &Expect| {
        let types: String = types.lines().map(|line| format!("  {line}\n")).collect();
        check(&format!("name: a\ntypes:\n{types}sections: []\n"), expected);
    };
    types(
        "A: { b: B }\nB: { c: \"C[]\" }\nC: { a: A }",
        &expect![[r#"
            BL0117: the type `A` contains itself: `A` → `B` → `C` → `A`
              workflow.yaml:5:11
              |   C: { a: A }
              |           ^
              fix: use `object` at one of these places
        "#]],
    );
    types(
        "A: { score: intger, b: Verdct }\nVerdict: { x: \"string[][]\" }\nL: string[]\nM: L[]",
        &expect![[r#"
            BL0116: `intger` is not a type
              workflow.yaml:3:15
              |   A: { score: intger, b: Verdct }
              |               ^^^^^^
              fix: did you mean `integer`?
            BL0116: `Verdct` is not a type
              workflow.yaml:3:26
              |   A: { score: intger, b: Verdct }
              |                          ^^^^^^
              fix: did you mean `Verdict`?
            BL0116: `string[][]` is a list of lists, which this language does not have
              workflow.yaml:4:17
              |   Verdict: { x: "string[][]" }
              |                 ^^^^^^^^^^^^
              fix: use a list of objects that hold a list each
            BL0116: `L[]` is a list of lists, which this language does not have
              workflow.yaml:6:6
              |   M: L[]
              |      ^^^
              fix: use a list of objects that hold a list each
        "#]],
    );
    types(
        "A: { type: integer, minimun: 1, pattern: x }\nstring: integer\nB: 3\n\"a b\": string",
        &expect![[r#"
            BL0110: unknown key `minimun` in this type
              workflow.yaml:3:23
              |   A: { type: integer, minimun: 1, pattern: x }
              |                       ^^^^^^^
              fix: did you mean `minimum`?
            BL0116: `pattern` does not fit the type `integer`
              workflow.yaml:3:35
              |   A: { type: integer, minimun: 1, pattern: x }
              |                                   ^^^^^^^
              fix: remove it, or use the type `string`
            BL0116: `string` cannot be the name of a type
              workflow.yaml:4:3
              |   string: integer
              |   ^^^^^^
              fix: use letters, digits and `_`, and none of the built-in names
            BL0112: `type` must be a type, found the number 3
              workflow.yaml:5:6
              |   B: 3
              |      ^
              fix: write a name like `string`, a list like `string[]`, or a map of fields
            BL0116: `a b` cannot be the name of a type
              workflow.yaml:6:3
              |   "a b": string
              |   ^^^^^
              fix: use letters, digits and `_`, and none of the built-in names
        "#]],
    );
    let attributes = |attributes: &str, expected: &Expect| {
        let attributes: String = attributes.lines().map(|line| format!("  {line}\n")).collect();
        check(&format!("name: a\nattributes:\n{attributes}sections: []\n"), expected);
    };
    attributes(
        "a: string[][]\nb: { minimum: 1 }\nc: { type: file, pattern: x }\nd: 3\ne: { tpye: string, input: yes }",
        &expect![[r#"
            BL0116: `string[][]` is a list of lists, which this language does not have
              workflow.yaml:3:6
              |   a: string[][]
              |      ^^^^^^^^^^
              fix: use a list of objects that hold a list each
            BL0116: `minimum` without a type
              workflow.yaml:4:8
              |   b: { minimum: 1 }
              |        ^^^^^^^
              fix: add `type: …` beside it
            BL0116: `pattern` does not fit the type `file`
              workflow.yaml:5:20
              |   c: { type: file, pattern: x }
              |                    ^^^^^^^
              fix: remove it
            BL0112: `d` must be a type or a map, found the number 3
              workflow.yaml:6:6
              |   d: 3
              |      ^
              fix: write a type name, or a map with `type`, `description`, `input`, …
            BL0110: unknown key `tpye` in this attribute
              workflow.yaml:7:8
              |   e: { tpye: string, input: yes }
              |        ^^^^
              fix: did you mean `type`? Allowed keys: `additionalProperties`, `const`, `default`, `description`, `enum`, `exclusiveMaximum`, `exclusiveMinimum`, `format`, `input`, `items`, `maxItems`, `maxLength`, `maximum`, `minItems`, `minLength`, `minimum`, `multipleOf`, `optional`, `pattern`, `properties`, `required`, `type`, `uniqueItems`
            BL0112: `input` must be true or false, found the text `yes`
              workflow.yaml:7:29
              |   e: { tpye: string, input: yes }
              |                             ^^^
              fix: write `true`
        "#]],
    );
    attributes(
        "a: { type: string, minimum: 1 }\nb: { type: { x: strin } }",
        &expect![[r#"
            BL0116: `minimum` does not fit the type `string`
              workflow.yaml:3:22
              |   a: { type: string, minimum: 1 }
              |                      ^^^^^^^
              fix: remove it, or use the type `integer` or `number`
            BL0116: `strin` is not a type
              workflow.yaml:4:19
              |   b: { type: { x: strin } }
              |                   ^^^^^
              fix: did you mean `string`?
        "#]],
    );
}

#[test]
fn a_type_cannot_grow_without_end() {
    let mut text = "name: a\ntypes:\n".to_owned();
    for level in 0..40 {
        text += &format!("  T{level}: {{ a: T{next}, b: T{next} }}\n", next = level + 1);
    }
    text += "  T40: string\nsections: []\n";
    check(
        &text,
        &expect![[r#"
            BL0107: this type is too large or too deep when it is written out
              workflow.yaml:34:8
              |   T31: { a: T32, b: T32 }
              |        ^
              fix: use `object` for its inner parts
        "#]],
    );
}
