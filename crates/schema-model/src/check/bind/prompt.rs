//! Reads that a template mentions.

use std::collections::{BTreeSet, HashMap};

use super::{Binder, Reader};
use crate::check::field::{self, Walked};
use crate::check::report::At;
use crate::check::symbol::unknown_field;
use crate::check::{Place, code, prompts};
use crate::definition::{AttributeType, Gather, Input, Step, TypeKind};
use crate::plan::{PlanRead, PlanStep, ReadRole, ReadSource, StepIndex};
use crate::prompt::{Mention, PathPart, Usage, read};

/// Names that mean something in the template of one step besides the attributes.
pub(super) struct Names<'a> {
    item: Option<&'a str>,
    gathers: HashMap<&'a str, (usize, &'a Gather)>,
    inputs: HashMap<&'a str, (usize, &'a Input)>,
}

impl<'a> Names<'a> {
    pub(super) fn of(step: &'a Step) -> Self {
        Self {
            item: step.spread.for_each.as_ref().map(|each| each.item.as_str()),
            gathers: step
                .gather
                .iter()
                .enumerate()
                .map(|(at, gather)| (gather.name.as_str(), (at, gather)))
                .collect(),
            inputs: step
                .inputs
                .iter()
                .enumerate()
                .map(|(at, input)| (input.name.as_str(), (at, input)))
                .collect(),
        }
    }
}

/// What a name in a template is.
struct Bound {
    source: ReadSource,
    optional: bool,
    value_type: Option<AttributeType>,
}

impl Binder<'_, '_> {
    /// Binds everything a template mentions; returns the names.
    pub(super) fn prompt(
        &mut self,
        text: &str,
        names: &Names<'_>,
        step: &mut PlanStep,
        reader: &mut Reader,
    ) -> BTreeSet<String> {
        let pointer = format!("{}/prompt", reader.pointer);
        let prompt = read(text, self.partials);
        prompts::report(&prompt.problems, &pointer, self.partials, self.report);
        prompts::check_roles(&prompt, &step.action, &pointer, self.report);
        let mut order: Vec<&str> = Vec::new();
        let mut by_name: HashMap<&str, Vec<&Mention>> = HashMap::new();
        for mention in &prompt.mentions {
            let mentions = by_name.entry(&mention.name).or_default();
            if mentions.is_empty() {
                order.push(&mention.name);
            }
            mentions.push(mention);
        }
        for name in &order {
            self.mentioned_name(name, &by_name[name], names, step, reader, &pointer);
        }
        order.into_iter().map(str::to_owned).collect()
    }

    fn mentioned_name(
        &mut self,
        name: &str,
        mentions: &[&Mention],
        names: &Names<'_>,
        step: &mut PlanStep,
        reader: &mut Reader,
        pointer: &str,
    ) {
        if name == "branch" {
            return self.branch_variable(mentions, reader, pointer);
        }
        let Some(bound) = self.bind_mention(name, mentions, names, reader, pointer) else {
            reader.is_broken = true;
            return;
        };
        let at = At::Text(pointer, &mentions[0].at);
        self.note_certainty(name, &bound.source, bound.optional, reader, at);
        if let Some(value_type) = &bound.value_type {
            self.check_mentions(mentions, value_type, pointer);
        }
        if bound.optional && !self.is_certain(&bound.source) {
            self.check_guards(name, mentions, &bound.source, pointer);
        }
        // Which fields the objects of a gather have depends on their branches.
        if let (Some(value_type), false) =
            (&bound.value_type, matches!(bound.source, ReadSource::Gather { .. }))
        {
            self.check_field_guards(mentions, value_type, pointer);
        }
        if let ReadSource::Gather { fields, .. } = &bound.source
            && bound.value_type.as_ref().is_some_and(AttributeType::may_be_null)
            && let Some(writer) = self.null_writer(fields)
        {
            self.check_item_guards(mentions, writer, pointer);
        }
        let Bound { source, optional, .. } = bound;
        step.reads.push(PlanRead { name: name.to_owned(), role: ReadRole::Prompt, source, optional });
    }

