use expect_test::expect;

use super::{FULL, MINIMAL, SYMBOLS, errors, import, literal, written};
use crate::definition::Workflow;
use crate::definition::document::read;

#[test]
fn the_minimal_form() {
    let imported = import(MINIMAL);
    assert_eq!(errors(&imported.workflow), []);
    expect![[r"
        name: YouTube Transcript to Medium Article

        attributes:
          first_draft: string
          intro_analysis: string
          intro_analysis_combined: string[]
          intro_variation: string
          intro_variations: string[]
          outline: string
          second_draft: string
          transcript: { input: true }

        sections:
          - name: Analysis
            steps:
              - name: Generate Outline
                prompt: Analyze {{transcript}} and generate a preliminary outline for a blog post.
                outputs: [outline]
              - name: Write First Draft
                prompt: Write a blog post based on {{outline}}.
                outputs: [first_draft]
              - name: Generate Intros
                prompt: Create 5 introduction variations for {{first_draft}}.
                outputs: [intro_variations]
              - name: Update Draft with Intro
                for_each: intro_variation in intro_variations
                prompt: Update {{first_draft}} with a better intro {{intro_variation}}.
                outputs: [second_draft]
              - name: Analyse Intro
                prompt: Analyze the article {{second_draft}} introduction
                outputs: [intro_analysis]
              - name: Combine Intro Analysis
                action: gather
                gather: [intro_analysis]
                outputs: [intro_analysis_combined]
    "]]
    .assert_eq(&written(&imported));
    expect![[r"
        recognised
          Analysis / Update Draft with Intro: reads `intro_variation`, so it runs once for each of `intro_variations`
          Analysis / Combine Intro Analysis: it has no prompt: it makes a list of the `intro_analysis` of all branches
        changed
          attribute intro_variations: type `array` with `is_array: false` becomes `string[]`
          attribute intro_analysis_combined: it is a list of the `intro_analysis` of all branches
        worth knowing
          workflow: no step writes `transcript`: asked for when a run starts
    "]].assert_eq(&imported.report.to_string());
}

#[test]
fn symbols_mean_the_same_as_texts() {
    assert_eq!(import(SYMBOLS).workflow, import(MINIMAL).workflow);
}

#[test]
fn the_full_form() {
    let imported = import(FULL);
    assert_eq!(errors(&imported.workflow), []);
    expect![[r"
        name: youtube_script_writer
        description: |-
          AppyDave This workflow is used to write a script for a YouTube video for AI-TLDR.

          Kept from the imported file:
          prompt_path: /srv/author/prompts/youtube/script_writer
          default_llm: claude

        attributes:
          basic_factsheet: string
          expanded_factsheet: string
          idea: { input: true }
          ideas: string[]
          meta_engaging_titles: string[]
          meta_keywords: string[]
          meta_topics: string[]
          script: string
          selected_idea: string
          video_idea: string
          video_ideas: string[]

        sections:
          - name: Research and Development
            steps:
              - name: Basic Idea
                prompt_file: prompts/working-idea.md
                outputs: [ideas]
              - name: Select an Idea
                action: choose
                from: ideas
                outputs: [selected_idea]
              - name: Basic Factsheet
                inputs: [selected_idea, idea?]
                prompt_file: prompts/basic-factsheet.md
                outputs: [basic_factsheet]
              - name: Video ideas
                prompt_file: prompts/video-ideas.md
                outputs: [video_ideas, basic_factsheet]
              - name: Select Video Idea
                action: choose
                from: video_ideas
                outputs: [video_idea]
              - name: Expanded Factsheet
                prompt_file: prompts/expanded-factsheet.md
                outputs: [expanded_factsheet]
              - name: Video Meta Data
                prompt_file: prompts/meta-data.md
                outputs: [meta_engaging_titles, meta_keywords, meta_topics]
          - name: Develop Script
            steps:
              - name: Write Script
                action: input
                inputs: [video_idea, expanded_factsheet]
                outputs: [script]
    "]]
    .assert_eq(&written(&imported));
    expect![[r"
        recognised
          Research and Development / Select an Idea: it has no prompt: a person chooses from `ideas`
          Research and Development / Select Video Idea: it has no prompt: a person chooses from `video_ideas`
          Develop Script / Write Script: it has no prompt: a person gives `script`
        changed
          workflow: lines that ended with CR LF end with LF
          attribute ideas: type `array` with `is_array: false` becomes `string[]`
          attribute video_ideas: type `array` with `is_array: false` becomes `string[]`
          attribute meta_engaging_titles: type `array` with `is_array: false` becomes `string[]`
          attribute meta_keywords: type `array` with `is_array: false` becomes `string[]`
          attribute meta_topics: type `array` with `is_array: false` becomes `string[]`
          Research and Development / Basic Factsheet: the prompt reads `idea`, which the step does not declare; it is an optional input
        worth knowing
          setting prompt_path: `/srv/author/prompts/youtube/script_writer` is kept in the description and never used
          setting default_llm: `claude` is kept in the description; `model:` of the workflow names a model of yours
          Research and Development / Basic Factsheet: the prompt does not use `selected_idea`: only shown, never waited for
          workflow: no step writes `idea`: asked for when a run starts
          attribute basic_factsheet: 2 steps write it; readers see the last one before them
    "]].assert_eq(&imported.report.to_string());
}

#[test]
fn literally_nothing_is_recognised() {
    let imported = literal(MINIMAL);
    assert_eq!(errors(&imported.workflow), []);
    expect![[r"
        recognised
          Analysis / Combine Intro Analysis: it has no prompt: a person gives `intro_analysis_combined`
        changed
          attribute intro_variations: type `array` with `is_array: false` becomes `string[]`
        worth knowing
          workflow: no step writes `intro_variation`, `transcript`: asked for when a run starts
    "]]
    .assert_eq(&imported.report.to_string());
    assert!(imported.workflow.attributes["intro_variation"].input);
}

#[test]
fn what_is_imported_is_written_and_read_back_without_loss() {
    for text in [MINIMAL, SYMBOLS, FULL] {
        let workflow = import(text).workflow;
        let hash = workflow.content_hash();
        let files = workflow.to_files();
        assert_eq!(read(&files, "workflow.yaml").workflow.unwrap().content_hash(), hash);
        let document = workflow.to_canonical_json();
        assert_eq!(Workflow::from_canonical_json(&document).unwrap().content_hash(), hash);
    }
}
