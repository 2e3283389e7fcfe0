//! Conditions: what they read, and whether they fit the types.

use super::{Binder, Reader};
use crate::check::report::At;
use crate::check::{Place, code};
use crate::condition::{self, Condition, ConditionProblemKind};
use crate::definition::{Action, AttributeType, Step};
use crate::plan::{AttributeIndex, PlanCondition, PlanRead, PlanStep, ReadRole, ReadSource};

/// A name in the asserts of a step.
struct Known {
    name: String,
    value_type: Option<AttributeType>,
    may_be_absent: bool,
    /// Where it is declared.
    declared: Option<Place>,
}

impl Binder<'_, '_> {
    /// `when` of a step.
    pub(super) fn own_conditions(&mut self, definition: &Step, step: &mut PlanStep, reader: &mut Reader) {
        let Some(when) = &definition.when else { return };
        let pointer = format!("{}/when", reader.pointer);
        let condition = self.condition(when, &pointer, None, reader);
        step.when.extend(condition);
        reader.is_certain = false;
    }

    /// `assert` of a step: over everything it reads, and its outputs.
    pub(super) fn asserts(&mut self, definition: &Step, step: &mut PlanStep, reader: &mut Reader) {
        for (position, text) in definition.assert.iter().enumerate() {
            let pointer = format!("{}/assert/{position}", reader.pointer);
            let Some(condition) = self.parse(text, &pointer) else { continue };
            if condition.uses_branch() {
                reader.branch_uses.extend(self.report.value(&pointer, ""));
            }
            let known = self.known_to_asserts(step);
            let find = |name: &str| known.iter().find(|known| known.name == name);
            let mut reads = Vec::new();
            self.condition_reads(&condition, &pointer, &|name| find(name).is_some(), &mut reads, reader);
            step.reads.extend(reads);
            for known in known.iter().filter(|known| known.may_be_absent) {
                self.check_unguarded(&condition, &known.name, known.declared.clone(), &pointer);
            }
            let types = |name: &str| match find(name) {
                Some(known) => known.value_type.clone(),
                None => self.symbols.get(name)?.value_type.clone(),
            };
            let problems = condition.check(&types);
            self.condition_problems(&condition, problems, &pointer);
            step.asserts.push(text.clone());
        }
    }

    /// What a step reads and writes; an output hides a read of its name.
    fn known_to_asserts(&self, step: &PlanStep) -> Vec<Known> {
        let mut known: Vec<Known> = Vec::new();
        for read in &step.reads {
            known.push(Known {
                name: read.name.clone(),
                value_type: self.type_of(&read.source),
                may_be_absent: read.optional && !self.is_certain(&read.source),
                declared: self.declared_optional(&read.source),
            });
        }
        for output in &step.writes {
            let symbol = self.symbols.at(*output);
            known.retain(|known| known.name != symbol.name);
            known.push(Known {
                name: symbol.name.to_owned(),
                value_type: symbol.value_type.clone(),
                may_be_absent: step.action == Action::Input && symbol.is_optional(),
                declared: self.declaration(*output),
            });
        }
        known
    }

    /// Parses, binds and checks a condition; `own` is the item it is asked for, which it need not read.
    pub(super) fn condition(
        &mut self,
        text: &str,
        pointer: &str,
        own: Option<AttributeIndex>,
        reader: &mut Reader,
    ) -> Option<PlanCondition> {
        let condition = self.parse(text, pointer)?;
        if condition.uses_branch() && own.is_none() {
            reader.branch_uses.extend(self.report.value(pointer, ""));
        }
        let own = own.map(|item| self.symbols.at(item).name);
        let mut reads = Vec::new();
        self.condition_reads(&condition, pointer, &|name| own == Some(name), &mut reads, reader);
        let problems = condition.check(&|name| self.symbols.get(name)?.value_type.clone());
        self.condition_problems(&condition, problems, pointer);
        Some(PlanCondition { text: text.to_owned(), reads })
    }

