//! The runs of a database, judged by their rows.

use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::judge::{LogSpan, Violation, judge};
use branchline_schema_model::store::StoreError;

use crate::store::Database;

impl Database {
    /// What does not hold of a run: nothing, if all is well, however far it has come and whoever drives it. Reads only,
    /// in short transactions. The texts of values stay where they are.
    pub async fn run_judge(&self, run: WorkflowRunId) -> Result<Vec<Violation>, StoreError> {
        let snapshot = self.run_load(run).await?;
        let mut log = LogSpan::default();
        loop {
            let events = self.event_list(run, log.last(), PAGE_ROWS_MAX).await?;
            for event in &events {
                log.add(event);
            }
            if events.len() < PAGE_ROWS_MAX {
                break;
            }
        }
        Ok(judge(&snapshot, log))
    }
}
