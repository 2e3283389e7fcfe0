//! The routes: thin handlers, one file per kind of thing.

mod event;
mod health;
mod run;
mod step;
mod task;
mod value;
mod workflow;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;

use crate::error::Problem;
use crate::guard::guard;
use crate::limits::BODY_BYTES_MAX;
use crate::state::AppState;

/// All routes behind the guard. `port` is the one that clients name in `Host`; streams end on `shutdown`.
pub fn router(state: AppState, port: u16, shutdown: CancellationToken) -> Router {
    let state = AppState { shutdown, ..state };
    Router::new()
        .route("/api/v1/health", get(health::health))
        .route("/api/v1/ready", get(health::ready))
        .route("/api/v1/version", get(health::version))
        .route("/api/v1/workflows", get(workflow::list).post(workflow::save))
        .route("/api/v1/workflows/{reference}", get(workflow::show))
        .route("/api/v1/runs", get(run::list).post(run::start))
        .route("/api/v1/runs/{run}", get(run::show))
        .route("/api/v1/runs/{run}/cancel", post(run::cancel))
        .route("/api/v1/runs/{run}/pause", post(run::pause))
        .route("/api/v1/runs/{run}/resume", post(run::resume))
        .route("/api/v1/runs/{run}/outputs", get(run::outputs))
        .route("/api/v1/runs/{run}/steps", get(step::list))
        .route("/api/v1/runs/{run}/values", get(value::list))
        .route("/api/v1/runs/{run}/values/{value}", get(value::show))
        .route("/api/v1/runs/{run}/tasks", get(task::list_of_run))
        .route("/api/v1/runs/{run}/events", get(event::list))
        .route("/api/v1/runs/{run}/stream", get(event::stream))
        .route("/api/v1/tasks", get(task::list))
        .route("/api/v1/tasks/{step_run}", get(task::show))
        .route("/api/v1/tasks/{step_run}/answer", post(task::answer))
        .fallback(async || Problem::not_found("there is no such route"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(port, guard))
        .with_state(state)
}