    fn parse(&mut self, text: &str, pointer: &str) -> Option<Condition> {
        match Condition::parse(text) {
            Ok(condition) => Some(condition),
            Err(error) => {
                let place = condition::place(text, &(error.offset..error.offset + 1));
                let place = self.report.place(At::Text(pointer, &place));
                let fix = "write a CEL expression such as `score >= 7 && language == \"en\"`";
                self.report.add(code::CONDITION_SYNTAX, error.message, [place], fix);
                None
            }
        }
    }

    /// Binds what a condition names, each once.
    fn condition_reads(
        &mut self,
        condition: &Condition,
        pointer: &str,
        is_known: &dyn Fn(&str) -> bool,
        reads: &mut Vec<PlanRead>,
        reader: &mut Reader,
    ) {
        for mention in condition.mentions() {
            let place = condition::place(condition.text(), &mention.at);
            let at = At::Text(pointer, &place);
            if is_known(&mention.name) || reads.iter().any(|read| read.name == mention.name) {
                continue;
            }
            let Some((attribute, source)) = self.bind_name(&mention.name, reader, at) else { continue };
            let mentions = || condition.mentions().iter().filter(|other| other.name == mention.name);
            let all_guarded = mentions().all(|mention| mention.guarded);
            let is_optional = self.symbols.at(attribute).is_optional();
            if is_optional && !self.is_certain(&source) {
                let declared = self.declaration(attribute);
                self.check_unguarded(condition, &mention.name, declared, pointer);
            }
            let optional = all_guarded || is_optional;
            self.note_certainty(&mention.name, &source, optional, reader, at);
            reads.push(PlanRead { name: mention.name.clone(), role: ReadRole::Condition, source, optional });
        }
    }

    /// Reports the first read of a value that may be absent and is not asked for before.
    fn check_unguarded(&mut self, condition: &Condition, name: &str, declared: Option<Place>, pointer: &str) {
        let mut mentions = condition.mentions().iter().filter(|mention| mention.name == name);
        let Some(bare) = mentions.find(|mention| !mention.guarded) else { return };
        let place = condition::place(condition.text(), &bare.at);
        let place = self.report.place(At::Text(pointer, &place));
        let message = format!("`{name}` is optional, and the condition needs its value");
        let fix = format!("ask `has({name})` first: `has({name}) && …`");
        self.report.add(code::CONDITION_UNGUARDED, message, [place, declared], fix);
    }

    fn condition_problems(
        &mut self,
        condition: &Condition,
        problems: Vec<crate::condition::ConditionProblem>,
        pointer: &str,
    ) {
        for problem in problems {
            let code = match problem.kind {
                ConditionProblemKind::UnknownField => code::UNKNOWN_FIELD,
                ConditionProblemKind::FieldOfList | ConditionProblemKind::ListAsItem => code::LIST_AS_ITEM,
                ConditionProblemKind::FieldMayBeAbsent => code::CONDITION_UNGUARDED,
                ConditionProblemKind::NotAList | ConditionProblemKind::ItemOfSingle => code::ITEM_AS_LIST,
                ConditionProblemKind::FieldOfSingle
                | ConditionProblemKind::NotComparable
                | ConditionProblemKind::NotAChoice
                | ConditionProblemKind::Operand
                | ConditionProblemKind::UnknownFunction
                | ConditionProblemKind::FunctionUse
                | ConditionProblemKind::ArgumentType
                | ConditionProblemKind::Pattern
                | ConditionProblemKind::NotBoolean => code::CONDITION_TYPE,
            };
            let place = condition::place(condition.text(), &problem.at);
            let place = self.report.place(At::Text(pointer, &place));
            self.report.add(code, problem.message, [place], problem.fix);
        }
    }

    /// The type of what a read gives.
    pub(super) fn type_of(&self, source: &ReadSource) -> Option<AttributeType> {
        match source {
            ReadSource::Value { attribute, .. } | ReadSource::Item { attribute, .. } => {
                self.symbols.at(*attribute).value_type.clone()
            }
            ReadSource::Gather { fields, .. } => self.gathered_type(fields),
        }
    }
}
