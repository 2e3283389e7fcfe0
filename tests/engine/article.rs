//! Scenario S1: a transcript becomes an article; five openings fan out, come together, and a person picks one.

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest};
use branchline_schema_model::run::{ErrorClass, WorkflowRunStatus};
use expect_test::expect;
use serde_json::json;

use crate::house::{House, TestModel, inputs};

pub(crate) const ARTICLE: &str = r#"
name: transcript-to-article
description: A talk becomes an article with the opening a person likes best.
attributes:
  transcript:       { input: true, description: Plain text of the talk }
  intro_variations: string[]
sections:
  - name: Analysis
    steps:
      - name: Generate Outline
        prompt: "List the points of this talk in order: {{transcript}}"
        outputs: [outline]
      - name: Write First Draft
        prompt: "Turn these points into an article: {{outline}}"
        outputs: [first_draft]
      - name: Generate Intros
        prompt: "Suggest openings for this article: {{first_draft}}"
        outputs: [intro_variations]
      - name: Update Draft with Intro
        for_each: intro_variation in intro_variations
        prompt: "Give {{first_draft}} the opening {{intro_variation}}"
        outputs: [second_draft]
      - name: Analyse Intro
        prompt: "Say how the opening of {{second_draft}} works"
        outputs: [intro_analysis]
      - name: Combine Intro Analysis
        action: template
        gather: [intro_analysis]
        prompt: "{{intro_analysis}}"
        outputs: [intro_analysis_combined]
      - name: Pick the Draft
        action: choose
        from: second_draft
        outputs: [chosen_draft]
  - name: Editing
    steps:
      - name: Write Second Draft
        prompt: "Polish {{chosen_draft}} with {{intro_analysis_combined}} in mind"
        outputs: [second_draft]
      - name: Extras
        prompt: "What else could go with {{second_draft}}?"
"#;

fn talk(parallel_calls: u32) -> RunOptions {
    RunOptions {
        parallel_calls: Some(parallel_calls),
        ..inputs([("transcript", json!("a \"talk\" & <more>"))])
    }
}

