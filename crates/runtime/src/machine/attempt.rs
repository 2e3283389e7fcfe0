//! The end of an attempt: success, another try, a failed step, or a paused run.

use branchline_schema_model::definition::OnError;
use branchline_schema_model::limits::{ATTEMPTS_DEFAULT, ATTEMPTS_MAX};
use branchline_schema_model::plan::PlanStep;
use branchline_schema_model::run::{
    AttemptOutcome, ErrorClass, EventKind, Failure, RetryRule, StepRunStatus, WorkflowRunStatus,
};
use branchline_schema_model::time::Timestamp;

use super::fan_out::tolerance;
use super::state::RunMachine;
use super::{IllegalInput, StepRunKey, Transition, Written};
use crate::planted::{Planted, is_planted};

/// The first delay when the step says nothing.
const RETRY_DELAY_MS_DEFAULT: u64 = 500;

/// No delay that we choose ourselves is longer; a provider may ask for more.
const RETRY_DELAY_MS_MAX: u64 = 30_000;

impl RunMachine {
    #[expect(clippy::too_many_arguments, reason = "the fields of one input, taken apart once")]
    pub(super) fn ended(
        &mut self,
        key: &StepRunKey,
        attempt: u32,
        result: Result<Vec<Written>, Failure>,
        tokens: (u64, u64),
        prompt_hash: Option<String>,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let current = self.step_run(key).is_some_and(|run| run.attempts == attempt);
        if !current || !self.ready.stop(&self.plan, key) {
            // Late: the run was cancelled, or the attempt was given up before.
            return Ok(());
        }
        if let Some(run) = self.steps[key.step.get()].runs.get_mut(&key.path) {
            run.prompt_hash = prompt_hash.or(run.prompt_hash.take());
        }
        match result {
            Ok(written) => self.succeeded(key, written, tokens, now, transition),
            Err(failure) => self.attempt_failed(key, failure, now, transition),
        }
    }

    fn succeeded(
        &mut self,
        key: &StepRunKey,
        written: Vec<Written>,
        tokens: (u64, u64),
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let outputs = written.iter().map(|one| self.plan.attribute(one.attribute).name.clone()).collect();
        let run = self.move_step_run(key, StepRunStatus::Succeeded, transition)?;
        run.values.extend(written);
        run.ended_at = Some(now);
        run.error = None;
        let duration_ms = run.attempt_started_at.map_or(0, |started_at| now.millis_since(started_at));
        transition.attempts_closed.push((key.clone(), AttemptOutcome::Succeeded));
        transition.events.push(EventKind::StepSucceeded {
            step: self.address(key),
            outputs,
            input_tokens: tokens.0,
            output_tokens: tokens.1,
            duration_ms,
        });
        self.settle(key, transition);
        Ok(())
    }

    fn attempt_failed(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        transition.attempts_closed.push((key.clone(), AttemptOutcome::Failed(failure.clone())));
        if failure.class.pauses_run() || self.is_out_of_reach(key, &failure) {
            return self.pause(key, &failure, transition);
        }
        match self.delay_before_retry(key, &failure) {
            Some(delay_ms) => self.retry(key, failure, delay_ms, now, transition),
            None => self.fail(key, failure, now, transition),
        }
    }

    /// Whether the provider could not be reached often enough to give up for now. That costs nothing and is nobody's
    /// fault, so the run pauses and can go on when the network is back; the work before it is not thrown away.
    fn is_out_of_reach(&mut self, key: &StepRunKey, failure: &Failure) -> bool {
        let Some(run) = self.steps[key.step.get()].runs.get_mut(&key.path) else { return false };
        run.unsent_in_a_row = if failure.class == ErrorClass::NotSent { run.unsent_in_a_row + 1 } else { 0 };
        let RetryRule::RetryFree { repeats_max, then_pauses: true } = failure.class.retry_rule() else {
            return false;
        };
        let gives_up = run.unsent_in_a_row >= repeats_max;
        if gives_up {
            run.unsent_in_a_row = 0;
        }
        gives_up
    }

