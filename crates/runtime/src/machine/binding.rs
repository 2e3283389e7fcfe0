//! Binding: which values a step run reads.
//!
//! A read finds its writer step by order alone (the plan has done that), then the writer's step run in the reader's
//! own branch or its nearest ancestor. Writers that were skipped are passed over; one that has not settled yet, or
//! has failed, keeps the reader waiting.

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{
    AttributeIndex, GatherField, PlanRead, ReadRole, ReadSource, StepIndex, Writer,
};
use branchline_schema_model::run::BranchPath;

use super::state::RunMachine;

/// What a read was bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// One value.
    One(AttributeValueId),
    /// One row per branch in branch order; in each, one place per field of the gather.
    Rows(Vec<Vec<Option<AttributeValueId>>>),
    /// Nothing, and the step can do without.
    Absent,
}

impl Bound {
    /// The value ids, in order.
    pub fn ids(&self) -> Vec<AttributeValueId> {
        match self {
            Self::One(id) => vec![*id],
            Self::Rows(rows) => rows.iter().flatten().flatten().copied().collect(),
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
    /// Everything is there.
    Ready(Binding),
}

pub(super) enum Resolution {
    Pending,
    Missing,
    Bound(Bound),
}

impl RunMachine {
    /// What the outputs of the workflow are bound to, in their order; absent when they were not written (yet).
    pub fn outputs(&self) -> Binding {
        let bound = |read| match self.resolve(read, &BranchPath::ROOT) {
            Resolution::Bound(bound) => bound,
            Resolution::Pending | Resolution::Missing => Bound::Absent,
        };
        self.plan.outputs.iter().map(bound).collect()
    }

    /// Binds all reads of a step run.
    pub(super) fn bind(&self, step: StepIndex, path: &BranchPath) -> Readiness {
        let reads = &self.plan.step(step).reads;
        let mut binding = Vec::with_capacity(reads.len());
        for read in reads {
            match self.resolve(read, path) {
                // What is only shown neither blocks nor orders anything.
                Resolution::Pending | Resolution::Missing if read.role == ReadRole::Display => {
                    binding.push(Bound::Absent);
                }
                Resolution::Pending => return Readiness::Pending,
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
            ReadSource::Item { attribute, level } => {
                self.resolve_item(*attribute, self.plan.level(*level).opener, path)
            }
            ReadSource::Gather { fields, depth } => {
                self.resolve_gather(fields, &path.prefix(*depth as usize))
            }
        }
    }

    fn resolve_value(&self, attribute: AttributeIndex, writers: &[Writer], path: &BranchPath) -> Resolution {
        for writer in writers {
            let own = path.prefix(self.plan.step(writer.step).scope.len());
            match self.steps[writer.step.get()].runs.get(&own) {
                Some(run) if run.is_settled() => {
                    if let Some(id) = run.value_of(attribute) {
                        return Resolution::Bound(Bound::One(id));
                    }
                }
                _ => return Resolution::Pending,
            }
        }
        Resolution::Missing
    }

    fn resolve_item(&self, attribute: AttributeIndex, fan_out: StepIndex, path: &BranchPath) -> Resolution {
        let branch = path.prefix(self.plan.step(fan_out).scope.len());
        let run = self.steps[fan_out.get()].runs.get(&branch);
        match run.and_then(|run| run.value_of(attribute)) {
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
        let Some(deepest) = writers().copied().max_by_key(|writer| self.plan.step(*writer).scope.len())
        else {
            return Resolution::Bound(Bound::Rows(Vec::new()));
        };
        let depth = self.plan.step(deepest).scope.len();
        let rows = self
            .branches_below(deepest, below, depth)
            .iter()
            .map(|branch| fields.iter().map(|field| self.field_value(field, branch)).collect::<Vec<_>>())
            // A branch without a value is dropped.
            .filter(|row| row.iter().any(Option::is_some))
            .collect();
        Resolution::Bound(Bound::Rows(rows))
    }

    fn field_value(&self, field: &GatherField, branch: &BranchPath) -> Option<AttributeValueId> {
        field.writers.iter().find_map(|writer| {
            let own = branch.prefix(self.plan.step(*writer).scope.len());
            self.steps[writer.get()].runs.get(&own)?.value_of(field.attribute)
        })
    }
}
