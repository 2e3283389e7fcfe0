//! Reads of all branches as one list.

use super::{Binder, Reader};
use crate::check::code;
use crate::check::report::At;
use crate::definition::{AttributeType, OnError, TypeKind};
use crate::plan::{AttributeIndex, GatherField, LevelIndex, ReadSource, SectionIndex, StepIndex};

impl Binder<'_, '_> {
    /// The levels in which the nearest writer of an attribute lives, when a reader in `section` has to join branches
    /// to read it; else none.
    pub(super) fn branches_of(&self, attribute: AttributeIndex, section: SectionIndex) -> &[LevelIndex] {
        let Some(&writer) = self.writers[attribute.get()].last() else { return &[] };
        if self.has_branches(self.levels_below(writer, section)) { self.scope_of(writer) } else { &[] }
    }

    /// Whether the branches of the nearest writer could not be found out.
    pub(super) fn has_broken_writer(&self, attribute: AttributeIndex) -> bool {
        self.writers[attribute.get()].last().is_some_and(|writer| self.broken[writer.get()])
    }

    /// Binds a gather of attributes by name; `None` after reporting why it cannot be.
    pub(super) fn bind_gather(
        &mut self,
        names: &[String],
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<ReadSource> {
        let mut attributes = Vec::new();
        for name in names {
            match self.symbols.index(name) {
                Some(attribute) => attributes.push(attribute),
                None => self.unknown(name, &[], at),
            }
        }
        if attributes.len() < names.len() || attributes.is_empty() {
            reader.is_broken = true;
            return None;
        }
        for attribute in &attributes {
            self.note_read(*attribute, reader.index);
        }
        self.bind_branches(&attributes, reader, at)
    }

    fn bind_branches(
        &mut self,
        attributes: &[AttributeIndex],
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<ReadSource> {
        let mut levels = Vec::new();
        for &attribute in attributes {
            levels.push(self.gathered_levels(attribute, reader, at)?);
        }
        // An element belongs to whatever is gathered beside it: several fan-outs may use its name.
        let is_item = |attribute: &AttributeIndex| self.symbols.at(*attribute).is_item;
        let leading = attributes.iter().zip(&levels).filter(|(one, _)| !is_item(one)).map(|(_, own)| own);
        let deepest =
            leading.max_by_key(|own| own.len()).or_else(|| levels.iter().max_by_key(|own| own.len()));
        let branches = deepest?.clone();
        let mut fields = Vec::new();
        for (&attribute, own) in attributes.iter().zip(levels) {
            let writers = if is_item(&attribute) {
                self.opener_around(attribute, &branches)
            } else if branches.starts_with(&own) {
                self.writers_within(attribute, &own)
            } else {
                Vec::new()
            };
            if writers.is_empty() {
                self.different_levels(attributes, at);
                reader.is_broken = true;
                return None;
            }
            fields.push(GatherField { attribute, writers });
        }
        let depth = self.depth_for(&branches, reader.section);
        let name = self.symbols.at(attributes[0]).name.to_owned();
        reader.scopes.push((branches[..depth].to_vec(), name));
        Some(ReadSource::Gather { fields, depth: depth as u32 })
    }

    /// The branches an attribute is written in; `None` after reporting that there are none.
    fn gathered_levels(
        &mut self,
        attribute: AttributeIndex,
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<Vec<LevelIndex>> {
        let branches = self.branches_of(attribute, reader.section).to_vec();
        match self.writers[attribute.get()].last() {
            None => self.gather_unwritten(attribute, at),
            Some(nearest) if self.broken[nearest.get()] => {}
            Some(nearest) if branches.is_empty() => self.not_branched(attribute, *nearest, at),
            Some(opener) if self.symbols.at(attribute).is_item => {
                return Some(self.element_scope(*opener).to_vec());
            }
            Some(_) => return Some(branches),
        }
        reader.is_broken = true;
        None
    }

    /// The nearest fan-out around these branches, or of them, whose element an item is.
    fn opener_around(&self, item: AttributeIndex, branches: &[LevelIndex]) -> Vec<StepIndex> {
        let mut openers = self.writers[item.get()].iter().rev();
        openers
            .find(|opener| branches.starts_with(self.element_scope(**opener)))
            .copied()
            .into_iter()
            .collect()
    }

    /// Candidate writers in exactly these branches, nearest first.
    pub(super) fn writers_within(
        &self,
        attribute: AttributeIndex,
        branches: &[LevelIndex],
    ) -> Vec<StepIndex> {
        let (candidates, _) = self.candidates(attribute);
        candidates.into_iter().filter(|writer| self.scope_of(*writer) == branches).collect()
    }

    /// Inside the section a join collapses the innermost level, outside of it all levels.
    pub(super) fn depth_for(&self, branches: &[LevelIndex], section: SectionIndex) -> usize {
        match branches.last() {
            Some(innermost) if self.level_sections[innermost.get()] == section => branches.len() - 1,
            _ => 0,
        }
    }

    /// The type of the list a gather gives. A branch whose step failed with `on_error: null` keeps its place in it.
    pub(super) fn gathered_type(&self, fields: &[GatherField]) -> Option<AttributeType> {
        if let [field] = fields {
            let value_type = self.symbols.at(field.attribute).value_type.as_ref()?;
            let is_nullable = !value_type.is_array && self.null_writer(fields).is_some();
            return Some(if is_nullable { value_type.or_null().list() } else { value_type.list() });
        }
        let mut properties = serde_json::Map::new();
        for field in fields {
            let symbol = self.symbols.at(field.attribute);
            properties.insert(symbol.name.to_owned(), symbol.value_type.as_ref()?.json_schema());
        }
        let schema = serde_json::json!({
            "type": "object", "properties": properties, "additionalProperties": false
        });
        Some(AttributeType { is_array: true, schema: Some(schema), ..AttributeType::of(TypeKind::Object) })
    }

    /// A step whose failure leaves an empty place among what is gathered.
    pub(super) fn null_writer(&self, fields: &[GatherField]) -> Option<StepIndex> {
        let mut writers = fields.iter().flat_map(|field| &field.writers).copied();
        writers.find(|writer| self.steps[writer.get()].on_error == OnError::Null)
    }

    fn gather_unwritten(&mut self, attribute: AttributeIndex, at: At<'_>) {
        let symbol = self.symbols.at(attribute);
        let name = symbol.name;
        let (message, fix) = if symbol.writers.is_empty() && !symbol.is_item {
            let message = format!("`gather` joins branches, and no step writes `{name}`");
            (message, format!("read `{name}` as it is, without `gather`"))
        } else {
            let message = format!("`{name}` is gathered before any step writes it");
            (message, "move the step behind the one that writes it".to_owned())
        };
        let places = [self.report.place(at), self.declaration(attribute)];
        self.report.add(code::NOT_BRANCHED, message, places, fix);
    }

    fn not_branched(&mut self, attribute: AttributeIndex, writer: StepIndex, at: At<'_>) {
        let (name, step) = (self.symbols.at(attribute).name, self.steps[writer.get()].name.clone());
        // The branches of a section are around all its steps.
        let (message, label, fix) = if self.scope_of(writer).is_empty() {
            (
                format!("`gather` joins branches, and `{step}` writes `{name}` outside of any"),
                "written here, once",
                format!("read `{name}` as it is, or give `{step}` a `for_each`"),
            )
        } else {
            (
                format!("`gather` joins branches, and this step is in the same branch as `{step}`"),
                "written here, once in the branch",
                format!("read `{name}` as it is, or move the step to a section behind this one"),
            )
        };
        let written = self.report.value(&format!("{}/name", self.pointer_of(writer)), label);
        self.report.add(code::NOT_BRANCHED, message, [self.report.place(at), written], fix);
    }

    fn different_levels(&mut self, attributes: &[AttributeIndex], at: At<'_>) {
        let names: Vec<_> = attributes.iter().map(|attribute| self.symbols.at(*attribute).name).collect();
        let message = format!("`{}` are not written in the same branches", names.join("` and `"));
        let fix = "gather each of them under a name of its own";
        self.report.add(code::GATHER_LEVELS, message, [self.report.place(at)], fix);
    }
}