    fn bind_mention(
        &mut self,
        name: &str,
        mentions: &[&Mention],
        names: &Names<'_>,
        reader: &mut Reader,
        pointer: &str,
    ) -> Option<Bound> {
        let at = At::Text(pointer, &mentions[0].at);
        if let Some(level) = reader.level.filter(|_| names.item == Some(name)) {
            let attribute = self.symbols.index(name)?;
            self.note_read(attribute, reader.index);
            let source = ReadSource::Item { attribute, level };
            let value_type = self.symbols.at(attribute).value_type.clone();
            return Some(Bound { source, optional: false, value_type });
        }
        if let Some((position, gather)) = names.gathers.get(name) {
            let declared = format!("{}/gather/{position}", reader.pointer);
            let source = self.bind_gather(&gather.attributes, reader, At::Value(&declared))?;
            let value_type = self.type_of(&source);
            return Some(Bound { source, optional: false, value_type });
        }
        let input = names.inputs.get(name);
        let declared = input.map(|(position, _)| format!("{}/inputs/{position}/attribute", reader.pointer));
        let at = declared.as_ref().map_or(at, |pointer| At::Value(pointer));
        let attribute_name = input.map_or(name, |(_, input)| input.attribute.as_str());
        let Some(attribute) = self.symbols.index(attribute_name) else {
            let mut others: Vec<&str> = names.gathers.keys().chain(names.inputs.keys()).copied().collect();
            others.sort_unstable();
            self.unknown(attribute_name, &others, at);
            return None;
        };
        let source = self.bind_value(attribute, reader, at)?;
        let symbol = self.symbols.at(attribute);
        let optional = input.is_some_and(|(_, input)| input.optional) || symbol.is_optional();
        Some(Bound { source, optional, value_type: symbol.value_type.clone() })
    }

    fn branch_variable(&mut self, mentions: &[&Mention], reader: &mut Reader, pointer: &str) {
        for mention in mentions {
            let is_known = matches!(&mention.path[..], [PathPart::Field(field)] if field == "number" || field == "count");
            let place = self.report.place(At::Text(pointer, &mention.at));
            if is_known {
                reader.branch_uses.extend(place);
            } else {
                let message = format!("there is no `{mention}`");
                let fix = "use `branch.number` or `branch.count`";
                self.report.add(code::UNKNOWN_ATTRIBUTE, message, [place], fix);
            }
        }
    }

    /// Whether each mention fits the type of the value; one problem per mentioned path.
    pub(super) fn check_mentions(
        &mut self,
        mentions: &[&Mention],
        value_type: &AttributeType,
        pointer: &str,
    ) {
        for mention in mentions {
            let walked = field::walk(value_type, &mention.path);
            let is_fine = match &walked {
                Walked::Known(found) => is_usable(found, mention.usage),
                Walked::Open => !matches!(mention.usage, Usage::Number(_)),
                // An item of a single value was reported where its block begins.
                Walked::ItemOfSingle => true,
                Walked::FieldOfList { .. } | Walked::NoField { .. } => false,
            };
            if is_fine {
                continue;
            }
            let shown = mention.to_string();
            let place = self.report.place(At::Text(pointer, &mention.at));
            let declared = self.symbols.get(&mention.name);
            let declared = declared.and_then(|symbol| symbol.declaration(self.report));
            let places = vec![place, declared];
            match walked {
                Walked::FieldOfList { field } => {
                    let list = shown.strip_suffix(&format!(".{field}")).unwrap_or(&mention.name);
                    let message = format!("`{list}` is a list, so it has no field `{field}`");
                    let fix = format!("write `{{{{#each {list}}}}}{{{{{field}}}}}{{{{/each}}}}`");
                    self.report.add(code::LIST_AS_ITEM, message, places, fix);
                }
                Walked::NoField { field, known } => {
                    unknown_field(&shown, &field, &known, places, self.report);
                }
                Walked::Known(found) if let Usage::Number(helper) = mention.usage => {
                    let message = format!("`{helper}` takes a number, and `{shown}` is `{found}`");
                    self.report.add(code::HELPER_USE, message, places, prompts::argument_form(helper));
                }
                Walked::Open if let Usage::Number(helper) = mention.usage => {
                    let message = format!(
                        "`{helper}` takes a number, and the type of `{shown}` does not say that it is one"
                    );
                    self.report.add(code::HELPER_USE, message, places, prompts::argument_form(helper));
                }
                Walked::Known(found) => {
                    let message =
                        format!("`{{{{#each}}}}` goes through a list, and `{shown}` is a single `{found}`");
                    let fix = format!("write `{{{{{shown}}}}}`, or make it a list with the type `{found}[]`");
                    self.report.add(code::ITEM_AS_LIST, message, places, fix);
                }
                Walked::Open | Walked::ItemOfSingle => {}
            }
        }
    }

