//! The run machine: what happens next in a run, and nothing else.
//!
//! Pure: `step(input, now)` changes the state in memory and says what has to be written and done. There is no clock,
//! no id creation, no database, no async here, so a run can be driven under simulated time with any interleaving.
//! The machine knows ids of values, never their texts; lists are taken apart outside and handed in as
//! [`Input::Expanded`], conditions are evaluated outside and answered by [`Input::Evaluated`].
//!
//! The caller persists a [`Transition`] first and performs its commands after that. Three answers only: a
//! transition, an empty transition for duplicates and late input, or [`IllegalInput`].
//!
//! ```text
//!  blocked ──reads bound──▶ ready ──slot──▶ running ──▶ succeeded ──▶ readers considered, joins closed
//!     │                       │                └─failure─▶ ready (retry) or failed
//!     └──nothing to read──▶ skipped            ready ─a person's step─▶ waiting ──▶ succeeded
//! ```

mod advance;
mod amount;
mod attempt;
mod binding;
mod condition;
mod control;
mod dispatch;
mod enough;
mod fan_out;
mod human;
mod join;
mod level;
mod record;
mod recover;
mod section;
mod state;
#[cfg(test)]
mod tests;
mod turn;

pub use binding::{Binding, Bound, Row};
pub use recover::{RecoverError, Recovered};
pub use section::{SectionKey, SectionState};
pub use state::{RunMachine, StepRunState};

use std::collections::BTreeSet;

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{AttributeIndex, StepIndex};
use branchline_schema_model::run::{AttemptOutcome, BranchPath, EventKind, Failure};
use branchline_schema_model::time::Timestamp;

/// A step run by its place in the plan and in the branches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRunKey {
    /// The step.
    pub step: StepIndex,
    /// The branch.
    pub path: BranchPath,
}

/// A value that was written: which attribute, under which id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The attribute.
    pub attribute: AttributeIndex,
    /// The value.
    pub id: AttributeValueId,
}

/// A branch of a fan-out that is about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBranch {
    /// Its number: the position of the element in the list, from 1.
    pub number: u32,
    /// The element.
    pub item: AttributeValueId,
    /// A name for people.
    pub label: Option<String>,
}

/// What a condition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Whether the step runs: all its `when` conditions.
    When,
    /// Whether the turns of a section end: the condition of its implicit step `until`.
    Until,
}

/// Branches or turns that have come into being under one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FannedOut {
    /// The step that opens them.
    pub step: StepIndex,
    /// The place.
    pub parent: BranchPath,
    /// How many there are now.
    pub count: u32,
    /// Their numbers, when they are not just from 1 to `count`.
    pub numbers: Option<Vec<u32>>,
}

/// Something that happened outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The run begins; these are the run inputs and defaults.
    Start {
        /// Values of the `inputs` step.
        inputs: Vec<Written>,
    },
    /// The list of a fan-out was taken apart, in answer to [`Command::Expand`].
    Expanded {
        /// The step that fans out.
        step: StepIndex,
        /// The parent branch.
        parent: BranchPath,
        /// The branches in rising order of their numbers, or why there are none.
        items: Result<Vec<NewBranch>, Failure>,
    },
    /// A condition was evaluated, in answer to [`Command::Evaluate`].
    Evaluated {
        /// The step run.
        key: StepRunKey,
        /// What was asked.
        question: Question,
        /// Whether it holds, or why nobody can say.
        result: Result<bool, Failure>,
    },
    /// An attempt ended, in answer to [`Command::Execute`].
    Ended {
        /// The step run.
        key: StepRunKey,
        /// The attempt, so that a late answer of an earlier one is told apart.
        attempt: u32,
        /// What it wrote, or why not.
        result: Result<Vec<Written>, Failure>,
        /// For the event: tokens in and out.
        tokens: (u64, u64),
        /// SHA-256 of the rendered prompt, in hex.
        prompt_hash: Option<String>,
    },
    /// A task was answered (and the answer fits it).
    Answered {
        /// The step run.
        key: StepRunKey,
        /// The values it writes.
        written: Vec<Written>,
        /// Who, for people.
        author: Option<String>,
        /// Numbers of the picked options.
        picked: Vec<u32>,
    },
    /// A task cannot be answered by anybody, such as a choice of one without options.
    Unanswerable {
        /// The step run.
        key: StepRunKey,
        /// Why.
        failure: Failure,
    },
    /// Time has passed: retries may be due.
    Tick,
    /// Start nothing new; what is under way still ends here.
    Drain,
    /// Stop for good.
    Cancel {
        /// Who or why, for people.
        reason: Option<String>,
    },
    /// Start nothing new until it is resumed; what is under way ends and is recorded.
    Pause {
        /// Who or why, for people.
        reason: String,
    },
    /// Go on after a pause.
    Resume,
}

