//! What the engine and the front-ends ask of a database, in domain terms.
//!
//! The traits are split by caller: [`DefinitionStore`] keeps workflow versions, [`RunStore`] serves the engine that
//! owns a run, [`RunReader`] serves people. [`Store`] is all three. The one implementation is in the persistence
//! crate.

mod commit;
mod definition;
mod error;
mod reader;
mod wakeup;

pub use commit::{
    AttemptEnd, Change, Claim, Fence, MessageKind, NewRun, NewRunMessage, RunCommit, RunMessage, RunSnapshot,
    RunStore, StepRunUpdate,
};
pub use definition::{
    AttributeRow, DefinitionStore, InputRow, OutputRow, SavedWorkflow, SectionRow, StepRow, WorkflowVersion,
};
pub use error::StoreError;
pub use reader::{
    RunFilter, RunReader, RunSummary, StepCount, StepRunFilter, StepRunView, StepUsage, ValueFilter,
    ValueView,
};
pub use wakeup::{Wakeup, Wakeups};

/// Everything a database does for Branchline.
pub trait Store: DefinitionStore + RunStore + RunReader {}

impl<T: DefinitionStore + RunStore + RunReader> Store for T {}
