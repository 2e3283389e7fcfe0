//! What an import says about a file of another program.

use branchline_schema_model::import::{FindingKind, ImportReport};

use crate::context::Context;
use crate::output::{Text, Tone};

/// Entries of each kind that are shown: what is recognised is read by everybody, the rest when in doubt.
const SHOWN_ENTRIES_MAX: usize = 8;

/// Shows a report, grouped by kind; without `all` only the first entries of each.
pub(crate) fn show_report(context: &Context, report: &ImportReport, all: bool) {
    let output = &context.output;
    let limit = if all { usize::MAX } else { SHOWN_ENTRIES_MAX };
    for kind in FindingKind::ALL {
        let findings: Vec<_> = report.of_kind(kind).collect();
        if findings.is_empty() {
            continue;
        }
        let tone = if matches!(kind, FindingKind::NotUnderstood | FindingKind::LeftOut) {
            Tone::Warn
        } else {
            Tone::Accent
        };
        output.note(Text::new().push(tone, kind.heading()));
        for finding in findings.iter().take(limit) {
            let place = format!("  {}: ", finding.place);
            output.note(Text::new().push(Tone::Dim, place).plain(&finding.sentence));
        }
        if findings.len() > limit {
            output.note(format!("  … and {} more (--all)", findings.len() - limit));
        }
    }
    if report.not_listed > 0 {
        output.note(format!("… and {} more than can be listed", report.not_listed));
    }
}
