mod mangle;

use std::sync::Arc;

use expect_test::{Expect, expect};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{files, roundtrip};
use crate::definition::document::report::Report;
use crate::definition::document::{FormatError, format, layout, parse_text, read};

fn check(text: &str, expected: &Expect) {
    let new = layout("workflow.yaml", text).unwrap();
    expected.assert_eq(&new);
    assert_eq!(layout("workflow.yaml", &new).unwrap(), new);
}

#[test]
fn an_ugly_file_becomes_a_tidy_one() {
    check(
        r##"# yaml-language-server: $schema=../../.branchline/workflow.schema.json
# Who wrote this?


'sections':   # the whole of it
-   steps:


      - {outputs: ['outline'], "prompt": 'Outline of {{talk}}', name: "Outline"}
      - # asks a person
        prompt: "Turn it into an article:\n\n{{outline}}\n"
        description: >-
            A long description that its author
            broke into lines.
        outputs:
        - draft   # the text
        - "no"
        name: First Draft
        inputs: {first: outline, second: notes?, a_very_long_name: another_attribute, and_one_more: yet_another_attribute}
        retry: {delay: 2s, attempts: 4}   # twice is not enough
        # that was the last key
    # and this the last step
    name:   Analysis



  # a section of one step
-   name: "1.0"
    enabled: False
    steps: [ { name: 'null', action: template, prompt: "{{json draft}}", outputs: [
       json,  # all of it
       # nothing more
    ]} ]
# the end
name:   'talk-to-article'
model: "fast"
attributes: { talk: {description: "The talk: plain text", input: true}, date: '2026-11-22',

   mood: { enum: ["on", calm, '5 stars', "12:30", "a\\b"] } }
# really the end


"##,
        &expect![[r##"
            # yaml-language-server: $schema=../../.branchline/workflow.schema.json
            # Who wrote this?

            # the end
            name: talk-to-article
            model: fast
            attributes:
              talk: { input: true, description: "The talk: plain text" }
              date: "2026-11-22"

              mood: { enum: ["on", calm, 5 stars, "12:30", a\b] }
            sections:  # the whole of it
              # and this the last step
              - name: Analysis
                steps:
                  - name: Outline
                    prompt: Outline of {{talk}}
                    outputs: [outline]
                  # asks a person
                  - name: First Draft
                    description: >-
                      A long description that its author
                      broke into lines.
                    inputs:
                      first: outline
                      second: notes?
                      a_very_long_name: another_attribute
                      and_one_more: yet_another_attribute
                    retry: { attempts: 4, delay: 2s }  # twice is not enough
                    prompt: |
                      Turn it into an article:

                      {{outline}}
                    outputs:
                      - draft  # the text
                      - "no"
                    # that was the last key

              # a section of one step
              - name: "1.0"
                enabled: false
                steps:
                  - name: "null"
                    action: template
                    prompt: "{{json draft}}"
                    outputs:
                      - json  # all of it
                      # nothing more
            # really the end
        "##]],
    );
}

#[test]
fn texts_keep_every_character() {
    check(
        "name: n
description: plain text
   over two lines
sections:
- name: s
  description: >
    folded

    text


  steps:
  - name: a
    prompt: |
      One line.
  - name: b
    prompt: |+   # with its empty lines
      One.


  - name: c
    prompt: \"  begins with spaces\\n\\n ends with them \"
  - name: d
    prompt: |-
        Say: \"x\"
  - name: e
    prompt: \"a bell \\a in\\na text\"
",
        &expect![[r#"
            name: "n"
            description: >-
              plain text
              over two lines
            sections:
              - name: s
                description: >
                  folded

                  text

                steps:
                  - name: a
                    prompt: |
                      One line.
                  - name: b
                    prompt: |+  # with its empty lines
                      One.


                  - name: c
                    prompt: |2-
                        begins with spaces

                       ends with them 
                  - name: d
                    prompt: |-
                      Say: "x"
                  - name: e
                    prompt: "a bell \u0007 in\na text"
        "#]],
    );
}

/// Keys so long that they are given a `?`: YAML takes no longer ones without.
#[test]
fn long_keys_keep_their_comments_and_their_items() {
    let key = "k".repeat(1_010);
    for text in [
        format!("{key}: # note\n"),
        format!("a:\n  - {key}: v # note\n    c: d\n"),
        format!("a:\n  {key}:\n    c: d # note\n"),
    ] {
        let new = layout("workflow.yaml", &text).unwrap();
        assert_eq!(layout("workflow.yaml", &new).unwrap(), new);
        assert!(new.contains("# note") && new.contains("? kkk"), "{new}");
    }
}

#[test]
fn json_is_laid_out_too() {
    let text = r#"{"sections":[{"steps":[{"outputs":["b"],"inputs":{"z":"a","y":"c?"},"prompt":"x","name":"t"}],"name":"s"}],"name":"n"}"#;
    let new = layout("workflow.json", text).unwrap();
    expect![[r#"
        {
          "name": "n",
          "sections": [
            {
              "name": "s",
              "steps": [
                {
                  "name": "t",
                  "inputs": {
                    "z": "a",
                    "y": "c?"
                  },
                  "prompt": "x",
                  "outputs": [
                    "b"
                  ]
                }
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&new);
    assert_eq!(layout("workflow.json", &new).unwrap(), new);
    let commented = "# hello\n{\"name\": \"n\", \"sections\": []}";
    assert_eq!(layout("workflow.json", commented), Err(FormatError::CommentInJson));
}

#[test]
fn a_file_with_mistakes_stays_as_it_is() {
    let Err(FormatError::Invalid(diagnostics)) = layout("workflow.yaml", "name: [a\nb: c\n") else {
        panic!()
    };
    assert_eq!(diagnostics.len(), 1);
    // An unknown key is the checker's business.
    assert_eq!(layout("workflow.yaml", "  nmae:   x").unwrap(), "nmae: x\n");
}

#[test]
fn prompt_files_lose_what_means_nothing() {
    let yaml = "name: w\nsections:\n  - name: s\n    steps:\n      - name: t\n        prompt_file: p.md\n";
    let files = files([
        ("workflow.yaml", yaml),
        ("p.md", "\u{feff}Hello  \r\n\r\n"),
        ("prompts/_house.md", "Be short.  "),
        ("other.md", "a\r\n"),
    ]);
    let changed = format(&files, "workflow.yaml").unwrap();
    assert_eq!(changed, super::files([("p.md", "Hello  \n\n")]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_layout_becomes_the_same_and_loses_nothing(
        workflow in roundtrip::workflow(),
        tape in vec(any::<u8>(), 0..600),
    ) {
        let mut files = workflow.to_files();
        let path = Arc::from("workflow.yaml");
        let root = parse_text(files["workflow.yaml"].clone(), &path, &mut Report::default()).unwrap();
        let (ugly, comments) = mangle::mangled(&root, &tape);
        let again = parse_text(ugly.clone(), &path, &mut Report::default());
        prop_assert_eq!(again.map(|node| node.to_json()), Some(root.to_json()), "{}", ugly);

        let tidy = match layout("workflow.yaml", &ugly) {
            Ok(tidy) => tidy,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{ugly}"))),
        };
        prop_assert_eq!(&layout("workflow.yaml", &tidy).unwrap(), &tidy);
        for comment in &comments {
            prop_assert_eq!(tidy.lines().filter(|line| line.ends_with(comment)).count(), 1, "{}\n{}", comment, tidy);
        }
        files.insert("workflow.yaml".to_owned(), tidy.clone());
        let hash = read(&files, "workflow.yaml").workflow.unwrap().content_hash();
        prop_assert_eq!(hash, workflow.content_hash());
    }
}

/// What the README shows is what `fmt` makes of it.
#[test]
fn the_workflows_of_the_readme_are_laid_out() {
    let readme = include_str!("../../../../../../README.md");
    let blocks: Vec<&str> =
        readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert_eq!(layout("workflow.yaml", block).unwrap(), block);
    }
}
