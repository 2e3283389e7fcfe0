//! Values of a run.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::id::{AttributeId, AttributeValueId, WorkflowRunId};
use branchline_schema_model::store::{ValueFilter, ValueView};

use crate::dto::{Page, ValueBody, ValueQuery};
use crate::error::Problem;
use crate::extract::{PathPart, QueryPart, page_limit, parse_id, parse_id_opt};
use crate::limits::{FULL_VALUES_BYTES_MAX, VALUE_READ_ROWS};
use crate::state::AppState;

/// `GET /runs/{run}/values`: in reference order, then by branch; the beginning of each, or with `full=true` the whole.
pub(super) async fn list(
    State(state): State<AppState>,
    PathPart(run): PathPart<String>,
    QueryPart(query): QueryPart<ValueQuery>,
) -> Result<Json<Page<ValueBody>>, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let limit = page_limit(query.limit)?;
    let types = value_types(&state, run).await?;
    let mut filter = ValueFilter {
        attribute: query.attribute,
        step_run: parse_id_opt(query.step_run.as_deref())?,
        after: parse_id_opt(query.after.as_deref())?,
        ..ValueFilter::default()
    };
    let mut page = ValuePage { items: Vec::new(), bytes: 0, limit, types: query.full.then_some(types) };
    // Texts are read a few at a time, so that one answer never holds a whole page of large ones.
    loop {
        let wanted = VALUE_READ_ROWS.min(limit - page.items.len());
        filter.limit = Some(wanted);
        let views = state.store.value_list(run, &filter).await?;
        let is_last = views.len() < wanted;
        filter.after = views.last().map(|view| view.value.id).or(filter.after);
        let is_cut = views.into_iter().any(|view| !page.add(view));
        if is_cut || page.items.len() == limit {
            let next_cursor = page.items.last().map(|value| value.id.to_string());
            return Ok(Json(Page { items: page.items, next_cursor }));
        }
        if is_last {
            return Ok(Json(Page::whole(page.items)));
        }
    }
}

/// `GET /runs/{run}/values/{value}`: one whole value.
pub(super) async fn show(
    State(state): State<AppState>,
    PathPart((run, value)): PathPart<(String, String)>,
) -> Result<Json<ValueBody>, Problem> {
    let run: WorkflowRunId = parse_id(&run)?;
    let id: AttributeValueId = parse_id(&value)?;
    let types = value_types(&state, run).await?;
    let filter = ValueFilter { id: Some(id), ..ValueFilter::default() };
    let view = state.store.value_list(run, &filter).await?.pop();
    let view = view.ok_or_else(|| Problem::not_found(format!("there is no value `{id}` in this run")))?;
    Ok(Json(full(view, &types)))
}

struct ValuePage {
    items: Vec<ValueBody>,
    bytes: usize,
    limit: usize,
    /// Set when whole values are wanted.
    types: Option<ValueTypes>,
}

impl ValuePage {
    /// Adds a value; `false` when there is no room for it. The first one always has room.
    fn add(&mut self, view: ValueView) -> bool {
        if self.items.len() == self.limit {
            return false;
        }
        let Some(types) = &self.types else {
            self.items.push(ValueBody::preview(view));
            return true;
        };
        self.bytes += view.value.value.len();
        let has_room = self.items.is_empty() || self.bytes <= FULL_VALUES_BYTES_MAX;
        if has_room {
            self.items.push(full(view, types));
        }
        has_room
    }
}

type ValueTypes = HashMap<AttributeId, AttributeType>;

/// The types of a run's attributes; 404 without such a run.
async fn value_types(state: &AppState, run: WorkflowRunId) -> Result<ValueTypes, Problem> {
    let workflow = state.store.run_workflow(run).await?;
    let version = state.store.workflow_fetch(workflow).await?;
    Ok(version.attributes.into_iter().map(|row| (row.id, row.value_type)).collect())
}

fn full(view: ValueView, types: &ValueTypes) -> ValueBody {
    let value_type = types.get(&view.value.attribute_id).unwrap_or(&AttributeType::STRING);
    ValueBody::full(view, value_type)
}
