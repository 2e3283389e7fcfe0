//! What a step reads, and from where.

use serde::Serialize;

use super::{AttributeIndex, LevelIndex, StepIndex};

/// One read of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRead {
    /// The name in the template; for other roles the attribute's name.
    pub name: String,
    /// What the read is for. Reads of role `Display` never block or order anything.
    pub role: ReadRole,
    /// Where the value comes from.
    pub source: ReadSource,
    /// Whether the step runs without it.
    pub optional: bool,
}

/// What a read is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadRole {
    /// Used by the template.
    Prompt,
    /// Used by `assert`, or by the condition of an implicit `until`.
    Condition,
    /// The list of a fan-out.
    ForEach,
    /// The options of a `choose` or a `select`.
    ChooseFrom,
    /// Shown beside each option.
    ChooseShow,
    /// The scores of a `select`.
    SelectBy,
    /// The list an action without a prompt writes (`gather`) or a custom action is given.
    Value,
    /// Declared, but the prompt does not mention it.
    Display,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum ReadSource {
    /// One value: of the nearest writer, in the reader's own branch or its nearest ancestor.
    Value {
        /// The attribute.
        attribute: AttributeIndex,
        /// Candidate writers, nearest first; a later one counts only if all before it were passed over. Never empty.
        writers: Vec<Writer>,
    },
    /// The element of a fan-out that encloses the reader.
    Item {
        /// The item attribute.
        attribute: AttributeIndex,
        /// The level of the fan-out; it is in the reader's scope, or the one the reader opens.
        level: LevelIndex,
    },
    /// The values of all branches below the reader's own, as one list in branch order. Lists are concatenated. A
    /// branch without a value is dropped, unless its writer failed with `on_error: null`. Of turns, the last counts.
    Gather {
        /// One attribute (the list of its values) or several (a list of objects with these fields, one per branch).
        fields: Vec<GatherField>,
        /// How many levels of the reader's own branch path the gathered branches share with it.
        depth: u32,
    },
}

/// A candidate writer of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Writer {
    /// The step.
    pub step: StepIndex,
    /// Which of its step runs.
    pub at: WriterAt,
}

/// Which step run of a writer a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WriterAt {
    /// The one in the reader's own branch or its nearest ancestor: the writer's scope is a prefix of the reader's.
    Here,
    /// The one in an earlier turn or, with `carry`, an earlier branch of this level, which both live in: the nearest
    /// earlier number first, down to 1. Candidates in a row with the same level are one group: all of them are tried
    /// at one number before the next lower one.
    Earlier(LevelIndex),
    /// The one in the last turn of this level, which the reader is outside of: from the last number down to 1, in
    /// groups like `Earlier`.
    Last(LevelIndex),
}

impl Writer {
    /// A writer in the reader's own branch or around it.
    pub const fn here(step: StepIndex) -> Self {
        Self { step, at: WriterAt::Here }
    }
}

/// A condition with what it reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanCondition {
    /// The CEL text.
    pub text: String,
    /// The attributes it names, by their names (role [`ReadRole::Condition`]).
    pub reads: Vec<PlanRead>,
}

/// One attribute of a gather.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GatherField {
    /// The attribute.
    pub attribute: AttributeIndex,
    /// Candidate writers inside the branches, nearest first. For the item of a fan-out: the fan-out step itself.
    pub writers: Vec<StepIndex>,
}

impl ReadSource {
    /// The attributes a read sees.
    pub fn attributes(&self) -> Vec<AttributeIndex> {
        match self {
            Self::Value { attribute, .. } | Self::Item { attribute, .. } => vec![*attribute],
            Self::Gather { fields, .. } => fields.iter().map(|field| field.attribute).collect(),
        }
    }
}
