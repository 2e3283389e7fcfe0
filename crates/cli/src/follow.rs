//! Following a run that this process drives: progress, requests to stop, tasks at the terminal, the end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use branchline_persistence::Database;
use branchline_runtime::engine::{Engine, Notice, RunRest};
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::limits::PAGE_ROWS_MAX;
use branchline_schema_model::plan::Plan;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::ask::{self, Asked};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::output::{Text, Tone};
use crate::progress::{Painter, Tracker};
use crate::report;
use crate::verb::watch;
use crate::words::{counted, short_id};

/// How often the live block is drawn.
const TICK: Duration = Duration::from_millis(100);

/// How long calls in flight may take to end after the first request to stop; the second one drops them.
const DRAIN_MAX: Duration = Duration::from_hours(1);

/// A run that this process follows.
pub(crate) struct Follow<'a> {
    context: &'a Context,
    engine: Engine,
    store: &'a Database,
    run: WorkflowRunId,
    plan: Arc<Plan>,
    tracker: Tracker,
    painter: Painter,
    notices: broadcast::Receiver<Notice>,
    interrupts: Interrupts,
    stops_asked: u32,
}

impl<'a> Follow<'a> {
    /// Takes in what happened so far without a word.
    pub(crate) async fn begin(
        context: &'a Context,
        engine: &Engine,
        run: WorkflowRunId,
        interrupts: Interrupts,
    ) -> Result<Self, Failure> {
        let mut follow = Self::from_start(context, engine, run, interrupts).await?;
        follow.painter = Painter::None;
        follow.catch_up().await?;
        follow.painter = Painter::new(&context.output);
        Ok(follow)
    }

    /// Shows the run from its first event on.
    pub(crate) async fn from_start(
        context: &'a Context,
        engine: &Engine,
        run: WorkflowRunId,
        interrupts: Interrupts,
    ) -> Result<Self, Failure> {
        let store = context.store().await?;
        let notices = engine.notices();
        let plan = engine.workflow_plan(store.run_workflow(run).await?).await?;
        Ok(Self {
            context,
            engine: engine.clone(),
            store,
            run,
            tracker: Tracker::new(Arc::clone(&plan)),
            plan,
            painter: Painter::new(&context.output),
            notices,
            interrupts,
            stops_asked: 0,
        })
    }

    /// Follows the run until it needs this process no longer, and says how it ended.
    pub(crate) async fn finish(mut self) -> Result<ExitCode, Failure> {
        loop {
            let rest = self.next_rest().await?;
            if self.stops_asked > 0 && !matches!(rest, RunRest::Ended(_) | RunRest::Broken(_)) {
                return self.stopped().await;
            }
            if rest == RunRest::LetGo {
                let Self { context, engine, run, interrupts, tracker, painter, .. } = self;
                return watch::follow(context, &engine, run, interrupts, tracker, painter).await;
            }
            if rest == RunRest::Waiting && self.context.output.can_ask() {
                match ask::open_tasks(self.context, &self.engine, self.run, &self.plan, &mut self.interrupts)
                    .await?
                {
                    Asked::Answered => continue,
                    Asked::Interrupted => return self.stopped().await,
                    Asked::Left => {}
                }
            }
            return report::end(self.context, &self.engine, self.run, rest).await;
        }
    }

    async fn next_rest(&mut self) -> Result<RunRest, Failure> {
        let (engine, run) = (self.engine.clone(), self.run);
        let mut rest = pin!(engine.run_rest(run));
        let mut tick = tokio::time::interval(TICK);
        self.catch_up().await?;
        let rest = loop {
            tokio::select! {
                rest = &mut rest => break rest?,
                notice = self.notices.recv() => self.notice(notice).await?,
                by_key = self.interrupts.next() => {
                    // The count of calls in flight is told from what is committed by now. A stop waits for nothing.
                    let _ = self.catch_up().await;
                    self.stop(by_key);
                }
                _ = tick.tick() => self.painter.tick(&self.tracker),
            }
        };
        self.catch_up().await?;
        self.painter.pause();
        Ok(rest)
    }

    async fn notice(&mut self, notice: Result<Notice, RecvError>) -> Result<(), Failure> {
        match notice {
            Ok(Notice::Event(event)) if event.run_id == self.run => {
                if event.sequence == self.tracker.last_sequence + 1 {
                    self.tracker.apply(&event);
                    self.painter.event(&self.tracker, &event);
                } else if event.sequence > self.tracker.last_sequence {
                    self.catch_up().await?;
                }
            }
            Ok(Notice::Token { run_id, step, text }) if run_id == self.run => {
                self.painter.token(&step, &text);
            }
            Ok(_) => {}
            // The store has what was missed.
            Err(RecvError::Lagged(_)) => self.catch_up().await?,
            Err(RecvError::Closed) => tokio::time::sleep(TICK).await,
        }
        Ok(())
    }

    /// Takes in the events of the store that are not known yet.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        catch_up(self.store, self.run, &mut self.tracker, &mut self.painter).await
    }

    fn stop(&mut self, by_key: bool) {
        self.stops_asked += 1;
        let engine = self.engine.clone();
        let drain = if self.stops_asked == 1 { DRAIN_MAX } else { Duration::ZERO };
        self.painter.stopping(by_key);
        let in_flight = self.tracker.running_count() as u64;
        let words = match (self.stops_asked, in_flight) {
            (1, 0) => "Stopping.".to_owned(),
            (1, 1) => "Stopping. 1 call in flight finishes first (Ctrl-C again to drop it).".to_owned(),
            (1, calls) => format!(
                "Stopping. {} in flight finish first (Ctrl-C again to drop them).",
                counted(calls, "call")
            ),
            _ => "Dropping what is in flight; it is repeated when the run goes on.".to_owned(),
        };
        self.context.output.note(Text::new().push(Tone::Warn, words));
        tokio::spawn(async move { engine.shutdown(drain).await });
    }

    async fn stopped(&self) -> Result<ExitCode, Failure> {
        let id = short_id(self.run);
        let words = Text::new().plain("Stopped; nothing that was answered is lost. ");
        let words = if self.store.run_fetch(self.run).await?.run.owner_id.is_some() {
            let watch = format!("branchline watch {id}");
            words.plain("Another process goes on with it: ").push(Tone::Accent, watch)
        } else {
            let words = words.plain("Go on with ").push(Tone::Accent, format!("branchline resume {id}"));
            words.push(Tone::Dim, "; a worker does so by itself")
        };
        self.context.output.note(words);
        Ok(ExitCode::Interrupted)
    }
}

/// Applies the events of the store that the tracker does not know yet.
pub(crate) async fn catch_up(
    store: &Database,
    run: WorkflowRunId,
    tracker: &mut Tracker,
    painter: &mut Painter,
) -> Result<(), Failure> {
    loop {
        let events = store.event_list(run, tracker.last_sequence, PAGE_ROWS_MAX).await?;
        for event in &events {
            tracker.apply(event);
            painter.event(tracker, event);
        }
        if events.len() < PAGE_ROWS_MAX {
            return Ok(());
        }
    }
}
