//! The log of a run, as pages and as a stream.

use std::convert::Infallible;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::Status;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::OwnedSemaphorePermit;

use crate::dto::{EventBody, Page, TokenBody};
use crate::error::Problem;
use crate::extract::{PathPart, QueryPart, page_limit, parse_id};
use crate::feed::{FeedItem, FeedStart, RunFeed};
use crate::limits::{STREAM_KEEP_ALIVE, STREAM_RETRY};
use crate::state::AppState;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const NO_PROXY_BUFFER: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    after: Option<u64>,
    #[serde(default)]
    tokens: bool,
}

/// `GET /runs/{run}/events`: events after a sequence number.
pub(super) async fn list(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    QueryPart(query): QueryPart<EventQuery>,
) -> Result<axum::Json<Page<EventBody>>, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let limit = page_limit(query.limit)?;
    state.store.run_fetch(run).await?;
    let events = state.store.event_list(run, query.after, limit).await?;
    let items = events.into_iter().map(EventBody::from).collect();
    Ok(axum::Json(Page::filled(items, limit, |event: &EventBody| event.sequence.to_string())))
}

/// `GET /runs/{run}/stream`: the events after `Last-Event-ID` (or `after`) and those to come, as server-sent events.
///
/// It ends after the event that ends the run. A browser connects again then; 204 tells it that nothing follows.
pub(super) async fn stream(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    QueryPart(query): QueryPart<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let after = last_event_id(&headers)?.or(query.after).unwrap_or(0);
    let permit = state.streams.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("too many streams are open"))?;
    let notices = state.engine.notices();
    let is_ended = state.store.run_fetch(run).await?.run.status.is_terminal();
    if is_ended && state.store.event_list(run, after, 1).await?.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let start = FeedStart { run, after, with_tokens: query.tokens, is_ended };
    let feed = RunFeed::new(state.store, notices, state.shutdown, &start);
    Ok(([NO_PROXY_BUFFER], sse(feed, permit)).into_response())
}

/// A browser sends the header on its own when it connects again; it wins over the address, which stays the same.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Problem::bad_request("`Last-Event-ID` is the number of an event"))
}

fn sse(feed: RunFeed, permit: OwnedSemaphorePermit) -> impl IntoResponse {
    let hello =
        stream::iter([Ok::<_, Infallible>(Event::default().retry(STREAM_RETRY).comment("branchline"))]);
    let events = stream::unfold((feed, permit), async |(mut feed, permit)| match feed.next().await {
        Ok(Some(item)) => Some((Ok(sse_event(item)), (feed, permit))),
        Ok(None) => None,
        Err(error) => {
            // The client connects again and goes on after the last number it saw.
            tracing::warn!(%error, "a stream ends because the database does not answer");
            None
        }
    });
    Sse::new(hello.chain(events)).keep_alive(KeepAlive::new().interval(STREAM_KEEP_ALIVE))
}

fn sse_event(item: FeedItem) -> Event {
    let written = match item {
        FeedItem::Event(event) => numbered_event(event.into()),
        FeedItem::Token { step, text } => Event::default()
            .event("token")
            .json_data(TokenBody { step: step.to_string(), text: text.to_string() }),
    };
    written.unwrap_or_else(|error| {
        tracing::error!(%error, "an event cannot be written as JSON");
        Event::default().comment("an event is missing here; read it from the list of events")
    })
}

/// The stream's event type is the kind of the event, so that a page can listen to some kinds only.
fn numbered_event(body: EventBody) -> Result<Event, axum::Error> {
    let sequence = body.sequence.to_string();
    let json = serde_json::to_value(body).map_err(axum::Error::new)?;
    let kind = json.get("event").and_then(Json::as_str).unwrap_or_default();
    Event::default().id(sequence).event(kind).json_data(&json)
}
