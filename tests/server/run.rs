//! Starting, reading and cancelling runs.

use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::support::{Server, answer, branches, pick_a_title, text};

fn start_branches(words: &[&str]) -> Json {
    json!({ "workflow": "branches", "inputs": { "words": words }, "label": "three words" })
}

#[tokio::test]
async fn a_started_run_can_be_followed_to_its_values() {
    let server = Server::start().await;
    server.save(&branches()).await;
    server.gate.open(3);
    let request = server.request(Method::POST, "/runs").json(&start_branches(&["one", "two", "three"]));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let id = text(&response.json::<Json>().await.unwrap()["id"]);
    assert_eq!(location, format!("/api/v1/runs/{id}"));
    server.until(&id, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;

    let (_, run) = server.get(&format!("/runs/{id}")).await;
    assert_eq!((&run["status"], &run["label"]), (&json!("succeeded"), &json!("three words")));
    assert_eq!(run["workflow"]["name"], "branches");
    assert!(
        run["steps"]
            .as_array()
            .unwrap()
            .contains(&json!({ "step": "work.each", "status": "succeeded", "count": 3 }))
    );

    let (_, steps) = server.get(&format!("/runs/{id}/steps?step=work.each")).await;
    let addresses: Vec<_> =
        steps["items"].as_array().unwrap().iter().map(|step| text(&step["address"])).collect();
    assert_eq!(addresses, ["work.each/1", "work.each/2", "work.each/3"]);
    let (_, values) = server.get(&format!("/runs/{id}/values?attribute=shout&full=true")).await;
    let shouts: Vec<_> =
        values["items"].as_array().unwrap().iter().map(|value| text(&value["value"])).collect();
    assert_eq!(shouts, ["ONE", "TWO", "THREE"]);
    let (_, gathered) = server.get(&format!("/runs/{id}/values?attribute=shouts&full=true")).await;
    assert_eq!(gathered["items"][0]["value"], json!(["ONE", "TWO", "THREE"]));

    let (_, runs) = server.get("/runs?workflow=branches&status=succeeded").await;
    assert_eq!((runs["items"].as_array().unwrap().len(), &runs["items"][0]["id"]), (1, &json!(id)));
    assert_eq!(server.get("/runs?status=failed").await.1["items"], json!([]));
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    let server = Server::start().await;
    server.save(&branches()).await;
    server.gate.open(100);
    let mut runs = Vec::new();
    for _ in 0..3 {
        let id = server.start_run(&start_branches(&["a", "b", "c", "d", "e"])).await;
        server.until(&id, |event| event["status"] == "succeeded" && event["event"] == "run_status").await;
        runs.insert(0, id);
    }
    assert_eq!(ids_of_pages(&server, "/runs?limit=2", "before").await, runs);
    let run = &runs[0];
    for list in ["steps", "values", "events"] {
        let whole = server.get(&format!("/runs/{run}/{list}?limit=1000")).await.1;
        let key = if list == "events" { "sequence" } else { "id" };
        let whole: Vec<_> =
            whole["items"].as_array().unwrap().iter().map(|item| item[key].to_string()).collect();
        assert!(whole.len() > 4, "{list}: {whole:?}");
        let path = format!("/runs/{run}/{list}?limit=2");
        let joined: Vec<_> =
            items_of_pages(&server, &path, "after").await.iter().map(|item| item[key].to_string()).collect();
        assert_eq!(joined, whole, "{list}");
    }
}

async fn items_of_pages(server: &Server, path: &str, parameter: &str) -> Vec<Json> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = server.get(&format!("{path}{cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&{parameter}={next}"),
            None => return items,
        }
    }
}

async fn ids_of_pages(server: &Server, path: &str, parameter: &str) -> Vec<String> {
    items_of_pages(server, path, parameter).await.iter().map(|item| text(&item["id"])).collect()
}

#[tokio::test]
async fn lists_carry_the_beginning_of_a_value_and_its_address_the_whole() {
    let server = Server::start().await;
    server.save(&branches()).await;
    server.gate.open(1);
    let long = "ä".repeat(1000);
    let id = server.start_run(&start_branches(&[&long])).await;
    server.until(&id, |event| event["status"] == "succeeded" && event["event"] == "run_status").await;
    let (_, page) = server.get(&format!("/runs/{id}/values?attribute=shout")).await;
    let value = &page["items"][0];
    assert_eq!((text(&value["preview"]), &value["bytes"]), ("Ä".repeat(240), &json!(2000)));
    assert_eq!(value.get("value"), None);
    let path = format!("/runs/{id}/values/{}", text(&value["id"]));
    assert_eq!(server.get(&path).await.1["value"], json!("Ä".repeat(1000)));

    server.gate.open(1);
    let other = server.start_run(&start_branches(&["x"])).await;
    let (status, _) = server.get(&path.replace(&id, &other)).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a value is only found under its own run");
}

