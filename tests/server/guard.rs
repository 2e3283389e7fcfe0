//! What is refused before any route sees it, and what a refusal looks like.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Server, answer};

/// Sends exactly these lines and gives the status code of the answer.
async fn status_of(server: &Server, lines: &[&str], body: &str) -> u16 {
    let head = lines.join("\r\n").replace("PORT", &server.port.to_string());
    let request = format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let mut connection = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = [0; 64];
    let mut filled = 0;
    while filled < 12 {
        let read = connection.read(&mut response[filled..]).await.unwrap();
        assert!(read > 0, "no answer to {lines:?}");
        filled += read;
    }
    std::str::from_utf8(&response[9..12]).unwrap().parse().unwrap()
}

#[tokio::test]
async fn only_our_own_name_is_a_host() {
    let server = Server::start().await;
    let path = "GET /api/v1/health HTTP/1.1";
    for host in ["host: localhost:PORT", "host: 127.0.0.1:PORT", "host: [::1]:PORT", "HOST: LOCALHOST:PORT"] {
        assert_eq!(status_of(&server, &[path, host], "").await, 200, "{host}");
    }
    for host in [
        "host: evil.example",
        "host: evil.example:PORT",
        "host: localhost",
        "host: localhost:1",
        "host: 127.0.0.1",
        "host: 127.0.0.2:PORT",
        "host: localhost.evil.example:PORT",
        "host: evil.example@localhost:PORT",
        "host: localhost:PORT, evil.example",
        "host: 0.0.0.0:PORT",
        "host:",
        "x: no host at all",
    ] {
        let status = status_of(&server, &[path, host], "").await;
        assert!(
            status == 421 || (status == 400 && host == "host: localhost:PORT, evil.example"),
            "{host}: {status}"
        );
    }
    let two = [path, "host: localhost:PORT", "host: evil.example"];
    assert!(matches!(status_of(&server, &two, "").await, 400 | 421));
    let absolute = ["GET http://evil.example/api/v1/health HTTP/1.1", "host: localhost:PORT"];
    assert_eq!(status_of(&server, &absolute, "").await, 421);
}

#[tokio::test]
async fn a_page_of_another_origin_can_change_and_follow_nothing() {
    let server = Server::start().await;
    let host = "host: localhost:PORT";
    let json = "content-type: application/json";
    let run = "00000000-0000-7000-8000-000000000000";
    let stream = format!("GET /api/v1/runs/{run}/stream HTTP/1.1");
    let cancel = format!("POST /api/v1/runs/{run}/cancel HTTP/1.1");
    for origin in
        ["null", "http://evil.example", "https://localhost:PORT", "http://127.0.0.1:PORT", "http://localhost"]
    {
        let origin = format!("origin: {origin}");
        assert_eq!(status_of(&server, &[&cancel, host, json, &origin], "{}").await, 403, "{origin}");
        assert_eq!(status_of(&server, &[&stream, host, &origin], "").await, 403, "{origin}");
        assert_eq!(
            status_of(&server, &["DELETE /api/v1/runs HTTP/1.1", host, &origin], "").await,
            403,
            "{origin}"
        );
    }
    let own = "origin: http://localhost:PORT";
    assert_eq!(status_of(&server, &[&cancel, host, json, own], "{}").await, 404);
    assert_eq!(status_of(&server, &[&stream, host, own], "").await, 404);
    assert_eq!(status_of(&server, &[&cancel, host, json], "{}").await, 404);
}

