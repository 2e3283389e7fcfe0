//! The stream of a run: every event once, in order, wherever it is taken up.

use std::sync::Arc;
use std::time::Duration;

use branchline_runtime::engine::RunOptions;
use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::sse::{self, numbers};
use crate::support::{Gate, PATIENCE, Server, answer, branches, engine, pick_a_title, text};

async fn finished_run(server: &Server) -> String {
    server.save(&branches()).await;
    server.gate.open(4);
    let run = server
        .start_run(&json!({ "workflow": "branches", "inputs": { "words": ["a", "b", "c", "d"] } }))
        .await;
    server.until(&run, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
    run
}

#[tokio::test]
async fn a_stream_taken_up_at_any_number_goes_on_with_the_next() {
    let server = Server::start().await;
    let run = finished_run(&server).await;
    let all = numbers(server.stream(&run, None).await).await;
    let last = all.len() as u64;
    assert_eq!(all, (1..=last).collect::<Vec<_>>(), "no gap, no duplicate");
    for cut in 0..last {
        let rest = numbers(server.stream(&run, Some(cut)).await).await;
        assert_eq!(rest, (cut + 1..=last).collect::<Vec<_>>(), "after {cut}");
    }
    let path = format!("/runs/{run}/stream");
    let after_end = server.request(Method::GET, &path).header("last-event-id", last).send().await.unwrap();
    assert_eq!(after_end.status(), StatusCode::NO_CONTENT, "a browser then stops to connect again");
    let (status, _) = answer(server.request(Method::GET, &path).header("last-event-id", "x")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn streams_opened_at_any_moment_of_a_live_run_tell_the_same() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let words: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let run = server.start_run(&json!({ "workflow": "branches", "inputs": { "words": words } })).await;
    let mut readers = Vec::new();
    for _ in 0..20 {
        readers.push(tokio::spawn(numbers(server.stream(&run, None).await)));
        server.gate.open(1);
    }
    let (_, events) = {
        server.until(&run, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
        server.get(&format!("/runs/{run}/events?limit=1000")).await
    };
    let stored: Vec<u64> =
        events["items"].as_array().unwrap().iter().filter_map(|event| event["sequence"].as_u64()).collect();
    for reader in readers {
        assert_eq!(tokio::time::timeout(PATIENCE, reader).await.unwrap().unwrap(), stored);
    }
}

#[tokio::test]
async fn the_live_part_follows_the_replay_without_a_seam() {
    let server = Server::start().await;
    server.save(&pick_a_title()).await;
    let run = server
        .start_run(&json!({ "workflow": "pick-a-title", "inputs": { "topic": "x" }, "model": "mock" }))
        .await;
    let task = server.task(&run).await;
    let mut events = server.stream(&run, None).await;
    let mut seen = 0;
    loop {
        let event = events.next().await.unwrap();
        seen += 1;
        assert_eq!(event.id, seen.to_string());
        let data = event.json();
        assert_eq!((data["event"].as_str(), &data["sequence"]), (Some(event.kind.as_str()), &json!(seen)));
        if event.kind == "step_waiting" {
            break;
        }
    }
    let path = format!("/tasks/{}/answer", text(&task["step_run_id"]));
    assert_eq!(server.post(&path, &json!({ "default": true })).await.0, StatusCode::OK);
    let rest: Vec<_> = events.collect().await;
    let ids: Vec<u64> = rest.iter().map(|event| event.id.parse().unwrap()).collect();
    assert_eq!(ids, (seen + 1..=seen + ids.len() as u64).collect::<Vec<_>>());
    assert!(rest.iter().any(|event| event.kind == "answered"));
    assert_eq!(rest.last().unwrap().json()["status"], "succeeded");
}

#[tokio::test]
async fn tokens_come_only_when_asked_for_and_without_a_number() {
    let server = Server::start().await;
    server.save(&branches()).await;
    server.save(&talk()).await;
    let start = json!({ "workflow": "talk", "inputs": { "words": ["go"] }, "model": "mock" });
    let run = server.start_run(&start).await;
    let with = server.request(Method::GET, &format!("/runs/{run}/stream?tokens=true")).send().await.unwrap();
    let with = sse::events(with);
    let without = server.stream(&run, None).await;
    server.gate.open(1);
    let (with, without) = tokio::join!(with.collect::<Vec<_>>(), without.collect::<Vec<_>>());
    let tokens: String = with
        .iter()
        .filter(|event| event.kind == "token")
        .map(|event| {
            assert_eq!(event.json()["step"], "talk.say");
            text(&event.json()["text"])
        })
        .collect();
    let (_, said) = server.get(&format!("/runs/{run}/values?attribute=said&full=true")).await;
    assert_eq!(tokens.trim(), text(&said["items"][0]["value"]).trim());
    let numbered: Vec<_> = with.iter().filter(|event| event.kind != "token").cloned().collect();
    assert_eq!(numbered, without);
}

/// A model speaks after the gate has opened.
fn talk() -> Json {
    json!({
        "format": "branchline.workflow/1",
        "name": "talk",
        "attributes": { "words": { "type": "string[]", "input": true }, "shouts": { "type": "string[]" } },
        "sections": [{ "name": "Talk", "steps": [
            {
                "name": "Wait", "action": "pass_gate", "for_each": { "item": "word", "list": "words" }, "prompt": "{{word}}",
                "outputs": ["shout"]
            },
            { "name": "All", "action": "gather", "gather": [{ "name": "shouts", "attributes": ["shout"] }], "outputs": ["shouts"] },
            { "name": "Say", "prompt": "Say {{shouts}}", "outputs": ["said"] }
        ] }]
    })
}

#[tokio::test]
async fn open_streams_end_when_the_server_stops() {
    let server = Server::start().await;
    server.save(&pick_a_title()).await;
    let run = server
        .start_run(&json!({ "workflow": "pick-a-title", "inputs": { "topic": "x" }, "model": "mock" }))
        .await;
    server.task(&run).await;
    let events = server.stream(&run, None).await;
    let reader = tokio::spawn(numbers(events));
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.expect("a stream kept the server");
    assert!(!reader.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_of_another_engine_is_followed_from_the_database() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let gate = Arc::new(Gate::default());
    let (other, store) = engine(&server.folder.path().join("server.db"), gate.clone());
    let workflow = store.workflow_find("branches", None).await.unwrap().id;
    let inputs = [("words".to_owned(), json!(["a", "b"]))].into();
    let run = other.run_start(workflow, RunOptions { inputs, ..RunOptions::default() }).await.unwrap();
    let events = server.stream(&run.to_string(), None).await;
    gate.open(2);
    let seen = tokio::time::timeout(PATIENCE, numbers(events)).await.unwrap();
    let stored = store.event_list(run, 0, 1000).await.unwrap();
    assert_eq!(seen, (1..=stored.len() as u64).collect::<Vec<_>>());
    other.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn events_and_step_runs_tell_the_names_of_their_branches() {
    let server = Server::start().await;
    let run = finished_run(&server).await;
    let is_second = |event: &Json| event["event"] == "step_started" && event["step"] == "work.each/2";
    assert_eq!(server.until(&run, is_second).await["label"], "word b");
    let (_, steps) = server.get(&format!("/runs/{run}/steps?step=work.each")).await;
    let labels: Vec<_> = steps["items"].as_array().unwrap().iter().map(|step| text(&step["label"])).collect();
    assert_eq!(labels, ["word a", "word b", "word c", "word d"]);
    let plain =
        server.until(&run, |event| event["event"] == "step_started" && event["step"] == "work.all").await;
    assert!(plain.get("label").is_none(), "{plain}");
}
