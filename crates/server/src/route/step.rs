//! Step runs.

use axum::Json;
use axum::extract::State;
use branchline_schema_model::run::StepRunAddress;
use branchline_schema_model::store::StepRunFilter;

use crate::dto::{Page, StepQuery, StepRunBody};
use crate::error::Problem;
use crate::extract::{PathPart, QueryPart, page_limit, parse_id, parse_id_opt, parse_status_opt};
use crate::state::AppState;

/// `GET /runs/{run}/steps`: in reference order and then by branch.
pub(super) async fn list(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    QueryPart(query): QueryPart<StepQuery>,
) -> Result<Json<Page<StepRunBody>>, Problem> {
    let run = parse_id(&run)?;
    let limit = page_limit(query.limit)?;
    let at = match query.step.map(|step| (step.parse::<StepRunAddress>(), step)) {
        Some((Ok(address), _)) => StepRunFilter::at(&address),
        Some((Err(_), step)) => StepRunFilter { step: Some(step), ..StepRunFilter::default() },
        None => StepRunFilter::default(),
    };
    let filter = StepRunFilter {
        status: parse_status_opt(query.status.as_deref())?,
        after: parse_id_opt(query.after.as_deref())?,
        limit,
        ..at
    };
    state.store.run_fetch(run).await?;
    let steps = state.store.step_run_list(run, &filter).await?;
    let items = steps.into_iter().map(StepRunBody::from).collect();
    Ok(Json(Page::filled(items, limit, |step: &StepRunBody| step.id.to_string())))
}
