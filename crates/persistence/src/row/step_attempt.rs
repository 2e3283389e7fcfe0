//! `step_attempts`.

use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::run::{AttemptOutcome, Failure, StepAttempt, Usage};
use branchline_schema_model::store::AttemptEnd;
use diesel::prelude::*;

use crate::error::DbError;
use crate::schema::{step_attempts, step_runs};
use crate::sql_types::{DbDoc, DbInstant, DbUid};

const TABLE: &str = "step_attempts";

// What the calls of a step took is asked by the model that answered.
diesel::allow_columns_to_appear_in_same_group_by_clause!(step_runs::step_id, step_attempts::model);

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = step_attempts, treat_none_as_default_value = false)]
pub(crate) struct StepAttemptRow {
    pub(crate) id: DbUid,
    pub(crate) step_run_id: DbUid,
    pub(crate) number: i32,
    pub(crate) started_at: DbInstant,
    pub(crate) ended_at: Option<DbInstant>,
    pub(crate) outcome: Option<String>,
    pub(crate) error_class: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) retry_after_ms: Option<i64>,
    pub(crate) model: Option<String>,
    pub(crate) request: Option<DbDoc>,
    pub(crate) response: Option<String>,
    pub(crate) provider_request_id: Option<String>,
    pub(crate) input_tokens: i64,
    pub(crate) cached_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) reasoning_tokens: i64,
    pub(crate) calls: i32,
}

impl From<StepAttempt> for StepAttemptRow {
    fn from(attempt: StepAttempt) -> Self {
        let outcome = OutcomeColumns::new(attempt.outcome);
        Self {
            id: attempt.id.into(),
            step_run_id: attempt.step_run_id.into(),
            number: attempt.number as i32,
            started_at: attempt.started_at.into(),
            ended_at: attempt.ended_at.map(Into::into),
            outcome: outcome.outcome,
            error_class: outcome.error_class,
            error_message: outcome.error_message,
            retry_after_ms: outcome.retry_after_ms,
            model: attempt.model,
            request: attempt.request.map(DbDoc),
            response: super::kept(attempt.response),
            provider_request_id: attempt.provider_request_id,
            input_tokens: attempt.usage.input_tokens as i64,
            cached_tokens: attempt.usage.cached_tokens as i64,
            output_tokens: attempt.usage.output_tokens as i64,
            reasoning_tokens: attempt.usage.reasoning_tokens as i64,
            calls: attempt.calls as i32,
        }
    }
}

impl TryFrom<StepAttemptRow> for StepAttempt {
    type Error = DbError;

    fn try_from(row: StepAttemptRow) -> Result<Self, DbError> {
        let tokens = |number| super::big_count(TABLE, number);
        let usage = Usage {
            input_tokens: tokens(row.input_tokens)?,
            cached_tokens: tokens(row.cached_tokens)?,
            output_tokens: tokens(row.output_tokens)?,
            reasoning_tokens: tokens(row.reasoning_tokens)?,
        };
        Ok(Self {
            id: row.id.into(),
            step_run_id: row.step_run_id.into(),
            number: super::count(TABLE, row.number)?,
            started_at: row.started_at.into(),
            ended_at: row.ended_at.map(Into::into),
            outcome: outcome(row.outcome.as_deref(), row.error_class, row.error_message, row.retry_after_ms)?,
            model: row.model,
            request: row.request.map(|request| request.0),
            response: row.response,
            provider_request_id: row.provider_request_id,
            usage,
            calls: super::count(TABLE, row.calls)?,
        })
    }
}

/// An outcome spread over its columns.
struct OutcomeColumns {
    outcome: Option<String>,
    error_class: Option<String>,
    error_message: Option<String>,
    retry_after_ms: Option<i64>,
}

impl OutcomeColumns {
    fn new(outcome: Option<AttemptOutcome>) -> Self {
        let (outcome, failure) = match outcome {
            None => (None, None),
            Some(AttemptOutcome::Succeeded) => (Some("succeeded"), None),
            Some(AttemptOutcome::Failed(failure)) => (Some("failed"), Some(failure)),
        };
        Self {
            outcome: outcome.map(str::to_owned),
            error_class: failure.as_ref().map(|failure| failure.class.name().to_owned()),
            retry_after_ms: failure
                .as_ref()
                .and_then(|failure| failure.retry_after_ms)
                .map(|delay| delay as i64),
            error_message: super::kept(failure.map(|failure| failure.message)),
        }
    }
}

fn outcome(
    outcome: Option<&str>,
    class: Option<String>,
    message: Option<String>,
    retry_after_ms: Option<i64>,
) -> Result<Option<AttemptOutcome>, DbError> {
    match outcome {
        None => Ok(None),
        Some("succeeded") => Ok(Some(AttemptOutcome::Succeeded)),
        Some(_) => {
            let retry_after_ms = retry_after_ms.map(|delay| super::big_count(TABLE, delay)).transpose()?;
            let class = super::parsed(TABLE, &class.unwrap_or_default())?;
            Ok(Some(AttemptOutcome::Failed(Failure {
                class,
                message: message.unwrap_or_default(),
                retry_after_ms,
            })))
        }
    }
}

/// The columns of an attempt that are known when it ends.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = step_attempts, treat_none_as_null = true)]
pub(crate) struct StepAttemptChanges {
    pub(crate) ended_at: DbInstant,
    pub(crate) outcome: Option<String>,
    pub(crate) error_class: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) retry_after_ms: Option<i64>,
    pub(crate) model: Option<String>,
    pub(crate) request: Option<DbDoc>,
    pub(crate) response: Option<String>,
    pub(crate) provider_request_id: Option<String>,
    pub(crate) input_tokens: i64,
    pub(crate) cached_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) reasoning_tokens: i64,
    pub(crate) calls: i32,
}

/// The end of an attempt with the row it is for.
#[derive(Debug, Clone)]
pub(crate) struct StepAttemptUpdate {
    pub(crate) id: StepAttemptId,
    pub(crate) changes: StepAttemptChanges,
}

impl From<AttemptEnd> for StepAttemptUpdate {
    fn from(end: AttemptEnd) -> Self {
        let outcome = OutcomeColumns::new(Some(end.outcome));
        let changes = StepAttemptChanges {
            ended_at: end.ended_at.into(),
            outcome: outcome.outcome,
            error_class: outcome.error_class,
            error_message: outcome.error_message,
            retry_after_ms: outcome.retry_after_ms,
            model: end.model,
            request: end.request.map(DbDoc),
            response: super::kept(end.response),
            provider_request_id: end.provider_request_id,
            input_tokens: end.usage.input_tokens as i64,
            cached_tokens: end.usage.cached_tokens as i64,
            output_tokens: end.usage.output_tokens as i64,
            reasoning_tokens: end.usage.reasoning_tokens as i64,
            calls: end.calls as i32,
        };
        Self { id: end.id, changes }
    }
}
