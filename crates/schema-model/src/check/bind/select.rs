//! `select`: the best option by a score.

use super::{Binder, Reader};
use crate::check::code;
use crate::check::field::{self, Walked};
use crate::check::report::At;
use crate::check::symbol::unknown_field;
use crate::definition::{AttributeType, Select, SelectOrder, Step, TypeKind};
use crate::plan::{AttributeIndex, PlanStep, ReadRole, SelectPlan};
use crate::prompt::PathPart;

impl Binder<'_, '_> {
    /// Reads the options and their scores.
    pub(super) fn select(&mut self, definition: &Step, step: &mut PlanStep, reader: &mut Reader) {
        let Some(select) = &definition.select else { return };
        let pointer = format!("{}/select/from", reader.pointer);
        let Some(from) = self.selected(&select.from, At::Value(&pointer), reader) else { return };
        let branches = self.branches_of(from, reader.section).to_vec();
        let is_branched = !branches.is_empty();
        let Some(read) =
            self.option_read(from, is_branched, ReadRole::ChooseFrom, reader, At::Value(&pointer))
        else {
            return;
        };
        let from_read = step.reads.len();
        step.reads.push(read);
        let Some((by_read, path)) = self.score(select, from, from_read, &branches, step, reader) else {
            return;
        };
        let max = self.check_selected(select, from, is_branched, step, reader);
        step.select = Some(SelectPlan { from: from_read, by: by_read, path, order: select.order, max });
    }

    fn selected(&mut self, name: &str, at: At<'_>, reader: &mut Reader) -> Option<AttributeIndex> {
        let found = self.symbols.index(name);
        if found.is_none() {
            self.unknown(name, &[], at);
        }
        let found = found.filter(|attribute| !self.has_broken_writer(*attribute));
        reader.is_broken |= found.is_none();
        found
    }

    /// The read that holds the scores, and the way into each: the options themselves, or another attribute of the
    /// same branches.
    fn score(
        &mut self,
        select: &Select,
        from: AttributeIndex,
        from_read: usize,
        branches: &[crate::plan::LevelIndex],
        step: &mut PlanStep,
        reader: &mut Reader,
    ) -> Option<(usize, Vec<String>)> {
        let pointer = format!("{}/select/by", reader.pointer);
        let at = At::Value(&pointer);
        let mut parts = select.by.split('.');
        let root = self.selected(parts.next().unwrap_or_default(), at, reader)?;
        let path: Vec<String> = parts.map(str::to_owned).collect();
        self.check_score(select, root, root == from, &path, reader);
        if root == from {
            return Some((from_read, path));
        }
        let own = self.branches_of(root, reader.section).to_vec();
        if own.is_empty() || own != branches {
            let (name, options) = (self.symbols.at(root).name, self.symbols.at(from).name);
            let message = format!("`{name}` does not give one score for each option of `{options}`");
            let fix =
                format!("score in the branches that write `{options}`, or select by a field of the options");
            self.report.add(
                code::SELECT_SCORE,
                message,
                [self.report.place(at), self.declaration(root)],
                fix,
            );
            reader.is_broken = true;
            return None;
        }
        let read = self.option_read(root, true, ReadRole::SelectBy, reader, at)?;
        step.reads.push(read);
        Some((step.reads.len() - 1, path))
    }

    /// A score is a number, or true and false when the first that passes is taken.
    fn check_score(
        &mut self,
        select: &Select,
        root: AttributeIndex,
        is_own: bool,
        path: &[String],
        reader: &Reader,
    ) {
        let symbol = self.symbols.at(root);
        let Some(value_type) = &symbol.value_type else { return };
        let element = if is_own { value_type.element() } else { value_type.clone() };
        let parts: Vec<_> = path.iter().map(|part| PathPart::Field(part.clone())).collect();
        let place = self.report.value(&format!("{}/select/by", reader.pointer), "");
        let found = match field::walk(&element, &parts) {
            Walked::Known(found) => found,
            Walked::NoField { field, known } => {
                let declared = symbol.declaration(self.report);
                return unknown_field(&select.by, &field, &known, vec![place, declared], self.report);
            }
            Walked::FieldOfList { .. } | Walked::ItemOfSingle | Walked::Open => AttributeType::STRING,
        };
        let fits = match select.order {
            SelectOrder::Highest | SelectOrder::Lowest => {
                matches!(found.kind, TypeKind::Integer | TypeKind::Number)
            }
            SelectOrder::First => found.kind == TypeKind::Boolean,
        };
        if found.is_array || !fits {
            let wanted = match select.order {
                SelectOrder::First => "`order: first` needs true or false",
                SelectOrder::Highest | SelectOrder::Lowest => "a score is a number",
            };
            let message = format!("{wanted}, and `{}` is `{found}`", select.by);
            let fix = "name a field of the right type, or change its declaration";
            self.report.add(code::SELECT_SCORE, message, [place, self.declaration(root)], fix);
        }
    }

    fn check_selected(
        &mut self,
        select: &Select,
        from: AttributeIndex,
        is_branched: bool,
        step: &PlanStep,
        reader: &Reader,
    ) -> Option<u32> {
        let symbol = self.symbols.at(from);
        let (name, from_type) = (symbol.name, symbol.value_type.clone()?);
        if !is_branched && !from_type.is_array {
            let place = self.report.value(&format!("{}/select/from", reader.pointer), "");
            let message = format!("`select` needs options, and `{name}` is a single `{from_type}`");
            let fix = format!("select from a list, for example `{name}: {from_type}[]`");
            self.report.add(code::ITEM_AS_LIST, message, [place, self.declaration(from)], fix);
        }
        let [output] = step.writes[..] else { return select.max };
        let output = self.symbols.at(output);
        let (output_name, kept) = (output.name, output.value_type.clone()?);
        self.check_kept(name, &from_type.element(), output_name, &kept, reader);
        if kept.is_array {
            return select.max;
        }
        if select.max.is_some_and(|max| max != 1) {
            let place = self.report.value(&format!("{}/select/max", reader.pointer), "");
            let message = format!("`{output_name}` is a single `{kept}`, so one option is taken");
            let fix = format!("declare `{output_name}: {kept}[]` to take several, or remove `max`");
            self.report.add(code::CHOICE_BOUNDS, message, [place], fix);
        }
        Some(1)
    }
}
