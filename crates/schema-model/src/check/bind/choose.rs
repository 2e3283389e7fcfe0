//! What a person chooses from, and whether the answers can be kept.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Binder, Reader};
use crate::check::report::At;
use crate::check::{code, fit};
use crate::definition::{Action, AttributeType, Choice, Step};
use crate::plan::{AttributeIndex, LevelIndex, PlanRead, PlanStep, ReadRole, ReadSource, TaskPlan};

impl Binder<'_, '_> {
    /// Reads the options and what is shown beside them, and sets the task.
    pub(super) fn choose(&mut self, definition: &Step, step: &mut PlanStep, reader: &mut Reader) {
        let choice = &definition.choice;
        let Some(from) = &choice.from else { return };
        let pointer = format!("{}/choice/from", reader.pointer);
        let at = At::Value(&pointer);
        let Some(attribute) = self.symbols.index(from) else {
            self.unknown(from, &[], at);
            reader.is_broken = true;
            return;
        };
        if self.has_broken_writer(attribute) {
            reader.is_broken = true;
            return;
        }
        let branches = self.branches_of(attribute, reader.section).to_vec();
        let Some(read) = self.option_read(attribute, !branches.is_empty(), ReadRole::ChooseFrom, reader, at)
        else {
            return;
        };
        let from_index = step.reads.len();
        step.reads.push(read);
        let mut show = Vec::new();
        for (at, name) in choice.show.iter().enumerate() {
            let pointer = format!("{}/choice/show/{at}", reader.pointer);
            if let Some(read) = self.shown_read(name, &branches, reader, At::Value(&pointer)) {
                show.push(step.reads.len());
                step.reads.push(read);
            }
        }
        let is_several = self.check_option_type(attribute, !branches.is_empty(), definition, step, reader);
        step.task = Some(TaskPlan {
            from: Some(from_index),
            show,
            min: if is_several { choice.min.unwrap_or(1) } else { 1 },
            max: if is_several { choice.max } else { Some(1) },
            own_text: choice.own_text.unwrap_or(true),
            default: choice.default.clone(),
        });
    }

