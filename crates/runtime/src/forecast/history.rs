//! What steps took in earlier runs.

use std::collections::BTreeMap;

use branchline_schema_model::store::StepUsage;

use super::tokens::TokenRange;

/// What the calls of one step to one model took in earlier runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepHistory {
    /// `section.step` in slugs.
    pub step: String,
    /// `provider/model`.
    pub model: String,
    /// In how many runs.
    pub runs: u32,
    /// Tokens of one prompt.
    pub input: TokenRange,
    /// Tokens of one answer.
    pub output: TokenRange,
}

impl StepHistory {
    /// The history of all steps, from what they took in each run.
    pub fn of_runs(runs: &[Vec<StepUsage>]) -> Vec<Self> {
        let mut found: BTreeMap<(&str, &str), Self> = BTreeMap::new();
        for usage in runs.iter().flatten() {
            let (input, output) =
                (TokenRange::from(usage.input_tokens), TokenRange::from(usage.output_tokens));
            let history = found.entry((&usage.step, &usage.model)).or_insert_with(|| Self {
                step: usage.step.clone(),
                model: usage.model.clone(),
                runs: 0,
                input,
                output,
            });
            history.runs += 1;
            history.input = history.input.around(input);
            history.output = history.output.around(output);
        }
        found.into_values().collect()
    }
}
