//! Workflow versions.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use branchline_runtime::error::EngineError;
use branchline_schema_model::check::{CheckContext, Diagnostic, check};
use branchline_schema_model::definition::{Workflow, document};
use branchline_schema_model::store::WorkflowVersion;

use crate::dto::{Page, WorkflowBody, WorkflowDetail, WorkflowSaved};
use crate::error::Problem;
use crate::extract::{PathPart, body_problem, parse_id};
use crate::state::{AppState, detached};

/// What diagnostics call the body.
const BODY_NAME: &str = "workflow.json";

/// `GET /workflows`: all versions, by name and then newest first.
pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Page<WorkflowBody>>, Problem> {
    let versions = state.store.workflow_list().await?;
    Ok(Json(Page::whole(versions.iter().map(WorkflowBody::from).collect())))
}

/// `GET /workflows/{id, name or name@version}`.
pub(super) async fn show(
    State(state): State<AppState>,
    PathPart(reference): PathPart<String>,
) -> Result<Json<WorkflowDetail>, Problem> {
    let version = find(&state, &reference, None).await?;
    let plan = match state.engine.workflow_plan(version.id).await {
        Ok(plan) => Some(plan),
        Err(EngineError::Definition { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Json(WorkflowDetail::new(&version, plan.as_deref())))
}

/// The version meant by an id, `name@version`, or a name (its newest version, or the one given).
pub(super) async fn find(
    state: &AppState,
    reference: &str,
    version: Option<u32>,
) -> Result<WorkflowVersion, Problem> {
    if version.is_some() {
        return Ok(state.store.workflow_find(reference, version).await?);
    }
    if let Ok(id) = parse_id(reference) {
        return Ok(state.store.workflow_fetch(id).await?);
    }
    let numbered = reference.rsplit_once('@').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    Ok(match numbered {
        Some((name, number)) => state.store.workflow_find(name, Some(number)).await?,
        None => state.store.workflow_find(reference, None).await?,
    })
}

/// `POST /workflows`: a JSON document becomes a version. 201 when it is new, 200 when it was there.
pub(super) async fn save(
    State(state): State<AppState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<WorkflowSaved>), Problem> {
    let body = body.map_err(|rejection| body_problem(&rejection))?;
    let text = String::from_utf8(body.into()).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
    let (workflow, warnings) = read_and_check(text, &state.engine.check_context())?;
    let saved = detached(async move { Ok(state.engine.workflow_save(&workflow).await?) }).await?;
    let status = if saved.created { StatusCode::CREATED } else { StatusCode::OK };
    let body = WorkflowSaved {
        workflow: (&saved.workflow).into(),
        created: saved.created,
        warnings: warnings.into_iter().map(Into::into).collect(),
    };
    Ok((status, Json(body)))
}

/// The definition with its warnings, or everything that is wrong with it.
fn read_and_check(text: String, context: &CheckContext) -> Result<(Workflow, Vec<Diagnostic>), Problem> {
    let read = document::read(&BTreeMap::from([(BODY_NAME.to_owned(), text)]), BODY_NAME);
    let mut findings = read.diagnostics;
    if let Some(workflow) = &read.workflow {
        findings.extend(check(workflow, &read.sources, context).diagnostics);
    }
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    match read.workflow {
        Some(workflow) if errors == 0 => Ok((workflow, findings)),
        _ => {
            let ending = if errors == 1 { "" } else { "s" };
            Err(Problem::definition(format!("the definition has {errors} error{ending}"), findings))
        }
    }
}
