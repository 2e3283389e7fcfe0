//! One provider of the catalogue, behind the gate that all its callers share.

use std::sync::Arc;

use super::super::gate::Gate;
use super::super::{CallFailure, Completion, CompletionRequest, ModelProvider, ModelTarget, OnToken};
use crate::config::ProviderConfig;

pub(super) struct ProviderSlot {
    provider: Arc<dyn ModelProvider>,
    pub(super) settings: ProviderConfig,
    pub(super) is_key_set: bool,
    gate: Gate,
}

impl ProviderSlot {
    pub(super) fn new(provider: Arc<dyn ModelProvider>, settings: ProviderConfig, is_key_set: bool) -> Self {
        let gate = Gate::new(&settings);
        Self { provider, settings, is_key_set, gate }
    }

    pub(super) async fn complete(
        &self,
        target: &ModelTarget,
        request: &CompletionRequest,
        on_token: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        let refused = |failure| {
            let model = Some(target.to_string());
            CallFailure { model, was_sent: false, ..CallFailure::from(failure) }
        };
        let pass = self.gate.enter(&target.provider, request).await.map_err(refused)?;
        let result = self.provider.complete(&target.model, request, on_token).await;
        pass.end(match &result {
            Ok(completion) => Ok(completion.usage),
            Err(failure) => Err((&failure.failure, failure.usage)),
        });
        result
    }
}
