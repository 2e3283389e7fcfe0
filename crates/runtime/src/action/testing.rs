//! Plans of one step and a scripted model, for the tests of executors.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use branchline_schema_model::definition::{Action, AttributeType, ModelParameters, TypeExpression};
use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::plan::{
    AttributeIndex, Plan, PlanAttribute, PlanRead, PlanSection, PlanStep, ReadRole, ReadSource, SectionIndex,
    StepIndex, Writer,
};
use branchline_schema_model::run::{BranchPath, Usage};
use serde_json::Value as Json;

use super::{StepCall, StepExecutor, StepFailure, StepOutput};
use crate::provider::{CallFailure, Completer, Completion, CompletionRequest, OnToken};

/// The type a definition would write as `text`: a name, or a JSON Schema.
pub(super) fn value_type(text: &str) -> AttributeType {
    let expression = serde_json::from_str(text)
        .map_or_else(|_| TypeExpression::Name(text.to_owned()), TypeExpression::Schema);
    expression.resolve(&BTreeMap::new()).unwrap()
}

/// A plan whose only step has this template, reads (name, role, optional), and writes (name, type).
pub(super) fn plan(template: &str, reads: &[(&str, ReadRole, bool)], writes: &[(&str, &str)]) -> Plan {
    let attribute = |name: &str, kind: &str| PlanAttribute {
        name: name.to_owned(),
        description: String::new(),
        value_type: value_type(kind),
        declared: true,
        optional: false,
        default: None,
        run_input: None,
    };
    let written = writes.iter().map(|(name, kind)| attribute(name, kind));
    let read = reads.iter().map(|(name, ..)| attribute(name, "string"));
    let reads = reads.iter().enumerate().map(|(index, (name, role, optional))| PlanRead {
        name: (*name).to_owned(),
        role: *role,
        source: ReadSource::Value {
            attribute: AttributeIndex((writes.len() + index) as u32),
            writers: vec![Writer::here(StepIndex::INPUTS)],
        },
        optional: *optional,
    });
    let step = PlanStep {
        index: StepIndex(0),
        section: SectionIndex(0),
        name: "Judge".to_owned(),
        slug: "judge".to_owned(),
        description: String::new(),
        action: Action::Prompt,
        effect: false,
        enabled: true,
        scope: Vec::new(),
        opens: Vec::new(),
        when: Vec::new(),
        after: Vec::new(),
        select: None,
        asserts: Vec::new(),
        on_error: branchline_schema_model::definition::OnError::Fail,
        reads: reads.collect(),
        writes: (0..writes.len() as u32).map(AttributeIndex).collect(),
        prompt: Some(template.to_owned()),
        model: Some("fast".to_owned()),
        parameters: ModelParameters { temperature: Some(0.5), ..ModelParameters::default() },
        task: None,
        retry: None,
        timeout_ms: None,
        with: BTreeMap::new(),
    };
    let section = PlanSection {
        name: "Analysis".to_owned(),
        slug: "analysis".to_owned(),
        description: String::new(),
        first_step: StepIndex(0),
        step_count: 1,
        levels: Vec::new(),
    };
    Plan {
        workflow: "test".to_owned(),
        attributes: written.chain(read).collect(),
        sections: vec![section],
        steps: vec![step],
        levels: Vec::new(),
        outputs: Vec::new(),
        partials: BTreeMap::new(),
    }
}

/// One attempt of the plan's step, in branch 2 of 3.
pub(super) async fn execute(
    executor: &dyn StepExecutor,
    plan: &Plan,
    inputs: Json,
    model: Option<&str>,
) -> Result<StepOutput, StepFailure> {
    let call = StepCall {
        plan,
        step: StepIndex(0),
        address: "analysis.judge/2".to_owned(),
        path: BranchPath::new(vec![2]),
        branch: Some(crate::prompt::Branch { number: 2, count: 3 }),
        gathered: std::collections::BTreeMap::new(),
        attempt: 1,
        attempt_id: "01900000-0000-7000-8000-000000000001".parse::<StepAttemptId>().unwrap(),
        inputs: serde_json::from_value(inputs).unwrap(),
        model: model.map(str::to_owned),
        on_token: &mut |_| (),
    };
    executor.execute(call).await
}

/// A model that gives these answers in order, and keeps what it was asked.
pub(super) struct Script {
    answers: Mutex<VecDeque<Result<Completion, CallFailure>>>,
    pub(super) asked: Mutex<Vec<(String, CompletionRequest)>>,
}

impl Script {
    pub(super) fn new(answers: impl IntoIterator<Item = Result<Completion, CallFailure>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }
    }

    #[expect(clippy::result_large_err, reason = "the trait's own result")]
    /// Answers in words, each of 10 and 5 tokens.
    pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(texts.into_iter().enumerate().map(|(number, text)| {
            Ok(Completion {
                text: text.to_owned(),
                model: "script/model".to_owned(),
                request_id: Some(format!("request-{}", number + 1)),
                usage: Usage { input_tokens: 10, output_tokens: 5, ..Usage::default() },
            })
        }))
    }
}

#[async_trait]
impl Completer for Script {
    async fn complete(
        &self,
        model: &str,
        request: &CompletionRequest,
        _: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        self.asked.lock().unwrap().push((model.to_owned(), request.clone()));
        self.answers.lock().unwrap().pop_front().expect("an answer for every call")
    }
}
