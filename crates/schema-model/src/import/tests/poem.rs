//! POEM workflows: no attributes, prompts in files.

use std::collections::BTreeMap;

use expect_test::expect;

use super::{ImportOptions, errors, report, workflow, written};

const POEM: &str = "
name: launch
version: 2
sections:
  - name: Titles
    steps:
      - id: make-titles
        name: Make Titles
        prompt: prompts/titles.hbs
        schema: schemas/titles.json
        inputs: [transcript, brandInfo]
        outputs: [titleIdeas]
        mapper: { brandInfo: brand }
      - id: pick
        name: Select a Title
        checkpoint: true
        inputs: [titleIdeas]
        outputs: [title]
      - id: thumb
        prompt: prompts/thumb.hbs
        inputs: [title]
        outputs: [thumbnail]
        condition: title != ''
      - id: gone
        prompt: prompts/gone.hbs
        inputs: [title]
        outputs: [post]
";

#[test]
fn poem() {
    let files = BTreeMap::from([
        (
            "prompts/titles.hbs".to_owned(),
            "Titles for {{transcript}}{{#if brand}} by {{brand}}{{/if}}{{#each chapters}}\n{{this}}{{/each}} [transcript]".to_owned(),
        ),
        ("prompts/thumb.hbs".to_owned(), "{{formatTimestamp title}} of {{title}} and {{unknownName}}".to_owned()),
    ]);
    let imported = workflow(POEM, &files, ImportOptions::default()).unwrap();
    assert_eq!(errors(&imported.workflow), []);
    expect![[r"
        recognised
          Titles / Select a Title: it has no prompt: a person gives `title`
          Titles / gone: it has no prompt: a person gives `post`
        changed
          Titles / Make Titles: its prompt mentions `chapters`, which no step declares; it is added
          attribute chapters: the prompt of `Titles / Make Titles` uses it as `string[]`
          Titles / thumb: `{{` that stands for no attribute is escaped, so that it stays text
          Titles / Make Titles: the prompt reads `chapters`, which the step does not declare; it is an optional input
        not understood, kept as text
          Titles / Make Titles: `schema` has no meaning here; it is kept in the description
          Titles / thumb: `condition` has no meaning here; it is kept in the description
          Titles / gone: there is no prompt file `prompts/gone.hbs` in the folder of the workflow
          Titles / thumb: line 1 of its prompt is no template of this program; only plain names are filled in
          Titles / thumb: `unknownName` in the prompt is no attribute and stays as it is
        worth knowing
          workflow: no step writes `brandInfo`, `chapters`, `transcript`: asked for when a run starts
    "]].assert_eq(&imported.report.to_string());
    expect![[r#"
        name: launch
        description: |-
          Kept from the imported file:
          version: 2

        attributes:
          brandInfo: { input: true }
          chapters: { type: "string[]", input: true }
          post: string
          thumbnail: string
          title: string
          titleIdeas: string
          transcript: { input: true }

        sections:
          - name: Titles
            steps:
              - name: Make Titles
                description: |-
                  Kept from the imported file:
                  schema: schemas/titles.json
                inputs: { brand: brandInfo, chapters: chapters? }
                prompt_file: prompts/titles.hbs
                outputs: [titleIdeas]
              - name: Select a Title
                description: |-
                  Kept from the imported file:
                  id: pick
                action: input
                inputs: [titleIdeas]
                outputs: [title]
              - name: thumb
                description: |-
                  Kept from the imported file:
                  condition: title != ''
                prompt_file: prompts/thumb.hbs
                outputs: [thumbnail]
              - name: gone
                description: |-
                  Kept from the imported file:
                  prompt: prompts/gone.hbs
                action: input
                inputs: [title]
                outputs: [post]
    "#]]
    .assert_eq(&written(&imported));
    let step = &imported.workflow.sections[0].steps[2];
    expect![[r"\{{formatTimestamp title}} of {{title}} and \{{unknownName}}"]]
        .assert_eq(step.prompt.as_deref().unwrap());
}

#[test]
fn flat_steps_of_poem() {
    let text = "name: w\nsteps:\n  - { id: one, prompt: 'Say {{word}}', inputs: [word], outputs: [said] }\n";
    expect![[r"
        worth knowing
          workflow: no step writes `word`: asked for when a run starts
    "]]
    .assert_eq(&report(text));
}
