//! Whole histories under simulated time: the real engine, driver and machine, in a world where everything else is
//! made up and goes wrong.
//!
//! One seed is one history. It makes a workflow, some engine processes, people, and faults; it decides how long every
//! transaction and every call takes and what becomes of it. The engines run on one thread whose time stands still while
//! anybody has something to do, so an hour takes milliseconds and the same seed gives the same history, line by line.
//!
//! ```text
//!   people ──▶ engine ─▶ driver ─▶ machine       one thread, paused time
//!                 │         │
//!        ProcessStore   ProcessModels            faults: refused, lost, late, slow, dead, stopped
//!                 └────┬────┘
//!                   Database                     every transaction checked against the invariants
//! ```
//!
//! After every transaction the [invariants](invariant) are checked. Then the faults end, and the run has to come to its
//! end. At last the history is compared with one in which nothing went wrong: equal inputs have equal outputs. A bug
//! [planted](crate::planted) on purpose shows that all this sees something.
//!
//! What is not simulated: the SQL of the real store (its own tests compare it with the rules here), the HTTP of real
//! providers, files, and the time an engine needs to see that another has died.

pub(crate) mod clock;
mod compare;
mod database;
mod faults;
mod history;
mod host;
mod invariant;
mod model;
mod people;
mod random;
mod scenario;
mod state;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::{EventKind, RunEvent, Status as _, Usage};

use self::compare::Record;
use self::database::RunTables;
use self::faults::Faults;
use self::history::History;
use self::host::Host;
use self::random::Random;
use self::scenario::Scenario;
use self::state::World;
use self::store::pause;
use crate::planted::{Planted, plant};

/// How long things go wrong, in simulated milliseconds.
const FAULTS_MS: (u64, u64) = (20_000, 150_000);

/// When the faults have ended a run has so long to come to its end. A wall clock that was set back delays what is to be
/// tried again by as much.
const CALM_MS: u64 = 2_400_000;

/// What is late comes in this time after the run has ended.
const LATE_MS: u64 = 45_000;

/// What one seed came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The first thing that did not hold.
    pub violation: Option<String>,
    /// Equal for equal histories.
    pub hash: u64,
    /// The history, when it was asked for.
    pub lines: Vec<String>,
    /// How often what happened.
    pub counters: BTreeMap<&'static str, u64>,
}

/// Lives through the history of a seed, with a bug planted or without. `keeps_lines` keeps every line of it.
pub fn simulate(seed: u64, planted: Option<Planted>, keeps_lines: bool) -> Report {
    let scenario = Arc::new(Scenario::draw(seed));
    plant(None);
    let expected = live(seed, &scenario, Faults::default(), false);
    let faults = Faults::draw(&mut Random::new(seed ^ 0xfa17));
    plant(planted);
    let lived = live(seed, &scenario, faults, keeps_lines);
    plant(None);
    let mut lived_through = lived.outcome;
    if let Some(violation) = expected.outcome.violation {
        lived_through.violation.get_or_insert_with(|| format!("without any fault: {violation}"));
    }
    if lived_through.violation.is_none() {
        let problem = compare::problem(&expected.record, &lived.record);
        if let Some(problem) = problem {
            lived_through.lines.push(format!("             VIOLATED SameValues: {problem}"));
            lived_through.violation = Some(format!("SameValues: {problem}"));
        }
    }
    lived_through
}

struct Life {
    outcome: Report,
    record: Record,
}

fn live(seed: u64, scenario: &Arc<Scenario>, faults: Faults, keeps_lines: bool) -> Life {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    #[expect(clippy::expect_used, reason = "a thread without a runtime can simulate nothing")]
    let runtime = runtime.expect("a runtime for one thread");
    runtime.block_on(async {
        let _clock = clock::Installed::start();
        let world = World::new(seed, Arc::clone(scenario), Faults::default(), keeps_lines);
        let quiet = faults.is_none();
        live_in(&world, faults).await;
        let mut state = world.lock();
        let history = std::mem::replace(&mut state.history, History::new(false));
        let run = state.run.and_then(|run| state.database.run(run).ok().cloned());
        let record = match (&run, &state.plan) {
            (Some(tables), Some(plan)) => Record::of(&state, plan, tables, quiet),
            _ => Record::default(),
        };
        let outcome = Report {
            seed,
            violation: state.violation.take(),
            hash: history.hash(),
            lines: history.lines(),
            counters: std::mem::take(&mut state.counters),
        };
        Life { outcome, record }
    })
}