    pub(super) fn option_read(
        &mut self,
        attribute: AttributeIndex,
        is_branched: bool,
        role: ReadRole,
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<PlanRead> {
        let symbol = self.symbols.at(attribute);
        let name = symbol.name.to_owned();
        let optional = symbol.is_optional();
        if is_branched {
            let source = self.bind_gather(std::slice::from_ref(&name), reader, at)?;
            return Some(PlanRead { name, role, source, optional: false });
        }
        let source = self.bind_value(attribute, reader, at)?;
        self.note_certainty(&name, &source, optional, reader, at);
        Some(PlanRead { name, role, source, optional })
    }

    /// What is shown beside the options: of their branches one each, of branches around these one for all in it, else
    /// one value for all.
    fn shown_read(
        &mut self,
        name: &str,
        options: &[LevelIndex],
        reader: &mut Reader,
        at: At<'_>,
    ) -> Option<PlanRead> {
        let Some(attribute) = self.symbols.index(name) else {
            self.unknown(name, &[], at);
            reader.is_broken = true;
            return None;
        };
        let branches = self.branches_of(attribute, reader.section);
        // The step itself may live in the branches around: then its own value is the one.
        let own = self.depth_for(options, reader.section);
        let is_around = options.starts_with(branches) && branches.len() > own;
        let is_each = !branches.is_empty() && (is_around || options.is_empty());
        self.option_read(attribute, is_each, ReadRole::ChooseShow, reader, at)
    }

    /// Whether several options may be picked; reports what does not fit together.
    fn check_option_type(
        &mut self,
        from: AttributeIndex,
        is_branched: bool,
        definition: &Step,
        step: &PlanStep,
        reader: &Reader,
    ) -> bool {
        let symbol = self.symbols.at(from);
        let (name, from_type) = (symbol.name, symbol.value_type.clone());
        if let Some(from_type) = &from_type
            && !is_branched
            && !from_type.is_array
        {
            let place = self.report.value(&format!("{}/choice/from", reader.pointer), "");
            let message = format!("`choose` needs options, and `{name}` is a single `{from_type}`");
            let fix = format!("choose from a list, for example `{name}: {from_type}[]`");
            self.report.add(code::ITEM_AS_LIST, message, [place, self.declaration(from)], fix);
        }
        let [output] = step.writes[..] else { return false };
        let output = self.symbols.at(output);
        let (output_name, output_type) = (output.name, output.value_type.clone());
        let is_several = output_type.as_ref().is_some_and(|output_type| output_type.is_array);
        if let (Some(from_type), Some(output_type)) = (from_type, output_type) {
            self.check_kept(name, &from_type.element(), output_name, &output_type, reader);
            self.check_bounds(&definition.choice, output_name, &output_type, reader);
        }
        is_several
    }

    pub(super) fn check_kept(
        &mut self,
        from: &str,
        element: &AttributeType,
        output: &str,
        kept: &AttributeType,
        reader: &Reader,
    ) {
        let place = self.report.value(&format!("{}/outputs/0", reader.pointer), "");
        let declared = self.symbols.get(from).and_then(|options| options.declaration(self.report));
        if element.kind == kept.kind {
            if let Some(reason) = fit::misfit(element, kept) {
                let message = format!("the options of `{from}` do not fit `{output}`: {reason}");
                let fix = format!("give `{output}` the type of one option of `{from}`");
                self.report.add(code::OUTPUT_TYPE, message, [place, declared], fix);
            }
            return;
        }
        let list = if kept.is_array { "[]" } else { "" };
        let message = format!("the options of `{from}` are `{element}`, and `{output}` is `{kept}`");
        let fix = format!(
            "declare `{output}` with the type of one option of `{from}`{}",
            if list.is_empty() { "" } else { ", and `[]`" }
        );
        self.report.add(code::OUTPUT_TYPE, message, [place, declared], fix);
    }

    fn check_bounds(&mut self, choice: &Choice, output: &str, kept: &AttributeType, reader: &Reader) {
        let bound = |name: &str| format!("{}/choice/{name}", reader.pointer);
        if !kept.is_array
            && (choice.min.is_some_and(|min| min != 1) || choice.max.is_some_and(|max| max != 1))
        {
            let place = self.report.value(&bound(if choice.max.is_some() { "max" } else { "min" }), "");
            let message = format!("`{output}` is a single `{kept}`, so exactly one option is picked");
            let fix = format!("declare `{output}: {kept}[]` to pick several, or remove the bound");
            return self.report.add(code::CHOICE_BOUNDS, message, [place], fix);
        }
        let (min, max) = (choice.min.unwrap_or(1), choice.max);
        if max.is_some_and(|max| max < min || max == 0) {
            let place = self.report.value(&bound("max"), "");
            let message =
                format!("at least {min} and at most {} options cannot be picked", max.unwrap_or_default());
            self.report.add(
                code::CHOICE_BOUNDS,
                message,
                [place],
                "let `max` be at least 1 and no less than `min`",
            );
        }
        if let Some(default) = &choice.default
            && !is_pick(default, kept.is_array, choice)
        {
            let place = self.report.value(&bound("default"), "");
            let message = format!("`{default}` is not a choice for `{output}`");
            let fix = if kept.is_array {
                "give a list of different option numbers within `min` and `max`, such as `[1, 3]`"
            } else {
                "give one option number, such as `1`"
            };
            self.report.add(code::CHOICE_DEFAULT, message, [place], fix);
        }
    }

    /// `action: gather` writes its list as it is.
    pub(super) fn check_gather(&mut self, definition: &Step, step: &PlanStep, reader: &Reader) {
        let ([_], [output]) = (&definition.gather[..], &step.writes[..]) else { return };
        if step.action != Action::Gather || reader.is_broken {
            return;
        }
        let gathered = step.reads.iter().find_map(|read| match &read.source {
            ReadSource::Gather { fields, .. } => Some(fields),
            ReadSource::Value { .. } | ReadSource::Item { .. } => None,
        });
        let (Some(fields), Some(kept)) = (gathered, self.symbols.at(*output).value_type.clone()) else {
            return;
        };
        let Some(list) = self.gathered_type(fields) else { return };
        let name = self.symbols.at(*output).name;
        if let Some(writer) = self.null_writer(fields).filter(|_| fields.len() > 1 || list.may_be_null()) {
            let writer = &self.steps[writer.get()].name;
            let place = self.report.value(&format!("{}/gather/0", reader.pointer), "");
            let message = format!(
                "`{writer}` may leave an empty place in what is gathered, and the elements of `{name}` are never null"
            );
            let fix = format!(
                "give `{writer}` `on_error: skip`, which drops the branch, or join in a `template` step"
            );
            return self.report.add(code::OUTPUT_TYPE, message, [place], fix);
        }
        let (message, fix) = if kept.is_array && kept.kind == list.kind {
            let Some(reason) = fit::misfit(&list, &kept) else { return };
            let message = format!("what `gather` collects does not fit `{name}`: {reason}");
            (message, format!("give the elements of `{name}` the type of what is gathered"))
        } else {
            let message = format!("`gather` gives a list of type `{list}`, and `{name}` is `{kept}`");
            (message, format!("declare `{name}: {list}` under `attributes`"))
        };
        let place = self.report.value(&format!("{}/outputs/0", reader.pointer), "");
        let declared = self.symbols.at(*output).declared.and_then(|_| self.declaration(*output));
        self.report.add(code::OUTPUT_TYPE, message, [place, declared], fix);
    }
}

fn is_pick(default: &Json, is_several: bool, choice: &Choice) -> bool {
    let is_number = |value: &Json| value.as_u64().is_some_and(|number| number >= 1);
    let min = choice.min.unwrap_or(1);
    match default {
        Json::Array(picks) if is_several => {
            let count = picks.len() as u32;
            let different: BTreeSet<_> = picks.iter().filter_map(Json::as_u64).collect();
            picks.iter().all(is_number)
                && different.len() == picks.len()
                && count >= min
                && choice.max.is_none_or(|max| count <= max)
        }
        single => is_number(single) && (!is_several || min <= 1),
    }
}
