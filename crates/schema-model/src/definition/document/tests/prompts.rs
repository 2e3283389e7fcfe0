//! Prompt files, their front matter, and partials.

use expect_test::expect;

use super::{check_step, files, render};
use crate::definition::document::read;

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