async fn live_in(world: &Arc<World>, faults: Faults) {
    let (wanted, faults_ms) = {
        let mut state = world.lock();
        let engines = if faults.is_none() { 1 } else { state.random.between(1, 3) };
        (engines as usize, state.random.between(FAULTS_MS.0, FAULTS_MS.1))
    };
    let host = Host::new(Arc::clone(world), wanted);
    let engine = host.boot();
    let workflow = world.lock().scenario.workflow.clone();
    let saved = match engine.workflow_save(&workflow).await {
        Ok(saved) => saved.workflow,
        Err(error) => {
            world.lock().violated("EngineSound", &format!("the workflow was refused: {error}"));
            return;
        }
    };
    let plan: Option<Arc<Plan>> = engine.workflow_plan(saved.id).await.ok();
    let cancels = faults.cancels;
    {
        let mut state = world.lock();
        state.history.tell(&format!("{faults:?}"));
        state.plan = plan;
        state.version = Some(Arc::new(saved.clone()));
        state.faults = faults;
    }
    for _ in 1..wanted {
        host.boot();
    }
    tokio::spawn(Arc::clone(&host).supervise());
    tokio::spawn(Arc::clone(&host).afflict());
    tokio::spawn(Arc::clone(&host).answer_tasks());
    tokio::spawn(Arc::clone(&host).resume_paused());
    if cancels {
        tokio::spawn(Arc::clone(&host).cancel());
    }
    let starter = Arc::clone(&host);
    tokio::spawn(async move { starter.start_run(saved.id).await });
    wait_for_end(world, faults_ms).await;
    host.calm();
    let began_ms = clock::elapsed_ms();
    while !has_ended(world) && world.lock().violation.is_none() {
        if clock::elapsed_ms() - began_ms > CALM_MS {
            world.lock().violated("Progress", "the run does not come to its end");
            return;
        }
        pause(1_000).await;
    }
    check_end(world);
}

/// Until the faults are to end; earlier when the run has, and what is late has come.
async fn wait_for_end(world: &Arc<World>, faults_ms: u64) {
    let mut ended_ms = 0;
    while clock::elapsed_ms() < faults_ms && ended_ms < LATE_MS && world.lock().violation.is_none() {
        pause(1_000).await;
        if has_ended(world) {
            ended_ms += 1_000;
        }
        if world.lock().faults.is_none() {
            ended_ms *= LATE_MS;
        }
    }
}

fn has_ended(world: &Arc<World>) -> bool {
    let state = world.lock();
    let run = state.run.and_then(|run| state.database.run(run).ok());
    run.is_some_and(|tables| tables.run.status.is_terminal())
}

/// What has to hold of a run that has ended, as a whole.
fn check_end(world: &Arc<World>) {
    let mut state = world.lock();
    let runs: Vec<Arc<RunTables>> = state.database.runs().cloned().collect();
    if runs.len() > 1 {
        state.violated("IdempotentCreate", &format!("one key started {} runs", runs.len()));
    }
    for tables in runs.into_iter().filter(|tables| tables.run.status.is_terminal()) {
        let ends = |event: &&Arc<RunEvent>| matches!(&event.kind, EventKind::RunStatus { status, .. } if status.is_terminal());
        let ends = tables.events.iter().filter(ends).count();
        if ends != 1 {
            state.violated("AdvanceOnce", &format!("the run ended {ends} times"));
        }
        let mut usage = Usage::default();
        let mut calls = 0;
        for attempt in tables.attempts.values() {
            usage += attempt.usage;
            calls += u64::from(attempt.calls);
        }
        if (usage, calls) != (tables.usage, tables.calls) {
            state.violated("CostAccounted", "the run and its attempts do not cost the same");
        }
        let decided: BTreeSet<_> = tables.decisions.values().map(|decision| decision.step_run_id).collect();
        if decided.len() != tables.decisions.len() {
            state.violated("AnswerOnce", "a task has two decisions");
        }
        if tables.run.status == branchline_schema_model::run::WorkflowRunStatus::Cancelled {
            state.count("runs cancelled");
        }
    }
}
