//! Keys that are unknown or missing, and values of the wrong kind.

use expect_test::expect;

use super::{check, check_step};

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
