//! The scheduler: one driver per owned run, which feeds the machine, commits, and performs.
//!
//! A driver is one task. It takes whatever has come in (results, nudges, due retries), lets the machine decide on all
//! of it, writes everything in one commit, and only then starts what the machine commanded. While a commit is under
//! way further results gather, so commits grow under load instead of queueing.
//!
//! ```text
//!   results, messages, time ──▶ inbox ──▶ machine.step ──▶ journal ──▶ store.run_commit ──▶ perform
//!                                 ▲                                                            │
//!                                 └────────────────── attempt tasks ◀──────────────────────────┘
//! ```

mod answer;
mod driver;
mod expand;
mod inputs;
mod journal;
mod patience;
mod perform;
mod task_view;
mod values;

pub(crate) use answer::check_answer;
pub(crate) use driver::{Driver, DriverInput, DriverParts, LOOK_PAUSE_TOLD};
pub(crate) use inputs::run_inputs;
pub(crate) use perform::inputs_of;
pub(crate) use task_view::{BoundValue, Shown, options_of, task_of};
