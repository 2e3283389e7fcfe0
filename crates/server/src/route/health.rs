//! Whether the server lives, whether it can work, and what it is.

use axum::Json;
use axum::extract::State;
use branchline_schema_model::definition::WORKFLOW_FORMAT;
use branchline_schema_model::store::RunFilter;
use serde_json::{Value, json};

use crate::error::Problem;
use crate::limits::READY_TIMEOUT;
use crate::state::AppState;

/// `GET /health`: the process answers.
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /ready`: the database answers as well, and no shutdown has begun.
pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    if state.shutdown.is_cancelled() {
        return Err(Problem::unavailable("the server is shutting down"));
    }
    let filter = RunFilter { limit: 1, ..RunFilter::default() };
    let answer = tokio::time::timeout(READY_TIMEOUT, state.store.run_list(&filter)).await;
    answer.map_err(|_| Problem::unavailable("the database does not answer in time"))??;
    Ok(Json(json!({ "status": "ready" })))
}

/// `GET /version`.
pub(super) async fn version() -> Json<Value> {
    Json(json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "api": "v1",
        "formats": [WORKFLOW_FORMAT],
    }))
}
