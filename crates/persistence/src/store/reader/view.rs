//! Step runs as people see them: with address and cost.

use std::collections::HashMap;

use branchline_schema_model::definition::Action;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::run::{BranchPath, CandidateAddress, StepRun, StepRunAddress, Usage};
use branchline_schema_model::store::{StepRunFilter, StepRunView, StepUsage};

use super::query::step_run::{BranchPage, NamedStepRun};
use super::query::{section_run, step, step_attempt, step_run};
use super::{Conn, check_run, engine, page_rows, workflow_of};
use crate::error::{DbError, not_found};
use crate::row::step_run::branch_order;

/// Step runs asked for their cost in one statement.
const COSTS_PER_QUERY: usize = 1_000;

/// A page in reference order: the steps of the run one after another, each in branch order from an index.
#[engine]
pub(super) async fn step_run_page(
    conn: &mut Conn,
    (run, filter): &(WorkflowRunId, StepRunFilter),
) -> Result<Vec<StepRunView>, DbError> {
    check_run(conn, *run).await?;
    let mut places = section_run::place_list(conn, (*run).into()).await?;
    let candidate = filter.candidate.as_ref();
    let mut page = BranchPage {
        after: None,
        below: filter.below.as_ref().map(branch_order),
        variant: candidate.and_then(|candidate| candidate.variant.clone()),
        sample: candidate.and_then(|candidate| candidate.sample).map(|sample| sample as i32),
        status: filter.status,
        tolerated: filter.tolerated,
        limit: page_rows(filter.limit),
    };
    if let Some(after) = filter.after {
        let (row, ..) = step_run::step_run_fetch_named(conn, after.into())
            .await?
            .ok_or_else(|| not_found("step run", after))?;
        let here =
            |place: &section_run::Place| (place.section_run, place.step) == (row.section_run_id, row.step_id);
        let position = places.iter().position(here).ok_or_else(|| not_found("step run", after))?;
        places.drain(..position);
        page.after = Some(row.branch_order);
    }
    let mut rows: Vec<NamedStepRun> = Vec::new();
    for place in places {
        let after = page.after.take();
        if !is_wanted(filter, &place) {
            continue;
        }
        let here = BranchPage { after, limit: page.limit - rows.len() as i64, ..page.clone() };
        if here.limit <= 0 {
            break;
        }
        let (section, step) = &place.names;
        let found = step_run::step_run_list_page(conn, place.section_run, place.step, &here).await?;
        rows.extend(
            found
                .into_iter()
                .map(|row| (row, place.item_index, place.iteration, section.clone(), step.clone())),
        );
    }
    with_costs(conn, rows).await
}

fn is_wanted(filter: &StepRunFilter, place: &section_run::Place) -> bool {
    let (section, step) = &place.names;
    let is = |wanted: Option<u32>, number: Option<i32>| {
        wanted.is_none_or(|wanted| number.is_some_and(|number| i64::from(number) == i64::from(wanted)))
    };
    // What the engine does by itself is shown to whoever asks for it.
    let is_implicit = || Action::is_implicit_name(&place.action);
    filter.step.as_ref().map_or_else(|| !is_implicit(), |wanted| *wanted == format!("{section}.{step}"))
        && is(filter.element, place.item_index)
        && is(filter.turn, place.iteration)
}

/// The address of a step run, from its row and the names of its place.
pub(super) fn address_of(
    path: &BranchPath,
    (variant, sample): (Option<String>, Option<i32>),
    (item_index, iteration): (Option<i32>, Option<i32>),
    section: String,
    step: String,
) -> String {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let is_candidate = variant.is_some() || sample.is_some();
    StepRunAddress {
        section,
        element: number(item_index),
        turn: number(iteration),
        step,
        // The last number of a candidate's path is its own.
        path: if is_candidate { path.prefix(path.depth().saturating_sub(1)) } else { path.clone() },
        candidate: is_candidate.then(|| CandidateAddress { variant, sample: number(sample) }),
        attempt: None,
    }
    .to_string()
}

/// Views of step runs, with what their attempts cost.
#[engine]
pub(super) async fn with_costs(
    conn: &mut Conn,
    rows: Vec<NamedStepRun>,
) -> Result<Vec<StepRunView>, DbError> {
    let mut costs: HashMap<_, (Usage, u64)> = HashMap::new();
    let ids: Vec<_> = rows.iter().map(|(row, ..)| row.id).collect();
    for ids in ids.chunks(COSTS_PER_QUERY) {
        for (id, input, cached, output, reasoning, calls) in
            step_attempt::step_attempt_cost_list(conn, ids).await?
        {
            let (usage, sum) = costs.entry(id).or_default();
            *usage += Usage {
                input_tokens: input as u64,
                cached_tokens: cached as u64,
                output_tokens: output as u64,
                reasoning_tokens: reasoning as u64,
            };
            *sum += calls as u64;
        }
    }
    let views = rows.into_iter().map(|(row, item_index, iteration, section, step)| {
        let (usage, calls) = costs.remove(&row.id).unwrap_or_default();
        let run_id = row.workflow_run_id.into();
        let candidate = (row.variant.clone(), row.sample);
        let step_run: StepRun = row.try_into()?;
        let place = (item_index, iteration);
        let address = address_of(&step_run.branch_path, candidate, place, section, step);
        Ok(StepRunView { step_run, address, run_id, usage, calls })
    });
    views.collect()
}

/// What the calls of each step took, in reference order, by model.
#[engine]
pub(super) async fn step_usages(conn: &mut Conn, run: &WorkflowRunId) -> Result<Vec<StepUsage>, DbError> {
    let workflow = workflow_of(conn, run).await?;
    let mut costs: HashMap<_, Vec<step_attempt::StepCost>> = HashMap::new();
    for cost in step_attempt::step_attempt_cost_by_step(conn, (*run).into()).await? {
        costs.entry(cost.0).or_default().push(cost);
    }
    let steps = step::step_slug_list(conn, workflow.into()).await?;
    let usages = steps.into_iter().flat_map(|(id, section, step)| {
        let address = format!("{section}.{step}");
        costs.remove(&id).unwrap_or_default().into_iter().filter_map(move |cost| step_usage(&address, cost))
    });
    Ok(usages.collect())
}

fn step_usage(step: &str, cost: step_attempt::StepCost) -> Option<StepUsage> {
    let (_, model, calls, input_min, input_max, output_min, output_max) = cost;
    Some(StepUsage {
        step: step.to_owned(),
        model: model?,
        calls: calls as u64,
        input_tokens: (input_min as u64, input_max as u64),
        output_tokens: (output_min as u64, output_max as u64),
    })
}
