//! `template`: renders without a model.

use async_trait::async_trait;
use branchline_schema_model::run::{ErrorClass, Failure};

use super::contract::Contract;
use super::{CallRecord, StepCall, StepExecutor, StepFailure, StepOutput};
use crate::prompt::PromptRenderer;

/// Renders the template: to a text, or to the JSON of any other type.
#[derive(Default)]
pub struct TemplateExecutor {
    renderer: PromptRenderer,
}

#[async_trait]
impl StepExecutor for TemplateExecutor {
    fn takes_slot(&self) -> bool {
        false
    }

    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        let rendered =
            self.renderer.render(call.plan, call.step, &call.inputs, call.branch).map_err(Failure::from)?;
        if rendered.has_roles {
            let message = "`role` makes messages for a model; a `template` step renders one text";
            return Err(Failure::new(ErrorClass::Template, message).into());
        }
        super::prompt::warn_of_missing(&call, &rendered);
        let text = rendered.text();
        let record = CallRecord {
            response: Some(text.clone()),
            prompt_hash: Some(rendered.hash()),
            ..CallRecord::default()
        };
        match Contract::of_step(call.plan, call.step).parse_rendered(&text) {
            Ok(values) => Ok(StepOutput { values, record }),
            Err(problems) => {
                let message = format!("the rendered text does not fit: {}", problems.join("; "));
                Err(StepFailure {
                    failure: Failure::new(ErrorClass::Template, message),
                    record: Box::new(record),
                })
            }
        }
    }
}
