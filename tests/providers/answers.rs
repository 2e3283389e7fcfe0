//! Whole answers: their text, their pieces, what they cost.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn an_answer_is_the_same_streamed_and_in_one_piece() {
    const TEXT: &str = "Three points: grüße, 🌍 and \"quotes\" – all whole.";
    let (server, streaming) = serve(|_| Reply::text(TEXT)).await;
    let (_other, plain) = serve(|_| Reply::text(TEXT).in_one_piece()).await;
    for model in MODELS {
        let (streamed, pieces) = ask(&streaming, model).await;
        let (whole, piece) = ask(&plain, model).await;
        let (streamed, whole) = (streamed.unwrap(), whole.unwrap());
        assert_eq!((streamed.text.as_str(), pieces.as_str(), piece.as_str()), (TEXT, TEXT, TEXT), "{model}");
        assert_eq!((streamed.usage, streamed.model.as_str()), (whole.usage, model));
        assert!(
            streamed.request_id.is_some_and(|id| id.ends_with('0') || id.ends_with('1') || id.ends_with('2'))
        );
    }
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn tokens_are_counted_by_kind() {
    let (_server, catalog) = serve(|_| Reply::text("one two three four")).await;
    for model in MODELS {
        let usage = ask(&catalog, model).await.0.unwrap().usage;
        assert_eq!((usage.input_tokens, usage.cached_tokens, usage.output_tokens), (40, 8, 6), "{model}");
        // Anthropic does not tell reasoning apart.
        assert_eq!(usage.reasoning_tokens, if model.starts_with("anthropic") { 0 } else { 2 }, "{model}");
    }
}

#[tokio::test]
async fn the_request_id_of_the_headers_wins() {
    let (_server, catalog) = serve(|call| {
        let name = if call.prompt().is_empty() { "x-none" } else { "x-request-id" };
        Reply::text("done").header(name, "req-77")
    })
    .await;
    for model in MODELS {
        assert_eq!(ask(&catalog, model).await.0.unwrap().request_id.as_deref(), Some("req-77"));
    }
}

#[tokio::test]
async fn a_provider_gets_no_more_calls_at_a_time_than_it_is_said_to_bear() {
    let server = ModelServer::start(|_| Reply::text("done").after(Duration::from_millis(20))).await.unwrap();
    let text = format!(
        "[providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nparallel_calls = 3",
        server.url()
    );
    let catalog = ModelCatalog::new(&ProjectConfig::parse(&text, "branchline.toml").unwrap(), |_| None);
    let calls = (0..12).map(|_| ask(&catalog, "local/llama"));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(|(result, _)| result.is_ok()));
    assert_eq!((server.calls().len(), server.in_flight_max()), (12, 3));
}

#[tokio::test]
async fn a_chain_ends_at_the_first_provider_that_can_serve() {
    let (server, _) = serve(|call| match call.model.as_str() {
        "busy" => Reply::raw(503, "text/plain", "try later"),
        "unknown" => Reply::error(404, &error_document("openai/", "not_found", "no such model")),
        _ => Reply::text("served"),
    })
    .await;
    let text = format!(
        "[models]\nstrong = [\"nowhere/x\", \"a/busy\", \"a/unknown\", \"a/good\", \"a/never\"]\n\
         [providers.nowhere]\nkind = \"openai\"\nbase_url = \"http://127.0.0.1:1/v1\"\n\
         [providers.a]\nkind = \"openai\"\nbase_url = \"{}/v1\"",
        server.url()
    );
    let catalog = ModelCatalog::new(&ProjectConfig::parse(&text, "branchline.toml").unwrap(), |_| None);
    let completion = ask(&catalog, "strong").await.0.unwrap();
    assert_eq!((completion.text.as_str(), completion.model.as_str()), ("served", "a/good"));
    assert_eq!(server.calls().len(), 3);
}
