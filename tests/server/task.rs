//! Tasks answered over HTTP.

use reqwest::StatusCode;
use serde_json::{Value as Json, json};

use crate::support::{Server, pick_a_title, pick_branches, text};

async fn waiting_run(server: &Server) -> (String, Json) {
    server.save(&pick_a_title()).await;
    let start = json!({ "workflow": "pick-a-title", "inputs": { "topic": "tides" }, "model": "mock" });
    let run = server.start_run(&start).await;
    let task = server.task(&run).await;
    (run, task)
}

#[tokio::test]
async fn an_answer_lets_the_run_go_on_and_the_second_one_is_too_late() {
    let server = Server::start().await;
    let (run, task) = waiting_run(&server).await;
    assert_eq!(
        (&task["address"], &task["action"], &task["run_id"]),
        (&json!("write.pick"), &json!("choose"), &json!(run))
    );
    let options = task["options"].as_array().unwrap();
    assert!(options.len() > 1, "{task}");
    assert_eq!(server.get("/tasks").await.1["items"], json!([task]));
    assert_eq!(server.get(&format!("/tasks/{}", text(&task["step_run_id"]))).await.1, task);

    let path = format!("/tasks/{}/answer", text(&task["step_run_id"]));
    let (status, body) =
        server.post(&path, &json!({ "pick": [2], "author": "Ada", "note": "shorter" })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!((&body["run_id"], &body["decision"]["picked"]), (&json!(run), &json!([2])));
    server.until(&run, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
    let (_, line) = server.get(&format!("/runs/{run}/values?attribute=line&full=true")).await;
    assert_eq!(line["items"][0]["value"], json!(format!("Chosen: {}", text(&options[1]["value"]))));

    let (status, problem) = server.post(&path, &json!({ "pick": [1], "author": "Bob" })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("too-late")), "{problem}");
    let decision = &problem["decision"];
    assert_eq!(
        (&decision["picked"], &decision["author"], &decision["note"]),
        (&json!([2]), &json!("Ada"), &json!("shorter"))
    );
    assert_eq!(server.get("/tasks").await.1["items"], json!([]));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_leaves_the_task_open() {
    let server = Server::start().await;
    let (_, task) = waiting_run(&server).await;
    let path = format!("/tasks/{}/answer", text(&task["step_run_id"]));
    for body in [
        json!({}),
        json!({ "default": false }),
        json!({ "pick": [1], "own": "both" }),
        json!({ "pick": [0] }),
        json!({ "pick": [99] }),
        json!({ "pick": [1, 2] }),
        json!({ "pick": "1" }),
        json!({ "values": { "title": 1 } }),
        json!({ "pick": [1], "author": "a".repeat(201) }),
    ] {
        let (status, problem) = server.post(&path, &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {problem}");
        assert!(!problem["problems"].as_array().unwrap().is_empty());
    }
    let (status, body) = server.post(&path, &json!({ "own": "My own title" })).await;
    assert_eq!((status, &body["decision"]["picked"]), (StatusCode::OK, &json!([])), "{body}");
}

#[tokio::test]
async fn whole_branches_are_taken_by_their_names() {
    let server = Server::start().await;
    server.save(&pick_branches()).await;
    server.gate.open(3);
    let start = json!({ "workflow": "pick-branches", "inputs": { "words": ["a", "b", "c"] } });
    let run = server.start_run(&start).await;
    let task = server.task(&run).await;
    let branches: Vec<_> =
        task["options"].as_array().unwrap().iter().map(|option| text(&option["branch"])).collect();
    assert_eq!(branches, ["1", "2", "3"]);
    let path = format!("/tasks/{}/answer", text(&task["step_run_id"]));
    let (status, problem) = server.post(&path, &json!({ "branches": ["2", "7"] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(
        problem.to_string().contains("there is no branch `7`; the branches are `1`, `2`, `3`"),
        "{problem}"
    );
    let (status, body) = server.post(&path, &json!({ "branches": ["3", "1"] })).await;
    assert_eq!((status, &body["decision"]["picked"]), (StatusCode::OK, &json!([3, 1])), "{body}");
    server.until(&run, |event| event["event"] == "run_status" && event["status"] == "succeeded").await;
    let (_, kept) = server.get(&format!("/runs/{run}/values?attribute=kept&full=true")).await;
    assert_eq!(kept["items"][0]["value"], json!(["C", "A"]), "in the order wanted");
}