#[tokio::test]
async fn starting_twice_with_one_key_is_starting_once() {
    let server = Server::start().await;
    server.save(&branches()).await;
    server.save(&pick_a_title()).await;
    let start = |body: Json| {
        answer(server.request(Method::POST, "/runs").header("idempotency-key", "order-4711").json(&body))
    };
    let (first_status, first) = start(start_branches(&["one"])).await;
    let (again_status, again) = start(start_branches(&["one"])).await;
    assert_eq!((first_status, again_status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first["id"], again["id"]);
    assert_eq!(server.get("/runs").await.1["items"].as_array().unwrap().len(), 1);
    let (status, problem) = start(json!({ "workflow": "pick-a-title", "inputs": { "topic": "x" } })).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    for key in ["", &"k".repeat(256)] {
        let request = server.request(Method::POST, "/runs").header("idempotency-key", key);
        assert_eq!(answer(request.json(&start_branches(&["one"]))).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn wrong_inputs_are_all_listed_and_nothing_is_started() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let inputs = json!({ "words": "not a list", "count": "three", "wrods": [] });
    let (status, problem) = server.post("/runs", &json!({ "workflow": "branches", "inputs": inputs })).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid-request")),
        "{problem}"
    );
    let sentences = problem["problems"].to_string();
    for name in ["`words`", "`count`", "`wrods`"] {
        assert!(sentences.contains(name), "{name} is missing in {sentences}");
    }
    let (status, problem) = server.post("/runs", &json!({ "workflow": "branches" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem["problems"].to_string().contains("words"), "{problem}");
    let body = json!({ "workflow": "branches", "label": "", "parallel_calls": 0, "inputs": { "words": [] } });
    let (status, problem) = server.post("/runs", &body).await;
    assert_eq!(
        (status, problem["problems"].as_array().unwrap().len()),
        (StatusCode::UNPROCESSABLE_ENTITY, 2)
    );
    assert_eq!(server.get("/runs").await.1["items"], json!([]));
}

#[tokio::test]
async fn a_cancelled_run_ends_and_cannot_be_cancelled_again() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let id = server.start_run(&start_branches(&["one", "two"])).await;
    server.until(&id, |event| event["event"] == "step_started").await;
    let (status, body) = server.post(&format!("/runs/{id}/cancel"), &json!({ "author": "Ada" })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    server.until(&id, |event| event["event"] == "run_status" && event["status"] == "cancelled").await;
    assert_eq!(server.get(&format!("/runs/{id}")).await.1["status"], "cancelled");
    let (status, problem) = server.post(&format!("/runs/{id}/cancel"), &json!({})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("conflict")), "{problem}");
}

#[tokio::test]
async fn a_run_that_waits_for_a_person_can_be_paused() {
    let server = Server::start().await;
    server.save(&pick_a_title()).await;
    let start = json!({ "workflow": "pick-a-title", "inputs": { "topic": "tides" }, "model": "mock" });
    let id = server.start_run(&start).await;
    let task = server.task(&id).await;
    let path = format!("/runs/{id}/pause");
    let body = json!({ "author": "Ada", "note": "lunch" });
    let (status, run) = server.post(&path, &body).await;
    assert_eq!((status, &run["status"]), (StatusCode::ACCEPTED, &json!("paused")), "{run}");
    assert_eq!(run["reason"], "paused by Ada: lunch");
    assert_eq!(server.post(&path, &body).await.0, StatusCode::CONFLICT);

    let (status, _) = server.post(&format!("/runs/{id}/resume"), &json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let answer = format!("/tasks/{}/answer", text(&task["step_run_id"]));
    let (status, told) = server.post(&answer, &json!({ "pick": [1] })).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    server.until(&id, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
    assert_eq!(server.post(&path, &body).await.0, StatusCode::CONFLICT, "it has ended");
}

#[tokio::test]
async fn a_paused_run_goes_on_when_told_and_an_ended_one_does_not() {
    let server = Server::start().await;
    server.save(&pick_a_title()).await;
    // There is no key in the environment of a test, so the first call pauses the run.
    let body = json!({ "workflow": "pick-a-title", "inputs": { "topic": "tides" }, "model": "openai/any" });
    let id = server.start_run(&body).await;
    let is_paused = |event: &Json| event["event"] == "run_status" && event["status"] == "paused";
    let first = server.until(&id, is_paused).await["sequence"].as_u64().unwrap();
    let path = format!("/runs/{id}/resume");
    let (status, problem) = server.post(&path, &json!({ "force": true })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let (status, body) = server.post(&path, &json!({})).await;
    assert_eq!((status, &body["id"]), (StatusCode::ACCEPTED, &json!(id)), "{body}");
    let again = |event: &Json| is_paused(event) && event["sequence"].as_u64() > Some(first);
    server.until(&id, again).await;

    server.post(&format!("/runs/{id}/cancel"), &json!({})).await;
    let (status, problem) = server.post(&path, &json!({})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("conflict")), "{problem}");
    let unknown = "/runs/0199c6b0-0000-7000-8000-000000000000/resume";
    assert_eq!(server.post(unknown, &json!({})).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_outputs_are_those_of_the_workflow_whether_written_or_not() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let id = server.start_run(&start_branches(&["one", "two"])).await;
    let path = format!("/runs/{id}/outputs");
    let (status, body) = server.get(&path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let shouts =
        |body: &Json| body["items"].as_array().unwrap().iter().find(|one| one["name"] == "shouts").cloned();
    assert_eq!(shouts(&body), Some(json!({ "name": "shouts", "type": "string[]", "value": null })), "{body}");
    server.gate.open(2);
    server.until(&id, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
    let (_, body) = server.get(&path).await;
    assert_eq!(shouts(&body).unwrap()["value"], json!(["ONE", "TWO"]), "{body}");
    assert_eq!(
        server.get("/runs/0199c6b0-0000-7000-8000-000000000000/outputs").await.0,
        StatusCode::NOT_FOUND
    );
}