/// Something to do outside, after the transition is committed.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Perform an attempt.
    Execute {
        /// The step run.
        key: StepRunKey,
        /// From 1.
        attempt: u32,
        /// What it reads.
        binding: Binding,
    },
    /// Take a list apart.
    Expand {
        /// The step that fans out.
        step: StepIndex,
        /// The parent branch.
        parent: BranchPath,
        /// The value (or values) that hold the list.
        list: Bound,
        /// What the condition of the fan-out reads beside the element; empty without `where`.
        filter: Binding,
    },
    /// Evaluate conditions.
    Evaluate {
        /// The step run.
        key: StepRunKey,
        /// What is asked.
        question: Question,
        /// What each condition reads: one for each `when` of the step, or the one of an `until`.
        bindings: Vec<Binding>,
    },
    /// A task is open: ask, or answer by itself when unattended.
    Ask {
        /// The step run.
        key: StepRunKey,
        /// What it reads.
        binding: Binding,
    },
    /// Stop performing the attempt of this step run; its result is not wanted.
    Abort {
        /// The step run.
        key: StepRunKey,
    },
}

/// What one input led to. Rows are written from the machine's state after the step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transition {
    /// Whether the run's own row changed.
    pub run: bool,
    /// Section runs that changed.
    pub sections: BTreeSet<SectionKey>,
    /// Step runs that changed.
    pub step_runs: BTreeSet<StepRunKey>,
    /// Branches and turns that have come into being.
    pub fan_outs: Vec<FannedOut>,
    /// Attempts that begin, with their numbers.
    pub attempts_opened: Vec<(StepRunKey, u32)>,
    /// Attempts that ended.
    pub attempts_closed: Vec<(StepRunKey, AttemptOutcome)>,
    /// For the log, in order.
    pub events: Vec<EventKind>,
    /// To perform after the commit.
    pub commands: Vec<Command>,
}

impl Transition {
    /// Adds what a later input of the same commit led to.
    pub fn merge(&mut self, later: Self) {
        self.run |= later.run;
        self.sections.extend(later.sections);
        self.step_runs.extend(later.step_runs);
        self.fan_outs.extend(later.fan_outs);
        self.attempts_opened.extend(later.attempts_opened);
        self.attempts_closed.extend(later.attempts_closed);
        self.events.extend(later.events);
        self.commands.extend(later.commands);
    }

    /// Whether there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        !self.run && self.sections.is_empty() && self.step_runs.is_empty() && self.events.is_empty()
    }
}

/// An input that no legal history can lead to: a bug of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("illegal input for the run machine: {0}")]
pub struct IllegalInput(pub String);

impl RunMachine {
    /// Takes one input and decides everything that follows from it.
    ///
    /// # Errors
    ///
    /// [`IllegalInput`] when no legal history leads here; the state is unchanged then.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Result<Transition, IllegalInput> {
        let mut transition = Transition::default();
        match input {
            Input::Start { inputs } => self.start(inputs, now, &mut transition)?,
            Input::Expanded { step, parent, items } => {
                self.expanded(step, &parent, items, now, &mut transition)?;
            }
            Input::Evaluated { key, question, result } => {
                self.evaluated(&key, question, result, now, &mut transition)?;
            }
            Input::Ended { key, attempt, result, tokens, prompt_hash } => {
                self.ended(&key, attempt, result, tokens, prompt_hash, now, &mut transition)?;
            }
            Input::Answered { key, written, author, picked } => {
                self.answered(&key, written, author, picked, now, &mut transition)?;
            }
            Input::Unanswerable { key, failure } => self.unanswerable(&key, failure, now, &mut transition)?,
            Input::Tick => {}
            Input::Drain => self.draining = true,
            Input::Cancel { reason } => self.cancel(reason, now, &mut transition)?,
            Input::Pause { reason } => self.pause_by_person(reason, &mut transition)?,
            Input::Resume => self.resume(now, &mut transition)?,
        }
        self.go_on(now, &mut transition)?;
        Ok(transition)
    }
}
