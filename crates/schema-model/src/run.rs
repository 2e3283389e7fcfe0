//! What happened: runs, section runs, step runs, attempts, values, decisions and events.

mod address;
mod attempt;
mod event;
mod failure;
pub mod judge;
mod record;
mod status;

pub use address::{BranchPath, CandidateAddress, ParseAddressError, StepRunAddress, section_run_address};
pub use attempt::{AttemptOutcome, StepAttempt, Usage};
pub use event::{EventKind, RunEvent};
pub use failure::{ErrorClass, Failure, RetryRule};
pub use record::{
    AttributeValue, Decision, DecisionKind, FanOutRecord, InputBinding, SectionRun, StepRun, Tolerated,
    ValueSource, WorkflowRun,
};
pub use status::{IllegalMove, SectionRunStatus, Status, StepRunStatus, WorkflowRunStatus};
