//! Tasks and their answers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use branchline_runtime::error::EngineError;
use branchline_schema_model::id::{StepRunId, WorkflowRunId};

use crate::dto::{DecisionBody, Page, TaskAnswer, TaskAnswered, TaskBody};
use crate::error::Problem;
use crate::extract::{JsonBody, PathPart, parse_id};
use crate::state::{AppState, detached};

/// `GET /tasks`: open tasks of all runs, oldest first.
pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Page<TaskBody>>, Problem> {
    let tasks = state.engine.task_list(None).await?;
    Ok(Json(Page::whole(tasks.into_iter().map(TaskBody::from).collect())))
}

/// `GET /runs/{run}/tasks`: open tasks of one run, oldest first.
pub(super) async fn list_of_run(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
) -> Result<Json<Page<TaskBody>>, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    state.store.run_fetch(run).await?;
    let tasks = state.engine.task_list(Some(run)).await?;
    Ok(Json(Page::whole(tasks.into_iter().map(TaskBody::from).collect())))
}

/// `GET /tasks/{step_run}`: while it is open.
pub(super) async fn show(
    State(state): State<AppState>,
    PathPart(step_run): PathPart<String>,
) -> Result<Json<TaskBody>, Problem> {
    match state.engine.task_fetch(parse_id(&step_run)?).await {
        Ok(task) => Ok(Json(task.into())),
        Err(EngineError::TooLate { message }) => Err(Problem::not_found(message)),
        Err(error) => Err(error.into()),
    }
}

/// `POST /tasks/{step_run}/answer`: 200 with the decision; 202 when another process drives the run and will take the
/// answer; 409 with the recorded decision when somebody was first.
pub(super) async fn answer(
    State(state): State<AppState>,
    PathPart(step_run): PathPart<String>,
    JsonBody(body): JsonBody<TaskAnswer>,
) -> Result<impl IntoResponse, Problem> {
    let step_run: StepRunId = parse_id(&step_run)?;
    let (answer, author) = body.into_answer()?;
    let run_id = state.store.step_run_fetch(step_run).await?.run_id;
    let engine = state.engine.clone();
    let answered = detached(async move { Ok(engine.task_answer(step_run, answer, author).await) }).await?;
    match answered {
        Ok(Some(decision)) => {
            Ok((StatusCode::OK, Json(TaskAnswered { run_id, decision: Some(decision.into()) })))
        }
        Ok(None) => Ok((StatusCode::ACCEPTED, Json(TaskAnswered { run_id, decision: None }))),
        Err(error @ EngineError::TooLate { .. }) => {
            Err(Problem::from(error).with_decision(recorded(&state, run_id, step_run).await?))
        }
        Err(error) => Err(error.into()),
    }
}

async fn recorded(
    state: &AppState,
    run: WorkflowRunId,
    step_run: StepRunId,
) -> Result<Option<DecisionBody>, Problem> {
    let decisions = state.store.decision_list(run).await?;
    Ok(decisions.into_iter().find(|decision| decision.step_run_id == step_run).map(DecisionBody::from))
}
