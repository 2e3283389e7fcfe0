//! Sound workflows and their plans.
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::check::{CheckContext, check};
use crate::definition::{SourceMap, Workflow};

fn compiled(document: Json) -> String {
    let workflow: Workflow = serde_json::from_value(document).unwrap();
    let checked = check(&workflow, &SourceMap::default(), &CheckContext::default());
    let problems = checked.diagnostics.iter().map(ToString::to_string);
    let plan = checked.plan.map(|plan| super::show::plan(&plan));
    problems.chain(plan).collect::<Vec<_>>().join("\n")
}

#[expect(clippy::needless_pass_by_value, reason = "`expect![…]` is written in the call")]
fn check_plan(document: Json, expected: Expect) {
    expected.assert_eq(&compiled(document));
}

#[test]
fn five_openings_are_judged_and_one_is_chosen() {
    check_plan(
        json!({
            "name": "transcript-to-article",
            "attributes": {
                "transcript": { "input": true },
                "intro_variations": { "type": "string[]" },
            },
            "sections": [
                { "name": "Analysis", "steps": [
                    { "name": "Generate Outline", "prompt": "Outline {{transcript}}", "outputs": ["outline"] },
                    { "name": "Write First Draft", "prompt": "Write from {{outline}}", "outputs": ["first_draft"] },
                    { "name": "Generate Intros", "prompt": "Five openings for {{first_draft}}", "outputs": ["intro_variations"] },
                    {
                        "name": "Update Draft with Intro",
                        "for_each": { "item": "intro_variation", "list": "intro_variations" },
                        "prompt": "Put {{intro_variation}} in {{first_draft}}", "outputs": ["second_draft"],
                    },
                    { "name": "Analyse Intro", "prompt": "Judge {{second_draft}}", "outputs": ["intro_analysis"] },
                    {
                        "name": "Combine", "action": "template", "gather": [{ "name": "analyses", "attributes": ["intro_analysis"] }],
                        "prompt": "{{join analyses}}", "outputs": ["intro_analysis_combined"],
                    },
                    {
                        "name": "Pick", "action": "choose", "choice": { "from": "second_draft", "show": ["intro_analysis", "outline"] },
                        "outputs": ["second_draft"],
                    },
                ]},
                { "name": "Publish", "steps": [
                    { "name": "Polish", "prompt": "Polish {{second_draft}} with {{intro_analysis_combined}}", "outputs": ["final_draft"] },
                    { "name": "Comment", "prompt": "Comment on {{final_draft}}" },
                ]},
            ],
        }),
        expect![[r#"
            input transcript: string required
            inputs.inputs input -> transcript
            analysis.generate-outline prompt -> outline
              transcript Prompt: transcript of inputs.inputs
            analysis.write-first-draft prompt -> first_draft
              outline Prompt: outline of analysis.generate-outline
            analysis.generate-intros prompt -> intro_variations
              first_draft Prompt: first_draft of analysis.write-first-draft
            analysis.update-draft-with-intro prompt in [analysis.update-draft-with-intro] -> second_draft
              fans out over read 0 as intro_variation
              intro_variations ForEach: intro_variations of analysis.generate-intros
              intro_variation Prompt: item intro_variation of analysis.update-draft-with-intro
              first_draft Prompt: first_draft of analysis.write-first-draft
            analysis.analyse-intro prompt in [analysis.update-draft-with-intro] -> intro_analysis
              second_draft Prompt: second_draft of analysis.update-draft-with-intro
            analysis.combine template -> intro_analysis_combined
              analyses Prompt: gather at 0: intro_analysis of analysis.analyse-intro
            analysis.pick choose -> second_draft
              second_draft ChooseFrom: gather at 0: second_draft of analysis.update-draft-with-intro
              intro_analysis ChooseShow: gather at 0: intro_analysis of analysis.analyse-intro
              outline ChooseShow: outline of analysis.generate-outline
              task Some(0) show [1, 2] 1..Some(1)
            publish.polish prompt -> final_draft
              second_draft Prompt: second_draft of analysis.pick
              intro_analysis_combined Prompt: intro_analysis_combined of analysis.combine
            publish.comment prompt -> 
              final_draft Prompt: final_draft of publish.polish
        "#]],
    );
}

#[test]
fn reads_see_the_nearest_earlier_writer_and_never_later_ones() {
    check_plan(
        json!({
            "name": "chapters",
            "attributes": { "notes": { "input": true, "optional": true }, "tone": { "default": "plain" } },
            "sections": [
                { "name": "One", "steps": [
                    { "name": "Early", "prompt": "{{#if notes}}{{notes}}{{/if}}{{tone}}", "outputs": ["chapters"] },
                    { "name": "Refine", "prompt": "{{chapters}}", "outputs": ["chapters"] },
                    { "name": "Off", "enabled": false, "prompt": "{{chapters}} {{nothing}}", "outputs": ["chapters"] },
                ]},
                { "name": "Two", "steps": [
                    { "name": "Use", "prompt": "{{chapters}} {{given}}", "inputs": [{ "name": "given", "attribute": "tone" }], "outputs": ["notes"] },
                ]},
            ],
        }),
        expect![[r#"
            input notes: string not required
            input tone: string not required
            inputs.inputs input -> notes, tone
            one.early prompt -> chapters
              notes Prompt: notes of inputs.inputs optional
              tone Prompt: tone of inputs.inputs
            one.refine prompt -> chapters
              chapters Prompt: chapters of one.early
            one.off prompt disabled -> chapters
              chapters Prompt: chapters of one.refine
            two.use prompt -> notes
              chapters Prompt: chapters of one.refine
              given Prompt: tone of inputs.inputs
            output notes Value: notes of two.use optional
        "#]],
    );
}

#[test]
fn branches_nest_and_joins_collapse_one_level_inside_a_section_and_all_outside() {
    check_plan(
        json!({
            "name": "book",
            "types": { "Chapter": {
                "type": "object", "additionalProperties": false, "required": ["title", "subs"],
                "properties": { "title": { "type": "string" }, "subs": { "type": "array", "items": { "type": "string" } } },
            }},
            "attributes": { "chapters": { "type": "Chapter[]" }, "texts": { "type": "string[]" }, "rows": { "type": "object[]" } },
            "outputs": ["texts", "page"],
            "sections": [
                { "name": "Write", "steps": [
                    { "name": "Chapter", "for_each": { "item": "chapter", "list": "chapters" }, "prompt": "{{chapter.title}} {{branch.number}}", "outputs": ["intro"] },
                    { "name": "Page", "for_each": { "item": "sub", "list": "chapter.subs" }, "parallel": 4, "prompt": "{{sub}} {{intro}}", "outputs": ["page"] },
                    { "name": "Read", "prompt": "{{page}}", "outputs": ["note"] },
                    { "name": "Texts", "action": "gather", "gather": [{ "name": "page", "attributes": ["page"] }], "outputs": ["texts"] },
                ]},
                { "name": "End", "steps": [
                    { "name": "All", "gather": [{ "name": "pairs", "attributes": ["sub", "note"] }, { "name": "chapter_texts", "attributes": ["texts"] }],
                      "prompt": "{{#each pairs}}{{sub}} {{note}}{{/each}} {{chapter_texts}}", "outputs": ["summary"] },
                ]},
            ],
        }),
        expect![[r#"
            BL0301: `rows` is declared, and no step reads or writes it
            BL0312: nothing reads the `summary` that `All` writes
            input chapters: object[] required
            inputs.inputs input -> chapters
            write.chapter prompt in [write.chapter] -> intro
              fans out over read 0 as chapter
              chapters ForEach: chapters of inputs.inputs
              chapter Prompt: item chapter of write.chapter
            write.page prompt in [write.chapter, write.page] -> page
              fans out over read 0.subs as sub
              chapter ForEach: item chapter of write.chapter
              sub Prompt: item sub of write.page
              intro Prompt: intro of write.chapter
            write.read prompt in [write.chapter, write.page] -> note
              page Prompt: page of write.page
            write.texts gather in [write.chapter] -> texts
              page Value: gather at 1: page of write.page
            end.all prompt -> summary
              pairs Prompt: gather at 0: sub of write.page; note of write.read
              chapter_texts Prompt: gather at 0: texts of write.texts
            output texts Value: gather at 0: texts of write.texts
            output page Value: gather at 0: page of write.page
        "#]],
    );
}

#[test]
fn an_empty_prompt_becomes_a_question_and_a_missing_value_skips_its_reader() {
    check_plan(
        json!({
            "name": "paste",
            "attributes": { "idea": {}, "remark": { "input": true } },
            "sections": [{ "name": "Main", "steps": [
                { "name": "Write Script", "prompt": " ", "inputs": [{ "name": "idea", "attribute": "idea" }], "outputs": ["script"] },
                { "name": "Polish", "prompt": "{{script}} {{remark}}", "outputs": ["script"] },
                { "name": "Use", "prompt": "{{script}}", "outputs": ["remark"] },
            ]}],
        }),
        expect![[r#"
            BL0306: `Write Script` has no prompt, so a person is asked for its outputs
            BL0308: `remark` may be missing, and then this step and what needs it are skipped (/sections/0/steps/1/prompt:1:14)
            input idea: string required
            input remark: string not required
            inputs.inputs input -> idea, remark
            main.write-script input -> script
              idea Value: idea of inputs.inputs
            main.polish prompt -> script
              script Prompt: script of main.write-script
              remark Prompt: remark of inputs.inputs
            main.use prompt -> remark
              script Prompt: script of main.polish, main.write-script
            output remark Value: remark of main.use
        "#]],
    );
}
