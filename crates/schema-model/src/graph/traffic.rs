//! Which value goes from which step to which, what overwritten attributes are called, and what a highlight marks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::plan::{
    AttributeIndex, LevelKind, Plan, PlanRead, PlanStep, ReadRole, ReadSource, StepIndex, Writer, WriterAt,
};

/// An attribute as one step writes it. An attribute that is overwritten has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation {
    pub(super) attribute: AttributeIndex,
    /// For the item of a fan-out, the step that opens it.
    pub(super) writer: StepIndex,
}

/// A generation on its way to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) generation: Generation,
    /// `None` for the results of the workflow.
    pub(super) reader: Option<StepIndex>,
    pub(super) kind: TransferKind,
}

/// What happens to a value on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransferKind {
    /// It is read.
    Value,
    /// It is a list, and the reader runs once per element.
    FanOut,
    /// The values of all branches become one list.
    Gather,
    /// A condition looks at it.
    Condition,
    /// It comes from the turn or the branch before.
    Earlier,
}

/// How much a highlighted attribute has to do with a part of the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    /// Nothing.
    #[default]
    None,
    /// It is made from the attribute.
    Made,
    /// It is, writes or reads the attribute.
    Flow,
}

impl Mark {
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Made, Self::Flow];

    /// The sign of the mark where a text stands for itself: told apart without colour.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Made => "○",
            Self::Flow => "●",
        }
    }
}

/// All transfers of a plan, with the marks of a highlight.
pub(super) struct Traffic {
    /// In order of the readers, without doubles.
    pub(super) transfers: Vec<Transfer>,
    /// Every generation that is written or read, in order of the writers.
    pub(super) generations: Vec<Generation>,
    /// The highlighted attribute.
    pub(super) attribute: Option<AttributeIndex>,
    /// Attributes with more than one generation.
    overwritten: BTreeSet<AttributeIndex>,
    steps: BTreeMap<StepIndex, Mark>,
    made: BTreeSet<Generation>,
}

impl Traffic {
    pub(super) fn new(plan: &Plan, attribute: Option<AttributeIndex>) -> Self {
        let transfers = transfers(plan);
        let generations = generations(plan, &transfers);
        let mut writers: BTreeMap<AttributeIndex, u32> = BTreeMap::new();
        for generation in &generations {
            *writers.entry(generation.attribute).or_default() += 1;
        }
        let overwritten = writers.into_iter().filter(|(_, count)| *count > 1).map(|(index, _)| index);
        let mut traffic = Self {
            transfers,
            generations,
            attribute,
            overwritten: overwritten.collect(),
            steps: BTreeMap::new(),
            made: BTreeSet::new(),
        };
        if let Some(attribute) = attribute {
            traffic.highlight(attribute);
        }
        traffic
    }

    /// Marks writers and readers of the attribute, then everything that is made from what the readers write.
    fn highlight(&mut self, attribute: AttributeIndex) {
        let is_flow = |generation: &Generation| generation.attribute == attribute;
        let writers = self.generations.iter().filter(|one| is_flow(one)).map(|one| one.writer);
        let flows = self.transfers.iter().filter(|transfer| is_flow(&transfer.generation));
        let mut open: Vec<StepIndex> = flows.filter_map(|transfer| transfer.reader).collect();
        self.steps.extend(writers.chain(open.iter().copied()).map(|step| (step, Mark::Flow)));
        let mut done = BTreeSet::new();
        while let Some(step) = open.pop() {
            if !done.insert(step) {
                continue;
            }
            self.steps.entry(step).or_insert(Mark::Made);
            let written = self.generations.iter().filter(|one| one.writer == step && !is_flow(one));
            self.made.extend(written.copied());
            let reads = self.transfers.iter().filter(|transfer| transfer.generation.writer == step);
            open.extend(reads.filter_map(|transfer| transfer.reader));
        }
    }

    pub(super) fn step_mark(&self, step: StepIndex) -> Mark {
        self.steps.get(&step).copied().unwrap_or_default()
    }

    pub(super) fn generation_mark(&self, generation: Generation) -> Mark {
        match self.attribute {
            Some(attribute) if attribute == generation.attribute => Mark::Flow,
            _ if self.made.contains(&generation) => Mark::Made,
            _ => Mark::None,
        }
    }

    /// The mark of the results: the strongest of what comes to them.
    pub(super) fn results_mark(&self) -> Mark {
        let of_results = self.transfers.iter().filter(|transfer| transfer.reader.is_none());
        of_results.map(|transfer| self.generation_mark(transfer.generation)).max().unwrap_or_default()
    }

