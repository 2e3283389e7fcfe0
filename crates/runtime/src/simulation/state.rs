//! The simulated world: one database, some engine processes, and what is known of them from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use branchline_schema_model::id::{SchedulerId, StepAttemptId, WorkflowRunId};
use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::Usage;
use branchline_schema_model::store::WorkflowVersion;
use tokio::time::Instant;

use super::database::Database;
use super::faults::{Faults, LEASE_MS};
use super::history::History;
use super::random::Random;
use super::scenario::Scenario;

/// A process that runs an engine.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) dead: bool,
    pub(super) stopped_since: Option<Instant>,
    pub(super) stopped_until: Option<Instant>,
    /// It was killed, told to stop, or taken for dead at some time: what was under way in it may be repeated.
    pub(super) interrupted: bool,
    /// It refuses new work.
    pub(super) leaving: bool,
}

/// What the provider knows of an attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Billed {
    pub(super) calls: u32,
    pub(super) usage: Usage,
}

pub(super) struct State {
    pub(super) random: Random,
    pub(super) history: History,
    pub(super) database: Database,
    pub(super) faults: Faults,
    pub(super) processes: Vec<Process>,
    pub(super) owners: BTreeMap<SchedulerId, usize>,
    pub(super) down_until: Option<Instant>,
    pub(super) scenario: Arc<Scenario>,
    pub(super) plan: Option<Arc<Plan>>,
    pub(super) version: Option<Arc<WorkflowVersion>>,
    /// The process that began an attempt.
    pub(super) begun_by: BTreeMap<StepAttemptId, usize>,
    pub(super) billed: BTreeMap<StepAttemptId, Billed>,
    /// Calls by address, over all processes.
    pub(super) calls: BTreeMap<String, u32>,
    /// Tasks for which two different answers were given.
    pub(super) contested: BTreeSet<String>,
    pub(super) violation: Option<String>,
    pub(super) counters: BTreeMap<&'static str, u64>,
    pub(super) kills_left: u32,
    /// The run that is watched, once it is there.
    pub(super) run: Option<WorkflowRunId>,
}

impl State {
    pub(super) fn count(&mut self, what: &'static str) {
        *self.counters.entry(what).or_default() += 1;
    }

    /// Says what does not hold. The first one counts.
    pub(super) fn violated(&mut self, invariant: &str, what: &str) {
        self.history.tell(&format!("VIOLATED {invariant}: {what}"));
        self.violation.get_or_insert_with(|| format!("{invariant}: {what}"));
    }

    /// Whether others take this engine for alive: it runs, and was not silent for longer than its lease.
    pub(super) fn is_alive(&self, owner: SchedulerId) -> bool {
        self.owners.get(&owner).is_some_and(|process| self.looks_alive(*process))
    }

    fn looks_alive(&self, process: usize) -> bool {
        let process = &self.processes[process];
        let silent = process.stopped_since.map(|since| since.elapsed());
        !process.dead && silent.is_none_or(|silent| silent < Duration::from_millis(LEASE_MS))
    }

    pub(super) fn kill(&mut self, process: usize, why: &str) {
        if self.processes[process].dead || self.kills_left == 0 {
            return;
        }
        self.kills_left -= 1;
        self.count("kills");
        self.history.tell(&format!("p{process} is killed: {why}"));
        let process = &mut self.processes[process];
        process.dead = true;
        process.interrupted = true;
    }

    pub(super) fn stop(&mut self, process: usize, for_ms: u64) {
        if self.processes[process].dead || self.processes[process].stopped_since.is_some() {
            return;
        }
        self.count("stops");
        self.history.tell(&format!("p{process} stops for {for_ms} ms"));
        let now = Instant::now();
        let process = &mut self.processes[process];
        process.stopped_since = Some(now);
        process.stopped_until = Some(now + Duration::from_millis(for_ms));
        process.interrupted |= for_ms >= LEASE_MS;
    }

    pub(super) fn is_down(&self) -> bool {
        self.down_until.is_some_and(|until| Instant::now() < until)
    }
}

/// The world, shared by everybody in it.
pub(super) struct World(Mutex<State>);

impl World {
    pub(super) fn new(seed: u64, scenario: Arc<Scenario>, faults: Faults, keeps_lines: bool) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            random: Random::new(seed ^ 0x5eed),
            history: History::new(keeps_lines),
            database: Database::default(),
            faults,
            processes: Vec::new(),
            owners: BTreeMap::new(),
            down_until: None,
            scenario,
            plan: None,
            version: None,
            begun_by: BTreeMap::new(),
            billed: BTreeMap::new(),
            calls: BTreeMap::new(),
            contested: BTreeSet::new(),
            violation: None,
            counters: BTreeMap::new(),
            kills_left: KILLS_MAX,
            run: None,
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a process stands still, which is for ever when it is dead.
    pub(super) async fn gate(&self, process: usize) {
        loop {
            let until = {
                let mut state = self.lock();
                let one = &mut state.processes[process];
                if one.dead {
                    None
                } else if let Some(until) = one.stopped_until.filter(|until| Instant::now() < *until) {
                    Some(until)
                } else {
                    one.stopped_until = None;
                    one.stopped_since = None;
                    return;
                }
            };
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        }
    }
}

/// Processes killed in one history at the most: each costs the time of a restart.
const KILLS_MAX: u32 = 12;
