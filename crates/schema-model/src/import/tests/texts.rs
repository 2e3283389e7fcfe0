//! Types, placeholders, names, and what YAML of Ruby looks like: with the report about each anomaly.

use expect_test::expect;
use serde_json::json;

use super::{full, import, minimal, report, written};
use crate::limits::{DEFINITION_BYTES_MAX, DEFINITION_NODES_MAX};

#[test]
fn types_are_translated() {
    let kinds = [
        ("tags", "array", false),
        ("names", "array", true),
        ("words", "string", true),
        ("data", "hash", false),
        ("rows", "hash", true),
        ("cover", "image", false),
        ("count", "integer", false),
        ("colour", "colour", false),
    ];
    let attributes: serde_json::Map<_, _> = kinds
        .iter()
        .map(|(name, kind, list)| {
            ((*name).to_owned(), json!({ "name": name, "type": kind, "is_array": list }))
        })
        .collect();
    let step = json!([{ "name": "All", "order": 1, "prompt": "Make all of it", "input_attributes": [],
        "output_attributes": kinds.map(|(name, ..)| name) }]);
    let text = full(&json!(attributes), &step, &json!({}));
    expect![[r"
        changed
          attribute cover: type `image` becomes `file`
          attribute data: type `hash` becomes `object`
          attribute rows: type `hash` becomes `object[]`
          attribute tags: type `array` with `is_array: false` becomes `string[]`
        not understood, kept as text
          attribute colour: the type `colour` is unknown here; it becomes `string`
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          colour:
            description: |-
              Kept from the imported file:
              type: colour
          count: integer
          cover: file
          data: object
          names: string[]
          rows: object[]
          tags: string[]
          words: string[]

        sections:
          - name: Main
            steps:
              - name: All
                prompt: Make all of it
                outputs: [tags, names, words, data, rows, cover, count, colour]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn placeholders_the_step_does_not_declare_are_read() {
    let text = minimal(
        &[("idea", "string"), ("selected_idea", "string"), ("facts", "string")],
        &[("Facts", "selected_idea", "facts", "Facts about [idea]")],
    );
    expect![[r"
        changed
          Main / Facts: the prompt reads `idea`, which the step does not declare; it is an optional input
        worth knowing
          Main / Facts: the prompt does not use `selected_idea`: only shown, never waited for
          attribute selected_idea: no step writes it and no prompt uses it: an optional input of the run
          workflow: no step writes `idea`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
}

#[test]
fn texts_in_brackets_stay_texts() {
    let text = minimal(
        &[("intro_hook_idea1", "string"), ("b", "string")],
        &[(
            "Write",
            "intro_hook_idea1",
            "b",
            "Use [hook_idea1], [x-intro_hook_idea1] and [Concept or sentence 1]: [0] [asc desc] [b](http://example.com) {{other}} {{intro_hook_idea1}}",
        )],
    );
    expect![[r"
        changed
          Main / Write: `{{` that stands for no attribute is escaped, so that it stays text
        not understood, kept as text
          Main / Write: `hook_idea1` in the prompt is no attribute and stays as it is; did the file mean `intro_hook_idea1`?
        worth knowing
          Main / Write: `[x-intro_hook_idea1]` is switched off by its author and stays as it is
          Main / Write: 3 texts in brackets are no attributes and stay as they are
          workflow: no step writes `intro_hook_idea1`: asked for when a run starts
    "]].assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          b: string
          intro_hook_idea1: { input: true }

        sections:
          - name: Main
            steps:
              - name: Write
                prompt: 'Use [hook_idea1], [x-intro_hook_idea1] and [Concept or sentence 1]: [0] [asc desc] [b](http://example.com) \{{other}} {{intro_hook_idea1}}'
                outputs: [b]
    "]].assert_eq(&written(&import(&text)));
}

#[test]
fn inputs_the_prompt_does_not_use_are_shown_only() {
    let text = minimal(
        &[("a", "string"), ("b", "string"), ("c", "string"), ("d", "string")],
        &[("One", "a b", "c", "From [a]"), ("Two", "c d", "d", "More [c]")],
    );
    expect![[r"
        changed
          attribute d: it is read before it is first written: an optional input of the run
        worth knowing
          Main / One: the prompt does not use `b`: only shown, never waited for
          Main / Two: the prompt does not use `d`: only shown, never waited for
          attribute b: no step writes it and no prompt uses it: an optional input of the run
          workflow: no step writes `a`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
    expect![[r"
        name: w

        attributes:
          a: { input: true }
          b: { input: true, optional: true }
          c: string
          d: { input: true, optional: true }

        sections:
          - name: Main
            steps:
              - name: One
                inputs: [b]
                prompt: From {{a}}
                outputs: [c]
              - name: Two
                inputs: [d]
                prompt: More {{c}}
                outputs: [d]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn paths_line_ends_and_empty_sections() {
    let text = json!({
        "name": "w", "title": "A Title of its Own", "description": "About\r\nit",
        "settings": { "prompt_path": { "value": "/srv/prompts", "description": "where they are", "title": "Prompt Path" },
            "default_llm": { "value": "gpt4o" } },
        "sections": [
            { "name": "Later", "order": 2, "steps": [{ "name": "Write", "order": 1, "prompt": "Write\r\nit",
                "input_attributes": [], "output_attributes": [{ "name": "a", "type": "string" }],
                "language_models": ["claude"], "tool": "browser" }] },
            { "name": "Empty", "order": 1, "steps": [] },
        ],
        "attributes": { "a": { "name": "a", "type": "string", "is_array": false, "unit": "words" } }, "prompts": {}, "colour": "red",
    });
    let text = text.to_string();
    expect![[r"
        changed
          workflow: lines that ended with CR LF end with LF
          workflow: its sections stand in the order of their `order`, not of the file
        not understood, kept as text
          attribute a: `unit` is unknown here; it is kept in the description
          workflow: `colour` is unknown here; it is kept in the description
          Later / Write: `tool` is unknown here; it is kept in the description
        worth knowing
          setting default_llm: `gpt4o` is kept in the description; `model:` of the workflow names a model of yours
          setting prompt_path: `/srv/prompts` is kept in the description and never used
          Later / Write: the model `claude` is kept in the description
          Empty: the section has no steps
    "]].assert_eq(&report(&text));
    expect![[r"
        name: w
        description: |-
          About
          it

          Kept from the imported file:
          title: A Title of its Own
          default_llm: gpt4o
          prompt_path: /srv/prompts (where they are)
          colour: red

        attributes:
          a:
            description: |-
              Kept from the imported file:
              unit: words

        sections:
          - name: Empty
            steps: []
          - name: Later
            steps:
              - name: Write
                description: |-
                  Kept from the imported file:
                  model: claude
                  tool: browser
                prompt_file: prompts/later-write.md
                outputs: [a]
    "]]
    .assert_eq(&written(&import(&text)));
}

#[test]
fn names_that_no_template_takes_are_changed() {
    let named = |name: &str| json!({ "name": name, "type": "string", "is_array": false });
    let text = full(
        &json!({ "my title": named("my title"), "my_title": named("my_title"), "else": named("else"), "1st": named("1st") }),
        &json!([{ "name": "Write", "order": 1, "prompt": "[my title] and [my_title] or [else]",
            "input_attributes": ["my title", "my_title", "else"], "output_attributes": ["1st"] }]),
        &json!({}),
    );
    expect![[r"
        changed
          attribute 1st: the name cannot be used in a template and becomes `_1st`
          attribute else: the name cannot be used in a template and becomes `_else`
          attribute my title: the name cannot be used in a template and becomes `my_title_2`
        worth knowing
          workflow: no step writes `_else`, `my_title`, `my_title_2`: asked for when a run starts
    "]]
    .assert_eq(&report(&text));
    assert_eq!(
        import(&text).workflow.sections[0].steps[0].prompt.as_deref(),
        Some("{{my_title_2}} and {{my_title}} or {{_else}}")
    );
}

#[test]
fn aliases_tags_and_duplicate_keys_of_ruby() {
    let text = "---
:name: :my_flow
:sections:
- :name: :Intro/Outro Seperation
  :order: 1
  :steps:
  - :name: \":quoted\"
    :order: 1
    :input_attributes: &1
    - :topic
    :output_attributes: []
    :prompt: ':first [topic]'
  - :name: Two
    :order: 2
    :input_attributes: *1
    :output_attributes: []
    :prompt: \"a\\r\\nb [topic]\"
    :prompt: |
      last [topic]
:attributes:
  :topic: !ruby/object:Attribute
    :name: :topic
    :type: :string
    :is_array: false
:prompts: {}
";
    expect![[r"
        changed
          workflow: the key `:prompt` stands twice in one place; the last one counts
          workflow: lines that ended with CR LF end with LF
        not understood, kept as text
          workflow: the tag `!ruby/object:Attribute` has no meaning here; its value is read as it stands
        worth knowing
          workflow: no step writes `topic`: asked for when a run starts
          Intro/Outro Seperation / :quoted: it has no outputs; its answer is kept with the step run
          Intro/Outro Seperation / Two: it has no outputs; its answer is kept with the step run
    "]]
    .assert_eq(&report(text));
    expect![[r#"
        name: my_flow

        attributes:
          topic: { input: true }

        sections:
          - name: Intro/Outro Seperation
            steps:
              - name: ":quoted"
                prompt: ":first {{topic}}"
              - name: Two
                prompt: "last {{topic}}\n"
    "#]]
    .assert_eq(&written(&import(text)));
}

#[test]
fn bombs_are_refused() {
    let refused = |text: &str| {
        super::workflow(text, &std::collections::BTreeMap::new(), super::ImportOptions::default())
            .unwrap_err()
            .to_string()
    };
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.extend([format!("a{level}: &a{level} [{items}]\n")]);
    }
    assert_eq!(
        refused(&bomb),
        format!("the file is too large: it has more than {DEFINITION_NODES_MAX} values")
    );
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 500].join(","));
    expect!["the file is too large: its texts have more than 16777216 bytes"].assert_eq(&refused(&text));
    assert!(refused(&"[".repeat(10_000)).contains("line 1"), "{}", refused(&"[".repeat(10_000)));
    let huge = " ".repeat(DEFINITION_BYTES_MAX + 1);
    assert!(refused(&huge).starts_with("the file is too large: it has 1048577 bytes"));
    expect!["line 1: an alias inside of what it stands for"].assert_eq(&refused("a: &a [*a]"));
}
