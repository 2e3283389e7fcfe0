//! Scenario S4: a real workflow of 38 steps in which attributes are read early and written several times.

use std::collections::BTreeMap;

use branchline_runtime::engine::{RunOptions, RunRest};
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::run::WorkflowRunStatus;
use serde_json::json;

use crate::house::{House, TestModel, inputs, workflow};

pub(crate) const LAUNCH: &str = include_str!("../fixtures/workflows/launch-optimizer/workflow.yaml");

/// Steps 3.3, 6.2, 6.4 and 6.5.
const READERS_OF_CHAPTERS: [&str; 4] = [
    "b-roll-suggestions.brief-for-video-editor",
    "youtube-meta-data.write-description",
    "youtube-meta-data.custom-gpt-description",
    "youtube-meta-data.pinned-comment",
];

pub(crate) fn options(parallel_calls: u32) -> RunOptions {
    RunOptions {
        parallel_calls: Some(parallel_calls),
        unattended: true,
        ..inputs([("transcript", json!("the talk")), ("chapters", json!("seeded chapters"))])
    }
}

/// A walk over the definition that knows nothing of plans: each read sees the enabled step before it that wrote the
/// name last, else the run input, if one was given.
fn expected(workflow: &Workflow, given: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut last: BTreeMap<String, String> =
        given.iter().map(|name| ((*name).to_owned(), "inputs.inputs".to_owned())).collect();
    let mut reads = BTreeMap::new();
    for section in &workflow.sections {
        for step in section.steps.iter().filter(|step| step.enabled) {
            let address = format!("{}.{}", section.slug(), step.slug());
            let prompt = step.prompt.clone().unwrap_or_default();
            let names = prompt.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
            let seen = names.filter_map(|(name, _)| Some((name.to_owned(), last.get(name)?.clone())));
            reads.insert(address.clone(), seen.collect());
            last.extend(step.outputs.iter().map(|output| (output.clone(), address.clone())));
        }
    }
    reads
}

/// What each step run read, by the step that wrote it.
async fn recorded(
    house: &House,
    run: branchline_schema_model::id::WorkflowRunId,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let values = house.values(run).await;
    let writer = |id| values.iter().find(|one| one.value.id == id).unwrap().address.clone();
    let views = house.step_runs(run).await;
    let views = views.into_iter().filter(|view| view.address != "inputs.inputs");
    views
        .map(|view| {
            let inputs = view.step_run.inputs.iter();
            let inputs = inputs.map(|(name, ids)| {
                assert_eq!(ids.len(), 1, "{} {name}", view.address);
                (name.clone(), writer(ids[0]))
            });
            (view.address.clone(), inputs.collect())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_38_steps_reads_the_nearest_writer_before_it_with_1_and_with_64_calls() {
    let mut texts = Vec::new();
    for parallel_calls in [1, 64] {
        let model = TestModel::with_list_of(3);
        let house = House::new(model.clone());
        let (run, rest) = house.run(LAUNCH, options(parallel_calls)).await;
        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
        let reads = recorded(&house, run).await;
        assert_eq!(reads, expected(&workflow(LAUNCH), &["transcript", "chapters"]));
        assert_eq!(reads.len(), 38);
        assert_eq!(model.call_count(), 37, "one step is a person's");

        let seen = |step: &str, name: &str| reads[step].get(name).map(String::as_str);
        assert_eq!(seen("video-preparation.configure", "chapters"), Some("inputs.inputs"));
        assert_eq!(seen("video-preparation.outcome-notes", "chapters"), Some("inputs.inputs"));
        assert_eq!(
            seen("build-chapters.create-chapters", "chapters"),
            Some("build-chapters.refine-chapters")
        );
        for reader in READERS_OF_CHAPTERS {
            assert_eq!(seen(reader, "chapters"), Some("build-chapters.create-chapters"), "{reader}");
        }
        assert_eq!(
            seen("youtube-meta-data.format-description", "video_description"),
            Some("youtube-meta-data.write-description")
        );
        let values = house.values(run).await;
        let written = |name: &str| values.iter().filter(|one| one.attribute == name).count();
        assert_eq!(
            (written("chapters"), written("outcome_notes")),
            (3, 6),
            "two writers and the seed; six notes"
        );
        texts.push(house.texts(run).await);
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_switched_off_is_passed_over() {
    let switched = LAUNCH.replace(
        "      - name: Create Chapters\n",
        "      - name: Create Chapters\n        enabled: false\n",
    );
    let mut texts = Vec::new();
    for parallel_calls in [1, 64] {
        let house = House::new(TestModel::with_list_of(3));
        let (run, rest) = house.run(&switched, options(parallel_calls)).await;
        assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Succeeded));
        let reads = recorded(&house, run).await;
        assert_eq!(reads, expected(&workflow(&switched), &["transcript", "chapters"]));
        for reader in READERS_OF_CHAPTERS {
            assert_eq!(reads[reader]["chapters"], "build-chapters.refine-chapters", "{reader}");
        }
        texts.push(house.texts(run).await);
    }
    assert_eq!(texts[0], texts[1]);
}
