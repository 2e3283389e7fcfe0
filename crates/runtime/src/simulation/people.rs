//! The people of a history: who starts the run, answers its tasks, resumes it, and sometimes cancels it.

use std::sync::Arc;
use std::time::Duration;

use branchline_schema_model::id::WorkflowId;
use branchline_schema_model::run::WorkflowRunStatus;

use super::host::Host;
use super::model::value;
use super::random::{Random, hash};
use super::store::pause;
use crate::engine::{Answer, Author, Engine, RunOptions, Task};
use crate::error::EngineError;

/// A request that was not answered in this time is asked again, of whichever engine.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

impl Host {
    /// Starts the run once, however often that takes.
    pub(super) async fn start_run(&self, workflow: WorkflowId) {
        let options = {
            let state = self.world.lock();
            RunOptions {
                inputs: [("topic".to_owned(), "bees".into())].into(),
                parallel_calls: Some(state.scenario.parallel_calls),
                unattended: state.scenario.unattended,
                idempotency_key: Some("once".to_owned()),
                ..RunOptions::default()
            }
        };
        loop {
            let Some(engine) = self.some_engine() else {
                pause(500).await;
                continue;
            };
            let started =
                tokio::time::timeout(REQUEST_TIMEOUT, engine.run_start(workflow, options.clone())).await;
            match started {
                Ok(Ok(run)) => {
                    let mut state = self.world.lock();
                    state.history.tell(&format!("the run {run} was started"));
                    state.run = Some(run);
                    return;
                }
                Ok(Err(EngineError::Store(_) | EngineError::ShuttingDown)) | Err(_) => pause(700).await,
                Ok(Err(error)) => {
                    self.world
                        .lock()
                        .violated("EngineSound", &format!("the run could not be started: {error}"));
                    return;
                }
            }
        }
    }

    /// Answers what is asked, sometimes twice, and sometimes two people at once.
    pub(super) async fn answer_tasks(self: Arc<Self>) {
        loop {
            let wait_ms = self.world.lock().random.between(300, 4_000);
            pause(wait_ms).await;
            let (Some(engine), run) = (self.some_engine(), self.world.lock().run) else { continue };
            let Some(run) = run else { continue };
            let listed = tokio::time::timeout(REQUEST_TIMEOUT, engine.task_list(Some(run))).await;
            let Ok(Ok(tasks)) = listed else { continue };
            for task in tasks {
                self.answer_task(task).await;
            }
        }
    }

    async fn answer_task(self: &Arc<Self>, task: Task) {
        let (seed, two, twice) = {
            let mut state = self.world.lock();
            let (two, twice) = (state.faults.two_answers, state.faults.answer_twice);
            let two = state.random.chance(two);
            let twice = state.random.chance(twice);
            (state.scenario.seed, two, twice)
        };
        let mut answers = vec![answer(seed, &task, "first")];
        if twice {
            answers.push(answers[0].clone());
        }
        if two {
            answers.push(answer(seed, &task, "second"));
        }
        let different = answers.iter().any(|one| *one != answers[0]);
        if different {
            self.world.lock().contested.insert(task.address.clone());
        }
        let sent: Vec<_> = answers
            .into_iter()
            .map(|answer| {
                let (host, task) = (Arc::clone(self), task.clone());
                tokio::spawn(async move { host.send(&task, answer).await })
            })
            .collect();
        let mut told = Vec::new();
        for one in sent {
            told.extend(one.await.ok().flatten());
        }
        let mut state = self.world.lock();
        if different && told.len() > 1 {
            state.count("answers racing");
        }
        if told.iter().flatten().any(|taken| told.iter().flatten().any(|other| other != taken)) {
            state.violated("AnswerOnce", &format!("two answers to `{}` were taken", task.address));
        }
    }

    /// Sends one answer. What was said about it, if something was: the answer that was taken, or `None`.
    async fn send(&self, task: &Task, answer: Answer) -> Option<Option<Answer>> {
        let wait_ms = self.world.lock().random.below(50);
        pause(wait_ms).await;
        let engine = self.some_engine()?;
        let given = engine.task_answer(task.step_run.id, answer.clone(), Author::default());
        let told = tokio::time::timeout(REQUEST_TIMEOUT, given).await.ok()?;
        let mut state = self.world.lock();
        let taken = told.is_ok().then_some(answer);
        let said = match &told {
            Ok(Some(decision)) => {
                let recorded = state.database.decisions(task.run_id).unwrap_or_default();
                if !recorded.contains(decision) {
                    state.violated("AnswerOnce", "the decision told is not the one recorded");
                }
                "taken"
            }
            Ok(None) => "left for the owner",
            Err(EngineError::TooLate { .. }) => "too late",
            Err(EngineError::Store(_) | EngineError::ShuttingDown) => "not delivered",
            Err(error) => {
                let what = format!("an answer to `{}` was refused: {error}", task.address);
                state.violated("EngineSound", &what);
                "refused"
            }
        };
        state.history.tell(&format!("an answer to {} is {said}", task.address));
        Some(taken)
    }

    /// Resumes what is paused.
    pub(super) async fn resume_paused(self: Arc<Self>) {
        loop {
            let wait_ms = self.world.lock().random.between(2_000, 9_000);
            pause(wait_ms).await;
            let (run, wanted) = {
                let state = self.world.lock();
                let tables = state.run.and_then(|run| state.database.run(run).ok());
                let paused = tables.is_some_and(|tables| tables.run.status == WorkflowRunStatus::Paused);
                (state.run, paused || state.faults.resumes)
            };
            let (Some(run), true, Some(engine)) = (run, wanted, self.some_engine()) else { continue };
            let resumed =
                tokio::time::timeout(REQUEST_TIMEOUT, engine.run_resume(run, Author::default())).await;
            let mut state = self.world.lock();
            state.count("resumes");
            let said = resumed.map(|result| result.map_err(|error| error.to_string()));
            state.history.tell(&format!("somebody resumes: {said:?}"));
        }
    }

    /// Cancels the run at some moment.
    pub(super) async fn cancel(self: Arc<Self>) {
        let wait_ms = self.world.lock().random.between(200, 40_000);
        pause(wait_ms).await;
        loop {
            let engine: Option<Engine> = self.some_engine();
            let run = self.world.lock().run;
            if let (Some(run), Some(engine)) = (run, engine) {
                let cancelled =
                    tokio::time::timeout(REQUEST_TIMEOUT, engine.run_cancel(run, Author::default()));
                let cancelled = cancelled.await;
                let mut state = self.world.lock();
                let said = cancelled.map(|result| result.map_err(|error| error.to_string()));
                state.history.tell(&format!("somebody cancels: {said:?}"));
                if matches!(said, Ok(Ok(()))) {
                    state.count("cancels");
                    return;
                }
            }
            pause(1_000).await;
        }
    }
}

/// What somebody says to a task.
fn answer(seed: u64, task: &Task, who: &str) -> Answer {
    let mut random = Random::new(hash(&[&task.address, who]) ^ seed);
    match task.action.as_str() {
        "choose" if task.options.is_empty() => Answer::Default,
        "choose" => Answer::Pick(vec![random.between(1, task.options.len() as u64) as u32]),
        "input" => {
            let fields = task.fields.iter();
            Answer::Values(
                fields.map(|field| (field.name.clone(), value(&field.schema, &mut random))).collect(),
            )
        }
        _ => Answer::Default,
    }
}
