//! Workflow versions.

use std::collections::HashMap;

use async_trait::async_trait;
use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::store::{
    DefinitionStore, SavedWorkflow, SectionRow, StepRow, StoreError, WorkflowVersion,
};

use super::{SqliteStore, converted, not_found};
use crate::error::DbError;
use crate::row;
use crate::sql_types::DbUid;
use crate::sqlite::Conn;
use crate::sqlite::query::{attribute, port, section, step, workflow};

#[async_trait]
impl DefinitionStore for SqliteStore {
    async fn workflow_save(&self, version: WorkflowVersion) -> Result<SavedWorkflow, StoreError> {
        self.write(move |conn| save(conn, &version)).await
    }

    async fn workflow_fetch(&self, id: WorkflowId) -> Result<WorkflowVersion, StoreError> {
        self.read(move |conn| fetch(conn, id.into())).await
    }

    async fn workflow_find(&self, name: &str, version: Option<u32>) -> Result<WorkflowVersion, StoreError> {
        let name = name.to_owned();
        self.read(move |conn| {
            let id = match version {
                Some(version) => workflow::workflow_id_by_version(conn, &name, version as i32)?,
                None => workflow::workflow_newest(conn, &name)?.map(|(id, _)| id),
            };
            let missing = || match version {
                Some(version) => not_found("workflow", format_args!("{name}@{version}")),
                None => not_found("workflow", &name),
            };
            fetch(conn, id.ok_or_else(missing)?)
        })
        .await
    }

    async fn workflow_list(&self) -> Result<Vec<WorkflowVersion>, StoreError> {
        self.read(|conn| workflow::workflow_list(conn)?.into_iter().map(TryInto::try_into).collect()).await
    }
}

fn save(conn: &mut Conn, version: &WorkflowVersion) -> Result<SavedWorkflow, DbError> {
    if let Some(id) = workflow::workflow_id_by_content(conn, &version.name, &version.content_hash)? {
        return Ok(SavedWorkflow { workflow: fetch(conn, id)?, created: false });
    }
    let newest = workflow::workflow_newest(conn, &version.name)?.map_or(0, |(_, version)| version);
    let saved = WorkflowVersion { version: newest as u32 + 1, ..version.clone() };
    insert(conn, &saved)?;
    Ok(SavedWorkflow { workflow: saved, created: true })
}

fn insert(conn: &mut Conn, version: &WorkflowVersion) -> Result<(), DbError> {
    let sections = &version.sections;
    let steps =
        || sections.iter().flat_map(|section| section.steps.iter().map(move |step| (section.id, step)));
    let inputs = steps().flat_map(|(_, step)| step.inputs.iter().map(|input| (step.id, input)));
    let outputs = steps().flat_map(|(_, step)| step.outputs.iter().map(|output| (step.id, output)));
    let attributes = version.attributes.iter().enumerate();

    workflow::workflow_insert(conn, &version.into())?;
    let rows: Vec<_> =
        sections.iter().map(|section| row::section::SectionRow::new(version.id, section)).collect();
    section::section_insert(conn, &rows)?;
    let rows: Vec<_> = steps().map(|(section, step)| row::step::StepRow::new(section, step)).collect();
    step::step_insert(conn, &rows)?;
    let rows: Vec<_> = attributes
        .map(|(position, it)| row::attribute::AttributeRow::new(version.id, position, it))
        .collect();
    attribute::attribute_insert(conn, &rows)?;
    let rows: Vec<_> = inputs.map(|(step, input)| row::port::InputAttributeRow::new(step, input)).collect();
    port::input_attribute_insert(conn, &rows)?;
    let rows: Vec<_> =
        outputs.map(|(step, output)| row::port::OutputAttributeRow::new(step, output)).collect();
    port::output_attribute_insert(conn, &rows)?;
    Ok(())
}

fn fetch(conn: &mut Conn, id: DbUid) -> Result<WorkflowVersion, DbError> {
    let row =
        workflow::workflow_fetch(conn, id)?.ok_or_else(|| not_found("workflow", WorkflowId::from(id)))?;
    let mut version: WorkflowVersion = row.try_into()?;
    version.attributes = converted(attribute::attribute_list(conn, id)?)?;
    version.sections = sections(conn, id)?;
    Ok(version)
}

fn sections(conn: &mut Conn, workflow: DbUid) -> Result<Vec<SectionRow>, DbError> {
    let mut inputs = grouped(port::input_attribute_list(conn, workflow)?, |row| row.step_id);
    let mut outputs = grouped(port::output_attribute_list(conn, workflow)?, |row| row.step_id);
    let mut steps = grouped(step::step_list(conn, workflow)?, |row| row.section_id);
    let mut sections = Vec::new();
    for row in section::section_list(conn, workflow)? {
        let rows = steps.remove(&row.id).unwrap_or_default();
        let mut section: SectionRow = row.try_into()?;
        for row in rows {
            let id = row.id;
            let mut step: StepRow = row.try_into()?;
            step.inputs = converted(inputs.remove(&id).unwrap_or_default())?;
            step.outputs = converted(outputs.remove(&id).unwrap_or_default())?;
            section.steps.push(step);
        }
        sections.push(section);
    }
    Ok(sections)
}

/// Rows by the thing they belong to, each group in the order of the rows.
fn grouped<R>(rows: Vec<R>, key: impl Fn(&R) -> DbUid) -> HashMap<DbUid, Vec<R>> {
    let mut groups: HashMap<_, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
