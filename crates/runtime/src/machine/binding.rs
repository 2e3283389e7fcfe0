//! Binding: which values a step run reads.
//!
//! A read finds its writer step by order alone (the plan has done that), then the writer's step run: in the reader's
//! own branch or its nearest ancestor, in an earlier turn or branch, or in the last turn. Writers that were skipped are
//! passed over; one that has not settled yet, or has failed, keeps the reader waiting.

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{
    AttributeIndex, GatherField, LevelIndex, PlanRead, ReadRole, ReadSource, StepIndex, Writer, WriterAt,
};
use branchline_schema_model::run::{BranchPath, Failure, Tolerated};

use super::level::item_level;
use super::state::RunMachine;
use crate::planted::{Planted, is_planted};

/// What a read was bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// One value.
    One(AttributeValueId),
    /// One row per branch, in branch order.
    Rows(Vec<Row>),
    /// Nothing, and the step can do without.
    Absent,
}

/// What one branch gives to a gather.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The branch.
    pub branch: BranchPath,
    /// One place per field of the gather. A row without any value is that of a branch whose failure counts as a missing
    /// value.
    pub values: Vec<Option<AttributeValueId>>,
}

impl Bound {
    /// The value ids, in order.
    pub fn ids(&self) -> Vec<AttributeValueId> {
        match self {
            Self::One(id) => vec![*id],
            Self::Rows(rows) => rows.iter().flat_map(|row| &row.values).flatten().copied().collect(),
            Self::Absent => Vec::new(),
        }
    }
}

/// What each read of a step was bound to, in the order of its reads.
pub type Binding = Vec<Bound>;

/// Whether a step run can start.
pub(super) enum Readiness {
    /// A value may still come.
    Pending,
    /// It never will.
    Missing { read: String },
    /// Too many branches gave nothing.
    Failed(Failure),
    /// Everything is there.
    Ready(Binding),
}

pub(super) enum Resolution {
    Pending,
    Missing,
    TooFew(Failure),
    Bound(Bound),
}

/// What one step run has for a reader.
enum Found {
    Pending,
    /// It has settled without a value: the next candidate counts.
    PassedOver,
    /// It failed, and its value counts as missing.
    Null,
    Value(AttributeValueId),
}

impl RunMachine {
    /// What the outputs of the workflow are bound to, in their order; absent when they were not written (yet).
    pub fn outputs(&self) -> Binding {
        let bound = |read| match self.resolve(read, &BranchPath::ROOT) {
            Resolution::Bound(bound) => bound,
            Resolution::Pending | Resolution::Missing | Resolution::TooFew(_) => Bound::Absent,
        };
        self.plan.outputs.iter().map(bound).collect()
    }

    /// Why an output that joins branches cannot be given.
    pub(super) fn outputs_failure(&self) -> Option<Failure> {
        self.plan.outputs.iter().find_map(|read| match self.resolve(read, &BranchPath::ROOT) {
            Resolution::TooFew(failure) => Some(failure),
            Resolution::Bound(_) | Resolution::Pending | Resolution::Missing => None,
        })
    }

    /// Binds all reads of a step run.
    pub(super) fn bind(&self, step: StepIndex, path: &BranchPath) -> Readiness {
        self.bind_reads(&self.plan.step(step).reads, path)
    }

    /// Binds reads as seen from a branch.
    pub(super) fn bind_reads(&self, reads: &[PlanRead], path: &BranchPath) -> Readiness {
        let mut binding = Vec::with_capacity(reads.len());
        for read in reads {
            match self.resolve(read, path) {
                // What is only shown neither blocks nor orders anything.
                Resolution::Pending | Resolution::Missing | Resolution::TooFew(_)
                    if read.role == ReadRole::Display =>
                {
                    binding.push(Bound::Absent);
                }
                Resolution::Pending => return Readiness::Pending,
                Resolution::TooFew(failure) => return Readiness::Failed(failure),
                Resolution::Missing if !read.optional => {
                    return Readiness::Missing { read: read.name.clone() };
                }
                Resolution::Missing => binding.push(Bound::Absent),
                Resolution::Bound(bound) => binding.push(bound),
            }
        }
        Readiness::Ready(binding)
    }

    /// Binds one read as seen from a branch.
    pub(super) fn resolve(&self, read: &PlanRead, path: &BranchPath) -> Resolution {
        match &read.source {
            ReadSource::Value { attribute, writers } => self.resolve_value(*attribute, writers, path),
            ReadSource::Item { attribute, level } => self.resolve_item(*attribute, *level, path),
            ReadSource::Gather { fields, depth } => {
                self.resolve_gather(fields, &path.prefix(*depth as usize))
            }
        }
    }

    fn resolve_value(&self, attribute: AttributeIndex, writers: &[Writer], path: &BranchPath) -> Resolution {
        for group in writers.chunk_by(|one, next| one.at == next.at && one.at != WriterAt::Here) {
            match self.look_in_group(attribute, group, path) {
                Found::Pending => return Resolution::Pending,
                Found::Null => return Resolution::Missing,
                Found::Value(id) => return Resolution::Bound(Bound::One(id)),
                Found::PassedOver => {}
            }
        }
        Resolution::Missing
    }

