//! Runs: list, show, start, resume, cancel, and what came out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use branchline_runtime::engine::Author;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::store::RunFilter;

use super::workflow;
use crate::dto::{
    OutputBody, Page, RunBody, RunCancel, RunPause, RunQuery, RunResume, RunStart, checked_author,
};
use crate::error::Problem;
use crate::extract::{JsonBody, PathPart, QueryPart, page_limit, parse_id, parse_id_opt, parse_status_opt};
use crate::limits::IDEMPOTENCY_KEY_CHARS_MAX;
use crate::state::{AppState, detached};

/// `GET /runs`: newest first.
pub(super) async fn list(
    State(state): State<AppState>,
    QueryPart(query): QueryPart<RunQuery>,
) -> Result<Json<Page<RunBody>>, Problem> {
    let limit = page_limit(query.limit)?;
    let filter = RunFilter {
        workflow: query.workflow,
        status: parse_status_opt(query.status.as_deref())?,
        before: parse_id_opt(query.before.as_deref())?,
        limit,
    };
    let runs = state.store.run_list(&filter).await?;
    let items = runs.into_iter().map(RunBody::from).collect();
    Ok(Json(Page::filled(items, limit, |run: &RunBody| run.id.to_string())))
}

/// `GET /runs/{run}`.
pub(super) async fn show(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
) -> Result<Json<RunBody>, Problem> {
    Ok(Json(state.store.run_fetch(parse_id(&run)?).await?.into()))
}

/// `POST /runs`: 201 with the run, also when the same `Idempotency-Key` started it before.
pub(super) async fn start(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<RunStart>,
) -> Result<impl IntoResponse, Problem> {
    let key = idempotency_key(&headers)?;
    let version = workflow::find(&state, &body.workflow, body.version).await?;
    let options = body.into_options(key)?;
    let wanted = serde_json::to_value(&options).map_err(|_| Problem::internal())?;
    let run = detached(async move {
        let run = state.engine.run_start(version.id, options).await?;
        Ok(state.store.run_fetch(run).await?)
    })
    .await?;
    if run.run.options != wanted {
        return Err(Problem::conflict("the `Idempotency-Key` has started a run in another way"));
    }
    let location = format!("/api/v1/runs/{}", run.run.id);
    let location = HeaderValue::from_str(&location).map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(RunBody::from(run))))
}

/// `POST /runs/{run}/cancel`: 202, the wish is durable. The events tell when it is done.
pub(super) async fn cancel(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    JsonBody(body): JsonBody<RunCancel>,
) -> Result<impl IntoResponse, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let author = checked_author(body.author, body.note)?;
    let summary = detached(async move {
        state.engine.run_cancel(run, author).await?;
        Ok(state.store.run_fetch(run).await?)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Json(RunBody::from(summary))))
}

/// `POST /runs/{run}/pause`: 202, the wish is durable. Calls under way end and are recorded; the events tell when the
/// run rests. 409 when it has ended or is paused already.
pub(super) async fn pause(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    JsonBody(body): JsonBody<RunPause>,
) -> Result<impl IntoResponse, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let author = checked_author(body.author, body.note)?;
    let summary = detached(async move {
        state.engine.run_pause(run, author).await?;
        Ok(state.store.run_fetch(run).await?)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Json(RunBody::from(summary))))
}

/// `POST /runs/{run}/resume`: 202, the run goes on: after a pause, an interruption, or a crash. While another process
/// drives it, that one is told to. 409 when it has ended.
pub(super) async fn resume(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    JsonBody(RunResume {}): JsonBody<RunResume>,
) -> Result<impl IntoResponse, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let summary = detached(async move {
        state.engine.run_resume(run, Author::default()).await?;
        Ok(state.store.run_fetch(run).await?)
    })
    .await?;
    Ok((StatusCode::ACCEPTED, Json(RunBody::from(summary))))
}

/// `GET /runs/{run}/outputs`: the results, in the order of the workflow; `null` while one is not written.
pub(super) async fn outputs(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
) -> Result<Json<Page<OutputBody>>, Problem> {
    let outputs = state.engine.run_outputs(parse_id(&run)?).await?;
    Ok(Json(Page::whole(outputs.into_iter().map(OutputBody::from).collect())))
}

/// The header's text: 1 to 255 visible characters, once.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&text.len()));
    match (text, values.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(Problem::bad_request(format!(
            "`Idempotency-Key` is given once and has 1 to {IDEMPOTENCY_KEY_CHARS_MAX} visible characters"
        ))),
    }
}
