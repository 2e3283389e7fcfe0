//! Every attribute of a workflow, declared or inferred, with what is known before anything is bound.

use std::collections::{BTreeSet, HashMap};

use super::field::{self, Walked};
use super::report::{Report, attribute_pointer};
use super::{Place, code};
use crate::definition::{Attribute, AttributeType, ForEach, Workflow};
use crate::name::nearest;
use crate::plan::AttributeIndex;
use crate::prompt::PathPart;

/// One attribute.
#[derive(Debug)]
pub(super) struct Symbol<'a> {
    pub(super) name: &'a str,
    pub(super) declared: Option<&'a Attribute>,
    /// `None` when it could not be found out; that problem is reported where it arises.
    pub(super) value_type: Option<AttributeType>,
    /// Pointers of the outputs of enabled steps that write it, in order.
    pub(super) writers: Vec<String>,
    /// The first output of a disabled step that would write it.
    pub(super) disabled_writer: Option<String>,
    /// Whether it is the item of a fan-out.
    pub(super) is_item: bool,
}

impl Symbol<'_> {
    pub(super) fn is_optional(&self) -> bool {
        self.declared.is_some_and(|declared| declared.optional)
    }

    pub(super) fn has_default(&self) -> bool {
        self.declared.is_some_and(|declared| declared.default.is_some())
    }

    pub(super) fn is_marked_input(&self) -> bool {
        self.declared.is_some_and(|declared| declared.input)
    }

    /// Whether a run cannot start without it, should it be a run input.
    pub(super) fn is_required(&self) -> bool {
        !self.is_optional() && !self.has_default() && self.writers.is_empty()
    }

    /// Where it is declared, else where it is written first.
    pub(super) fn declaration(&self, report: &Report<'_>) -> Option<Place> {
        if self.declared.is_some() {
            return report.key(&attribute_pointer(self.name), "declared here");
        }
        let writer = self.writers.first().or(self.disabled_writer.as_ref())?;
        report.value(writer, "written here")
    }

    /// Whether the `inputs` step may write it.
    pub(super) fn is_given(&self) -> bool {
        self.is_marked_input() || self.has_default() || (self.writers.is_empty() && !self.is_item)
    }
}

/// All attributes in alphabetical order.
#[derive(Debug, Default)]
pub(super) struct Symbols<'a> {
    pub(super) all: Vec<Symbol<'a>>,
    indices: HashMap<&'a str, usize>,
}

impl<'a> Symbols<'a> {
    /// Collects names from declarations, outputs and items. Types are those of declarations, else `string`.
    pub(super) fn collect(workflow: &'a Workflow, report: &mut Report<'_>) -> Self {
        let mut names: BTreeSet<&'a str> = workflow.attributes.keys().map(String::as_str).collect();
        names.extend(
            workflow
                .sections
                .iter()
                .filter_map(|section| Some(section.spread.for_each.as_ref()?.item.as_str())),
        );
        for step in workflow.sections.iter().flat_map(|section| &section.steps) {
            names.extend(step.outputs.iter().map(String::as_str));
            names.extend(step.spread.for_each.as_ref().map(|each| each.item.as_str()));
        }
        let mut symbols = Self::default();
        for name in names {
            let declared = workflow.attributes.get(name);
            symbols.indices.insert(name, symbols.all.len());
            symbols.all.push(Symbol {
                name,
                declared,
                value_type: declared.map_or(Some(AttributeType::STRING), |declared| {
                    super::types::resolve(name, declared, workflow, report)
                }),
                writers: Vec::new(),
                disabled_writer: None,
                is_item: false,
            });
        }
        symbols.note_writers(workflow);
        symbols.type_items(workflow, report);
        symbols
    }

    fn note_writers(&mut self, workflow: &Workflow) {
        for (section_at, section) in workflow.sections.iter().enumerate() {
            for (step_at, step) in section.steps.iter().enumerate() {
                for (output_at, output) in step.outputs.iter().enumerate() {
                    let Some(symbol) = self.get_mut(output) else { continue };
                    let pointer = format!("/sections/{section_at}/steps/{step_at}/outputs/{output_at}");
                    if section.enabled && step.enabled {
                        symbol.writers.push(pointer);
                    } else {
                        symbol.disabled_writer.get_or_insert(pointer);
                    }
                }
            }
        }
    }