    /// `chapters`, or `chapters (2.3)` when other steps write it too.
    pub(super) fn label(&self, plan: &Plan, generation: Generation) -> String {
        let name = &plan.attribute(generation.attribute).name;
        if self.overwritten.contains(&generation.attribute) {
            format!("{name} ({})", number(plan, generation.writer))
        } else {
            name.clone()
        }
    }
}

/// The place of a step in the definition, such as `2.3`. The run inputs have none, and the implicit steps of a section
/// have its number.
pub(super) fn number(plan: &Plan, step: StepIndex) -> String {
    if step == StepIndex::INPUTS {
        return "input".to_owned();
    }
    let section = plan.step(step).section;
    if plan.step(step).action.is_implicit() {
        return section.0.to_string();
    }
    let first = plan.sections[section.get()].first_step.get();
    let authored = plan.steps[first..=step.get()].iter().filter(|step| !step.action.is_implicit());
    format!("{}.{}", section.0, authored.count())
}

/// The items of the fan-outs that a step opens.
pub(super) fn items<'a>(plan: &'a Plan, step: &'a PlanStep) -> impl Iterator<Item = AttributeIndex> + 'a {
    step.opens.iter().filter_map(|level| match &plan.level(*level).kind {
        LevelKind::Each(fan_out) => Some(fan_out.item),
        LevelKind::Candidates(_) | LevelKind::Turns(_) => None,
    })
}

/// Everything a step reads: for its work, for its conditions, and to leave elements out. Not what it only shows.
pub(super) fn reads<'a>(plan: &'a Plan, step: &'a PlanStep) -> impl Iterator<Item = &'a PlanRead> {
    let levels = step.opens.iter().filter_map(|level| plan.level(*level).kind.each());
    let conditions = step.when.iter().chain(levels.filter_map(|fan_out| fan_out.filter.as_ref()));
    let all = step.reads.iter().chain(conditions.flat_map(|condition| &condition.reads));
    all.filter(|read| read.role != ReadRole::Display)
}

/// The generations that a read may see, and what happens to them on the way.
pub(super) fn generations_of(plan: &Plan, read: &PlanRead) -> Vec<(Generation, TransferKind)> {
    let kind = match read.role {
        ReadRole::ForEach => TransferKind::FanOut,
        ReadRole::Condition => TransferKind::Condition,
        _ => TransferKind::Value,
    };
    let generation = |attribute: AttributeIndex, writer: StepIndex| Generation { attribute, writer };
    match &read.source {
        ReadSource::Value { attribute, writers } => {
            let kind_of = |writer: &Writer| match writer.at {
                WriterAt::Here | WriterAt::Last(_) => kind,
                WriterAt::Earlier(_) => TransferKind::Earlier,
            };
            writers.iter().map(|writer| (generation(*attribute, writer.step), kind_of(writer))).collect()
        }
        ReadSource::Item { attribute, level } => {
            vec![(generation(*attribute, plan.level(*level).opener), kind)]
        }
        ReadSource::Gather { fields, .. } => {
            let writers = |attribute, writers: &[StepIndex]| {
                let of_writer = |writer: &StepIndex| (generation(attribute, *writer), TransferKind::Gather);
                writers.iter().map(of_writer).collect::<Vec<_>>()
            };
            fields.iter().flat_map(|field| writers(field.attribute, &field.writers)).collect()
        }
    }
}

fn transfers(plan: &Plan) -> Vec<Transfer> {
    let steps = plan.steps.iter().filter(|step| step.enabled);
    let of_steps = steps.flat_map(|step| reads(plan, step).map(move |read| (Some(step.index), read)));
    let of_results = plan.outputs.iter().map(|read| (None, read));
    let mut transfers = Vec::new();
    for (reader, read) in of_steps.chain(of_results) {
        for (generation, kind) in generations_of(plan, read) {
            let transfer = Transfer { generation, reader, kind };
            if !transfers.contains(&transfer) {
                transfers.push(transfer);
            }
        }
    }
    transfers
}

fn generations(plan: &Plan, transfers: &[Transfer]) -> Vec<Generation> {
    let read: BTreeSet<Generation> = transfers.iter().map(|transfer| transfer.generation).collect();
    let steps = plan.steps.iter().filter(|step| step.enabled);
    let all = steps.flat_map(|step| {
        let written = items(plan, step).chain(step.writes.iter().copied());
        let written = written.map(|attribute| Generation { attribute, writer: step.index });
        // A default that no step sees is no part of the flow.
        written.filter(|one| {
            let is_asked_for = || plan.attribute(one.attribute).run_input.is_some();
            one.writer != StepIndex::INPUTS || is_asked_for() || read.contains(one)
        })
    });
    all.collect()
}