#[tokio::test]
async fn a_post_says_that_it_is_json() {
    let server = Server::start().await;
    let post = ["POST /api/v1/runs HTTP/1.1", "host: localhost:PORT"];
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
    ] {
        let kind = format!("content-type: {kind}");
        assert_eq!(status_of(&server, &[post[0], post[1], &kind], "{}").await, 415, "{kind}");
    }
    assert_eq!(status_of(&server, &post, "{}").await, 415);
    let kind = "content-type: Application/JSON; charset=utf-8";
    assert_eq!(status_of(&server, &[post[0], post[1], kind], "{}").await, 422);
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let server = Server::start().await;
    for (method, path, body, status, code) in [
        (Method::GET, "/nothing", "", 404, "not-found"),
        (Method::DELETE, "/runs", "", 405, "method-not-allowed"),
        (Method::GET, "/runs/NOT-AN-ID", "", 400, "bad-request"),
        (Method::GET, "/runs/0199C6B0-0000-7000-8000-000000000000", "", 400, "bad-request"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000", "", 404, "not-found"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000/steps", "", 404, "not-found"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000/values", "", 404, "not-found"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000/tasks", "", 404, "not-found"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000/events", "", 404, "not-found"),
        (Method::GET, "/runs/0199c6b0-0000-7000-8000-000000000000/stream", "", 404, "not-found"),
        (Method::POST, "/runs/0199c6b0-0000-7000-8000-000000000000/cancel", "{}", 404, "not-found"),
        (Method::GET, "/tasks/0199c6b0-0000-7000-8000-000000000000", "", 404, "not-found"),
        (
            Method::POST,
            "/tasks/0199c6b0-0000-7000-8000-000000000000/answer",
            r#"{"default":true}"#,
            404,
            "not-found",
        ),
        (Method::GET, "/workflows/nothing", "", 404, "not-found"),
        (Method::GET, "/workflows/nothing@2", "", 404, "not-found"),
        (Method::POST, "/runs", r#"{"workflow":"nothing"}"#, 404, "not-found"),
        (Method::POST, "/runs", "{", 400, "bad-request"),
        (Method::POST, "/runs", r#"{"workflow":"x","surprise":1}"#, 422, "invalid-request"),
        (Method::GET, "/runs?limit=0", "", 400, "bad-request"),
        (Method::GET, "/runs?limit=1001", "", 400, "bad-request"),
        (Method::GET, "/runs?status=happy", "", 400, "bad-request"),
        (Method::GET, "/runs?surprise=1", "", 400, "bad-request"),
        (Method::GET, "/runs?before=last", "", 400, "bad-request"),
    ] {
        let mut request = server.request(method.clone(), path);
        if method == Method::POST {
            request = request.header("content-type", "application/json").body(body);
        }
        let (found, problem) = answer(request).await;
        assert_eq!(
            (found.as_u16(), problem["code"].as_str()),
            (status, Some(code)),
            "{method} {path}: {problem}"
        );
        assert_eq!(problem["status"], json!(status));
        assert!(problem["type"].is_string() && problem["title"].is_string() && problem["detail"].is_string());
    }
}

#[tokio::test]
async fn a_body_is_bounded_and_answers_are_not_sniffed() {
    let server = Server::start().await;
    let large = " ".repeat(branchline_server::limits::BODY_BYTES_MAX + 1);
    let request =
        server.request(Method::POST, "/runs").header("content-type", "application/json").body(large);
    let (status, problem) = answer(request).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too-large")));
    let response = server.request(Method::GET, "/health").send().await.unwrap();
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["cross-origin-resource-policy"], "same-origin");
    assert!(!response.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn health_readiness_and_version_answer() {
    let server = Server::start().await;
    assert_eq!(server.get("/health").await.1, json!({ "status": "ok" }));
    assert_eq!(server.get("/ready").await.1, json!({ "status": "ready" }));
    let (_, version) = server.get("/version").await;
    assert_eq!((&version["version"], &version["api"]), (&json!(env!("CARGO_PKG_VERSION")), &json!("v1")));
}

#[tokio::test]
async fn a_listener_that_others_can_reach_is_refused() {
    let server = Server::start().await;
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let state = branchline_server::AppState::new(server.engine.clone(), server.store.clone());
    let error = branchline_server::serve(listener, state, tokio_util::sync::CancellationToken::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("can be reached from other machines"), "{error}");
}