    /// Gives items the element type of their list, in step order, so that an item can be the list of a later one.
    fn type_items(&mut self, workflow: &'a Workflow, report: &mut Report<'_>) {
        let mut typed: HashMap<&str, String> = HashMap::new();
        for (section_at, section) in workflow.sections.iter().enumerate() {
            let pointer = format!("/sections/{section_at}");
            if let Some(each) = &section.spread.for_each {
                self.type_item(each, &format!("{pointer}/for_each"), &mut typed, report);
            }
            for (step_at, step) in section.steps.iter().enumerate() {
                if let Some(each) = &step.spread.for_each {
                    self.type_item(each, &format!("{pointer}/steps/{step_at}/for_each"), &mut typed, report);
                }
            }
        }
    }

    fn type_item(
        &mut self,
        each: &'a ForEach,
        pointer: &str,
        typed: &mut HashMap<&'a str, String>,
        report: &mut Report<'_>,
    ) {
        let element = self.element_type(&each.list, &format!("{pointer}/list"), report);
        let Some(&index) = self.indices.get(each.item.as_str()) else { return };
        let symbol = &mut self.all[index];
        symbol.is_item = true;
        let first = typed.get(each.item.as_str()).cloned();
        typed.entry(&each.item).or_insert_with(|| format!("{pointer}/item"));
        if first.is_none() && symbol.declared.is_none() {
            symbol.value_type = element;
        } else if let (Some(known), Some(element)) = (&symbol.value_type, &element)
            && (known.kind, known.is_array) != (element.kind, element.is_array)
        {
            let earlier = match first {
                Some(first) if symbol.declared.is_none() => report.value(&first, "the first one"),
                _ => report.key(&attribute_pointer(&each.item), "declared here"),
            };
            report.add(
                code::ITEM_TYPES_DIFFER,
                format!("`{}` is `{known}`, and the elements of `{}` are `{element}`", each.item, each.list),
                [report.value(&format!("{pointer}/item"), ""), earlier],
                format!("give the item of `{}` another name", each.list),
            );
        }
    }

    /// The element type of the list at a path; `None` when it is not known or not a list, which is reported.
    fn element_type(&self, list: &str, pointer: &str, report: &mut Report<'_>) -> Option<AttributeType> {
        let mut parts = list.split('.');
        let root = self.get(parts.next().unwrap_or_default())?;
        let path: Vec<_> = parts.map(|part| PathPart::Field(part.to_owned())).collect();
        let place = report.value(pointer, "");
        match field::walk(root.value_type.as_ref()?, &path) {
            Walked::Known(found) if found.is_array => Some(found.element()),
            Walked::Known(found) => {
                let declared = root.declaration(report);
                let fix = if path.is_empty() {
                    format!("declare it as a list: `{}: {found}[]` under `attributes`", root.name)
                } else {
                    format!("name a field of `{}` that is a list", root.name)
                };
                let message = format!("`for_each` goes through a list, and `{list}` is a single `{found}`");
                report.add(code::ITEM_AS_LIST, message, [place, declared], fix);
                None
            }
            Walked::NoField { field, known } => {
                unknown_field(list, &field, &known, vec![place], report);
                None
            }
            Walked::FieldOfList { .. } | Walked::ItemOfSingle => {
                report.add(
                    code::LIST_AS_ITEM,
                    format!("`{list}` takes a field of a list"),
                    [place],
                    format!("go through `{}` with a `for_each` of its own first", root.name),
                );
                None
            }
            Walked::Open => {
                report.add(
                    code::ITEM_AS_LIST,
                    format!("`for_each` goes through a list, and the type of `{}` does not say that `{list}` is one", root.name),
                    [place, root.declaration(report)],
                    "give the object a type that names the field with its element type",
                );
                None
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Symbol<'a>> {
        self.indices.get(name).map(|index| &self.all[*index])
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Symbol<'a>> {
        self.indices.get(name).map(|index| &mut self.all[*index])
    }

    pub(super) fn index(&self, name: &str) -> Option<AttributeIndex> {
        self.indices.get(name).map(|index| AttributeIndex(*index as u32))
    }

    pub(super) fn at(&self, index: AttributeIndex) -> &Symbol<'a> {
        &self.all[index.get()]
    }
}

/// Reports a field that a type does not have.
pub(super) fn unknown_field(
    path: &str,
    field: &str,
    known: &[String],
    places: Vec<Option<Place>>,
    report: &mut Report<'_>,
) {
    let message = if known.is_empty() {
        format!("`{path}` asks for the field `{field}` of a single value")
    } else {
        format!("`{path}` asks for the field `{field}`, which the type does not have")
    };
    let fix = match nearest(field, known.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "use the value itself, or give it an object type".to_owned(),
        None => format!("use one of its fields: `{}`", known.join("`, `")),
    };
    report.add(code::UNKNOWN_FIELD, message, places, fix);
}
