//! Flow and its plans: what multiplies step runs, and which step run a reader sees.
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use crate::check::{CheckContext, check};
use crate::definition::document;

#[expect(clippy::needless_pass_by_value, reason = "`expect![…]` is written in the call")]
fn flow(body: &str, expected: Expect) {
    let text = format!("name: flow\nmodel: mock\n{body}");
    let files = BTreeMap::from([("workflow.yaml".to_owned(), text)]);
    let read = document::read(&files, "workflow.yaml");
    let mut shown: Vec<String> = read.diagnostics.iter().map(ToString::to_string).collect();
    if let Some(workflow) = read.workflow {
        let checked = check(&workflow, &read.sources, &CheckContext::default());
        shown.extend(checked.diagnostics.iter().map(ToString::to_string));
        shown.extend(checked.plan.map(|plan| super::show::plan(&plan)));
    }
    expected.assert_eq(&shown.join("\n"));
}

#[test]
fn a_section_goes_through_a_list_and_its_results_are_gathered_outside() {
    flow(
        r#"
attributes:
  book: { type: "Chapter[]", input: true }
types:
  Chapter: { title: string, research: boolean }
sections:
  - name: Write
    for_each: chapter in book
    where: chapter.research
    parallel: 3
    label: "{{chapter.title}}"
    steps:
      - { name: Draft, prompt: "Write {{chapter.title}}", outputs: [draft] }
      - { name: Polish, prompt: "Polish {{draft}} of {{chapter.title}}", outputs: [draft] }
  - name: End
    steps:
      - { name: Join, action: template, gather: [draft], prompt: "{{join draft}}", outputs: [text] }
"#,
        expect![[r#"
            input book: object[] required
            inputs.inputs input -> book
            write.each each in [write.each] -> 
              fans out over read 0 as chapter
              book ForEach: book of inputs.inputs
            write.draft prompt in [write.each] -> draft
              chapter Prompt: item chapter of write.each
            write.polish prompt in [write.each] -> draft
              draft Prompt: draft of write.draft
              chapter Prompt: item chapter of write.each
            end.join template -> text
              draft Prompt: gather at 0: draft of write.polish
            output text Value: text of end.join
        "#]],
    );
}

#[test]
fn turns_read_the_turn_before_and_outside_the_last_one_counts() {
    flow(
        r#"
attributes:
  topic: { input: true }
  draft: { optional: true }
  verdict: { type: { score: integer, notes: string }, optional: true }
sections:
  - name: Improve
    repeat: { until: "has(verdict) && verdict.score >= 8", max: 3, on_max: continue }
    steps:
      - name: Write
        prompt: "{{topic}}{{#if draft}} Was {{draft}}{{/if}}{{#if verdict}} {{verdict.notes}}{{/if}}"
        outputs: [draft]
      - { name: Judge, prompt: "Judge {{draft}}", outputs: [verdict] }
  - name: End
    steps:
      - { name: Publish, action: template, prompt: "{{draft}}", outputs: [article] }
"#,
        expect![[r#"
            input topic: string required
            inputs.inputs input -> topic
            improve.write prompt in [improve.until] -> draft
              topic Prompt: topic of inputs.inputs
              draft Prompt: draft of earlier improve.write optional
              verdict Prompt: verdict of earlier improve.judge optional
            improve.judge prompt in [improve.until] -> verdict
              draft Prompt: draft of improve.write optional
            improve.until until in [improve.until] -> 
              verdict Condition: verdict of improve.judge optional
            end.publish template -> article
              draft Prompt: draft of last improve.write optional
            output article Value: article of end.publish
        "#]],
    );
}

#[test]
fn elements_hold_turns_and_carry_goes_from_branch_to_branch() {
    flow(
        r#"
attributes:
  drafts: string[]
  chapters: { type: "string[]", input: true }
  summary: { optional: true }
  passed: { type: boolean, optional: true }
sections:
  - name: Research
    for_each: chapter in chapters
    repeat: { until: "has(passed) && passed", max: 2 }
    steps:
      - { name: Find, prompt: "Find {{chapter}}", outputs: [facts] }
      - { name: Grade, prompt: "Enough? {{facts}}", outputs: [passed] }
  - name: Write
    steps:
      - name: Draft
        for_each: chapter in chapters
        carry: [summary]
        prompt: "Write {{chapter}}{{#if summary}} after {{summary}}{{/if}}"
        outputs: [draft]
      - { name: Sum Up, prompt: "Sum up {{draft}}", outputs: [summary] }
      - { name: All, action: gather, gather: [draft], outputs: [drafts] }
      - { name: Facts, action: template, gather: [facts], prompt: "{{join facts}}", outputs: [fact_list] }
"#,
        expect![[r#"
            input chapters: string[] required
            inputs.inputs input -> chapters
            research.each each in [research.each] -> 
              fans out over read 0 as chapter
              chapters ForEach: chapters of inputs.inputs
            research.find prompt in [research.each, research.until] -> facts
              chapter Prompt: item chapter of research.each
            research.grade prompt in [research.each, research.until] -> passed
              facts Prompt: facts of research.find
            research.until until in [research.each, research.until] -> 
              passed Condition: passed of research.grade optional
            write.draft prompt in [write.draft] -> draft
              fans out over read 0 as chapter
              chapters ForEach: chapters of inputs.inputs
              chapter Prompt: item chapter of write.draft
              summary Prompt: summary of earlier write.sum-up optional
            write.sum-up prompt in [write.draft] -> summary
              draft Prompt: draft of write.draft
            write.all gather -> drafts
              draft Value: gather at 0: draft of write.draft
            write.facts template -> fact_list
              facts Prompt: gather at 0: facts of research.find
            output drafts Value: drafts of write.all
            output fact_list Value: fact_list of write.facts
            output summary Value: gather at 0: summary of write.sum-up optional
        "#]],
    );
}

#[test]
fn candidates_are_a_level_below_the_element() {
    flow(
        r#"
attributes:
  topics: { type: "string[]", input: true }
  verdict: { type: { score: number } }
  best: string[]
sections:
  - name: Titles
    steps:
      - name: Title
        for_each: topic in topics
        variants:
          Calm: { temperature: 0.3 }
          bold: { temperature: 1.0, model: strong/x }
        samples: 2
        prompt: "A title for {{topic}}"
        outputs: [title]
      - { name: Judge, prompt: "Score {{title}}", outputs: [verdict] }
      - { name: Best, select: { from: title, by: verdict.score, order: highest, max: 1 }, outputs: [best] }
  - name: Pick
    steps:
      - { name: Pick, action: choose, from: title, show: [verdict], outputs: [final] }
"#,
        expect![[r#"
            input topics: string[] required
            inputs.inputs input -> topics
            titles.title prompt in [titles.title, titles.title] -> title
              fans out over read 0 as topic
              topics ForEach: topics of inputs.inputs
              topic Prompt: item topic of titles.title
              candidates [calm, bold] × 2
            titles.judge prompt in [titles.title, titles.title] -> verdict
              title Prompt: title of titles.title
            titles.best select in [titles.title] -> best
              title ChooseFrom: gather at 1: title of titles.title
              verdict SelectBy: gather at 1: verdict of titles.judge
              select SelectPlan { from: 0, by: 1, path: ["score"], order: Highest, max: Some(1) }
            pick.pick choose -> final
              title ChooseFrom: gather at 0: title of titles.title
              verdict ChooseShow: gather at 0: verdict of titles.judge
              task Some(0) show [1] 1..Some(1)
            output best Value: gather at 0: best of titles.best
            output final Value: final of pick.pick
        "#]],
    );
}

#[test]
fn conditions_failures_and_edges() {
    flow(
        r#"
attributes:
  language: { type: { enum: [en, de] }, input: true }
  topics: { type: "string[]", input: true }
  translated: { optional: true }
outputs: [text, all]
sections:
  - name: Text
    when: language != "en"
    steps:
      - { name: Write, prompt: "Write in {{language}}", outputs: [text], assert: "size(text) > 10", on_error: "null" }
      - name: Translate
        when: size(topics) > 2 && language == "de"
        prompt: "Translate"
        outputs: [translated]
      - { name: Note, action: note, description: Publish it, after: [Write] }
  - name: Each
    steps:
      - { name: Draft, for_each: topic in topics, at_least: 2, prompt: "{{topic}} {{#if translated}}{{translated}}{{/if}}", outputs: [draft] }
      - { name: All, action: template, gather: [draft], prompt: "{{join draft}}", outputs: [all], effect: true }
"#,
        expect![[r#"
            input language: string required
            input topics: string[] required
            inputs.inputs input -> language, topics
            text.write prompt -> text
              when language != "en"
                language Condition: language of inputs.inputs
              language Prompt: language of inputs.inputs
              assert size(text) > 10
              on error Null
            text.translate prompt -> translated
              when language != "en"
                language Condition: language of inputs.inputs
              when size(topics) > 2 && language == "de"
                topics Condition: topics of inputs.inputs
                language Condition: language of inputs.inputs
            text.note note -> 
              when language != "en"
                language Condition: language of inputs.inputs
              after text.write
            each.draft prompt in [each.draft] -> draft
              fans out over read 0 as topic
              topics ForEach: topics of inputs.inputs
              topic Prompt: item topic of each.draft
              translated Prompt: translated of text.translate optional
              on error Skip
            each.all template -> all
              draft Prompt: gather at 0: draft of each.draft
            output text Value: text of text.write
            output all Value: all of each.all
        "#]],
    );
}

#[test]
fn a_branch_has_a_number_only_inside_branches() {
    flow(
        r#"
attributes: { topics: { type: "string[]", input: true } }
sections:
  - name: S
    steps:
      - { name: Inside, for_each: topic in topics, when: branch.number > 1, prompt: "{{branch.number}} {{topic}}", outputs: [text] }
      - { name: Outside, when: branch.count > 2, prompt: "{{branch.number}}" }
"#,
        expect![[r#"
            BL0240: `Outside` runs outside of any branches, so it has no branch number (workflow.yaml:9:32)
            BL0240: `Outside` runs outside of any branches, so it has no branch number (workflow.yaml:9:61)"#]],
    );
}

#[test]
fn a_list_of_values_has_no_empty_places() {
    flow(
        r#"
attributes: { topics: { type: "string[]", input: true }, all: "string[]" }
sections:
  - name: S
    steps:
      - { name: Draft, for_each: topic in topics, on_error: "null", prompt: "{{topic}}", outputs: [draft] }
      - { name: All, action: gather, gather: [draft], outputs: [all] }
"#,
        expect![
            "BL0235: `Draft` may leave an empty place in what is gathered, and the elements of `all` are never null (workflow.yaml:9:47)"
        ],
    );
}

/// An element is read where its own fan-out is, above its candidates, and not where another one of that name is.
#[test]
fn the_element_stands_above_the_candidates() {
    flow(
        r#"
types: { Chapter: { title: string, research: boolean } }
attributes: { book: { type: "Chapter[]", input: true }, score: integer }
sections:
  - name: S
    steps:
      - { name: Draft, for_each: chapter in book, samples: 2, when: chapter.research, prompt: "{{chapter.title}}", outputs: [draft] }
      - { name: Score, prompt: "{{draft}}", outputs: [score] }
      - { name: Best, select: { from: draft, by: score }, outputs: [best] }
      - { name: Polish, prompt: "{{best}} {{chapter.title}}", outputs: [polished] }
      - { name: Again, for_each: chapter in book, when: "!chapter.research", assert: size(chapter.title) > 1, inputs: { c: chapter }, prompt: "{{c.title}}", outputs: [again] }
      - { name: All, action: template, gather: { rows: [chapter, again] }, prompt: "{{json rows}}", outputs: [all] }
"#,
        expect![[r#"
            BL0308: `draft` may be missing, and then this step and what needs it are skipped (workflow.yaml:10:35)
            input book: object[] required
            inputs.inputs input -> book
            s.draft prompt in [s.draft, s.draft] -> draft
              fans out over read 0 as chapter
              when chapter.research
                chapter Condition: item chapter of s.draft
              book ForEach: book of inputs.inputs
              chapter Prompt: item chapter of s.draft
              candidates [] × 2
            s.score prompt in [s.draft, s.draft] -> score
              draft Prompt: draft of s.draft
            s.best select in [s.draft] -> best
              draft ChooseFrom: gather at 1: draft of s.draft
              score SelectBy: gather at 1: score of s.score
              select SelectPlan { from: 0, by: 1, path: [], order: Highest, max: Some(1) }
            s.polish prompt in [s.draft] -> polished
              best Prompt: best of s.best
              chapter Prompt: item chapter of s.draft
            s.again prompt in [s.again] -> again
              fans out over read 0 as chapter
              when !chapter.research
                chapter Condition: item chapter of s.again
              book ForEach: book of inputs.inputs
              c Prompt: item chapter of s.again
              chapter Condition: item chapter of s.again
              assert size(chapter.title) > 1
            s.all template -> all
              rows Prompt: gather at 0: chapter of s.again; again of s.again
            output all Value: all of s.all
            output polished Value: gather at 0: polished of s.polish
        "#]],
    );
}
