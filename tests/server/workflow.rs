//! Definitions over HTTP.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Server, branches, pick_a_title, text};

#[tokio::test]
async fn equal_content_makes_one_version_and_changed_content_the_next() {
    let server = Server::start().await;
    let (status, first) = server.post("/workflows", &pick_a_title()).await;
    assert_eq!(
        (status, &first["version"], &first["created"]),
        (StatusCode::CREATED, &json!(1), &json!(true)),
        "{first}"
    );
    let (status, again) = server.post("/workflows", &pick_a_title()).await;
    assert_eq!((status, &again["id"], &again["created"]), (StatusCode::OK, &first["id"], &json!(false)));
    let mut changed = pick_a_title();
    changed["sections"][0]["steps"][0]["prompt"] = json!("Five titles about {{topic}}");
    let (status, second) = server.post("/workflows", &changed).await;
    assert_eq!((status, &second["version"]), (StatusCode::CREATED, &json!(2)));

    let (_, list) = server.get("/workflows").await;
    let versions: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["version"].clone()).collect();
    assert_eq!(versions, [json!(2), json!(1)]);
    for (reference, id) in [
        (text(&first["id"]), &first["id"]),
        ("pick-a-title".to_owned(), &second["id"]),
        ("pick-a-title@1".to_owned(), &first["id"]),
        ("pick-a-title@2".to_owned(), &second["id"]),
    ] {
        assert_eq!(&server.get(&format!("/workflows/{reference}")).await.1["id"], id, "{reference}");
    }
}

#[tokio::test]
async fn a_version_shows_its_sections_steps_attributes_and_run_inputs() {
    let server = Server::start().await;
    server.save(&branches()).await;
    let (status, detail) = server.get("/workflows/branches").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(detail["sections"][0]["name"], "Inputs");
    assert_eq!(detail["sections"][1]["steps"][0]["address"], "work.each");
    assert_eq!(detail["sections"][1]["steps"][0]["outputs"], json!(["shout"]));
    let mode = |step: usize| &detail["sections"][1]["steps"][step]["inputs"][0]["mode"];
    assert_eq!((mode(0), mode(1)), (&json!("each"), &json!("gather")), "{detail}");
    let names: Vec<_> =
        detail["attributes"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    assert_eq!(names, ["count", "counted", "shout", "shouts", "word", "words"]);
    let inputs = detail["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), 2);
    assert_eq!(
        (&inputs[0]["name"], &inputs[0]["default"], &inputs[0]["required"]),
        (&json!("count"), &json!(3), &json!(false))
    );
    assert_eq!(
        (&inputs[1]["name"], &inputs[1]["type"], &inputs[1]["required"]),
        (&json!("words"), &json!("string[]"), &json!(true))
    );
}

#[tokio::test]
async fn a_definition_with_mistakes_is_refused_with_all_of_them() {
    let server = Server::start().await;
    let mut wrong = pick_a_title();
    wrong["sections"][0]["steps"][0]["prompt"] = json!("Three titles about {{topik}}");
    wrong["sections"][0]["steps"][2]["prompt"] = json!("Chosen: {{titel}}");
    let (status, problem) = server.post("/workflows", &wrong).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid-definition")),
        "{problem}"
    );
    let findings = problem["problems"].as_array().unwrap();
    for name in ["topik", "titel"] {
        let found = findings.iter().find(|one| text(&one["message"]).contains(name));
        let found = found.unwrap_or_else(|| panic!("{name} is missing in {problem}"));
        assert!(text(&found["code"]).starts_with("BL") && found["places"][0]["line"] == 1, "{found}");
    }
    assert_eq!(server.get("/workflows").await.1["items"], json!([]));
    for (body, status) in [
        (json!({ "name": 1 }), 422),
        (json!({ "format": "branchline.workflow/9", "name": "x", "sections": [] }), 422),
    ] {
        let (found, problem) = server.post("/workflows", &body).await;
        assert_eq!(found.as_u16(), status, "{problem}");
    }
}
