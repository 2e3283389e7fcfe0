//! `db check`: whether the database is sound, and whether what has to hold of every run does.

use std::collections::BTreeMap;

use branchline_persistence::Database;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::run::judge::{Invariant, Violation};
use branchline_schema_model::store::{RunFilter, StoreError};
use serde_json::json;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Text, Tone};
use crate::words::{counted, short_id};

/// Violations that are told; the others are counted.
const TOLD_MAX: usize = 100;

/// What was found.
#[derive(Default)]
struct Report {
    runs: u64,
    damage: Vec<String>,
    violations: Vec<(WorkflowRunId, Violation)>,
    /// Addresses of the step runs of `violations`, in their order.
    addresses: Vec<Option<String>>,
    more: usize,
    /// How often each invariant is violated, told or not.
    counts: BTreeMap<Invariant, usize>,
}

pub(super) async fn run(context: &Context, store: &Database) -> Result<ExitCode, Failure> {
    let report = look(store).await.map_err(|error| context.about_database(error))?;
    if context.output.is_json() {
        context.output.json(&as_json(&report))?;
    } else {
        show(context, &report);
    }
    let problems = report.damage.len() + report.violations.len() + report.more;
    if problems == 0 {
        return Ok(ExitCode::Ok);
    }
    let words = counted(problems as u64, "problem");
    Err(Failure::new(ExitCode::Database, format!("the database has {words}"))
        .fix("keep a copy of it as it is; `branchline db backup` made the one to go back to"))
}

/// Damage of the file is looked for first: rows of a damaged one say nothing.
async fn look(store: &Database) -> Result<Report, StoreError> {
    let mut report = Report { damage: store.integrity_check().await?, ..Report::default() };
    if !report.damage.is_empty() {
        return Ok(report);
    }
    let mut filter = RunFilter { limit: PAGE_ROWS_MAX, ..RunFilter::default() };
    loop {
        let page = store.run_list(&filter).await?;
        for summary in &page {
            report.runs += 1;
            for violation in store.run_judge(summary.run.id).await? {
                report.take(store, summary.run.id, violation).await;
            }
        }
        filter.before = page.last().map(|summary| summary.run.id);
        if page.len() < PAGE_ROWS_MAX {
            return Ok(report);
        }
    }
}

impl Report {
    async fn take(&mut self, store: &Database, run: WorkflowRunId, violation: Violation) {
        *self.counts.entry(violation.invariant).or_default() += 1;
        if self.violations.len() >= TOLD_MAX {
            self.more += 1;
            return;
        }
        let address = match violation.step_run {
            // A row that is damaged may have no address any more.
            Some(id) => store.step_run_fetch(id).await.ok().map(|view| view.address),
            None => None,
        };
        self.violations.push((run, violation));
        self.addresses.push(address);
    }
}

fn show(context: &Context, report: &Report) {
    let line = |good: bool, name: &str, words: String| {
        let (tone, mark) = if good { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
        let text = Text::new().push(tone, mark).push(Tone::Dim, format!(" {name:<14} ")).plain(words);
        context.output.paragraph(17, text);
    };
    for damage in &report.damage {
        line(false, "file", damage.clone());
    }
    if !report.damage.is_empty() {
        return;
    }
    // A server looks at its pages by itself, and was not asked.
    if context.settings().is_ok_and(|settings| settings.database.value.path().is_some()) {
        line(true, "file", "the database finds nothing wrong with itself".to_owned());
    }
    for invariant in Invariant::ALL {
        let is_good = !report.counts.contains_key(&invariant);
        line(is_good, &invariant.name(), invariant.meaning().to_owned());
    }
    for ((run, violation), address) in report.violations.iter().zip(&report.addresses) {
        let place = address.as_ref().map(|address| format!(":{address}")).unwrap_or_default();
        let name = violation.invariant.name();
        let text = Text::new().push(Tone::Accent, format!("{}{place}", short_id(*run)));
        context.output.paragraph(2, text.plain(format!("  {name}: {}", violation.sentence)));
    }
    if report.more > 0 {
        context.output.result(format!("and {} more", report.more));
    }
    context.output.note(format!("{} looked at", counted(report.runs, "run")));
}

fn as_json(report: &Report) -> serde_json::Value {
    let violations = report.violations.iter().zip(&report.addresses).map(|((run, violation), address)| {
        json!({
            "run": run, "address": address, "step_run": violation.step_run,
            "invariant": violation.invariant.name(), "sentence": violation.sentence,
        })
    });
    json!({
        "format": "branchline.db-check/1", "runs": report.runs, "damage": report.damage,
        "invariants": Invariant::ALL.map(Invariant::name),
        "violations": violations.collect::<Vec<_>>(), "more": report.more,
    })
}
