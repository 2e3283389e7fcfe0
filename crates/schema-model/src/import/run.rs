//! Runs of another program: with ids, or as the snapshot of a page.

mod file;
mod names;
mod rows;
mod snapshot;

pub use file::{RunFile, SnapshotFile, read_run_file};
pub use names::RunNames;
pub use rows::{ImportedRun, RunTarget, run_rows};
pub use snapshot::{Seeds, snapshot_inputs};

/// A file of a run, by what it holds.
#[derive(Debug, Clone)]
pub enum RunDocument {
    /// A run with its section runs, step runs and values.
    Run(RunFile),
    /// The values filled in so far.
    Snapshot(SnapshotFile),
}
