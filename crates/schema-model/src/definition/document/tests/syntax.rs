//! Files that are no YAML or JSON of this language, and those that are too large.

use expect_test::expect;

use super::{check, check_step, read_yaml};

#[test]
fn syntax() {
    check(
        "name: a\nsections:\n  - name: b\n   steps: []\n",
        &expect![[r#"
            BL0101: this line does not fit the lines before it
              workflow.yaml:4:4
              |    steps: []
              |    ^
              fix: give keys of one map, and `-` of one list, the same indentation
        "#]],
    );
    check(
        "name: a: b\n",
        &expect![[r#"
            BL0101: a `: ` inside a text that has no quotes
              workflow.yaml:1:8
              | name: a: b
              |        ^
              fix: put the text in quotes, or below the key as a block that starts with `|`
        "#]],
    );
    check(
        "name: a\n\tmodel: b\n",
        &expect![[r#"
            BL0101: a tab in the indentation
              workflow.yaml:2:1
              | 	model: b
              | ^
              fix: indent with spaces
        "#]],
    );
    check(
        "name: \"a\nmodel: b\n",
        &expect![[r#"
            BL0101: a quote that is not closed
              workflow.yaml:1:7
              | name: "a
              |       ^
              fix: close the quote
        "#]],
    );
    check(
        "name: [a, b\nmodel: c\n",
        &expect![[r#"
            BL0101: a bracket that is not closed, or a comma that is missing
              workflow.yaml:2:6
              | model: c
              |      ^
              fix: close the bracket or add the comma
        "#]],
    );
    check(
        "types: { A: { b: string[] } }\n",
        &expect![[r#"
            BL0101: a bracket that is not closed, or a comma that is missing
              workflow.yaml:1:24
              | types: { A: { b: string[] } }
              |                        ^
              fix: close the bracket or add the comma; between `{` and `}` a list type needs quotes, as in `"string[]"`
        "#]],
    );
    check(
        "name: @a\n",
        &expect![[r#"
            BL0101: a text cannot begin with `@`
              workflow.yaml:1:7
              | name: @a
              |       ^
              fix: put the text in quotes, or below the key as a block that starts with `|`
        "#]],
    );
    check(
        "name: \"a\\q\"\n",
        &expect![[r#"
            BL0101: a backslash escape that does not exist
              workflow.yaml:1:7
              | name: "a\q"
              |       ^
              fix: write `\\` for a backslash, or use single quotes
        "#]],
    );
    check(
        "name\n",
        &expect![[r#"
            BL0112: a workflow must be a map of keys, found a text
              workflow.yaml:1:1
              | name
              | ^^^^
              fix: write `key: value` lines
        "#]],
    );
    check(
        "",
        &expect![[r#"
        BL0101: `workflow.yaml` is empty
          fix: write `name: …` and `sections: …`
    "#]],
    );
    check(
        "? [a]\n: b\n",
        &expect![[r#"
            BL0113: this workflow has no `name`
              workflow.yaml:1:1
              | ? [a]
              | ^
              fix: add `name: my-workflow` at the top
            BL0113: this workflow has no `sections`
              workflow.yaml:1:1
              | ? [a]
              | ^
              fix: add `sections:`, each with a `name` and `steps`
            BL0101: a key is a text, found a list
              workflow.yaml:1:3
              | ? [a]
              |   ^
              fix: put the text in quotes
        "#]],
    );
}

#[test]
fn a_template_without_quotes() {
    check_step(
        "prompt: {{outline}}",
        &expect![[r#"
            BL0101: a text that begins with `{{` needs quotes
              workflow.yaml:6:17
              |         prompt: {{outline}}
              |                 ^
              fix: put the text in quotes, or below the key as a block that starts with `|`
        "#]],
    );
    check_step(
        "prompt: {{outline}} and more",
        &expect![[r#"
            BL0101: a text that begins with `{{` needs quotes
              workflow.yaml:6:17
              |         prompt: {{outline}} and more
              |                 ^
              fix: put the text in quotes, or below the key as a block that starts with `|`
        "#]],
    );
    check_step(
        "inputs:\n  - {{outline}}",
        &expect![[r#"
            BL0101: a text that begins with `{{` needs quotes
              workflow.yaml:7:13
              |           - {{outline}}
              |             ^
              fix: put the text in quotes, or below the key as a block that starts with `|`
        "#]],
    );
}

#[test]
fn what_is_left_out_of_yaml() {
    check(
        "name: a\nmodel: b\nname: c\nsections: []\n",
        &expect![[r#"
            BL0102: the key `name` is given twice in this map
              workflow.yaml:3:1
              | name: c
              | ^^^^
              workflow.yaml:1:1 first given here
              | name: a
              | ^^^^
              fix: keep one of the two
        "#]],
    );
    check(
        "name: &x a\nmodel: *x\ndescription: *y\nsections: []\n",
        &expect![[r#"
            BL0103: the anchor `&x` is not allowed here
              workflow.yaml:1:7
              | name: &x a
              |       ^^
              fix: remove `&x`
            BL0103: the alias `*x` is not allowed here
              workflow.yaml:2:8
              | model: *x
              |        ^^
              fix: write the value out at this place too
            BL0103: the alias `*y` is not allowed here
              workflow.yaml:3:14
              | description: *y
              |              ^^
              fix: write the value out at this place too
        "#]],
    );
    check(
        "name: a\n<<: { model: b }\nsections: []\n",
        &expect![[r#"
            BL0104: the merge key `<<` is not allowed here
              workflow.yaml:2:1
              | <<: { model: b }
              | ^^
              fix: write the keys out, or set them once for the whole workflow
        "#]],
    );
    check(
        "name: !!str a\nmodel: !mine b\nsections: []\n",
        &expect![[r#"
            BL0105: the tag `!!str` has no meaning here
              workflow.yaml:1:7
              | name: !!str a
              |       ^^^^^
              fix: remove `!!str`; the key decides what kind of value stands here
            BL0105: the tag `!mine` has no meaning here
              workflow.yaml:2:8
              | model: !mine b
              |        ^^^^^
              fix: remove `!mine`; the key decides what kind of value stands here
        "#]],
    );
    check(
        "name: a\nsections: []\n---\nname: b\n",
        &expect![[r#"
            BL0106: a second document begins here
              workflow.yaml:3:1
              | ---
              | ^^^
              fix: keep one document per file and remove this `---`
        "#]],
    );
    check(
        "name: \"a\\0\"\nsections: []\n",
        &expect![[r#"
            BL0123: this text holds a NUL character, which no database can keep
              workflow.yaml:1:7
              | name: "a\0"
              |       ^^^^^
              fix: remove the `\0`
        "#]],
    );
}

#[test]
fn limits() {
    check(
        &format!("name: {}\n", "[".repeat(100)),
        &expect![[r#"
            BL0107: the document is nested more than 64 levels deep
              workflow.yaml:1:72
              | name: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
              |                                                                        ^
        "#]],
    );
    let nested: String = (0..70).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    check(
        &nested,
        &expect![[r#"
            BL0107: the document is nested more than 64 levels deep
              workflow.yaml:65:65
              |                                                                 a:
              |                                                                 ^
        "#]],
    );
    let many = format!("name: [{}]", "1,".repeat(200_001));
    let document = read_yaml(&many);
    assert_eq!(
        document.diagnostics[0].to_string(),
        "BL0107: the document has more than 200000 values (workflow.yaml:1:400002)"
    );
    check(
        &"a".repeat(1024 * 1024 + 1),
        &expect![[r#"
        BL0107: `workflow.yaml` has 1048577 bytes, at most 1048576 are read
          fix: move prompts into files of their own
    "#]],
    );
    let unknown: String = (0..5_000).map(|key| format!("key{key}: 1\n")).collect();
    assert_eq!(read_yaml(&unknown).diagnostics.len(), 200);
}
