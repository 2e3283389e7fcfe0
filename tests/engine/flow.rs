//! Everything that multiplies, leaves out or repeats step runs, from YAML to rows; with one call at a time and with 64.
// long because each case is a whole workflow with the rows it comes to, and they are read against each other
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest};
use branchline_runtime::error::EngineError;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{ErrorClass, WorkflowRunStatus};
use branchline_schema_model::store::StepRunFilter;
use expect_test::{Expect, expect};
use serde_json::json;

use crate::house::{House, TestModel, inputs};

fn topic(parallel_calls: u32) -> RunOptions {
    let given = inputs([("topic", json!("bees"))]);
    RunOptions { parallel_calls: Some(parallel_calls), unattended: true, model: None, ..given }
}

/// Runs with 1 and with 64 calls at a time; both have to bind and write the same. `fails` are addresses that are
/// refused for good.
pub(crate) async fn same(body: &str, fails: &[&str], expected: Expect) -> (House, WorkflowRunId) {
    let yaml = format!("name: flow\nmodel: test/any\n{body}");
    let mut told = Vec::new();
    let mut last = None;
    for parallel_calls in [1, 64] {
        let model = TestModel::with_list_of(3);
        for address in fails {
            model.fail(address, &[ErrorClass::Refused]);
        }
        let house = House::new(model);
        let (run, rest) = house.run(&yaml, topic(parallel_calls)).await;
        assert!(matches!(rest, RunRest::Ended(_)), "{rest:?}");
        let summary = house.store.run_fetch(run).await.unwrap().run;
        let end = format!("{} {}", summary.status, summary.reason.unwrap_or_default());
        let outputs = house.engine.run_outputs(run).await.unwrap();
        let outputs = outputs.iter().map(|one| format!("{} = {}", one.name, json!(one.value)));
        let outputs = outputs.collect::<Vec<_>>().join("\n");
        told.push(format!("{}\n{outputs}\n{}", house.bindings(run).await, end.trim_end()));
        last = Some((house, run));
    }
    assert_eq!(told[0], told[1]);
    expected.assert_eq(&told[1]);
    last.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_and_samples_are_scored_and_the_best_is_selected() {
    let (house, run) = same(
        r#"
attributes: { topic: { input: true }, score: integer, all: "string[]" }
outputs: [best, all]
sections:
  - name: Main
    steps:
      - name: Title
        variants: { calm: { temperature: 0.1 }, bold: { temperature: 1.0, model: test/strong } }
        samples: 2
        prompt: "A title for {{topic}}"
        outputs: [title]
      - { name: Score, action: template, prompt: "{{#if title}}{{branch.number}}{{/if}}", outputs: [score] }
      - { name: Best, select: { from: title, by: score }, outputs: [best] }
      - { name: All, action: gather, gather: [title], outputs: [all] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.title@calm.1 succeeded topic=inputs.inputs
            main.title@calm.2 succeeded topic=inputs.inputs
            main.title@bold.1 succeeded topic=inputs.inputs
            main.title@bold.2 succeeded topic=inputs.inputs
            main.score/1 succeeded title=main.title@calm.1
            main.score/2 succeeded title=main.title@calm.2
            main.score/3 succeeded title=main.title@bold.1
            main.score/4 succeeded title=main.title@bold.2
            main.best succeeded score=main.score/1+main.score/2+main.score/3+main.score/4 title=main.title@calm.1+main.title@calm.2+main.title@bold.1+main.title@bold.2
            main.all succeeded title=main.title@calm.1+main.title@calm.2+main.title@bold.1+main.title@bold.2
            best = "main.title@bold.2 of (A title for bees)"
            all = ["main.title@calm.1 of (A title for bees)","main.title@calm.2 of (A title for bees)","main.title@bold.1 of (A title for bees)","main.title@bold.2 of (A title for bees)"]
            succeeded"#]],
    )
    .await;
    let request = |address: &'static str| {
        let (house, run) = (&house, run);
        async move {
            let filter = StepRunFilter { limit: 9, ..StepRunFilter::at(&address.parse().unwrap()) };
            let view = house.store.step_run_list(run, &filter).await.unwrap().remove(0);
            assert_eq!(view.address, address);
            let attempt = house.store.attempt_list(view.step_run.id).await.unwrap().remove(0);
            let request = attempt.request.unwrap();
            (attempt.model.unwrap(), request["parameters"]["temperature"].clone(), request["sample"].clone())
        }
    };
    assert_eq!(request("main.title@calm.2").await, ("test/any".into(), json!(0.1), json!(2)));
    assert_eq!(request("main.title@bold.1").await, ("test/strong".into(), json!(1.0), json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_stand_below_elements_and_join_one_level_at_a_time() {
    same(
        r#"
attributes: { topic: { input: true }, parts: "string[]", texts: "string[]" }
outputs: [texts]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Write, for_each: part in parts, where: branch.number != 2, samples: 2, prompt: "{{part}}", outputs: [text] }
      - { name: Join, action: template, gather: [text], prompt: "{{join text}}", outputs: [joined] }
      - { name: All, action: gather, gather: { joined: joined }, outputs: [texts] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.split succeeded topic=inputs.inputs
            main.write/1@1 succeeded part=main.write/1@1 parts=main.split
            main.write/1@2 succeeded part=main.write/1@1 parts=main.split
            main.write/3@1 succeeded part=main.write/3@1 parts=main.split
            main.write/3@2 succeeded part=main.write/3@1 parts=main.split
            main.join/1 succeeded text=main.write/1@1+main.write/1@2
            main.join/3 succeeded text=main.write/3@1+main.write/3@2
            main.all succeeded joined=main.join/1+main.join/3
            texts = ["main.write/1@1 of (parts 1), main.write/1@2 of (parts 1)","main.write/3@1 of (parts 3), main.write/3@2 of (parts 3)"]
            succeeded"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_runs_for_each_element_with_its_label() {
    let (house, run) = same(
        r#"
attributes: { topic: { input: true }, parts: "string[]", texts: "string[]" }
outputs: [texts]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
  - name: Write
    for_each: part in parts
    label: "About {{part}}"
    steps:
      - { name: Draft, prompt: "Write {{part}}", outputs: [draft] }
      - { name: Polish, prompt: "Polish {{draft}}", outputs: [draft] }
  - name: End
    steps:
      - { name: All, action: gather, gather: { draft: draft }, outputs: [texts] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.split succeeded topic=inputs.inputs
            write/1.draft succeeded part=write/1.each
            write/1.polish succeeded draft=write/1.draft
            write/2.draft succeeded part=write/2.each
            write/2.polish succeeded draft=write/2.draft
            write/3.draft succeeded part=write/3.each
            write/3.polish succeeded draft=write/3.draft
            end.all succeeded draft=write/1.polish+write/2.polish+write/3.polish
            texts = ["write/1.polish of (Polish write/1.draft of (Write parts 1))","write/2.polish of (Polish write/2.draft of (Write parts 2))","write/3.polish of (Polish write/3.draft of (Write parts 3))"]
            succeeded"#]],
    )
    .await;
    let sections = house.store.section_run_list(run).await.unwrap();
    let labels: Vec<_> = sections.into_iter().filter_map(|one| Some((one.item_index?, one.label?))).collect();
    assert_eq!(
        labels,
        [(1, "About parts 1".into()), (2, "About parts 2".into()), (3, "About parts 3".into())]
    );
}

pub(crate) const TURNS: &str = r#"
attributes: { topic: { input: true }, draft: { optional: true }, good: { type: boolean, optional: true } }
outputs: [article]
sections:
  - name: Improve
    repeat: { until: "has(good) && good", max: 4 }
    steps:
      - { name: Write, prompt: "{{topic}}{{#if draft}} was {{draft}}{{/if}}", outputs: [draft] }
      - { name: Judge, action: template, prompt: "{{#if draft}}false{{/if}}", outputs: [good] }
  - name: End
    steps:
      - { name: Publish, action: template, prompt: "{{draft}}", outputs: [article] }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn turns_go_on_until_their_condition_holds() {
    let body = TURNS.replace(r#""has(good) && good""#, r#""has(draft) && draft.contains('+2.write')""#);
    same(
        &body,
        &[],
        expect![[r#"
        inputs.inputs succeeded
        improve+1.write succeeded topic=inputs.inputs
        improve+1.judge succeeded draft=improve+1.write
        improve+2.write succeeded draft=improve+1.write topic=inputs.inputs
        improve+2.judge succeeded draft=improve+2.write
        end.publish succeeded draft=improve+2.write
        article = "improve+2.write of (bees was improve+1.write of (bees))"
        succeeded"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_end_at_their_most_and_that_may_be_a_failure() {
    let body = TURNS.replace("max: 4", "max: 2, on_max: fail");
    same(&body, &[], expect![[r#"
        inputs.inputs succeeded
        improve+1.write succeeded topic=inputs.inputs
        improve+1.judge succeeded draft=improve+1.write
        improve+2.write succeeded draft=improve+1.write topic=inputs.inputs
        improve+2.judge succeeded draft=improve+2.write
        article = null
        failed `improve+2.until` failed: after 2 turns, the most there may be, `has(good) && good` does not hold (invalid_output)"#]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_sees_what_the_turn_before_wrote() {
    same(
        r#"
attributes: { topic: { input: true }, parts: "string[]", done: { type: boolean, optional: true } }
outputs: [done]
sections:
  - name: Improve
    repeat: { max: 2 }
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Work, for_each: part in parts, where: "!has(done)", prompt: "{{part}}", outputs: [work] }
      - { name: Done, action: template, gather: [work], prompt: "{{#if work}}true{{else}}false{{/if}}", outputs: [done] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            improve+1.split succeeded topic=inputs.inputs
            improve+1.work/1 succeeded part=improve+1.work/1 parts=improve+1.split
            improve+1.work/2 succeeded part=improve+1.work/2 parts=improve+1.split
            improve+1.work/3 succeeded part=improve+1.work/3 parts=improve+1.split
            improve+1.done succeeded work=improve+1.work/1+improve+1.work/2+improve+1.work/3
            improve+2.split succeeded topic=inputs.inputs
            improve+2.done succeeded
            done = false
            succeeded"#]],
    )
    .await;
}

/// The checker warns that an item may be null, and it renders as nothing. The model writes texts, so no grade is one.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_null_renders_as_nothing() {
    same(
        r#"
types: { Grade: { score: integer } }
attributes: { topic: { input: true }, parts: "string[]", grade: Grade }
sections:
  - name: S
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Grade, for_each: part in parts, on_error: "null", prompt: "{{part}}", outputs: [grade] }
      - { name: Note, for_each: part in parts, on_error: "null", prompt: "{{part}}", outputs: [note] }
      - name: All
        action: template
        gather: [grade, note]
        assert: "size(grade) == 3 && grade.exists(one, one == null)"
        prompt: "{{#each grade}}{{@index}}={{score}}{{this.score}}{{upper score}};{{/each}}{{#each grade as |one|}}{{one.score}},{{/each}} {{#each note}}{{this}};{{/each}}"
        outputs: [all]
"#,
        &["s.note/2"],
        expect![[r#"
            inputs.inputs succeeded
            s.split succeeded topic=inputs.inputs
            s.grade/1 skipped part=s.grade/1 parts=s.split
            s.grade/2 skipped part=s.grade/2 parts=s.split
            s.grade/3 skipped part=s.grade/3 parts=s.split
            s.note/1 succeeded part=s.note/1 parts=s.split
            s.note/2 skipped part=s.note/2 parts=s.split
            s.note/3 succeeded part=s.note/3 parts=s.split
            s.all succeeded note=s.note/1+s.note/3
            all = "0=;1=;2=;,,, s.note/1 of (parts 1);;s.note/3 of (parts 3);"
            succeeded"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_hold_turns_and_a_branch_reads_what_the_one_before_carries_on() {
    same(
        r#"
attributes: { topic: { input: true }, parts: "string[]", facts: { optional: true }, summary: { optional: true } }
outputs: [end]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
  - name: Research
    for_each: part in parts
    repeat: { max: 2 }
    steps:
      - { name: Find, prompt: "{{part}}{{#if facts}} after {{facts}}{{/if}}", outputs: [facts] }
  - name: Write
    steps:
      - { name: Draft, for_each: part in parts, carry: [summary], prompt: "{{part}}{{#if summary}} after {{summary}}{{/if}}", outputs: [draft] }
      - { name: Sum Up, prompt: "Sum up {{draft}}", outputs: [summary] }
  - name: End
    steps:
      - { name: End, action: template, gather: [facts, summary], prompt: "{{join facts}} / {{join summary}}", outputs: [end] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.split succeeded topic=inputs.inputs
            research/1+1.find succeeded part=research/1+1.each
            research/1+2.find succeeded facts=research/1+1.find part=research/1+1.each
            research/2+1.find succeeded part=research/2+1.each
            research/2+2.find succeeded facts=research/2+1.find part=research/2+1.each
            research/3+1.find succeeded part=research/3+1.each
            research/3+2.find succeeded facts=research/3+1.find part=research/3+1.each
            write.draft/1 succeeded part=write.draft/1 parts=main.split
            write.draft/2 succeeded part=write.draft/2 parts=main.split summary=write.sum-up/1
            write.draft/3 succeeded part=write.draft/3 parts=main.split summary=write.sum-up/2
            write.sum-up/1 succeeded draft=write.draft/1
            write.sum-up/2 succeeded draft=write.draft/2
            write.sum-up/3 succeeded draft=write.draft/3
            end.end succeeded facts=research/1+2.find+research/2+2.find+research/3+2.find summary=write.sum-up/1+write.sum-up/2+write.sum-up/3
            end = "research/1+2.find of (parts 1 after research/1+1.find of (parts 1)), research/2+2.find of (parts 2 after research/2+1.find of (parts 2)), research/3+2.find of (parts 3 after research/3+1.find of (parts 3)) / write.sum-up/1 of (Sum up write.draft/1 of (parts 1)), write.sum-up/2 of (Sum up write.draft/2 of (parts 2 after write.sum-up/1 of (Sum up write.draft/1 of (parts 1)))), write.sum-up/3 of (Sum up write.draft/3 of (parts 3 after write.sum-up/2 of (Sum up write.draft/2 of (parts 2 after write.sum-up/1 of (Sum up write.draft/1 of (parts 1))))))"
            succeeded"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_leave_steps_and_branches_out() {
    same(
        r#"
attributes: { topic: { input: true }, parts: "string[]", texts: "string[]", extra: { optional: true } }
outputs: [texts, note]
sections:
  - name: Main
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Extra, when: topic == "wasps", prompt: "Extra", outputs: [extra] }
      - { name: Note, when: size(parts) == 3, action: template, prompt: "{{#if extra}}more{{else}}none{{/if}}", outputs: [note] }
      - { name: Write, for_each: part in parts, where: "!part.endsWith(string(branch.count - 2)) && part != topic", prompt: "{{part}} of {{branch.count}}", outputs: [draft] }
      - { name: Check, when: "part != 'parts 3'", prompt: "Check {{draft}}", outputs: [text] }
      - { name: All, action: gather, gather: { text: text }, outputs: [texts] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.split succeeded topic=inputs.inputs
            main.extra skipped topic=inputs.inputs
            main.note succeeded parts=main.split
            main.write/2 succeeded part=main.write/2 parts=main.split topic=inputs.inputs
            main.write/3 succeeded part=main.write/3 parts=main.split topic=inputs.inputs
            main.check/2 succeeded draft=main.write/2 part=main.write/2
            main.check/3 skipped part=main.write/3
            main.all succeeded text=main.check/2
            texts = ["main.check/2 of (Check main.write/2 of (parts 2 of 2))"]
            note = "none"
            succeeded"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_does_not_hold_is_an_invalid_output() {
    let body = r#"
attributes: { topic: { input: true }, size: integer }
sections:
  - name: Main
    steps:
      - { name: Write, prompt: "{{topic}}", assert: "text.contains(topic)", outputs: [text] }
      - { name: Size, action: template, prompt: "{{#if text}}3{{/if}}", assert: "size > 3", outputs: [size] }
"#;
    same(
        body,
        &[],
        expect![[r#"
        inputs.inputs succeeded
        main.write succeeded topic=inputs.inputs
        main.size failed text=main.write
        size = null
        failed `main.size` failed: it has to hold that `size > 3` (invalid_output)"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_done_or_not_and_an_answer_is_held_to_what_its_step_asserts() {
    let yaml = r#"
name: people
model: test/any
attributes: { topic: { input: true }, age: integer }
sections:
  - name: Main
    steps:
      - { name: Write, prompt: "{{topic}}", outputs: [text] }
      - { name: Post, action: note, description: Post it, prompt: "Copy: {{text}}" }
      - { name: Age, action: input, description: How old, assert: "age >= 18", outputs: [age] }
"#;
    let house = House::new(TestModel::with_list_of(3));
    let (run, rest) = house.run(yaml, RunOptions { unattended: false, ..topic(4) }).await;
    assert_eq!(rest, RunRest::Waiting);
    let tasks = house.engine.task_list(Some(run)).await.unwrap();
    let post = tasks.iter().find(|task| task.action == "note").unwrap();
    assert_eq!(post.text.as_deref(), Some("Copy: main.write of (bees)"));
    house.engine.task_answer(post.step_run.id, Answer::Default, Author::default()).await.unwrap();
    let age = tasks.iter().find(|task| task.action == "input").unwrap().step_run.id;
    let years = |years: u32| Answer::Values([("age".to_owned(), json!(years))].into());
    let refused = house.engine.task_answer(age, years(17), Author::default()).await;
    assert!(
        matches!(&refused, Err(EngineError::Answer { message }) if message.contains("age >= 18")),
        "{refused:?}"
    );
    house.engine.task_answer(age, years(18), Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_chosen_from_with_what_belongs_to_each() {
    let yaml = r#"
name: choice
model: test/any
attributes: { topic: { input: true }, titles: "string[]", score: integer, picked: "string[]" }
sections:
  - name: Main
    steps:
      - { name: Titles, variants: { a: {}, b: {} }, prompt: "{{topic}}", outputs: [titles] }
      - { name: Score, action: template, prompt: "{{#if titles}}{{branch.number}}{{/if}}", outputs: [score] }
      - { name: Pick, action: choose, from: titles, show: [score], max: 6, outputs: [picked] }
"#;
    let house = House::new(TestModel::with_list_of(3));
    let (run, rest) = house.run(yaml, RunOptions { unattended: false, ..topic(4) }).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let options = task.options.iter().map(|one| format!("{} {} {}", one.branch, one.value, json!(one.show)));
    expect![[r#"
        @a "titles 1" {"score":1}
        @a "titles 2" {"score":1}
        @a "titles 3" {"score":1}
        @b "titles 1" {"score":2}
        @b "titles 2" {"score":2}
        @b "titles 3" {"score":2}"#]]
    .assert_eq(&options.collect::<Vec<_>>().join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_carried_passes_over_a_branch_that_is_left_out_and_elements_stand_above_candidates() {
    same(
        r#"
attributes: { topic: { input: true }, list: "string[]", summary: { optional: true }, score: integer, rows: string }
outputs: [rows]
sections:
  - name: Main
    steps:
      - { name: List, prompt: "A list for {{topic}}", outputs: [list] }
      - { name: Sum, for_each: x in list, carry: [summary], when: branch.number != 2, prompt: "{{x}} {{#if summary}}{{summary}}{{/if}}", outputs: [summary] }
  - name: More
    steps:
      - { name: Draft, for_each: y in list, samples: 2, prompt: "{{y}}", outputs: [draft] }
      - { name: Score, action: template, prompt: "{{#if draft}}{{branch.number}}{{/if}}", outputs: [score] }
      - { name: Best, select: { from: draft, by: score }, outputs: [best] }
      - { name: Polish, action: template, prompt: "{{best}} of {{y}}", outputs: [polished] }
      - { name: Rows, action: template, gather: { pairs: [y, polished] }, prompt: "{{#each pairs}}{{y}}: {{polished}}\n{{/each}}", outputs: [rows] }
"#,
        &[],
        expect![[r#"
            inputs.inputs succeeded
            main.list succeeded topic=inputs.inputs
            main.sum/1 succeeded list=main.list x=main.sum/1
            main.sum/2 skipped
            main.sum/3 succeeded list=main.list summary=main.sum/1 x=main.sum/3
            more.draft/1@1 succeeded list=main.list y=more.draft/1@1
            more.draft/1@2 succeeded list=main.list y=more.draft/1@1
            more.draft/2@1 succeeded list=main.list y=more.draft/2@1
            more.draft/2@2 succeeded list=main.list y=more.draft/2@1
            more.draft/3@1 succeeded list=main.list y=more.draft/3@1
            more.draft/3@2 succeeded list=main.list y=more.draft/3@1
            more.score/1/1 succeeded draft=more.draft/1@1
            more.score/1/2 succeeded draft=more.draft/1@2
            more.score/2/1 succeeded draft=more.draft/2@1
            more.score/2/2 succeeded draft=more.draft/2@2
            more.score/3/1 succeeded draft=more.draft/3@1
            more.score/3/2 succeeded draft=more.draft/3@2
            more.best/1 succeeded draft=more.draft/1@1+more.draft/1@2 score=more.score/1/1+more.score/1/2
            more.best/2 succeeded draft=more.draft/2@1+more.draft/2@2 score=more.score/2/1+more.score/2/2
            more.best/3 succeeded draft=more.draft/3@1+more.draft/3@2 score=more.score/3/1+more.score/3/2
            more.polish/1 succeeded best=more.best/1 y=more.draft/1@1
            more.polish/2 succeeded best=more.best/2 y=more.draft/2@1
            more.polish/3 succeeded best=more.best/3 y=more.draft/3@1
            more.rows succeeded pairs=more.draft/1@1+more.polish/1+more.draft/2@1+more.polish/2+more.draft/3@1+more.polish/3
            rows = "list 1: more.draft/1@2 of (list 1) of list 1\nlist 2: more.draft/2@2 of (list 2) of list 2\nlist 3: more.draft/3@2 of (list 3) of list 3\n"
            succeeded"#]],
    )
    .await;
}

/// Also the values of the branches around those of the options.
#[tokio::test(flavor = "multi_thread")]
async fn options_are_shown_with_what_stands_around_them() {
    let yaml = r#"
name: flow
model: test/any
attributes: { topic: { input: true }, parts: "string[]", angles: "string[]" }
sections:
  - name: Write
    steps:
      - { name: Split, prompt: "Parts of {{topic}}", outputs: [parts] }
      - { name: Brief, for_each: part in parts, prompt: "{{part}}", outputs: [brief] }
      - { name: Angles, prompt: "{{brief}}", outputs: [angles] }
      - { name: Draft, for_each: angle in angles, prompt: "{{angle}} {{brief}}", outputs: [draft] }
  - name: Pick
    steps:
      - { name: Pick, action: choose, from: draft, show: [topic, part, angle], outputs: [best] }
"#;
    let house = House::new(TestModel::with_list_of(2));
    let (run, rest) = house.run(yaml, RunOptions { unattended: false, ..topic(4) }).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let shown = task.options.iter().map(|option| format!("{} {}\n", option.branch, json!(option.show)));
    expect![[r#"
        1/1 {"angle":"angles 1","part":"parts 1","topic":"bees"}
        1/2 {"angle":"angles 2","part":"parts 1","topic":"bees"}
        2/1 {"angle":"angles 1","part":"parts 2","topic":"bees"}
        2/2 {"angle":"angles 2","part":"parts 2","topic":"bees"}
    "#]]
    .assert_eq(&shown.collect::<String>());
}

/// An optional value may be left out of an answer, and then the one before it counts.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_leave_out_what_is_optional() {
    let yaml = r#"
name: flow
model: test/any
attributes: { topic: { input: true }, note: { optional: true } }
sections:
  - name: Ask
    steps:
      - { name: First, action: template, prompt: "none", outputs: [note] }
      - { name: Ask, action: input, outputs: [title, note], assert: "!has(note) || note != title" }
      - { name: Use, action: template, prompt: "{{topic}} {{title}}{{#if note}} {{note}}{{/if}}", outputs: [text] }
"#;
    let house = House::new(TestModel::with_list_of(2));
    let (run, rest) = house.run(yaml, RunOptions { unattended: false, ..topic(4) }).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let required: Vec<_> = task.fields.iter().map(|field| (field.name.as_str(), field.required)).collect();
    assert_eq!(required, [("title", true), ("note", false)]);
    let answer = |name: &str| Answer::Values([(name.to_owned(), json!("A"))].into());
    let refused = house.engine.task_answer(task.step_run.id, answer("note"), Author::default()).await;
    assert!(matches!(&refused, Err(EngineError::Answer { message }) if message == "`title` is missing"));
    house.engine.task_answer(task.step_run.id, answer("title"), Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    let outputs = house.engine.run_outputs(run).await.unwrap();
    assert_eq!(outputs[0].value, Some(json!("bees A none")));
}
