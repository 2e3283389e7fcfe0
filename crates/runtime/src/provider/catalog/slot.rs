//! One provider of the catalogue, with what all its callers share: the bound on calls in flight and the cool-down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use branchline_schema_model::run::{ErrorClass, Failure};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::super::{CallFailure, Completion, CompletionRequest, ModelProvider, ModelTarget, OnToken};
use super::SHORT_WAIT_MS;
use crate::config::ProviderConfig;

pub(super) struct ProviderSlot {
    provider: Arc<dyn ModelProvider>,
    pub(super) settings: ProviderConfig,
    pub(super) is_key_set: bool,
    /// `None` for providers that bound themselves, or need no bound.
    calls: Option<Semaphore>,
    /// Until when the provider asked not to be called.
    cool_down: Mutex<Option<Instant>>,
}

impl ProviderSlot {
    pub(super) fn new(provider: Arc<dyn ModelProvider>, settings: ProviderConfig, is_key_set: bool) -> Self {
        let calls = Some(Semaphore::new(settings.parallel_calls as usize));
        Self { provider, settings, is_key_set, calls, cool_down: Mutex::default() }
    }

    /// Without a bound on calls and without a key.
    pub(super) fn free(provider: Arc<dyn ModelProvider>, settings: ProviderConfig) -> Self {
        Self { provider, settings, is_key_set: false, calls: None, cool_down: Mutex::default() }
    }

    pub(super) async fn complete(
        &self,
        target: &ModelTarget,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        let _permit = match &self.calls {
            // The semaphore is never closed, so that only a permit comes back.
            Some(calls) => calls.acquire().await.ok(),
            None => None,
        };
        self.wait_out_cool_down(target).await?;
        let result = self.provider.complete(&target.model, request, on_token).await;
        if let Err(failure) = &result {
            self.note(&failure.failure);
        }
        result
    }

    /// Waits while the provider asked not to be called; a long wait is a failure at once, without a call.
    async fn wait_out_cool_down(&self, target: &ModelTarget) -> Result<(), CallFailure> {
        while let Some(rest) = self.cool_down_rest() {
            let rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
            if rest_ms > SHORT_WAIT_MS {
                let message =
                    format!("`{target}` asked for a pause that ends in {} s", rest_ms.div_ceil(1000));
                let failure = Failure {
                    retry_after_ms: Some(rest_ms),
                    ..Failure::new(ErrorClass::RateLimited, message)
                };
                return Err(CallFailure { model: Some(target.to_string()), ..failure.into() });
            }
            tokio::time::sleep(Duration::from_millis(rest_ms)).await;
        }
        Ok(())
    }

    fn cool_down_rest(&self) -> Option<Duration> {
        let until = (*self.cool_down.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    /// One caller that was told to wait makes all of them wait.
    fn note(&self, failure: &Failure) {
        let (ErrorClass::RateLimited, Some(wait_ms)) = (failure.class, failure.retry_after_ms) else {
            return;
        };
        let Some(until) = Instant::now().checked_add(Duration::from_millis(wait_ms)) else { return };
        let mut cool_down = self.cool_down.lock().unwrap_or_else(PoisonError::into_inner);
        *cool_down = Some(cool_down.map_or(until, |known| known.max(until)));
    }
}