    /// Looks for a value in writers that are tried at the same places.
    fn look_in_group(&self, attribute: AttributeIndex, group: &[Writer], path: &BranchPath) -> Found {
        let Some(first) = group.first() else { return Found::PassedOver };
        let (level, last) = match first.at {
            WriterAt::Here => {
                let own = path.prefix(self.plan.step(first.step).scope.len());
                return self.look_in(attribute, first.step, &own);
            }
            WriterAt::Earlier(level) => (level, false),
            WriterAt::Last(level) => (level, true),
        };
        let scope = &self.plan.step(first.step).scope;
        let Some(depth) = scope.iter().position(|one| *one == level) else { return Found::PassedOver };
        let Some(branches) = self.branches(level, &path.prefix(depth)) else { return Found::Pending };
        if last && !branches.complete {
            return Found::Pending;
        }
        let before = if last { u32::MAX } else { path.numbers().get(depth).copied().unwrap_or(0) };
        for number in branches.before(before) {
            for writer in group {
                let own = with_number(path, depth, number, self.plan.step(writer.step).scope.len());
                match self.look_in(attribute, writer.step, &own) {
                    Found::PassedOver => {}
                    found => return found,
                }
            }
        }
        Found::PassedOver
    }

    fn look_in(&self, attribute: AttributeIndex, step: StepIndex, path: &BranchPath) -> Found {
        match self.steps[step.get()].runs.get(path) {
            Some(run) if run.is_settled() => match (run.value_of(attribute), run.tolerated) {
                (Some(id), _) => Found::Value(id),
                (None, Some(Tolerated::Null)) => Found::Null,
                (None, _) => Found::PassedOver,
            },
            _ => Found::Pending,
        }
    }

    fn resolve_item(&self, attribute: AttributeIndex, level: LevelIndex, path: &BranchPath) -> Resolution {
        match self.item_holder(level, path).and_then(|run| run.value_of(attribute)) {
            Some(id) => Resolution::Bound(Bound::One(id)),
            None => Resolution::Pending,
        }
    }

    fn resolve_gather(&self, fields: &[GatherField], below: &BranchPath) -> Resolution {
        let writers = || fields.iter().flat_map(|field| &field.writers);
        if !writers().all(|writer| self.is_closed(*writer, below)) {
            return Resolution::Pending;
        }
        // The branches are those of the deepest writer; shallower ones are read from its ancestors.
        let read =
            fields.iter().flat_map(|field| field.writers.iter().map(|writer| (field.attribute, *writer)));
        let depths = read.map(|(attribute, writer)| (self.depth_of(writer, attribute), writer));
        let Some((depth, deepest)) = depths.max_by_key(|(depth, _)| *depth) else {
            return Resolution::Bound(Bound::Rows(Vec::new()));
        };
        let counted = self.counted_fields(fields, depth);
        let mut rows = Vec::new();
        let mut with_value = Vec::new();
        for branch in self.branches_below(deepest, below, depth) {
            let row: Vec<_> = fields.iter().map(|field| self.field_value(field, &branch)).collect();
            let own = || row.iter().zip(&counted).filter(|(_, counted)| **counted).map(|(found, _)| found);
            if own().any(|found| matches!(found, Found::Value(_))) || is_planted(Planted::SkippedCounts) {
                with_value.push(branch.clone());
            }
            // A branch without a value is dropped.
            if own().any(|found| !matches!(found, Found::PassedOver | Found::Pending)) {
                rows.push(Row { branch, values: row.into_iter().map(Found::value).collect() });
            }
        }
        match self.hold_to_at_least(deepest, below, with_value, &mut rows) {
            Err(failure) => Resolution::TooFew(failure),
            Ok(()) => Resolution::Bound(Bound::Rows(rows)),
        }
    }

    /// Which fields of a gather a branch gives itself: what was written in it. Its element and what stands around it are
    /// there whatever happened; they only count when nothing else is gathered.
    fn counted_fields(&self, fields: &[GatherField], depth: usize) -> Vec<bool> {
        let is_own = |field: &GatherField| {
            field.writers.iter().any(|writer| {
                self.plan.step(*writer).scope.len() == depth
                    && item_level(&self.plan, *writer, field.attribute).is_none()
            })
        };
        let counted: Vec<bool> = fields.iter().map(is_own).collect();
        if counted.contains(&true) { counted } else { vec![true; fields.len()] }
    }

    /// How many levels deep a step writes an attribute: an element stands above the candidates of its fan-out.
    fn depth_of(&self, writer: StepIndex, attribute: AttributeIndex) -> usize {
        let scope = &self.plan.step(writer).scope;
        let item = item_level(&self.plan, writer, attribute);
        let depth = item.and_then(|level| scope.iter().position(|one| *one == level));
        depth.map_or(scope.len(), |depth| depth + 1)
    }

    fn field_value(&self, field: &GatherField, branch: &BranchPath) -> Found {
        for writer in &field.writers {
            let own = branch.prefix(self.plan.step(*writer).scope.len());
            match self.look_in(field.attribute, *writer, &own) {
                Found::PassedOver | Found::Pending => {}
                found => return found,
            }
            // The element is held by the first candidate, and belongs to all of them.
            let item = item_level(&self.plan, *writer, field.attribute);
            let held = item.and_then(|level| self.item_holder(level, branch)?.value_of(field.attribute));
            if let Some(id) = held {
                return Found::Value(id);
            }
        }
        Found::PassedOver
    }
}

impl Found {
    const fn value(self) -> Option<AttributeValueId> {
        match self {
            Self::Value(id) => Some(id),
            Self::Pending | Self::PassedOver | Self::Null => None,
        }
    }
}

/// A path cut to `length` levels, with another number at `depth`.
fn with_number(path: &BranchPath, depth: usize, number: u32, length: usize) -> BranchPath {
    let mut numbers = path.numbers()[..path.depth().min(length)].to_vec();
    match numbers.get_mut(depth) {
        Some(own) => *own = number,
        None => numbers.push(number),
    }
    BranchPath::new(numbers)
}
