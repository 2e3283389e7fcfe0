//! What the live block says of each kind of level, without a terminal.

use branchline_schema_model::check::CheckContext;
use branchline_schema_model::definition::Workflow;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::plan;
use branchline_schema_model::run::SectionRunStatus;

use super::*;

const WORKFLOW: &str = r#"{
    "format": "branchline.workflow/1", "name": "w", "model": "mock",
    "attributes": { "parts": { "type": "string[]", "input": true }, "score": { "type": "integer", "optional": true } },
    "sections": [
        { "name": "Loop", "repeat": { "until": "has(score)", "max": 3 },
          "steps": [{ "name": "Score", "prompt": "Score it.", "outputs": ["score"] }] },
        { "name": "Main", "steps": [
            { "name": "Write", "for_each": { "item": "part", "list": "parts" }, "label": "on {{part}}",
              "prompt": "{{part}}", "outputs": ["text"] },
            { "name": "Title", "samples": 2, "prompt": "A title.", "outputs": ["title"] } ] }
    ]
}"#;

/// A run whose events are made up one by one.
struct Told {
    tracker: Tracker,
    sequence: u64,
}

impl Told {
    fn new() -> Self {
        let workflow = Workflow::from_canonical_json(WORKFLOW).unwrap();
        let plan = plan::compile(&workflow, &CheckContext::default()).unwrap();
        Self { tracker: Tracker::new(Arc::new(plan)), sequence: 0 }
    }

    /// The line that stays after an event, if there is one.
    fn tell(&mut self, kind: EventKind) -> Option<String> {
        self.sequence += 1;
        let run_id = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6".parse::<WorkflowRunId>().unwrap();
        let at = Timestamp::from_micros(i64::try_from(self.sequence).unwrap() * 1_000_000);
        let event = RunEvent { run_id, sequence: self.sequence, at, kind };
        self.tracker.apply(&event);
        lasting(&self.tracker, &event).map(|line| line.render(false, true))
    }

    fn start(&mut self, step: &str, label: Option<&str>) {
        let label = label.map(str::to_owned);
        self.tell(EventKind::StepStarted { step: step.to_owned(), label, attempt: 1 });
    }

    fn succeed(&mut self, step: &str) -> Option<String> {
        let (input_tokens, output_tokens, duration_ms) = (30, 10, 1000);
        let (step, outputs) = (step.to_owned(), Vec::new());
        self.tell(EventKind::StepSucceeded { step, outputs, input_tokens, output_tokens, duration_ms })
    }
}

#[test]
fn a_step_that_is_done_in_a_turn_says_in_which() {
    let mut run = Told::new();
    for turn in 1..=2 {
        let (section, status) = (format!("loop+{turn}"), SectionRunStatus::Running);
        run.tell(EventKind::SectionStatus { section, label: None, status });
        run.start(&format!("loop+{turn}.score"), None);
        let line = run.succeed(&format!("loop+{turn}.score")).unwrap();
        assert!(line.starts_with("  ✓ loop.score") && line.ends_with(&format!("  turn {turn}")), "{line}");
    }
}

#[test]
fn branches_and_candidates_have_one_line_when_the_last_is_done() {
    let mut run = Told::new();
    run.tell(EventKind::FannedOut { step: "main.write".to_owned(), branches: 2 });
    run.start("main.write/1", Some("on rain"));
    run.start("main.write/2", Some("on snow"));
    let live = Live::new(LiveBlock::hidden());
    let block: Vec<_> = live
        .lines(&run.tracker, Timestamp::from_micros(9_000_000))
        .iter()
        .map(|line| line.render(false, true))
        .collect();
    assert_eq!(block[0], "  … main.write  ░░░░░░░░░░░░░░░░░░░░  0/2  2 running");
    assert_eq!(block[2], "      /2       6.0s  on snow  ");
    assert_eq!(run.succeed("main.write/1"), None);
    assert!(run.succeed("main.write/2").unwrap().ends_with("  2 branches"));

    run.tell(EventKind::FannedOut { step: "main.title".to_owned(), branches: 2 });
    run.start("main.title@1", None);
    run.start("main.title@2", None);
    assert_eq!(run.succeed("main.title@1"), None);
    assert!(run.succeed("main.title@2").unwrap().ends_with("  2 candidates"));
}
