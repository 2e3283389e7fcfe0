//! What each problem looks like to an author.

use expect_test::{Expect, expect};

use super::{files, read_yaml, render};
use crate::definition::document::read;

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&render(&read_yaml(text)));
}

/// A workflow whose only step has these lines.
fn check_step(lines: &str, expected: &Expect) {
    let lines: String = lines.lines().map(|line| format!("        {line}\n")).collect();
    let text = format!("name: n\nsections:\n  - name: s\n    steps:\n      - name: t\n{lines}");
    check(&text, expected);
}

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

#[test]
fn keys() {
    check(
        "nmae: a\nsteps: []\n",
        &expect![[r#"
            BL0113: this workflow has no `name`
              workflow.yaml:1:1
              | nmae: a
              | ^
              fix: add `name: my-workflow` at the top
            BL0113: this workflow has no `sections`
              workflow.yaml:1:1
              | nmae: a
              | ^
              fix: add `sections:`, each with a `name` and `steps`
            BL0110: unknown key `nmae` in this workflow
              workflow.yaml:1:1
              | nmae: a
              | ^^^^
              fix: did you mean `name`? Allowed keys: `attributes`, `description`, `format`, `max_tokens`, `model`, `name`, `outputs`, `parameters`, `partials`, `sections`, `seed`, `stop`, `temperature`, `top_p`, `types`
            BL0110: unknown key `steps` in this workflow
              workflow.yaml:2:1
              | steps: []
              | ^^^^^
              fix: allowed keys: `attributes`, `description`, `format`, `max_tokens`, `model`, `name`, `outputs`, `parameters`, `partials`, `sections`, `seed`, `stop`, `temperature`, `top_p`, `types`
        "#]],
    );
    check(
        "format: branchline.workflow/2\nname: a\n",
        &expect![[r#"
            BL0108: this version reads `branchline.workflow/1`, not `branchline.workflow/2`
              workflow.yaml:1:9
              | format: branchline.workflow/2
              |         ^^^^^^^^^^^^^^^^^^^^^
              fix: update the program, or export the workflow from the older version
        "#]],
    );
    check(
        "format: something\nname: a\n",
        &expect![[r#"
            BL0108: this version reads `branchline.workflow/1`, not `something`
              workflow.yaml:1:9
              | format: something
              |         ^^^^^^^^^
              fix: write `format: branchline.workflow/1`, or remove the key
        "#]],
    );
    check(
        "name: a\nbudget: { usd: 2 }\nsections:\n  - name: s\n    repeat: { max: 0, on_max: contine }\n    steps: []\n",
        &expect![[r#"
            BL0111: `budget` is not supported by this version
              workflow.yaml:2:1
              | budget: { usd: 2 }
              | ^^^^^^
              fix: remove `budget`
            BL0114: `max` cannot be 0
              workflow.yaml:5:20
              |     repeat: { max: 0, on_max: contine }
              |                    ^
              fix: write a whole number from 1 to 1000
            BL0114: `on_max` cannot be `contine`
              workflow.yaml:5:31
              |     repeat: { max: 0, on_max: contine }
              |                               ^^^^^^^
              fix: did you mean `continue`?
        "#]],
    );
    check_step(
        "promt: hello\nvariants: [a]\nselect: { from: a }\non_error: ignore\naction: review\nfrobnicate: 1",
        &expect![[r#"
            BL0110: unknown key `promt` in this step
              workflow.yaml:6:9
              |         promt: hello
              |         ^^^^^
              fix: did you mean `prompt`? Allowed keys: `action`, `after`, `assert`, `at_least`, `carry`, `choice`, `default`, `description`, `effect`, `enabled`, `for_each`, `from`, `gather`, `inputs`, `label`, `max`, `max_tokens`, `min`, `model`, `name`, `on_error`, `outputs`, `own_text`, `parallel`, `parameters`, `prompt`, `prompt_file`, `retry`, `samples`, `seed`, `select`, `show`, `stop`, `temperature`, `timeout`, `timeout_ms`, `top_p`, `variants`, `when`, `where`, `with`
            BL0112: a variant must be a map of keys, found a text
              workflow.yaml:7:20
              |         variants: [a]
              |                    ^
              fix: write `key: value` lines
            BL0113: this `select` map has no `by`
              workflow.yaml:8:17
              |         select: { from: a }
              |                 ^
              fix: write `select: { from: draft, by: verdict.score }`
            BL0114: `on_error` cannot be `ignore`
              workflow.yaml:9:19
              |         on_error: ignore
              |                   ^^^^^^
              fix: write one of `fail`, `skip`, `null`, `pause`
            BL0111: the action `review` is not supported by this version
              workflow.yaml:10:17
              |         action: review
              |                 ^^^^^^
              fix: use one of `prompt`, `template`, `input`, `choose`, `gather`, `select`, `note`
            BL0110: unknown key `frobnicate` in this step
              workflow.yaml:11:9
              |         frobnicate: 1
              |         ^^^^^^^^^^
              fix: allowed keys: `action`, `after`, `assert`, `at_least`, `carry`, `choice`, `default`, `description`, `effect`, `enabled`, `for_each`, `from`, `gather`, `inputs`, `label`, `max`, `max_tokens`, `min`, `model`, `name`, `on_error`, `outputs`, `own_text`, `parallel`, `parameters`, `prompt`, `prompt_file`, `retry`, `samples`, `seed`, `select`, `show`, `stop`, `temperature`, `timeout`, `timeout_ms`, `top_p`, `variants`, `when`, `where`, `with`
        "#]],
    );
    check_step(
        "temperature: 1\nparameters: { temperature: 0.5, top_k: 3 }\ntimeout: 3s\ntimeout_ms: 4",
        &expect![[r#"
            BL0115: `temperature` is given twice
              workflow.yaml:6:9
              |         temperature: 1
              |         ^^^^^^^^^^^
              workflow.yaml:7:23 first given here
              |         parameters: { temperature: 0.5, top_k: 3 }
              |                       ^^^^^^^^^^^
              fix: keep one of the two
            BL0110: unknown key `top_k` in this map of parameters
              workflow.yaml:7:41
              |         parameters: { temperature: 0.5, top_k: 3 }
              |                                         ^^^^^
              fix: did you mean `top_p`? Allowed keys: `max_tokens`, `seed`, `stop`, `temperature`, `top_p`
            BL0115: `timeout_ms` is given twice
              workflow.yaml:9:9
              |         timeout_ms: 4
              |         ^^^^^^^^^^
              workflow.yaml:8:9 first given here
              |         timeout: 3s
              |         ^^^^^^^
              fix: keep one of the two
        "#]],
    );
}

#[test]
fn kinds() {
    check(
        "- name: a\n",
        &expect![[r#"
            BL0112: a workflow must be a map of keys, found a list
              workflow.yaml:1:1
              | - name: a
              | ^
              fix: write `key: value` lines
        "#]],
    );
    check(
        "name: 2024\ndescription:\nmodel: [a]\nattributes: [a]\ntypes: 1\noutputs: { a: b }\nsections: a\n",
        &expect![[r#"
            BL0112: `name` must be a text, found the number 2024
              workflow.yaml:1:7
              | name: 2024
              |       ^^^^
              fix: put it in quotes: "2024"
            BL0112: `description` must be a text, found nothing
              workflow.yaml:2:12
              | description:
              |            ^
              fix: write a text after `description:`, or remove the key
            BL0112: `model` must be a text, found a list
              workflow.yaml:3:8
              | model: [a]
              |        ^
            BL0112: `attributes` must be a map of attributes, found a list
              workflow.yaml:4:13
              | attributes: [a]
              |             ^
              fix: write `name: type` lines
            BL0112: `types` must be a map of types, found the number 1
              workflow.yaml:5:8
              | types: 1
              |        ^
              fix: write `Name: { … }` lines
            BL0112: `outputs` must be a list, found a map of keys
              workflow.yaml:6:10
              | outputs: { a: b }
              |          ^
              fix: write `outputs: [one, two]`
            BL0112: `sections` must be a list, found the text `a`
              workflow.yaml:7:11
              | sections: a
              |           ^
              fix: add a `-` before each section's `name`
        "#]],
    );
    check_step(
        "enabled: yes\nparallel: 0\ntemperature: hot\nmax_tokens: 1.5\nseed: -1\ntop_p: 2\nmodel: \"\"",
        &expect![[r#"
            BL0112: `enabled` must be true or false, found the text `yes`
              workflow.yaml:6:18
              |         enabled: yes
              |                  ^^^
              fix: write `true`
            BL0114: `parallel` cannot be 0
              workflow.yaml:7:19
              |         parallel: 0
              |                   ^
              fix: write a whole number from 1 to 10000
            BL0112: `temperature` must be a number, found the text `hot`
              workflow.yaml:8:22
              |         temperature: hot
              |                      ^^^
              fix: write it without quotes, like `temperature: 0.5`
            BL0114: `max_tokens` cannot be 1.5
              workflow.yaml:9:21
              |         max_tokens: 1.5
              |                     ^^^
              fix: write a whole number from 1 to 4294967295
            BL0114: `seed` cannot be -1
              workflow.yaml:10:15
              |         seed: -1
              |               ^^
              fix: write a whole number from 0
            BL0114: `top_p` cannot be 2
              workflow.yaml:11:16
              |         top_p: 2
              |                ^
              fix: write a number from 0 to 1
            BL0114: `model` is empty
              workflow.yaml:12:16
              |         model: ""
              |                ^^
              fix: write a name
        "#]],
    );
    check_step(
        "retry: soon\ntimeout: 2 weeks\noutputs: 3\nfrom: [a]\nshow: [a, 2]",
        &expect![[r#"
            BL0112: `retry` must be a number or a map, found the text `soon`
              workflow.yaml:6:16
              |         retry: soon
              |                ^^^^
              fix: write `retry: 3`, or `retry: { attempts: 3, delay: 2s }`
            BL0114: `2 weeks` is not a duration
              workflow.yaml:7:18
              |         timeout: 2 weeks
              |                  ^^^^^^^
              fix: write it like `90s`, `500ms`, `2m` or `1h`; a bare number counts seconds
            BL0112: `outputs` must be a list, found the number 3
              workflow.yaml:8:18
              |         outputs: 3
              |                  ^
              fix: write `outputs: [one, two]`
            BL0112: `from` must be a text, found a list
              workflow.yaml:9:15
              |         from: [a]
              |               ^
            BL0112: `show` must be a text, found the number 2
              workflow.yaml:10:19
              |         show: [a, 2]
              |                   ^
              fix: put it in quotes: "2"
        "#]],
    );
    check_step(
        "for_each: xs\ngather: 1\ninputs: 2\nwith: [a]\nprompt: 42",
        &expect![[r#"
            BL0114: `for_each` needs an item name and a list, found `xs`
              workflow.yaml:6:19
              |         for_each: xs
              |                   ^^
              fix: write it like `for_each: chapter in chapters`
            BL0112: `gather` must be a list or a map, found the number 1
              workflow.yaml:7:17
              |         gather: 1
              |                 ^
              fix: write `gather: [facts]`, `gather: { notes: facts }` or `gather: { rows: [angle, facts] }`
            BL0112: `inputs` must be a list or a map, found the number 2
              workflow.yaml:8:17
              |         inputs: 2
              |                 ^
              fix: write `inputs: [outline]`, or `inputs: { name: attribute }`
            BL0112: a map of settings must be a map of keys, found a list
              workflow.yaml:9:15
              |         with: [a]
              |               ^
              fix: write `key: value` lines
            BL0112: `prompt` must be a text, found the number 42
              workflow.yaml:10:17
              |         prompt: 42
              |                 ^^
              fix: put it in quotes: "42"
        "#]],
    );
    check_step(
        "for_each: { item: a }\ngather: [{ name: a }, { name: b, attributes: [] }]\ninputs: [{ name: c }, 3]",
        &expect![[r#"
            BL0113: this `for_each` map has no `list`
              workflow.yaml:6:19
              |         for_each: { item: a }
              |                   ^
              fix: write it like `for_each: chapter in chapters`
            BL0113: this `gather` entry has no `attributes`
              workflow.yaml:7:18
              |         gather: [{ name: a }, { name: b, attributes: [] }]
              |                  ^
              fix: say which attributes it gathers
            BL0113: this input has no `attribute`
              workflow.yaml:8:18
              |         inputs: [{ name: c }, 3]
              |                  ^
              fix: say which attribute it reads
            BL0112: an input must be a map of keys, found a number
              workflow.yaml:8:31
              |         inputs: [{ name: c }, 3]
              |                               ^
              fix: write `key: value` lines
        "#]],
    );
    check_step(
        "retry: { attempts: 99, delay: x, factor: 2 }",
        &expect![[r#"
            BL0114: `attempts` cannot be 99
              workflow.yaml:6:28
              |         retry: { attempts: 99, delay: x, factor: 2 }
              |                            ^^
              fix: write a whole number from 1 to 20
            BL0114: `x` is not a duration
              workflow.yaml:6:39
              |         retry: { attempts: 99, delay: x, factor: 2 }
              |                                       ^
              fix: write it like `90s`, `500ms`, `2m` or `1h`; a bare number counts seconds
            BL0110: unknown key `factor` in this `retry` map
              workflow.yaml:6:42
              |         retry: { attempts: 99, delay: x, factor: 2 }
              |                                          ^^^^^^
              fix: allowed keys: `attempts`, `delay`, `delay_ms`
        "#]],
    );
    check(
        "name: a\nsections:\n  - steps: []\n  - name: b\n  - 3\n  - name: c\n    steps:\n      - prompt: x\n      - d\n",
        &expect![[r#"
            BL0113: this section has no `name`
              workflow.yaml:3:5
              |   - steps: []
              |     ^
              fix: add `name: …`
            BL0113: this section has no `steps`
              workflow.yaml:4:5
              |   - name: b
              |     ^
              fix: add `steps:` with at least one step
            BL0112: a section must be a map of keys, found a number
              workflow.yaml:5:5
              |   - 3
              |     ^
              fix: write `key: value` lines
            BL0113: this step has no `name`
              workflow.yaml:8:9
              |       - prompt: x
              |         ^
              fix: add `name: …`
            BL0112: a step must be a map of keys, found a text
              workflow.yaml:9:9
              |       - d
              |         ^
              fix: write `key: value` lines
        "#]],
    );
}

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
              workflow.yaml:29:13
              |   T26: { a: T27, b: T27 }
              |             ^^^
              fix: use `object` for its inner parts
        "#]],
    );
}

#[test]
fn files_and_front_matter() {
    let step = |line: &str| format!("      - name: t\n        {line}\n");
    let yaml = "name: n\nsections:\n  - name: s\n    steps:\n".to_owned()
        + &step("prompt_file: prompts/outlin.md")
        + &step("prompt_file: nowhere.md")
        + &step("prompt_file: ../secret.md")
        + &step("prompt_file: /etc/passwd")
        + &step("prompt_file: prompts/front.md")
        + &step("prompt_file: prompts/front.md")
        + &step("prompt_file: prompts/broken.md")
        + &step("prompt_file: prompts/nul.md")
        + &step("{ prompt: a, prompt_file: prompts/outline.md }").replace("        {", "        \"x\": {");
    let large = "x".repeat(256 * 1024 + 1);
    let files = files([
        ("workflow.yaml", &*yaml),
        ("prompts/outline.md", "Outline"),
        ("prompts/front.md", "---\ntemperature: hot\ntemprature: 1\n---\nHello"),
        ("prompts/broken.md", "---\na: b: c\n---\nHello"),
        ("prompts/nul.md", "---\n---\nHello\0"),
        ("prompts/_large.md", &*large),
    ]);
    expect![[r#"
        BL0124: cannot read the partial `prompts/_large.md`: the file is larger than 262144 bytes
        BL0120: cannot read the prompt file `prompts/outlin.md`: there is no such file
          workflow.yaml:6:22
          |         prompt_file: prompts/outlin.md
          |                      ^^^^^^^^^^^^^^^^^
          fix: did you mean `prompts/outline.md`?
        BL0120: cannot read the prompt file `nowhere.md`: there is no such file
          workflow.yaml:8:22
          |         prompt_file: nowhere.md
          |                      ^^^^^^^^^^
          fix: create the file, or write the text under `prompt`
        BL0121: `../secret.md` is not a path below the workflow folder
          workflow.yaml:10:22
          |         prompt_file: ../secret.md
          |                      ^^^^^^^^^^^^
          fix: write a path like `prompts/outline.md`: relative, with `/`, without `..`
        BL0121: `/etc/passwd` is not a path below the workflow folder
          workflow.yaml:12:22
          |         prompt_file: /etc/passwd
          |                      ^^^^^^^^^^^
          fix: write a path like `prompts/outline.md`: relative, with `/`, without `..`
        BL0110: unknown key `x` in this step
          workflow.yaml:22:9
          |         "x": { prompt: a, prompt_file: prompts/outline.md }
          |         ^^^
          fix: allowed keys: `action`, `after`, `assert`, `at_least`, `carry`, `choice`, `default`, `description`, `effect`, `enabled`, `for_each`, `from`, `gather`, `inputs`, `label`, `max`, `max_tokens`, `min`, `model`, `name`, `on_error`, `outputs`, `own_text`, `parallel`, `parameters`, `prompt`, `prompt_file`, `retry`, `samples`, `seed`, `select`, `show`, `stop`, `temperature`, `timeout`, `timeout_ms`, `top_p`, `variants`, `when`, `where`, `with`
        BL0101: a `: ` inside a text that has no quotes
          prompts/broken.md:2:5
          | a: b: c
          |     ^
          fix: put the text in quotes, or below the key as a block that starts with `|`
        BL0112: `temperature` must be a number, found the text `hot`
          prompts/front.md:2:14
          | temperature: hot
          |              ^^^
          fix: write it without quotes, like `temperature: 0.5`
        BL0122: unknown key `temprature` in this front matter
          prompts/front.md:3:1
          | temprature: 1
          | ^^^^^^^^^^
          fix: did you mean `temperature`? Allowed keys: `about`, `max_tokens`, `model`, `parameters`, `seed`, `stop`, `temperature`, `top_p`
        BL0123: this text holds a NUL character, which no database can keep
          prompts/nul.md:3:1
          | Hello␀
          | ^^^^^^
    "#]].assert_eq(&render(&read(&files, "workflow.yaml")));
    expect![[r#"
        BL0109: cannot read `workflw.yaml`: there is no such file
          fix: did you mean `workflow.yaml`?
    "#]]
    .assert_eq(&render(&read(&files, "workflw.yaml")));
    check_step(
        "prompt: a\nprompt_file: b.md",
        &expect![[r#"
            BL0115: this step has both a `prompt` and a `prompt_file`
              workflow.yaml:7:9
              |         prompt_file: b.md
              |         ^^^^^^^^^^^
              workflow.yaml:6:9 the other prompt
              |         prompt: a
              |         ^^^^^^
              fix: keep one of the two
        "#]],
    );
}

#[test]
fn a_partial_has_one_text() {
    let files = files([
        ("workflow.yaml", "name: n\npartials: { a: one, b: same }\nsections: []\n"),
        ("prompts/_a.md", "two"),
        ("prompts/_b.md", "same"),
    ]);
    expect![[r#"
        BL0124: the partial `a` has another text in `prompts/_a.md`
          workflow.yaml:2:13
          | partials: { a: one, b: same }
          |             ^
          fix: keep one of the two
    "#]]
    .assert_eq(&render(&read(&files, "workflow.yaml")));
}
