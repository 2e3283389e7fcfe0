//! `prompt`: renders the prompt, asks a model, and takes its answer apart.

use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::limits::REPAIRS_DEFAULT;
use branchline_schema_model::run::{ErrorClass, Failure};
use serde_json::json;

use super::contract::Contract;
use super::{CallRecord, StepCall, StepExecutor, StepFailure, StepOutput, broken_asserts};
use crate::prompt::{PromptRenderer, Rendered};
use crate::provider::{Completer, Completion, CompletionRequest, Message, Role};

/// Asks a model, and asks again with the errors when the answer does not fit the outputs.
pub struct PromptExecutor {
    completer: Arc<dyn Completer>,
    renderer: PromptRenderer,
}

impl PromptExecutor {
    /// An executor that calls models through `completer`.
    pub fn new(completer: Arc<dyn Completer>) -> Self {
        Self { completer, renderer: PromptRenderer::default() }
    }

    fn render(&self, call: &StepCall<'_>) -> Result<Rendered, Failure> {
        let rendered = self.renderer.render(call.plan, call.step, &call.inputs, call.branch)?;
        let says_something =
            |message: &Message| message.role != Role::System && !message.content.trim().is_empty();
        if !rendered.messages.iter().any(says_something) {
            let message = if rendered.has_roles {
                "the prompt has no text for the roles `user` and `assistant`"
            } else {
                "the prompt renders to nothing"
            };
            return Err(Failure::new(ErrorClass::Template, message));
        }
        warn_of_missing(call, &rendered);
        Ok(rendered)
    }
}

#[async_trait]
impl StepExecutor for PromptExecutor {
    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        let plan = call.plan;
        let step = plan.step(call.step);
        let rendered = self.render(&call)?;
        let contract = Contract::of_step(plan, call.step);
        let model = call.model().map(str::to_owned).ok_or_else(|| {
            Failure::new(ErrorClass::BadRequest, "no model is named, neither by the step nor by its workflow")
        })?;
        let sample = call.candidate().map(|(_, sample)| sample);
        let mut record = CallRecord { prompt_hash: Some(rendered.hash()), ..CallRecord::default() };
        let mut request = CompletionRequest {
            messages: rendered.messages,
            parameters: call.parameters().clone(),
            output_schema: contract.schema(),
            idempotency_key: String::new(),
            address: call.address.clone(),
        };
        loop {
            record.calls += 1;
            request.idempotency_key = format!("{}.{}", call.attempt_id, record.calls);
            record.request = Some(request_json(&model, &request, sample));
            let completion = match self.completer.complete(&model, &request, call.on_token).await {
                Ok(completion) => completion,
                Err(failed) => {
                    record.calls -= u32::from(!failed.was_sent);
                    record.usage += failed.usage;
                    record.model = failed.model.or(record.model);
                    record.provider_request_id = failed.request_id.or(record.provider_request_id);
                    record.response = failed.response.or(record.response);
                    return Err(StepFailure { failure: failed.failure, record: Box::new(record) });
                }
            };
            let answer = keep(&mut record, completion);
            let fits = |values| match broken_asserts(plan, step, &call.inputs, &values, call.branch) {
                problems if problems.is_empty() => Ok(values),
                problems => Err(problems),
            };
            match contract.parse(&answer).and_then(fits) {
                Ok(values) => return Ok(StepOutput { values, record }),
                Err(problems) if record.calls > REPAIRS_DEFAULT => {
                    let message = format!("the answer does not fit the outputs: {}", problems.join("; "));
                    let failure = Failure::new(ErrorClass::InvalidOutput, message);
                    return Err(StepFailure { failure, record: Box::new(record) });
                }
                Err(problems) => request.messages.extend(ask_again(answer, &problems)),
            }
        }
    }
}

fn keep(record: &mut CallRecord, completion: Completion) -> String {
    record.usage += completion.usage;
    record.model = Some(completion.model);
    record.provider_request_id = completion.request_id;
    record.response = Some(completion.text.clone());
    completion.text
}

/// The model sees its own answer and what is wrong with it.
fn ask_again(answer: String, problems: &[String]) -> [Message; 2] {
    let mut content = "Your answer could not be used:\n".to_owned();
    for problem in problems {
        content.push_str("- ");
        content.push_str(problem);
        content.push('\n');
    }
    content.push_str(
        "Give the whole answer again, corrected, in the form asked for and without any other text.",
    );
    [Message { role: Role::Assistant, content: answer }, Message { role: Role::User, content }]
}

fn request_json(model: &str, request: &CompletionRequest, sample: Option<u32>) -> serde_json::Value {
    let mut record = json!({
        "model": model,
        "messages": request.messages,
        "parameters": request.parameters,
        "output_schema": request.output_schema,
    });
    if let Some(sample) = sample {
        record["sample"] = sample.into();
    }
    record
}

/// Says which optional values a prompt went without.
pub(super) fn warn_of_missing(call: &StepCall<'_>, rendered: &Rendered) {
    for name in &rendered.missing {
        tracing::warn!(step = %call.address, input = %name, "an optional input has no value and renders as nothing");
    }
}

#[cfg(test)]
mod tests;
