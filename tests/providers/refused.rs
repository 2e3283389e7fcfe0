//! Calls that a provider or a model refuses: the class, the words, the wait.

use branchline_runtime::testing::Ending;
use branchline_schema_model::run::ErrorClass;

use super::*;

#[tokio::test]
async fn every_status_has_its_class_and_keeps_the_providers_words() {
    let cases = [
        (400, ErrorClass::BadRequest),
        (401, ErrorClass::Unauthorized),
        (402, ErrorClass::OutOfCredit),
        (403, ErrorClass::Unauthorized),
        (404, ErrorClass::BadRequest),
        (408, ErrorClass::ServerError),
        (413, ErrorClass::BadRequest),
        (422, ErrorClass::BadRequest),
        (429, ErrorClass::RateLimited),
        (500, ErrorClass::ServerError),
        (502, ErrorClass::ServerError),
        (503, ErrorClass::Overloaded),
        (504, ErrorClass::ServerError),
        (529, ErrorClass::Overloaded),
        (302, ErrorClass::BadRequest),
    ];
    for (status, class) in cases {
        let (_server, catalog) = serve(move |_| {
            let document = error_document("openai/", "some_error", "the words of the provider");
            Reply::error(status, &document).header("x-request-id", "req-9").header("location", "/elsewhere")
        })
        .await;
        for model in MODELS {
            let failure = failure_of(&catalog, model).await;
            assert_eq!(failure.failure.class, class, "{model} {status}");
            let words = format!("`{model}` answered {status}: the words of the provider");
            assert!(failure.failure.message.starts_with(&words), "{}", failure.failure.message);
            assert_eq!(
                (failure.model.as_deref(), failure.request_id.as_deref()),
                (Some(model), Some("req-9"))
            );
        }
    }
}

#[tokio::test]
async fn what_the_document_names_wins_over_the_status() {
    let credit = json!({ "error": { "code": "insufficient_quota", "message": "no quota" } });
    let balance = json!({ "type": "error", "error": { "type": "invalid_request_error",
        "message": "Your credit balance is too low" } });
    let key = json!([{ "error": { "code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT",
        "details": [{ "reason": "API_KEY_INVALID" }] } }]);
    let moderated =
        json!({ "error": { "code": 403, "message": "flagged", "metadata": { "flagged_input": "…" } } });
    let cases = [
        (429, credit, ErrorClass::OutOfCredit),
        (400, balance, ErrorClass::OutOfCredit),
        (400, key, ErrorClass::Unauthorized),
        (403, moderated, ErrorClass::Refused),
    ];
    for (status, document, class) in cases {
        let (_server, catalog) = serve(move |_| Reply::error(status, &document)).await;
        assert_eq!(failure_of(&catalog, MODELS[0]).await.failure.class, class);
    }
}

#[tokio::test]
async fn the_wait_a_provider_asks_for_is_kept() {
    let cases: [(&'static str, &str, u64); 3] = [
        ("retry-after", "60", 60_000),
        ("retry-after-ms", "45000.5", 45_001),
        ("retry-after", "20.5", 20_500),
    ];
    for (name, value, wait_ms) in cases {
        let (_server, catalog) =
            serve(move |_| Reply::raw(429, "text/plain", "slow down").header(name, value)).await;
        for model in MODELS {
            let failure = failure_of(&catalog, model).await.failure;
            assert_eq!(
                (failure.class, failure.retry_after_ms),
                (ErrorClass::RateLimited, Some(wait_ms)),
                "{model}"
            );
        }
    }
    let detail =
        json!({ "error": { "code": 429, "message": "quota", "details": [{ "retryDelay": "34s" }] } });
    let (_server, catalog) = serve(move |_| Reply::error(429, &detail)).await;
    assert_eq!(failure_of(&catalog, MODELS[2]).await.failure.retry_after_ms, Some(34_000));
}

#[tokio::test]
async fn after_a_rate_limit_nobody_calls_before_the_wait_is_over() {
    let (server, catalog) = serve(|call| match call.number {
        0 => Reply::raw(429, "text/plain", "slow down").header("retry-after-ms", "300"),
        _ => Reply::text("served"),
    })
    .await;
    failure_of(&catalog, MODELS[0]).await;
    let before = std::time::Instant::now();
    let (first, second) = tokio::join!(ask(&catalog, MODELS[0]), ask(&catalog, MODELS[0]));
    assert!(first.0.is_ok() && second.0.is_ok());
    assert!(before.elapsed().as_millis() >= 250, "{:?}", before.elapsed());
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn truncated_refused_and_empty_answers_are_failures_with_their_tokens() {
    let cases = [
        (Ending::Length, "Half an ans", ErrorClass::Truncated),
        (Ending::Refused, "", ErrorClass::Refused),
        (Ending::Done, "", ErrorClass::Empty),
        (Ending::Done, " \n ", ErrorClass::Empty),
    ];
    for (ending, text, class) in cases {
        let (_server, streaming) = serve(move |_| Reply::text(text).ending(ending)).await;
        let (_other, plain) = serve(move |_| Reply::text(text).ending(ending).in_one_piece()).await;
        for model in MODELS {
            for catalog in [&streaming, &plain] {
                let failure = failure_of(catalog, model).await;
                assert_eq!(failure.failure.class, class, "{model} {text:?}");
                assert_eq!(failure.usage.input_tokens, 40, "{model}");
                assert_eq!(failure.response.as_deref().unwrap_or_default(), text, "{model}");
            }
        }
    }
}

#[tokio::test]
async fn refusals_keep_their_words() {
    let openai = json!({ "id": "x", "choices": [{ "finish_reason": "stop",
        "message": { "content": null, "refusal": "I cannot help with that." } }] });
    let (_server, catalog) = serve(move |_| Reply::error(200, &openai)).await;
    let failure = failure_of(&catalog, MODELS[0]).await.failure;
    assert_eq!(failure.class, ErrorClass::Refused);
    assert!(failure.message.contains("I cannot help with that."));

    let gemini = json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" } });
    let stream = format!("data: {gemini}\n\n");
    let (_server, catalog) =
        serve(move |_| Reply::raw(200, "text/event-stream; charset=utf-8", stream.clone())).await;
    let failure = failure_of(&catalog, MODELS[2]).await.failure;
    assert_eq!(failure.class, ErrorClass::Refused);
    assert!(failure.message.contains("PROHIBITED_CONTENT"));
}

#[tokio::test]
async fn a_key_that_comes_back_in_an_error_is_taken_out() {
    let echo = |call: &Call| {
        let headers = format!("{:?} {}", call.headers, "very long ".repeat(20_000));
        Reply::error(401, &json!({ "error": { "message": format!("wrong key {CANARY} {headers}") } }))
    };
    let (_server, catalog) = serve(echo).await;
    for model in MODELS {
        // `ask` looks for the key in the whole failure.
        let failure = failure_of(&catalog, model).await.failure;
        assert_eq!(failure.class, ErrorClass::Unauthorized);
    }
    let (_server, catalog) = serve(|_| Reply::raw(400, "text/plain", format!("no: {CANARY}"))).await;
    for model in MODELS {
        assert_eq!(
            failure_of(&catalog, model).await.failure.message,
            format!("`{model}` answered 400: no: [key]")
        );
    }
}
