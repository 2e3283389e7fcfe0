//! Workflow versions.

use std::collections::HashMap;

use async_trait::async_trait;
use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::store::{
    DefinitionStore, SavedWorkflow, SectionRow, StepRow, StoreError, WorkflowVersion,
};

use super::query::{attribute, port, section, step, workflow};
use super::{Conn, Store, engine, operation};
use crate::error::{DbError, not_found};
use crate::row::{self, converted};
use crate::sql_types::DbUid;

#[async_trait]
impl DefinitionStore for Store {
    async fn workflow_save(&self, version: WorkflowVersion) -> Result<SavedWorkflow, StoreError> {
        self.write(version, operation!(save)).await
    }

    async fn workflow_fetch(&self, id: WorkflowId) -> Result<WorkflowVersion, StoreError> {
        self.read(DbUid::from(id), operation!(fetch)).await
    }

    async fn workflow_find(&self, name: &str, version: Option<u32>) -> Result<WorkflowVersion, StoreError> {
        self.read((name.to_owned(), version), operation!(find)).await
    }

    async fn workflow_list(&self) -> Result<Vec<WorkflowVersion>, StoreError> {
        self.read(Everything, operation!(list)).await
    }
}

#[engine]
async fn find(conn: &mut Conn, (name, version): &(String, Option<u32>)) -> Result<WorkflowVersion, DbError> {
    let id = match version {
        Some(version) => workflow::workflow_id_by_version(conn, name, *version as i32).await?,
        None => workflow::workflow_newest(conn, name).await?.map(|(id, _)| id),
    };
    let missing = || match version {
        Some(version) => not_found("workflow", format_args!("{name}@{version}")),
        None => not_found("workflow", name),
    };
    fetch(conn, &id.ok_or_else(missing)?).await
}

/// What is read without a question. Operations take what they are asked by reference.
struct Everything;

#[engine]
async fn list(conn: &mut Conn, _: &Everything) -> Result<Vec<WorkflowVersion>, DbError> {
    converted(workflow::workflow_list(conn).await?)
}

#[engine]
async fn save(conn: &mut Conn, version: &WorkflowVersion) -> Result<SavedWorkflow, DbError> {
    if let Some(id) = workflow::workflow_id_by_content(conn, &version.name, &version.content_hash).await? {
        return Ok(SavedWorkflow { workflow: fetch(conn, &id).await?, created: false });
    }
    let newest = workflow::workflow_newest(conn, &version.name).await?.map_or(0, |(_, version)| version);
    let saved = WorkflowVersion { version: newest as u32 + 1, ..version.clone() };
    insert(conn, &saved).await?;
    Ok(SavedWorkflow { workflow: saved, created: true })
}

#[engine]
async fn insert(conn: &mut Conn, version: &WorkflowVersion) -> Result<(), DbError> {
    let rows = Rows::new(version);
    workflow::workflow_insert(conn, &version.into()).await?;
    section::section_insert(conn, &rows.sections).await?;
    step::step_insert(conn, &rows.steps).await?;
    attribute::attribute_insert(conn, &rows.attributes).await?;
    port::input_attribute_insert(conn, &rows.inputs).await?;
    port::output_attribute_insert(conn, &rows.outputs).await?;
    Ok(())
}

/// A version by table.
struct Rows {
    sections: Vec<row::section::SectionRow>,
    steps: Vec<row::step::StepRow>,
    attributes: Vec<row::attribute::AttributeRow>,
    inputs: Vec<row::port::InputAttributeRow>,
    outputs: Vec<row::port::OutputAttributeRow>,
}

impl Rows {
    fn new(version: &WorkflowVersion) -> Self {
        let sections = &version.sections;
        let steps =
            || sections.iter().flat_map(|section| section.steps.iter().map(move |step| (section.id, step)));
        let inputs = steps().flat_map(|(_, step)| step.inputs.iter().map(|input| (step.id, input)));
        let outputs = steps().flat_map(|(_, step)| step.outputs.iter().map(|output| (step.id, output)));
        let attributes = version.attributes.iter().enumerate();
        Self {
            sections: sections
                .iter()
                .map(|section| row::section::SectionRow::new(version.id, section))
                .collect(),
            steps: steps().map(|(section, step)| row::step::StepRow::new(section, step)).collect(),
            attributes: attributes
                .map(|(position, it)| row::attribute::AttributeRow::new(version.id, position, it))
                .collect(),
            inputs: inputs.map(|(step, input)| row::port::InputAttributeRow::new(step, input)).collect(),
            outputs: outputs.map(|(step, output)| row::port::OutputAttributeRow::new(step, output)).collect(),
        }
    }
}

#[engine]
async fn fetch(conn: &mut Conn, id: &DbUid) -> Result<WorkflowVersion, DbError> {
    let id = *id;
    let row = workflow::workflow_fetch(conn, id)
        .await?
        .ok_or_else(|| not_found("workflow", WorkflowId::from(id)))?;
    let mut version: WorkflowVersion = row.try_into()?;
    version.attributes = converted(attribute::attribute_list(conn, id).await?)?;
    version.sections = sections(conn, id).await?;
    Ok(version)
}

#[engine]
async fn sections(conn: &mut Conn, workflow: DbUid) -> Result<Vec<SectionRow>, DbError> {
    let mut inputs = grouped(port::input_attribute_list(conn, workflow).await?, |row| row.step_id);
    let mut outputs = grouped(port::output_attribute_list(conn, workflow).await?, |row| row.step_id);
    let mut steps = grouped(step::step_list(conn, workflow).await?, |row| row.section_id);
    let mut sections = Vec::new();
    for row in section::section_list(conn, workflow).await? {
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
