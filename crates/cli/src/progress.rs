//! What a run is doing, put together from its events, and the two ways to show it.

mod lines;
mod live;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use branchline_schema_model::definition::Action;
use branchline_schema_model::plan::{LevelIndex, LevelKind, Plan, PlanStep};
use branchline_schema_model::run::{ErrorClass, EventKind, RunEvent, SectionRunStatus, StepRunAddress};
use branchline_schema_model::time::Timestamp;

pub(crate) use self::lines::Lines;
pub(crate) use self::live::Live;
use crate::output::{Output, Progress};
use crate::words::clip;

/// Fan-outs with more branches than this are shown in numbers, not branch by branch.
const BRANCHES_SHOWN_MAX: u32 = 50;

/// Failures of one step that are shown one by one; the others are counted.
const FAILURES_SHOWN_MAX: u32 = 10;

/// What is shown of the name of a branch.
const LABEL_CHARS_MAX: usize = 40;

/// A run as its events tell it.
pub(crate) struct Tracker {
    plan: Arc<Plan>,
    steps: Vec<StepProgress>,
    by_name: HashMap<String, usize>,
    /// By the number of the step that fans out: how often it did, and into how many branches in all.
    fan_outs: BTreeMap<LevelIndex, (u32, u32)>,
    /// The names of branches, by the addresses of their step runs.
    labels: HashMap<String, String>,
    /// The last event that was applied.
    pub(crate) last_sequence: u64,
    /// Attempts of prompt steps that have ended.
    calls: u64,
    tokens: u64,
    started_at: Option<Timestamp>,
}

/// One step in all its branches.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepProgress {
    /// `section.step`.
    name: String,
    calls_model: bool,
    /// Addresses with an attempt under way, and since when.
    running: BTreeMap<String, Timestamp>,
    waiting: u32,
    succeeded: u32,
    failed: u32,
    skipped: u32,
    tokens: u64,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl StepProgress {
    fn ended(&self) -> u32 {
        self.succeeded + self.failed + self.skipped
    }

    /// From the first start to the last end, in milliseconds.
    fn duration_ms(&self) -> u64 {
        self.started_at.zip(self.ended_at).map_or(0, |(start, end)| end.millis_since(start))
    }
}

impl Tracker {
    pub(crate) fn new(plan: Arc<Plan>) -> Self {
        let steps: Vec<_> = plan
            .steps
            .iter()
            .map(|step| StepProgress {
                name: plan.address(step.index),
                calls_model: !matches!(step.action, Action::Template | Action::Gather)
                    && !step.action.is_human(),
                ..StepProgress::default()
            })
            .collect();
        let by_name = steps.iter().enumerate().map(|(index, step)| (step.name.clone(), index)).collect();
        Self {
            plan,
            steps,
            by_name,
            fan_outs: BTreeMap::new(),
            labels: HashMap::new(),
            last_sequence: 0,
            calls: 0,
            tokens: 0,
            started_at: None,
        }
    }

    /// Attempts under way.
    pub(crate) fn running_count(&self) -> usize {
        self.steps.iter().map(|step| step.running.len()).sum()
    }

