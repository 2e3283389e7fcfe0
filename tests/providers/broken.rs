//! Calls whose answer never comes, comes too late, or comes in parts.

use branchline_schema_model::run::ErrorClass;
use tokio::io::AsyncReadExt;

use super::*;

const TEXT: &str = "A whole answer – grüße 🌍 – no less.";

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_never_an_answer() {
    for model in MODELS {
        let (server, catalog) = serve(|_| Reply::text(TEXT)).await;
        ask(&catalog, model).await.0.unwrap();
        let whole = Reply::text(TEXT).bytes(&server.calls()[0]);
        // The end mark and its blank line are the last bytes; a cut behind the mark's line changes nothing.
        let (server, catalog) = serve(|call| Reply::text(TEXT).cut_at(call.number)).await;
        let mut streamed_most = 0;
        for at in 0..whole.len() - 2 {
            let (result, streamed) = ask(&catalog, model).await;
            let failure =
                result.expect_err(&format!("{model}: {at} of {} bytes were taken for all", whole.len()));
            assert_eq!(failure.failure.class, ErrorClass::StreamBroken, "{model} cut at {at}");
            assert!(TEXT.starts_with(&streamed), "{model} cut at {at}: {streamed}");
            assert_eq!(failure.response.unwrap_or_default(), streamed);
            streamed_most = streamed_most.max(streamed.len());
        }
        assert_eq!(server.calls().len(), whole.len() - 2);
        assert!(streamed_most > TEXT.len() / 2, "{model}: nothing was streamed before the cuts");
    }
}

#[tokio::test]
async fn a_connection_that_ends_within_the_answer_breaks_it() {
    for reply in [|| Reply::text(TEXT).breaks_at(150), || Reply::text(TEXT).in_one_piece().breaks_at(20)] {
        let (_server, catalog) = serve(move |_| reply()).await;
        for model in MODELS {
            assert_eq!(failure_of(&catalog, model).await.failure.class, ErrorClass::StreamBroken, "{model}");
        }
    }
}

#[tokio::test]
async fn silence_is_a_timeout_before_and_within_an_answer() {
    let replies: [fn() -> Reply; 4] = [
        || Reply::text(TEXT).after(std::time::Duration::from_secs(30)),
        || Reply::text(TEXT).stalls_at(0),
        || Reply::text(TEXT).stalls_at(200),
        || Reply::text(TEXT).in_one_piece().stalls_at(10),
    ];
    for reply in replies {
        let (server, _) = serve(move |_| reply()).await;
        let catalog = catalog(server.url(), 150, |_| Some(CANARY.to_owned()));
        for model in MODELS {
            let failure = failure_of(&catalog, model).await.failure;
            assert_eq!(failure.class, ErrorClass::Timeout, "{model}");
            assert_eq!(failure.message, format!("`{model}` sent nothing for 0.15 s"));
        }
    }
}

#[tokio::test]
async fn an_answer_that_stays_open_after_its_end_is_whole() {
    let (_server, catalog) = serve(|_| Reply::text(TEXT).stalls_at(usize::MAX)).await;
    for model in MODELS {
        assert_eq!(ask(&catalog, model).await.0.unwrap().text, TEXT, "{model}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_not_read_as_one() {
    let bodies = [
        ("application/json", "{\"choices\": ["),
        ("application/json", "{\"unexpected\": true}"),
        ("text/html", "<html>Sign in to the hotel network</html>"),
        ("text/event-stream", "data: {not json}\n\n"),
        ("text/event-stream", ""),
        ("text/event-stream", "\u{feff}"),
        ("application/json", ""),
    ];
    for (content_type, body) in bodies {
        let (_server, catalog) = serve(move |_| Reply::raw(200, content_type, body)).await;
        for model in MODELS {
            assert_eq!(
                failure_of(&catalog, model).await.failure.class,
                ErrorClass::StreamBroken,
                "{model} {body}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_within_a_good_status_keeps_its_class() {
    let cases = [
        ("overloaded_error", ErrorClass::Overloaded),
        ("rate_limit_error", ErrorClass::RateLimited),
        ("invalid_request_error", ErrorClass::BadRequest),
        ("authentication_error", ErrorClass::Unauthorized),
        ("insufficient_quota", ErrorClass::OutOfCredit),
        ("api_error", ErrorClass::ServerError),
    ];
    for (kind, class) in cases {
        for model in MODELS {
            let document = error_document(model, kind, "not now");
            let (_server, catalog) = serve(move |call| {
                let mut stream = Reply::text(TEXT.repeat(10)).bytes(call);
                stream.truncate(stream.len() / 2);
                let at = stream
                    .windows(2)
                    .rposition(|pair| pair == b"\n\n" || pair == b"\n\r")
                    .map_or(0, |at| at + 2);
                stream.truncate(at);
                stream.extend_from_slice(format!("\n\nevent: error\ndata: {document}\n\n").as_bytes());
                Reply::raw(200, "text/event-stream", stream)
            })
            .await;
            let (result, streamed) = ask(&catalog, model).await;
            let failure = result.unwrap_err().failure;
            assert_eq!(failure.class, class, "{model} {kind}");
            assert!(failure.message.contains("not now"), "{}", failure.message);
            assert!(!streamed.is_empty(), "{model}: the error did not come within the stream");
        }
    }
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let long = vec![b' '; branchline_schema_model::limits::PROVIDER_RESPONSE_BYTES_MAX + 1];
    for content_type in ["text/event-stream", "application/json"] {
        let body = long.clone();
        let (_server, catalog) = serve(move |_| Reply::raw(200, content_type, body.clone())).await;
        let failure = failure_of(&catalog, MODELS[0]).await.failure;
        assert_eq!(failure.class, ErrorClass::StreamBroken);
        assert!(failure.message.contains("more than"), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_call_that_never_left_is_told_apart_from_one_that_may_have_been_billed() {
    // A port where nobody listens any more.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let unreachable = catalog(&url, IDLE_TIMEOUT_MS, |_| Some(CANARY.to_owned()));
    let unknown = catalog("http://branchline.invalid", IDLE_TIMEOUT_MS, |_| Some(CANARY.to_owned()));
    for model in MODELS {
        for catalog in [&unreachable, &unknown] {
            let failure = failure_of(catalog, model).await.failure;
            assert_eq!(failure.class, ErrorClass::NotSent, "{model}: {}", failure.message);
        }
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            connection.read_exact(&mut [0; 100]).await.unwrap();
        }
    });
    let catalog = catalog(&url, IDLE_TIMEOUT_MS, |_| Some(CANARY.to_owned()));
    for model in MODELS {
        let failure = failure_of(&catalog, model).await.failure;
        assert_eq!(failure.class, ErrorClass::AmbiguousSent, "{model}: {}", failure.message);
    }
    server.abort();
}

#[tokio::test]
async fn a_server_without_the_certificate_it_should_have_is_not_reached() {
    let (server, _) = serve(|_| Reply::text(TEXT)).await;
    let catalog =
        catalog(&server.url().replace("http://", "https://"), IDLE_TIMEOUT_MS, |_| Some(CANARY.to_owned()));
    for model in MODELS {
        assert_eq!(failure_of(&catalog, model).await.failure.class, ErrorClass::NotSent, "{model}");
    }
}
