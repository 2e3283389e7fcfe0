use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::sleep;

use super::*;
use crate::config::ProviderKind;
use crate::provider::{Message, Role};

fn settings(change: impl FnOnce(&mut ProviderConfig)) -> ProviderConfig {
    let mut settings = ProviderConfig::new(ProviderKind::OpenAi);
    change(&mut settings);
    settings
}

fn request(bytes: usize) -> CompletionRequest {
    CompletionRequest {
        messages: vec![Message { role: Role::User, content: "x".repeat(bytes) }],
        parameters: branchline_schema_model::definition::ModelParameters {
            max_tokens: Some(100),
            ..Default::default()
        },
        output_schema: None,
        idempotency_key: "call".to_owned(),
        address: "a.b".to_owned(),
    }
}

fn usage(tokens: u64) -> Usage {
    Usage { input_tokens: tokens, ..Usage::default() }
}

/// Passes and tells how it went; the seconds since the beginning of the test when it got through.
async fn pass(gate: &Gate, started: Instant, outcome: Result<u64, ErrorClass>) -> Result<u64, Failure> {
    let pass = gate.enter("own", &request(300)).await?;
    let seconds = started.elapsed().as_secs();
    match outcome {
        Ok(tokens) => pass.end(Ok(usage(tokens))),
        Err(class) => pass.end(Err((&Failure::new(class, "no"), Usage::default()))),
    }
    Ok(seconds)
}

#[tokio::test(start_paused = true)]
async fn requests_of_a_minute_are_spread_over_it_in_the_order_they_came() {
    let gate = Gate::new(&settings(|it| it.requests_per_minute = Some(120)));
    let started = Instant::now();
    let mut through = Vec::new();
    for _ in 0..9 {
        through.push(pass(&gate, started, Ok(1)).await.unwrap());
    }
    // One every half second.
    assert_eq!(through, [0, 0, 1, 1, 2, 2, 3, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_taken_by_estimate_and_corrected_by_what_was_used() {
    // 200 at once, then 2,000 a second; each call is estimated at 100 + 100.
    let gate = Gate::new(&settings(|it| it.tokens_per_minute = Some(120_000)));
    let started = Instant::now();
    assert_eq!(pass(&gate, started, Ok(20)).await, Ok(0));
    assert_eq!(pass(&gate, started, Ok(180)).await, Ok(0), "180 came back at once, 20 are there soon");
    assert_eq!(pass(&gate, started, Ok(60_000)).await, Ok(0));
    let failure = pass(&gate, started, Ok(0)).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::RateLimited, "a long wait frees the place of the caller");
    assert!(
        failure.retry_after_ms.is_some_and(|wait_ms| (29_000..=31_000).contains(&wait_ms)),
        "{failure:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_larger_than_the_bound_of_a_minute_passes_alone() {
    let gate = Gate::new(&settings(|it| it.tokens_per_minute = Some(60)));
    assert_eq!(pass(&gate, Instant::now(), Ok(200)).await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_provider_gets_half_as_many_calls_and_slowly_more_again() {
    let gate = Arc::new(Gate::new(&settings(|it| it.parallel_calls = 8)));
    let in_flight = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let round = |calls: u32, outcome: Result<u64, ErrorClass>| {
        let (gate, in_flight, most) = (Arc::clone(&gate), Arc::clone(&in_flight), Arc::clone(&most));
        async move {
            most.store(0, Ordering::Relaxed);
            let calls = (0..calls).map(|_| async {
                let pass = gate.enter("own", &request(3)).await.unwrap();
                most.fetch_max(in_flight.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                sleep(Duration::from_secs(2)).await;
                in_flight.fetch_sub(1, Ordering::Relaxed);
                match outcome {
                    Ok(tokens) => pass.end(Ok(usage(tokens))),
                    Err(class) => pass.end(Err((&Failure::new(class, "no"), Usage::default()))),
                }
            });
            futures_util::future::join_all(calls).await;
            most.load(Ordering::Relaxed)
        }
    };
    assert_eq!(round(20, Ok(1)).await, 8);
    assert_eq!(round(8, Err(ErrorClass::Overloaded)).await, 8);
    assert_eq!(round(4, Ok(1)).await, 4, "eight failures at one time halve once");
    assert_eq!(round(100, Ok(1)).await, 8, "and answers give it back");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_again_and_again_is_left_alone_and_tried_by_one() {
    let gate = Gate::new(&settings(|_| ()));
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(pass(&gate, started, Err(ErrorClass::ServerError)).await, Ok(0));
    }
    let refused = pass(&gate, started, Ok(1)).await.unwrap_err();
    assert_eq!(
        refused.class,
        ErrorClass::NotSent,
        "it costs nothing, and a run that meets it for long pauses"
    );
    assert_eq!(refused.to_string(), "`own` failed too often in a row; it is asked again in 30 s (not_sent)");
    sleep(Duration::from_secs(25)).await;

    // The one that tries fails, so it is left alone again.
    assert_eq!(pass(&gate, started, Err(ErrorClass::ServerError)).await, Ok(30));
    assert!(pass(&gate, started, Ok(1)).await.is_err());
    sleep(Duration::from_secs(30)).await;
    assert_eq!(pass(&gate, started, Ok(1)).await, Ok(60));
    assert_eq!(pass(&gate, started, Err(ErrorClass::ServerError)).await, Ok(60), "one failure is none");
    assert_eq!(pass(&gate, started, Ok(1)).await, Ok(60));
}

#[tokio::test(start_paused = true)]
async fn what_a_request_deserved_does_not_speak_against_the_provider() {
    let gate = Gate::new(&settings(|_| ()));
    for class in
        [ErrorClass::BadRequest, ErrorClass::Refused, ErrorClass::InvalidOutput, ErrorClass::Truncated]
    {
        for _ in 0..30 {
            assert_eq!(pass(&gate, Instant::now(), Err(class)).await, Ok(0));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_gives_its_place_back() {
    let gate = Gate::new(&settings(|it| it.parallel_calls = 1));
    drop(gate.enter("own", &request(3)).await.unwrap());
    let first = gate.enter("own", &request(3)).await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_secs(1), pass(&gate, Instant::now(), Ok(1)));
    assert!(waiting.await.is_err());
    drop(first);
    assert_eq!(pass(&gate, Instant::now(), Ok(1)).await, Ok(0));
}