    /// Takes the next event in.
    pub(crate) fn apply(&mut self, event: &RunEvent) {
        self.last_sequence = event.sequence;
        self.started_at.get_or_insert(event.at);
        self.take_turn(event);
        self.take_label(event);
        let Some(index) = step_of(event).and_then(|address| self.index_of(address)) else { return };
        let (step, at) = (&mut self.steps[index], event.at);
        match &event.kind {
            EventKind::FannedOut { step: parent, branches } => {
                let scope = &self.plan.steps[index].scope;
                if let Some(level) = depth_of(parent).and_then(|depth| scope.get(depth)) {
                    let fan_out = self.fan_outs.entry(*level).or_default();
                    *fan_out = (fan_out.0 + 1, fan_out.1 + branches);
                }
            }
            EventKind::StepStarted { step: address, .. } => {
                step.started_at.get_or_insert(at);
                step.running.insert(address.clone(), at);
            }
            EventKind::StepWaiting { .. } => {
                step.started_at.get_or_insert(at);
                step.waiting += 1;
            }
            EventKind::Answered { .. } => step.waiting = step.waiting.saturating_sub(1),
            EventKind::StepSucceeded { step: address, input_tokens, output_tokens, .. } => {
                let was_running = step.running.remove(address).is_some();
                step.succeeded += 1;
                step.tokens += input_tokens + output_tokens;
                step.ended_at = Some(at);
                self.tokens += input_tokens + output_tokens;
                self.calls += u64::from(was_running && step.calls_model);
            }
            EventKind::StepRetrying { step: address, failure, .. } => {
                step.running.remove(address);
                self.calls += u64::from(step.calls_model && failure.class != ErrorClass::NotSent);
            }
            EventKind::StepFailed { step: address, .. } => {
                let was_running = step.running.remove(address).is_some();
                step.failed += 1;
                step.ended_at = Some(at);
                self.calls += u64::from(was_running && step.calls_model);
            }
            EventKind::StepSkipped { .. } => {
                step.skipped += 1;
                step.ended_at = Some(at);
            }
            EventKind::StepCancelled { step: address } => {
                step.running.remove(address);
                step.waiting = 0;
            }
            EventKind::RunStatus { .. }
            | EventKind::RunRecovered { .. }
            | EventKind::TurnsUsedUp { .. }
            | EventKind::SectionStatus { .. } => {}
        }
    }

    /// Turns are told by the section runs that begin. How many there will be is not known before the last has ended.
    fn take_turn(&mut self, event: &RunEvent) {
        let EventKind::SectionStatus { section, status: SectionRunStatus::Running, .. } = &event.kind else {
            return;
        };
        let Some((place, turn)) = section.split_once('+') else { return };
        let slug = place.split_once('/').map_or(place, |(slug, _)| slug);
        let section = self.plan.sections.iter().find(|section| section.slug == slug);
        if let Some(level) = section.and_then(|section| section.levels.last()) {
            let turns = self.fan_outs.entry(*level).or_default();
            *turns = (turns.0 + u32::from(turn == "1"), turns.1 + 1);
        }
    }

    /// The first event of a step run tells the name of its branch.
    fn take_label(&mut self, event: &RunEvent) {
        if let EventKind::StepStarted { step, label: Some(label), .. }
        | EventKind::StepWaiting { step, label: Some(label) }
        | EventKind::StepFailed { step, label: Some(label), .. } = &event.kind
        {
            self.labels.insert(step.clone(), label.clone());
        }
    }

    /// An address with the name of its branch.
    fn named(&self, address: &str) -> String {
        match self.labels.get(address) {
            Some(label) => format!("{address} ({})", clip(label, LABEL_CHARS_MAX)),
            None => address.to_owned(),
        }
    }

    /// The step an event is about.
    fn step(&self, event: &RunEvent) -> Option<&StepProgress> {
        self.index_of(step_of(event)?).map(|index| &self.steps[index])
    }

    fn index_of(&self, address: &str) -> Option<usize> {
        let address: StepRunAddress = address.parse().ok()?;
        self.by_name.get(&format!("{}.{}", address.section, address.step)).copied()
    }

    fn plan_step(&self, step: &StepProgress) -> Option<&PlanStep> {
        self.by_name.get(&step.name).map(|index| &self.plan.steps[*index])
    }

    /// How many step runs the step has, as soon as that is known.
    fn total(&self, step: &StepProgress) -> Option<u32> {
        self.branches(&self.plan_step(step)?.scope)
    }

    fn branches(&self, scope: &[LevelIndex]) -> Option<u32> {
        let Some((level, above)) = scope.split_last() else { return Some(1) };
        let parents = self.branches(above)?;
        let (times, branches) = self.fan_outs.get(level).copied().unwrap_or_default();
        (times == parents).then_some(branches)
    }

    fn is_branched(&self, step: &StepProgress) -> bool {
        self.plan_step(step).is_some_and(|step| !step.scope.is_empty())
    }

