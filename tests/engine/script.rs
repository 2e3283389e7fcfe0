//! Scenario S2: a person chooses one idea, or brings one of their own.

use branchline_runtime::engine::{Answer, Author, RunOptions, RunRest};
use branchline_runtime::error::EngineError;
use branchline_schema_model::run::{DecisionKind, ValueSource, WorkflowRunStatus};
use serde_json::json;

use crate::house::{House, TestModel, inputs};

const SCRIPT: &str = r#"
name: script-writer
attributes:
  topic: { input: true }
  ideas: string[]
sections:
  - name: Ideas
    steps:
      - name: Basic Idea
        prompt: "Five ideas for a video about {{topic}}"
        outputs: [ideas]
      - name: Select an Idea
        action: choose
        description: Which idea do we film?
        from: ideas
        outputs: [selected_idea]
      - name: Basic Factsheet
        prompt: "Facts about {{selected_idea}}"
        outputs: [factsheet]
  - name: Script
    steps:
      - name: Write Script
        action: input
        description: Paste the script
        inputs: [factsheet]
        outputs: [script]
      - name: Check Script
        prompt: "Check {{script}}"
        outputs: [checked]
"#;

fn topic() -> RunOptions {
    inputs([("topic", json!("bees"))])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picked_idea_goes_on_exactly_as_it_is() {
    let model = TestModel::with_list_of(5);
    let house = House::new(model.clone());
    let (run, rest) = house.run(SCRIPT, topic()).await;
    assert_eq!(rest, RunRest::Waiting);
    assert_eq!(model.call_count(), 1, "no model is asked to choose");
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    assert_eq!(task.question, "Which idea do we film?");

    let refused = house.engine.task_answer(task.step_run.id, Answer::Pick(vec![9]), Author::default()).await;
    assert!(matches!(refused, Err(EngineError::Answer { .. })), "{refused:?}");
    assert_eq!(house.count("SELECT count(*) FROM decisions"), 0);
    assert_eq!(house.count("SELECT count(*) FROM run_messages"), 0);

    let decision =
        house.engine.task_answer(task.step_run.id, Answer::Pick(vec![3]), Author::default()).await.unwrap();
    assert_eq!(decision.map(|decision| (decision.picked, decision.option_count)), Some((vec![3], 5)));
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Waiting);
    let selected = house.values(run).await.into_iter().find(|one| one.attribute == "selected_idea").unwrap();
    assert_eq!((selected.value.value.as_str(), selected.value.source), ("ideas 3", ValueSource::Human));
    assert_eq!(model.calls_of("ideas.basic-factsheet"), 1);

    let again = house.engine.task_answer(task.step_run.id, Answer::Pick(vec![1]), Author::default()).await;
    assert!(matches!(again, Err(EngineError::TooLate { .. })), "{again:?}");

    // The paste: no prompt was sent for it.
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    assert_eq!(task.address, "script.write-script");
    let script = Answer::Values([("script".to_owned(), json!("Once upon a hive"))].into());
    house.engine.task_answer(task.step_run.id, script, Author::default()).await.unwrap();
    assert_eq!(house.engine.run_rest(run).await.unwrap(), RunRest::Ended(WorkflowRunStatus::Succeeded));
    assert_eq!(model.call_count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idea_of_ones_own_is_taken() {
    let house = House::new(TestModel::with_list_of(5));
    let (run, _) = house.run(SCRIPT, topic()).await;
    let task = house.engine.task_list(Some(run)).await.unwrap().remove(0);
    let own = Answer::Own(json!("wasps instead"));
    let decision = house.engine.task_answer(task.step_run.id, own, Author::default()).await.unwrap().unwrap();
    assert_eq!((decision.picked, decision.kind), (Vec::new(), DecisionKind::Human));
    let selected = house.values(run).await.into_iter().find(|one| one.attribute == "selected_idea").unwrap();
    assert_eq!(selected.value.value, "wasps instead");
}

#[tokio::test(flavor = "multi_thread")]
async fn unattended_takes_the_first_idea_and_still_waits_for_the_paste() {
    let house = House::new(TestModel::with_list_of(5));
    let (run, rest) = house.run(SCRIPT, RunOptions { unattended: true, ..topic() }).await;
    assert_eq!(rest, RunRest::Waiting, "nobody can paste for the person");
    let decision = house.store.decision_list(run).await.unwrap().remove(0);
    assert_eq!((decision.kind, decision.picked), (DecisionKind::Automatic, vec![1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_needs_nobody_and_nothing() {
    let house = House::new(TestModel::with_list_of(5));
    let options =
        RunOptions { unattended: true, rehearse: true, model: Some("mock".into()), ..RunOptions::default() };
    let (_, rest) = house.run(SCRIPT, options).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
}