    fn check_guards(&mut self, name: &str, mentions: &[&Mention], source: &ReadSource, pointer: &str) {
        let Some(bare) = mentions.iter().find(|mention| !mention.is_guarded()) else { return };
        let message = format!("`{name}` is optional, and without it this part of the prompt has a gap");
        let fix =
            format!("write `{{{{#if {name}}}}}…{{{{/if}}}}` around it, or `{{{{default {name} \"…\"}}}}`");
        let places = [self.report.place(At::Text(pointer, &bare.at)), self.declared_optional(source)];
        self.report.add(code::OPTIONAL_UNGUARDED, message, places, fix);
    }

    /// A field that an object need not have is asked for first, like an optional value.
    fn check_field_guards(&mut self, mentions: &[&Mention], value_type: &AttributeType, pointer: &str) {
        let bare = mentions.iter().find_map(|mention| {
            let part = field::first_optional(value_type, &mention.path)?;
            (mention.guarded < part + 2).then_some((*mention, part))
        });
        let Some((mention, part)) = bare else { return };
        let way = Mention { path: mention.path[..=part].to_vec(), ..mention.clone() };
        let message = format!("`{way}` may be absent, and without it this part of the prompt has a gap");
        // A block around it may give the first parts.
        let given = (mention.path.len() + 1).saturating_sub(mention.written.len());
        let names = way.path.iter().map(|part| match part {
            PathPart::Field(name) => name.as_str(),
            PathPart::Item => "0",
        });
        let written: Vec<&str> = std::iter::once(way.name.as_str()).chain(names).skip(given).collect();
        let written = if written.is_empty() { way.to_string() } else { written.join(".") };
        let fix = format!("write `{{{{#if {written}}}}}…{{{{/if}}}}` around it, or make the field required");
        let declared = self.symbols.get(&mention.name).and_then(|symbol| symbol.declaration(self.report));
        let places = [self.report.place(At::Text(pointer, &mention.at)), declared];
        self.report.add(code::OPTIONAL_UNGUARDED, message, places, fix);
    }

    /// Where it is said of a value that it may be absent, unless the step itself says so.
    pub(super) fn declared_optional(&self, source: &ReadSource) -> Option<Place> {
        let attribute = *source.attributes().first()?;
        self.declaration(attribute).filter(|_| self.symbols.at(attribute).is_optional())
    }

    /// An item that may be null is asked for first, like an optional value.
    fn check_item_guards(&mut self, mentions: &[&Mention], writer: StepIndex, pointer: &str) {
        let is_bare = |mention: &&&Mention| !mention.path.is_empty() && mention.guarded < 2;
        let Some(bare) = mentions.iter().find(is_bare) else { return };
        let message = format!(
            "an item of `{}` is null where `{}` failed, and this part of the prompt has a gap then",
            bare.name,
            self.steps[writer.get()].name
        );
        let item = match bare.path.first() {
            Some(PathPart::Field(position)) => format!("{}.{position}", bare.name),
            _ => "this".to_owned(),
        };
        let place = self.report.place(At::Text(pointer, &bare.at));
        let written = self.report.key(&format!("{}/on_error", self.pointer_of(writer)), "said here");
        let fix = format!(
            "ask for it first, as in `{{{{#if {item}}}}}…{{{{/if}}}}`, or write `on_error: skip`, which drops the branch"
        );
        self.report.add(code::OPTIONAL_UNGUARDED, message, [place, written], fix);
    }
}

/// Whether a value of this type can be used in this way.
fn is_usable(found: &AttributeType, usage: Usage) -> bool {
    match usage {
        Usage::Each => found.is_array || found.kind == TypeKind::Object,
        Usage::Number(_) => !found.is_array && matches!(found.kind, TypeKind::Integer | TypeKind::Number),
        Usage::Value | Usage::Condition | Usage::Context | Usage::Argument(_) => true,
    }
}