/// Runs to the choice, picks option 3, and runs to the end.
async fn run_and_pick_third(
    house: &House,
    options: RunOptions,
) -> branchline_schema_model::id::WorkflowRunId {
    let (run, rest) = house.run(ARTICLE, options).await;
    assert_eq!(rest, RunRest::Waiting);
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    assert_eq!(task.options.len(), 5);
    assert_eq!(task.options[2].branch, "3");
    let author = Author { name: Some("ana".into()), note: Some("the calm one".into()) };
    house.engine.task_answer(task.step_run.id, Answer::Pick(vec![3]), author).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn five_openings_fan_out_come_together_and_one_is_picked() {
    let model = TestModel::with_list_of(5);
    let house = House::new(model.clone());
    let run = run_and_pick_third(&house, talk(16)).await;

    assert_eq!(house.step_runs(run).await.len(), 18);
    assert_eq!(model.call_count(), 15);
    assert_eq!(house.values(run).await.len(), 22);
    assert_eq!(house.count("SELECT count(*) FROM decisions"), 1);
    assert_eq!(house.count("SELECT count(*) FROM section_runs"), 3);
    expect![[r"
        inputs.inputs succeeded
        analysis.generate-outline succeeded transcript=inputs.inputs
        analysis.write-first-draft succeeded outline=analysis.generate-outline
        analysis.generate-intros succeeded first_draft=analysis.write-first-draft
        analysis.update-draft-with-intro/1 succeeded first_draft=analysis.write-first-draft intro_variation=analysis.update-draft-with-intro/1 intro_variations=analysis.generate-intros
        analysis.update-draft-with-intro/2 succeeded first_draft=analysis.write-first-draft intro_variation=analysis.update-draft-with-intro/2 intro_variations=analysis.generate-intros
        analysis.update-draft-with-intro/3 succeeded first_draft=analysis.write-first-draft intro_variation=analysis.update-draft-with-intro/3 intro_variations=analysis.generate-intros
        analysis.update-draft-with-intro/4 succeeded first_draft=analysis.write-first-draft intro_variation=analysis.update-draft-with-intro/4 intro_variations=analysis.generate-intros
        analysis.update-draft-with-intro/5 succeeded first_draft=analysis.write-first-draft intro_variation=analysis.update-draft-with-intro/5 intro_variations=analysis.generate-intros
        analysis.analyse-intro/1 succeeded second_draft=analysis.update-draft-with-intro/1
        analysis.analyse-intro/2 succeeded second_draft=analysis.update-draft-with-intro/2
        analysis.analyse-intro/3 succeeded second_draft=analysis.update-draft-with-intro/3
        analysis.analyse-intro/4 succeeded second_draft=analysis.update-draft-with-intro/4
        analysis.analyse-intro/5 succeeded second_draft=analysis.update-draft-with-intro/5
        analysis.combine-intro-analysis succeeded intro_analysis=analysis.analyse-intro/1+analysis.analyse-intro/2+analysis.analyse-intro/3+analysis.analyse-intro/4+analysis.analyse-intro/5
        analysis.pick-the-draft succeeded second_draft=analysis.update-draft-with-intro/1+analysis.update-draft-with-intro/2+analysis.update-draft-with-intro/3+analysis.update-draft-with-intro/4+analysis.update-draft-with-intro/5
        editing.write-second-draft succeeded chosen_draft=analysis.pick-the-draft intro_analysis_combined=analysis.combine-intro-analysis
        editing.extras succeeded second_draft=editing.write-second-draft"]]
    .assert_eq(&house.bindings(run).await);
    let values = house.values(run).await;
    let text = |address: &str, attribute: &str| {
        let found = values.iter().find(|one| one.address == address && one.attribute == attribute);
        found.unwrap_or_else(|| panic!("{attribute} of {address}")).value.value.clone()
    };
    assert_eq!(text("analysis.update-draft-with-intro/4", "intro_variation"), "intro_variations 4");
    assert_eq!(
        text("analysis.pick-the-draft", "chosen_draft"),
        text("analysis.update-draft-with-intro/3", "second_draft")
    );
    assert_eq!(text("analysis.combine-intro-analysis", "intro_analysis_combined").lines().count(), 5);
    assert!(text("analysis.generate-outline", "outline").contains("a \"talk\" & <more>"), "no HTML escaping");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_at_a_time_and_sixty_four_record_the_same() {
    let mut recorded = Vec::new();
    for parallel_calls in [1, 64] {
        let house = House::new(TestModel::with_list_of(5));
        let run = run_and_pick_third(&house, talk(parallel_calls)).await;
        recorded.push((house.bindings(run).await, house.texts(run).await));
    }
    assert_eq!(recorded[0], recorded[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_fails_once_costs_one_attempt_and_nothing_of_its_siblings() {
    let model = TestModel::with_list_of(5);
    model.fail("analysis.update-draft-with-intro/4", &[ErrorClass::Overloaded]);
    let house = House::new(model.clone());
    let run = run_and_pick_third(&house, talk(16)).await;
    assert_eq!(model.calls_of("analysis.update-draft-with-intro/4"), 2);
    assert_eq!(model.call_count(), 16);
    assert_eq!(house.step_runs(run).await.len(), 18);
    let failed =
        house.step_runs(run).await.into_iter().find(|view| view.address.ends_with("intro/4")).unwrap();
    let attempts = house.store.attempt_list(failed.step_run.id).await.unwrap();
    assert_eq!(attempts.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_gives_no_branches_and_an_empty_gather() {
    let house = House::new(TestModel::with_list_of(0));
    let gather = ARTICLE
        .replace("action: template\n", "action: gather\n")
        .replace("        prompt: \"{{intro_analysis}}\"\n", "");
    let gather = gather.replace(
        "intro_variations: string[]\n",
        "intro_variations: string[]\n  intro_analysis_combined: string[]\n",
    );
    let (run, rest) = house.run(&gather, talk(16)).await;
    let bindings = house.bindings(run).await;
    assert!(!bindings.contains("update-draft-with-intro/"), "{bindings}");
    let texts = house.texts(run).await;
    assert!(
        texts.contains(&"analysis.combine-intro-analysis intro_analysis_combined = []".to_owned()),
        "{texts:#?}"
    );
    // One draft has to be picked and there is none.
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Failed));
}