    /// What its step runs are counted as; turns are told by their number.
    fn noun(&self, step: &StepProgress) -> Option<&'static str> {
        match self.plan.level(*self.plan_step(step)?.scope.last()?).kind {
            LevelKind::Turns(_) => None,
            LevelKind::Candidates(_) => Some("candidate"),
            LevelKind::Each(_) => Some("branch"),
        }
    }

    /// Whether the step is shown in numbers only.
    fn is_crowd(&self, step: &StepProgress) -> bool {
        self.total(step).is_some_and(|total| total > BRANCHES_SHOWN_MAX)
    }

    fn is_complete(&self, step: &StepProgress) -> bool {
        step.running.is_empty() && self.total(step).is_some_and(|total| step.ended() >= total)
    }

    /// The longest `section.step`, for columns.
    fn name_width(&self) -> usize {
        let names = self.steps.iter().skip(1).map(|step| step.name.chars().count());
        names.max().unwrap_or(0).clamp(8, 40)
    }
}

/// The address in an event.
fn step_of(event: &RunEvent) -> Option<&str> {
    match &event.kind {
        EventKind::FannedOut { step, .. }
        | EventKind::StepStarted { step, .. }
        | EventKind::StepWaiting { step, .. }
        | EventKind::StepSucceeded { step, .. }
        | EventKind::StepRetrying { step, .. }
        | EventKind::StepFailed { step, .. }
        | EventKind::StepSkipped { step, .. }
        | EventKind::Answered { step, .. }
        | EventKind::StepCancelled { step } => Some(step),
        EventKind::RunStatus { .. }
        | EventKind::RunRecovered { .. }
        | EventKind::TurnsUsedUp { .. }
        | EventKind::SectionStatus { .. } => None,
    }
}

/// `/3/1` of `write.draft/3/1`, `/2+3/1` of `write/2+3.draft/1`; empty outside of all levels.
fn branch_of(address: &str) -> String {
    let Some(address) = address.parse::<StepRunAddress>().ok() else { return String::new() };
    let section = address.section_run();
    let place = section.strip_prefix(&address.section).unwrap_or_default();
    let path = if address.path.depth() > 0 { format!("/{}", address.path) } else { String::new() };
    let candidate = address.candidate.map(|candidate| candidate.to_string()).unwrap_or_default();
    format!("{place}{path}{candidate}")
}

/// How many levels deep a place is.
fn depth_of(address: &str) -> Option<usize> {
    let address: StepRunAddress = address.parse().ok()?;
    let own = address.path.depth() + usize::from(address.candidate.is_some());
    Some(usize::from(address.element.is_some()) + usize::from(address.turn.is_some()) + own)
}

/// How a run is shown while it goes on.
pub(crate) enum Painter {
    Live(Box<Live>),
    Lines(Lines),
    None,
}

impl Painter {
    pub(crate) fn new(output: &Output) -> Self {
        match output.progress() {
            Progress::Live => Self::Live(Box::new(Live::new(output.live_block()))),
            Progress::Lines => Self::Lines(Lines::new(output.clone())),
            Progress::None => Self::None,
        }
    }

    /// Shows an event that the tracker has just taken in.
    pub(crate) fn event(&mut self, tracker: &Tracker, event: &RunEvent) {
        match self {
            Self::Live(live) => live.event(tracker, event),
            Self::Lines(lines) => lines.event(tracker, event),
            Self::None => {}
        }
    }

    /// A piece of an answer.
    pub(crate) fn token(&mut self, address: &Arc<str>, text: &str) {
        if let Self::Live(live) = self {
            live.token(address, text);
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, tracker: &Tracker) {
        match self {
            Self::Live(live) => live.tick(tracker),
            Self::Lines(lines) => lines.tick(tracker),
            Self::None => {}
        }
    }

    /// The run is being stopped, perhaps by a key that the terminal has echoed; leaves the terminal to others.
    pub(crate) fn stopping(&mut self, by_key: bool) {
        if let Self::Live(live) = self {
            live.stopping(by_key);
        }
    }

    /// Leaves the terminal to others.
    pub(crate) fn pause(&mut self) {
        if let Self::Live(live) = self {
            live.clear();
        }
    }
}