    fn retry(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        delay_ms: u64,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let held = self.status == WorkflowRunStatus::Paused;
        let due_at = now.plus_millis(delay_ms);
        let run = self.move_step_run(key, StepRunStatus::Ready, transition)?;
        run.error = Some(failure.to_string());
        run.available_at = Some(due_at);
        if failure.class.is_free() {
            run.free_retries += 1;
        }
        let attempt = run.attempts;
        if held {
            self.move_step_run(key, StepRunStatus::Held, transition)?;
        } else {
            self.delayed.insert((due_at, key.clone()));
        }
        let step = self.address(key);
        transition.events.push(EventKind::StepRetrying { step, attempt, failure, delay_ms });
        Ok(())
    }

    /// Fails a step run that never began.
    pub(super) fn fail_unstarted(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        if self.plan.step(key.step).on_error == OnError::Pause {
            // It stays blocked, and is looked at again on resume.
            return self.pause_run(key, &failure, transition);
        }
        self.run_through(key, now, transition)?;
        self.fail(key, failure, now, transition)
    }

    /// A failure after which no further attempt follows: what becomes of the step run is for its author to say.
    pub(super) fn fail(
        &mut self,
        key: &StepRunKey,
        failure: Failure,
        now: Timestamp,
        transition: &mut Transition,
    ) -> Result<(), IllegalInput> {
        let on_error = self.plan.step(key.step).on_error;
        if on_error == OnError::Pause {
            return self.pause(key, &failure, transition);
        }
        let tolerated = tolerance(on_error);
        let status = if tolerated.is_some() { StepRunStatus::Skipped } else { StepRunStatus::Failed };
        let run = self.move_step_run(key, status, transition)?;
        run.tolerated = tolerated;
        run.ended_at = Some(now);
        run.error = Some(failure.to_string());
        let (step, label) = (self.address(key), self.label_of(key));
        transition.events.push(EventKind::StepFailed { step, label, failure, tolerated });
        if tolerated.is_some() {
            self.settle(key, transition);
            self.until_passed_over(key);
        } else {
            // What needs its values stays blocked; everything else goes on.
            self.failed.push(key.clone());
        }
        Ok(())
    }

    /// How long to wait before the next attempt; `None` when there is none.
    fn delay_before_retry(&self, key: &StepRunKey, failure: &Failure) -> Option<u64> {
        let run = self.step_run(key)?;
        let step = self.plan.step(key.step);
        // A provider that asks for less than our own delay is not served better by it.
        let at_least = |own: u64| failure.retry_after_ms.map_or(own, |asked| asked.max(own));
        let attempts_max = match failure.class.retry_rule() {
            RetryRule::Fail | RetryRule::PauseRun => return None,
            RetryRule::RetryFree { then_pauses: true, .. } => {
                // `is_out_of_reach` ends these.
                return Some(at_least(backoff_ms(step, key, run.unsent_in_a_row)));
            }
            RetryRule::RetryFree { repeats_max, then_pauses: false } => {
                let delay_ms = at_least(backoff_ms(step, key, run.free_retries + 1));
                return (run.free_retries < repeats_max).then_some(delay_ms);
            }
            RetryRule::Retry { attempts_max } => attempts_max,
            RetryRule::Recover => None,
        };
        let counted = run.counted_attempts();
        let allowed = step.retry.as_ref().map_or(ATTEMPTS_DEFAULT, |retry| retry.attempts.min(ATTEMPTS_MAX));
        let own = backoff_ms(step, key, counted);
        let is_allowed = counted < allowed.min(attempts_max.unwrap_or(u32::MAX));
        let is_allowed = is_allowed || is_planted(Planted::UnlimitedAttempts);
        is_allowed.then(|| at_least(own))
    }
}

/// Doubling delays with jitter between half and all of it. The jitter comes from the step run's place, so that equal
/// runs make equal decisions and the branches of a fan-out still do not come back all at once.
fn backoff_ms(step: &PlanStep, key: &StepRunKey, failures: u32) -> u64 {
    let first = step.retry.as_ref().and_then(|retry| retry.delay_ms).unwrap_or(RETRY_DELAY_MS_DEFAULT);
    let full =
        first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(RETRY_DELAY_MS_MAX.max(first));
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in key.path.numbers().iter().chain([&key.step.0, &failures]) {
        // FNV-1a.
        hash = (hash ^ u64::from(*part)).wrapping_mul(0x0100_0000_01b3);
    }
    full / 2 + (hash >> 11) % (full / 2 + 1)
}
