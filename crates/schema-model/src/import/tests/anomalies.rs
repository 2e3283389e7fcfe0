//! One file per anomaly, with the report about it.

use expect_test::expect;
use serde_json::json;

use super::{full, import, minimal, report, written};

#[test]
fn an_attribute_nobody_writes_is_a_run_input() {
    let text = minimal(
        &[("step_list", "string"), ("steps_list", "string"), ("topic", "string"), ("plan", "string")],
        &[
            ("List", "topic", "steps_list", "List steps for [topic]"),
            ("Plan", "step_list", "plan", "Plan [step_list]"),
        ],
    );
    expect![[r"
        worth knowing
          workflow: no step writes `step_list`, `topic`: asked for when a run starts
          attribute step_list: no step writes it, and `steps_list` is written; did the file mean that?
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn an_attribute_that_is_not_declared_is_a_text() {
    let text = minimal(
        &[("topic", "string")],
        &[
            ("List", "topic", "keywords", "Keywords for [topic]"),
            ("Use", "keywords tone", "", "Use [keywords] in [tone]"),
        ],
    );
    expect![[r"
        changed
          Main / List: `keywords` is not declared in the file, and is added as an attribute
          Main / Use: `tone` is not declared in the file, and is added as an attribute
        worth knowing
          workflow: no step writes `tone`, `topic`: asked for when a run starts
          Main / Use: it has no outputs; its answer is kept with the step run
    "]]
    .assert_eq(&report(&text));
    assert!(written(&import(&text)).contains("keywords: { description: Not declared"));
}

#[test]
fn a_missing_prompt_asks_a_person() {
    let text = full(
        &json!({}),
        &json!([{ "name": "Write", "order": 1, "prompt": "", "input_attributes": ["plan"], "output_attributes": ["script"] }]),
        &json!({ "write": { "name": "write", "content": "" } }),
    );
    expect![[r"
        recognised
          Main / Write: it has no prompt: a person gives `script`
        changed
          Main / Write: `plan` is not declared in the file, and is added as an attribute
          Main / Write: `script` is not declared in the file, and is added as an attribute
        worth knowing
          prompt write: it is empty and no step uses it
          workflow: no step writes `plan`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn a_step_may_read_what_it_writes() {
    let text = minimal(
        &[("notes", "string"), ("draft", "string")],
        &[("Refine", "notes", "notes", "Refine [notes]"), ("Again", "notes", "notes", "Once more: [notes]")],
    );
    expect![[r"
        changed
          attribute notes: it is read before it is first written: an optional input of the run
        worth knowing
          attribute notes: 2 steps write it; readers see the last one before them
          attribute draft: no step reads or writes it
    "]]
    .assert_eq(&report(&text));
    expect![[r#"
        name: w

        attributes:
          draft: string
          notes: { input: true, optional: true }

        sections:
          - name: Main
            steps:
              - name: Refine
                prompt: Refine {{notes}}
                outputs: [notes]
              - name: Again
                prompt: "Once more: {{notes}}"
                outputs: [notes]
    "#]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn what_is_read_before_it_is_written_is_an_optional_input() {
    let text = minimal(
        &[("chapters", "string"), ("summary", "string")],
        &[
            ("Summary", "chapters", "summary", "Sum up [chapters]"),
            ("Chapters", "summary", "chapters", "Chapters of [summary]"),
        ],
    );
    expect![[r"
        changed
          attribute chapters: it is read before it is first written: an optional input of the run
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn what_is_written_several_times_is_listed() {
    let text = minimal(
        &[("table", "string"), ("query", "string")],
        &[
            ("Create Query", "table", "query", "Query [table]"),
            ("Create Query", "table", "query", "Query [table]"),
            ("Better", "table query", "query", "Better [query] of [table]"),
        ],
    );
    expect![[r"
        changed
          Main: `Create Query` is a name that is taken and becomes `Create Query 2`
        worth knowing
          workflow: no step writes `table`: asked for when a run starts
          attribute query: 3 steps write it, some with the same prompt; readers see the last one before them
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn a_cycle_is_none_in_order() {
    let text = minimal(
        &[("a", "string"), ("b", "string")],
        &[("First", "b", "a", "Make a of [b]"), ("Second", "a", "b", "Make b of [a]")],
    );
    expect![[r"
        changed
          attribute b: it is read before it is first written: an optional input of the run
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn steps_of_one_name_are_told_apart() {
    let text = minimal(
        &[("a", "string")],
        &[("Do it", "", "a", "Do"), ("do-it", "a", "", "Again [a]"), ("…", "a", "", "And [a]")],
    );
    expect![[r"
        changed
          Main: `do-it` is a name that is taken and becomes `do-it 2`
          Main: `…` is no usable name and becomes `Step 3`
        worth knowing
          Main / do-it 2: it has no outputs; its answer is kept with the step run
          Main / Step 3: it has no outputs; its answer is kept with the step run
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn a_port_that_stands_twice_is_one() {
    let text = minimal(&[("a", "string"), ("b", "string")], &[("Do", "a a", "b b", "Do [a]")]);
    expect![[r"
        changed
          Main / Do: the input `a` stands twice and is taken once
          Main / Do: the output `b` stands twice and is taken once
        worth knowing
          workflow: no step writes `a`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn steps_without_inputs_or_outputs_are_legal() {
    let text = minimal(
        &[("idea", "string")],
        &[
            ("Start", "", "idea", "Give an idea"),
            ("Chat", "idea", "", "Talk about [idea]"),
            ("Look", "idea", "", ""),
            ("Call", "", "", ""),
        ],
    );
    expect![[r"
        recognised
          Main / Look: it has no prompt and no outputs: a person looks at its inputs, and says so
          Main / Call: it has no prompt and no outputs: a person does it elsewhere, and says so
        worth knowing
          Main / Chat: it has no outputs; its answer is kept with the step run
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          idea: string

        sections:
          - name: Main
            steps:
              - name: Start
                prompt: Give an idea
                outputs: [idea]
              - name: Chat
                prompt: Talk about {{idea}}
              - name: Look
                action: note
                inputs: [idea]
              - name: Call
                action: note
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn a_prompt_name_is_resolved_or_listed() {
    let step = |name: &str, order: u8, prompt: &str| json!({ "name": name, "order": order, "prompt": prompt, "input_attributes": ["a"], "output_attributes": ["b"] });
    let text = full(
        &json!({ "a": { "name": "a", "type": "string" }, "b": { "name": "b", "type": "string" } }),
        &json!([
            step("One", 1, "outro_text"),
            step("Two", 2, "outro_qa_prompt"),
            step("Three", 3, "Summarise")
        ]),
        &json!({ "outro_text": { "name": "outro_text", "content": "An outro for [a]" } }),
    );
    expect![[r"
        recognised
          Main / Two: its prompt `outro_qa_prompt` is not in the file: a person gives `b`
        changed
          Main / One: the prompt name `outro_text` is replaced by its text
        not understood, kept as text
          Main / Two: there is no prompt `outro_qa_prompt` in the file
        worth knowing
          Main / Three: the prompt does not use `a`: only shown, never waited for
          workflow: no step writes `a`: asked for when a run starts
          attribute b: 3 steps write it without reading what was there; readers see the last one before them
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          a: { input: true }
          b: string

        sections:
          - name: Main
            steps:
              - name: One
                prompt_file: prompts/outro-text.md
                outputs: [b]
              - name: Two
                description: |-
                  Kept from the imported file:
                  prompt: outro_qa_prompt
                action: input
                inputs: [a]
                outputs: [b]
              - name: Three
                inputs: [a]
                prompt: Summarise
                outputs: [b]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn unused_prompts_and_attributes_are_listed_and_kept() {
    let text = full(
        &json!({ "a": { "name": "a", "type": "string" }, "spare": { "name": "spare", "type": "string" } }),
        &json!([{ "name": "One", "order": 1, "prompt": "Say hello", "input_attributes": [], "output_attributes": ["a"] }]),
        &json!({ "old one": { "name": "old one", "content": "Shorten [a]" }, "empty": { "name": "empty", "content": "" } }),
    );
    expect![[r"
        worth knowing
          prompt empty: it is empty and no step uses it
          prompt old one: no step uses it; it is kept as the partial `old-one`
          attribute spare: no step reads or writes it
    "]]
    .assert_eq(&report(&text));
    assert_eq!(import(&text).workflow.partials["old-one"], "Shorten {{a}}");
}
