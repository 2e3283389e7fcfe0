//! `check`: every kind of mistake with its code, its place and a fix.

use insta::assert_snapshot;

use crate::project::Project;

/// What `check` says of a workflow with one section of these steps.
fn check_steps(attributes: &str, steps: &str) -> String {
    let yaml = format!(
        "name: w\nattributes:\n{attributes}sections:\n  - name: Main\n    steps:\n{steps}model: fast\n"
    );
    Project::with_workflow(&yaml).run(&["check"]).shown()
}

const TOPIC: &str = "  topic: { input: true }\n";

#[test]
fn an_unknown_key_has_a_suggestion() {
    assert_snapshot!(check_steps(TOPIC, "      - { name: Write, prompt: 'On {{topic}}', outputs: [text], promt_file: x.md }\n"), @"
    error[BL0110]: unknown key `promt_file` in this step
      ╭▸ workflows/w/workflow.yaml:7:65
      │
    7 │       - { name: Write, prompt: 'On {{topic}}', outputs: [text], promt_file: x.md }
      │                                                                 ━━━━━━━━━━
      │
      ╰ fix: did you mean `prompt_file`? Allowed keys: `action`, `after`, `assert`, `at_least`, `carry`, `choice`, `default`, `description`, `effect`, `enabled`, `for_each`, `from`, `gather`, `inputs`, `label`, `max`, `max_tokens`, `min`, `model`, `name`, `on_error`, `outputs`, `own_text`, `parallel`, `parameters`, `prompt`, `prompt_file`, `retry`, `samples`, `seed`, `select`, `show`, `stop`, `temperature`, `timeout`, `timeout_ms`, `top_p`, `variants`, `when`, `where`, `with`

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_missing_prompt_file_has_a_place() {
    assert_snapshot!(check_steps(TOPIC, "      - { name: Write, prompt_file: prompts/write.md, outputs: [text] }\n"), @"
    error[BL0120]: cannot read the prompt file `prompts/write.md`: there is no such file
      ╭▸ workflows/w/workflow.yaml:7:37
      │
    7 │       - { name: Write, prompt_file: prompts/write.md, outputs: [text] }
      │                                     ━━━━━━━━━━━━━━━━
      │
      ╰ fix: create the file, or write the text under `prompt`

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_file_that_is_no_yaml() {
    assert_snapshot!(Project::with_workflow("name: w\nsections: [\n").run(&["check"]).shown(), @"
    error[BL0101]: a bracket that is not closed, or a comma that is missing
      ╭▸ workflows/w/workflow.yaml:2:11
      │
    2 │ sections: [
      │           ━
      │
      ╰ fix: close the bracket or add the comma

    1 error in 1 workflow, 0 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn only_the_first_twenty_are_shown_unless_all_are_wanted() {
    let keys: Vec<_> = (1..=25).map(|number| format!("odd_{number}: 1\n")).collect();
    let keys = keys.concat();
    let yaml = format!(
        "name: w\n{keys}sections:\n  - {{ name: A, steps: [{{ name: B, prompt: c, outputs: [d] }}] }}\nmodel: fast\n"
    );
    let project = Project::with_workflow(&yaml);
    let shown = project.run(&["check"]);
    assert_eq!((shown.code, shown.stdout.matches("error[").count()), (3, 20));
    assert!(shown.stdout.contains("… and 5 more in workflows/w/workflow.yaml (--all)"), "{}", shown.stdout);
    assert_eq!(project.run(&["check", "--all"]).stdout.matches("error[").count(), 25);
    assert_eq!(project.run(&["check", "--json"]).json()["errors"], 25);
}

#[test]
fn a_path_that_is_no_workflow_ends_with_2() {
    assert_snapshot!(Project::initialised().run(&["check", "nowhere"]).shown(), @"
    --- stderr
    error: there is no workflow at `nowhere`
      fix:   give a workflow file, its folder, or a project with `workflows/*/workflow.yaml`
    --- exit 2
    ");
    assert_snapshot!(Project::empty().run(&["check"]).shown(), @"
    --- stderr
    error: there is no workflow here, `workflows/*/workflow.yaml` in the project
      fix:   make one with `branchline init`, or give the path of a workflow file or folder
    --- exit 2
    ");
}

#[test]
fn an_unknown_variable_is_marked_in_its_prompt_file() {
    let project = Project::initialised();
    project.write("workflows/hello/prompts/write.md", "Write about\n{{topik}}.\n");
    assert_snapshot!(project.run(&["check"]).shown(), @"
    error[BL0220]: there is no attribute `topik`
      ╭▸ workflows/hello/prompts/write.md:2:3
      │
    2 │ {{topik}}.
      │   ━━━━━
      │
      ⸬  workflows/hello/workflow.yaml:7:3
      │
    7 │   topic: { input: true, description: What the text is about }
      │   ───── declared here
      │
      ╰ fix: did you mean `topic`?

    1 error in 1 workflow, 3 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_read_before_any_writer() {
    let steps = "      - { name: Early, prompt: 'On {{text}}', outputs: [note] }
      - { name: Write, prompt: 'On {{topic}}', outputs: [text] }\n";
    assert_snapshot!(check_steps(TOPIC, steps), @"
    error[BL0221]: `text` is read before any step writes it
      ╭▸ workflows/w/workflow.yaml:7:38
      │
    7 │       - { name: Early, prompt: 'On {{text}}', outputs: [note] }
      │                                      ━━━━
      │
      ⸬  workflows/w/workflow.yaml:8:58
      │
    8 │       - { name: Write, prompt: 'On {{topic}}', outputs: [text] }
      │                                                          ──── written only here
      │
      ╰ fix: move the step behind the one that writes it, or declare `text` with `input: true`

    1 error in 1 workflow, 2 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn an_unknown_type() {
    let attributes = "  topic: { type: strin, input: true }\n";
    assert_snapshot!(check_steps(attributes, "      - { name: Write, prompt: 'On {{topic}}', outputs: [text] }\n"), @"
    error[BL0230]: there is no type `strin`
      ╭▸ workflows/w/workflow.yaml:3:18
      │
    3 │   topic: { type: strin, input: true }
      │                  ━━━━━
      │
      ╰ fix: did you mean `string`?

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_list_used_as_one_item_and_an_item_as_a_list() {
    let attributes = "  topic: { input: true }\n  topics: { type: 'string[]', input: true }\n  one: string\n";
    let steps = "      - { name: Over, for_each: x in topic, prompt: '{{x}}', outputs: [text] }
      - { name: Field, prompt: '{{topics.name}}', outputs: [other] }\n";
    assert_snapshot!(check_steps(attributes, steps), @"
    warning[BL0301]: `one` is declared, and no step reads or writes it
      ╭▸ workflows/w/workflow.yaml:5:3
      │
    5 │   one: string
      │   ━━━
      │
      ╰ fix: remove it, or use it in a prompt

    error[BL0233]: `for_each` goes through a list, and `topic` is a single `string`
      ╭▸ workflows/w/workflow.yaml:9:38
      │
    9 │       - { name: Over, for_each: x in topic, prompt: '{{x}}', outputs: [text] }
      │                                      ━━━━━
      │
      ⸬  workflows/w/workflow.yaml:3:3
      │
    3 │   topic: { input: true }
      │   ───── declared here
      │
      ╰ fix: declare it as a list: `topic: string[]` under `attributes`

    error[BL0232]: `topics` is a list, so it has no field `name`
       ╭▸ workflows/w/workflow.yaml:10:35
       │
    10 │       - { name: Field, prompt: '{{topics.name}}', outputs: [other] }
       │                                   ━━━━━━━━━━━
       │
       ⸬  workflows/w/workflow.yaml:4:3
       │
     4 │   topics: { type: 'string[]', input: true }
       │   ────── declared here
       │
       ╰ fix: write `{{#each topics}}{{name}}{{/each}}`

    2 errors, 1 warning in 1 workflow, 2 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_branched_value_outside_its_section() {
    let yaml = "\
name: w
attributes: { topics: { type: 'string[]', input: true } }
sections:
  - { name: One, steps: [{ name: Write, for_each: topic in topics, prompt: '{{topic}}', outputs: [text] }] }
  - name: Two
    steps:
      - { name: Use, prompt: '{{text}}', outputs: [page] }
model: fast
";
    assert_snapshot!(Project::with_workflow(yaml).run(&["check"]).shown(), @"
    error[BL0240]: `text` exists once per branch of `Write`, whose branches end with their section
      ╭▸ workflows/w/workflow.yaml:7:33
      │
    7 │       - { name: Use, prompt: '{{text}}', outputs: [page] }
      │                                 ━━━━
      │
      ⸬  workflows/w/workflow.yaml:4:34
      │
    4 │   - { name: One, steps: [{ name: Write, for_each: topic in topics, prompt: '{{topic}}', outputs: [text] }] }
      │                                  ───── written here, once per branch
      │
      ╰ fix: read all of them with `gather: [text]`, or add a step with `action: choose` and `from: text`

    1 error in 1 workflow, 2 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn two_steps_with_one_name() {
    let steps = "      - { name: Write, prompt: 'On {{topic}}', outputs: [text] }
      - { name: write!, prompt: 'On {{text}}', outputs: [page] }\n";
    assert_snapshot!(check_steps(TOPIC, steps), @"
    error[BL0203]: another step of this section has the address `write`
      ╭▸ workflows/w/workflow.yaml:8:17
      │
    8 │       - { name: write!, prompt: 'On {{text}}', outputs: [page] }
      │                 ━━━━━━
      │
      ⸬  workflows/w/workflow.yaml:7:17
      │
    7 │       - { name: Write, prompt: 'On {{topic}}', outputs: [text] }
      │                 ───── the first one
      │
      ╰ fix: give one of them another name

    1 error in 1 workflow, 2 steps ([n] ms)
    --- exit 3
    ");
}

#[test]
fn an_empty_prompt() {
    assert_snapshot!(check_steps(TOPIC, "      - { name: Write, prompt: '', outputs: [text] }\n"), @"
    warning[BL0301]: `topic` is declared, and no step reads or writes it
      ╭▸ workflows/w/workflow.yaml:3:3
      │
    3 │   topic: { input: true }
      │   ━━━━━
      │
      ╰ fix: remove it, or use it in a prompt

    error[BL0252]: the prompt of `Write` is empty
      ╭▸ workflows/w/workflow.yaml:7:32
      │
    7 │       - { name: Write, prompt: '', outputs: [text] }
      │                                ━━
      │
      ╰ fix: write the prompt, or remove the step

    1 error, 1 warning in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn an_unknown_model() {
    let step = "      - { name: Write, model: fsat, prompt: 'On {{topic}}', outputs: [text] }\n";
    assert_snapshot!(check_steps(TOPIC, step), @"
    error[BL0270]: there is no model alias `fsat`
      ╭▸ workflows/w/workflow.yaml:7:31
      │
    7 │       - { name: Write, model: fsat, prompt: 'On {{topic}}', outputs: [text] }
      │                               ━━━━
      │
      ╰ fix: did you mean `fast`?

    1 error in 1 workflow, 1 step ([n] ms)
    --- exit 3
    ");
}

#[test]
fn a_step_without_any_model_is_warned_of() {
    let yaml = "name: w\nsections:\n  - { name: A, steps: [{ name: B, prompt: c, outputs: [d] }] }\n";
    assert_snapshot!(Project::with_workflow(yaml).run(&["check"]).shown(), @"
    warning[BL0309]: `B` calls a model, and neither it nor the workflow names one
      ╭▸ workflows/w/workflow.yaml:3:32
      │
    3 │   - { name: A, steps: [{ name: B, prompt: c, outputs: [d] }] }
      │                                ━
      │
      ╰ fix: write `model:` at the top of the workflow, or give a run its model with `--model`

    1 warning in 1 workflow, 1 step ([n] ms)
    --- exit 0
    ");
}

#[test]
fn all_problems_are_shown_at_once_and_warnings_alone_are_no_failure() {
    let steps = "      - { name: A, prompt: '{{topik}} {{other}}', outputs: [text], modle: fast }
      - { name: a, for_each: x in text, prompt: '', outputs: [page] }\n";
    let shown = check_steps(TOPIC, steps);
    assert!(shown.matches("error[").count() >= 4, "{shown}");
    let unused =
        check_steps(TOPIC, "      - { name: A, inputs: [topic], prompt: 'Hello', outputs: [text] }\n");
    assert_snapshot!(unused, @"
    warning[BL0304]: the prompt does not mention the input `topic`
      ╭▸ workflows/w/workflow.yaml:7:29
      │
    7 │       - { name: A, inputs: [topic], prompt: 'Hello', outputs: [text] }
      │                             ━━━━━
      │
      ╰ fix: write `{{topic}}` where it belongs, or remove the input

    1 warning in 1 workflow, 1 step ([n] ms)
    --- exit 0
    ");
}

#[test]
fn required_as_other_formats_have_it_is_told_what_is_meant() {
    let project = Project::with_workflow(
        "name: w\nmodel: fast\nattributes: { tone: { input: true, required: false }, page: { type: string, required: true } }\n\
         sections:\n  - name: Main\n    steps:\n      - { name: Write, prompt: '{{tone}}', outputs: [page] }\n",
    );
    let checked = project.run(&["check"]);
    assert_eq!(checked.code, 3, "{checked:?}");
    for part in [
        "error[BL0110]: unknown key `required` in this attribute",
        "workflow.yaml:3:36",
        "fix: write `optional: true`, or give it a `default`",
        "fix: remove it: an input is required unless it is `optional: true` or has a `default`",
    ] {
        assert!(checked.stdout.contains(part), "{part}: {}", checked.stdout);
    }
}
