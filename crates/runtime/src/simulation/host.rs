//! The machines the engines run on: processes that are started, killed, stopped and started again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::clock;
use super::faults::{Event, LEASE_MS};
use super::model::ProcessModels;
use super::state::{Process, World};
use super::store::{ProcessStore, pause};
use crate::action::built_in;
use crate::engine::{Engine, EngineConfig, RunRest};
use crate::error::EngineError;

/// How often an engine looks for runs nobody drives.
const SWEEP_MS: u64 = 4_000;

/// The clock is set by so much at the most.
const CLOCK_JUMP_MS: u64 = 240_000;

/// The processes there are.
pub(super) struct Host {
    pub(super) world: Arc<World>,
    running: Mutex<Vec<(usize, Engine)>>,
    wanted: usize,
}

impl Host {
    pub(super) fn new(world: Arc<World>, wanted: usize) -> Arc<Self> {
        Arc::new(Self { world, running: Mutex::default(), wanted })
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Vec<(usize, Engine)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a process with an engine.
    pub(super) fn boot(self: &Arc<Self>) -> Engine {
        let process = {
            let mut state = self.world.lock();
            state.processes.push(Process {
                dead: false,
                stopped_since: None,
                stopped_until: None,
                interrupted: false,
                leaving: false,
            });
            let process = state.processes.len() - 1;
            state.history.tell(&format!("p{process} starts"));
            process
        };
        let store = Arc::new(ProcessStore { world: Arc::clone(&self.world), process });
        let models = Arc::new(ProcessModels { world: Arc::clone(&self.world), process });
        let config = EngineConfig { message_poll_ms: 2_000, ..EngineConfig::default() };
        let engine = Engine::start(config, store, built_in(models));
        self.running().push((process, engine.clone()));
        tokio::spawn(Arc::clone(self).tend(process, engine.clone()));
        tokio::spawn(Arc::clone(self).watch(process, engine.clone()));
        engine
    }

    /// An engine that takes requests: one of the living, by chance.
    pub(super) fn some_engine(&self) -> Option<Engine> {
        let mut state = self.world.lock();
        let running = self.running();
        let able = |process: &usize| !state.processes[*process].dead && !state.processes[*process].leaving;
        let engines: Vec<&Engine> =
            running.iter().filter(|(process, _)| able(process)).map(|(_, engine)| engine).collect();
        if engines.is_empty() { None } else { Some((*state.random.pick(&engines)).clone()) }
    }

    /// What a server does beside its requests.
    async fn tend(self: Arc<Self>, process: usize, engine: Engine) {
        let mut looked = engine.claim_runs().await;
        loop {
            if let Err(error) = looked {
                self.world.lock().history.tell(&format!("p{process} cannot look for runs: {error}"));
            }
            pause(SWEEP_MS + process as u64 % 7).await;
            self.world.gate(process).await;
            looked = engine.claim_runs().await;
        }
    }

    /// Hears when a driver comes to rest.
    async fn watch(self: Arc<Self>, process: usize, engine: Engine) {
        let mut last = None;
        loop {
            pause(1_000).await;
            let Some(run) = self.world.lock().run else { continue };
            let Ok(rest) = engine.run_rest(run).await else { continue };
            // Several wait for this, and tokio wakes them in an order of its own: the others go first.
            pause(1).await;
            if last.as_ref() == Some(&rest) {
                continue;
            }
            let mut state = self.world.lock();
            state.history.tell(&format!("p{process} rests: {rest:?}"));
            if let RunRest::Broken(error) = &rest {
                let passes = matches!(error, EngineError::Store(error) if error.is_retryable());
                let invariant = if passes { "HoldsAnswers" } else { "EngineSound" };
                state.violated(invariant, &format!("the driver broke: {error}"));
            }
            last = Some(rest);
        }
    }

    /// Starts again what has died, after a while.
    pub(super) async fn supervise(self: Arc<Self>) {
        loop {
            let wait_ms = self.world.lock().random.between(300, 12_000);
            pause(wait_ms).await;
            self.bury();
            if self.running().len() < self.wanted {
                self.boot();
            }
        }
    }

    fn bury(&self) {
        let state = self.world.lock();
        self.running().retain(|(process, _)| !state.processes[*process].dead);
    }

    /// Lets happen to the engines what this history holds for them.
    pub(super) async fn afflict(self: Arc<Self>) {
        loop {
            pause(1_000).await;
            let events = self.world.lock().faults.events.clone();
            for event in events {
                if self.world.lock().random.chance(60) {
                    self.happen(event);
                }
            }
        }
    }

    fn happen(self: &Arc<Self>, event: Event) {
        let mut state = self.world.lock();
        let running: Vec<(usize, Engine)> = self.running().clone();
        let alive: Vec<_> = running.iter().filter(|(process, _)| !state.processes[*process].dead).collect();
        if alive.is_empty() {
            return;
        }
        let (process, engine) = (*state.random.pick(&alive)).clone();
        match event {
            Event::Kill => state.kill(process, "by chance"),
            Event::Stop => {
                let for_ms = state.random.between(LEASE_MS / 10, 4 * LEASE_MS);
                state.stop(process, for_ms);
            }
            Event::Restart => {
                if std::mem::replace(&mut state.processes[process].leaving, true) {
                    return;
                }
                state.count("restarts");
                let drain_ms = state.random.between(10, 20_000);
                state.history.tell(&format!("p{process} is told to end within {drain_ms} ms"));
                drop(state);
                let host = Arc::clone(self);
                tokio::spawn(async move { host.end(process, engine, drain_ms).await });
            }
            Event::Outage => {
                let for_ms = state.random.between(LEASE_MS / 20, 7 * LEASE_MS / 2);
                state.count("outages");
                state.history.tell(&format!("the database is away for {for_ms} ms"));
                state.down_until = Some(Instant::now() + Duration::from_millis(for_ms));
            }
            Event::ClockJump => {
                state.count("clock jumps");
                let by = state.random.between(0, 2 * CLOCK_JUMP_MS) as i64 - CLOCK_JUMP_MS as i64;
                state.history.tell(&format!("the clock is set by {by} ms"));
                clock::set(by * 1_000);
            }
        }
    }

    async fn end(self: Arc<Self>, process: usize, engine: Engine, drain_ms: u64) {
        // What is still under way when the drain is over is given up.
        let drained = async {
            pause(drain_ms).await;
            self.world.lock().processes[process].interrupted = true;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = engine.shutdown(Duration::from_millis(drain_ms)) => {}
            () = drained => {}
        }
        let mut state = self.world.lock();
        state.history.tell(&format!("p{process} has ended"));
        state.processes[process].dead = true;
    }

    /// Nothing goes wrong any more.
    pub(super) fn calm(&self) {
        let mut state = self.world.lock();
        state.history.tell("the faults end");
        state.faults = super::faults::Faults::default();
        state.down_until = None;
        for process in &mut state.processes {
            if process.stopped_until.is_some() {
                process.stopped_until = Some(Instant::now());
            }
        }
    }
}
