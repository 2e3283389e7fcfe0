//! Values as people see them: with attribute and address.

use std::collections::HashMap;

use branchline_schema_model::id::{AttributeValueId, StepRunId, WorkflowRunId};
use branchline_schema_model::run::AttributeValue;
use branchline_schema_model::store::{ValueFilter, ValueView};

use super::query::attribute_value::{PlacedValue, ValuePage};
use super::query::section_run::Place;
use super::query::{attribute, attribute_value, section_run, step_run};
use super::view::address_of;
use super::{Conn, engine, workflow_of};
use crate::error::{DbError, not_found};
use crate::row::step_run::StepRunRow;
use crate::sql_types::DbUid;

/// A page of the values of a run: in reference order, then by branch, then in the order of the outputs.
#[engine]
pub(super) async fn value_page(
    conn: &mut Conn,
    (run, filter): &(WorkflowRunId, ValueFilter),
) -> Result<Vec<ValueView>, DbError> {
    let run = *run;
    let names = attribute_names(conn, run).await?;
    let mut reading = Reading {
        names,
        page: ValuePage { limit: filter.limit.map(|limit| limit as i64), ..ValuePage::default() },
        views: Vec::new(),
    };
    if let Some(name) = &filter.attribute {
        let id = reading.names.iter().find(|(_, known)| *known == name).map(|(id, _)| *id);
        reading.page.attribute = Some(id.ok_or_else(|| not_found("attribute", name))?);
    }
    let mut places = section_run::place_list(conn, run.into()).await?;
    if let Some(id) = filter.id {
        let step_run = writer(conn, run, id).await?;
        reading.whole_step_run(conn, &places, &step_run).await?;
        reading.views.retain(|view| view.value.id == id);
    } else if let Some(step_run) = filter.step_run {
        let step_run = of_run(conn, run, step_run).await?;
        reading.whole_step_run(conn, &places, &step_run).await?;
        reading.skip_to_after(filter.after);
    } else {
        let mut after = None;
        if let Some(last) = filter.after {
            let step_run = writer(conn, run, last).await?;
            reading.whole_step_run(conn, &places, &step_run).await?;
            reading.skip_to_after(Some(last));
            let position = position(&places, &step_run)?;
            places.drain(..position);
            after = Some(step_run.branch_order);
        }
        reading.all(conn, &places, after).await?;
    }
    reading.views.truncate(filter.limit.unwrap_or(usize::MAX));
    Ok(reading.views)
}

struct Reading {
    names: HashMap<DbUid, String>,
    page: ValuePage,
    views: Vec<ValueView>,
}

impl Reading {
    /// The values of every step, from the first branch after `after` of the first one.
    #[engine]
    async fn all(
        &mut self,
        conn: &mut Conn,
        places: &[Place],
        mut after: Option<String>,
    ) -> Result<(), DbError> {
        for place in places {
            let limit = self.page.limit.map(|limit| limit - self.views.len() as i64);
            if limit.is_some_and(|limit| limit <= 0) {
                break;
            }
            let page = ValuePage { limit, after: after.take(), ..self.page.clone() };
            self.take(conn, place, &page).await?;
        }
        Ok(())
    }

    /// The values of one step run, which are few.
    #[engine]
    async fn whole_step_run(
        &mut self,
        conn: &mut Conn,
        places: &[Place],
        step_run: &StepRunRow,
    ) -> Result<(), DbError> {
        let place = &places[position(places, step_run)?];
        let page = ValuePage { step_run: Some(step_run.id), limit: None, ..self.page.clone() };
        self.take(conn, place, &page).await
    }

    #[engine]
    async fn take(&mut self, conn: &mut Conn, place: &Place, page: &ValuePage) -> Result<(), DbError> {
        for row in
            attribute_value::attribute_value_list_page(conn, place.section_run, place.step, page).await?
        {
            self.views.push(self.view(place, row)?);
        }
        Ok(())
    }

    /// Drops what comes up to and with `last`.
    fn skip_to_after(&mut self, last: Option<AttributeValueId>) {
        if let Some(position) = self.views.iter().position(|view| Some(view.value.id) == last) {
            self.views.drain(..=position);
        }
    }

    fn view(&self, place: &Place, (row, path, variant, sample): PlacedValue) -> Result<ValueView, DbError> {
        let attribute = self.names.get(&row.attribute_id).cloned().unwrap_or_default();
        let path = path.parse().map_err(|error| DbError::row("step_runs", error))?;
        let (section, step) = place.names.clone();
        let numbers = (place.item_index, place.iteration);
        let address = address_of(&path, (variant, sample), numbers, section, step);
        Ok(ValueView { value: AttributeValue::try_from(row)?, attribute, address })
    }
}

#[engine]
async fn attribute_names(conn: &mut Conn, run: WorkflowRunId) -> Result<HashMap<DbUid, String>, DbError> {
    let workflow = workflow_of(conn, &run).await?;
    let rows = attribute::attribute_list(conn, workflow.into()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The step run that wrote a value of the run.
#[engine]
async fn writer(conn: &mut Conn, run: WorkflowRunId, value: AttributeValueId) -> Result<StepRunRow, DbError> {
    let row = attribute_value::attribute_value_fetch(conn, run.into(), value.into()).await?;
    let row = row.ok_or_else(|| not_found("value", value))?;
    of_run(conn, run, row.step_run_id.into()).await
}

#[engine]
async fn of_run(conn: &mut Conn, run: WorkflowRunId, id: StepRunId) -> Result<StepRunRow, DbError> {
    let found = step_run::step_run_fetch_named(conn, id.into()).await?.map(|(row, ..)| row);
    let found = found.filter(|row| row.workflow_run_id == run.into());
    found.ok_or_else(|| not_found("step run", id).into())
}

fn position(places: &[Place], step_run: &StepRunRow) -> Result<usize, DbError> {
    let here = |place: &Place| (place.section_run, place.step) == (step_run.section_run_id, step_run.step_id);
    let missing = || DbError::row("step_runs", "a step run outside its section");
    places.iter().position(here).ok_or_else(missing)
}
