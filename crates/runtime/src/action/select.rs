//! `select`: takes the best of several options by a score, without a model.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use async_trait::async_trait;
use branchline_schema_model::definition::SelectOrder;
use branchline_schema_model::plan::SelectPlan;
use branchline_schema_model::run::{BranchPath, ErrorClass, Failure};
use serde_json::Value as Json;

use super::contract::Contract;
use super::{BranchValue, CallRecord, StepCall, StepExecutor, StepFailure, StepOutput};

/// Takes the options with the best scores.
pub struct SelectExecutor;

#[async_trait]
impl StepExecutor for SelectExecutor {
    fn takes_slot(&self) -> bool {
        false
    }

    async fn execute(&self, call: StepCall<'_>) -> Result<StepOutput, StepFailure> {
        let step = call.plan_step();
        let refused = |message: String| Failure::new(ErrorClass::MissingInput, message);
        let (Some(select), [output]) = (&step.select, step.writes.as_slice()) else {
            return Err(refused("a `select` writes one attribute".to_owned()).into());
        };
        let output = call.plan.attribute(*output);
        let read = |index: usize| call.gathered.get(&step.reads[index].name).map_or(&[][..], Vec::as_slice);
        let mut taken = best(select, read(select.from), read(select.by));
        let value = if output.value_type.is_array {
            Json::Array(taken)
        } else if taken.is_empty() {
            return Err(refused("there is no option with a score".to_owned()).into());
        } else {
            taken.swap_remove(0)
        };
        let values = Contract::of_step(call.plan, call.step)
            .fit(BTreeMap::from([(output.name.as_str(), value)]))
            .map_err(|problems| refused(problems.join("; ")))?;
        Ok(StepOutput { values, record: CallRecord::default() })
    }
}

/// The options in the order of their scores, as many as are wanted. Options without a score are no candidates; of equal
/// ones the first comes first.
fn best(select: &SelectPlan, options: &[BranchValue], scores: &[BranchValue]) -> Vec<Json> {
    let mut candidates: Vec<(Json, Json)> = Vec::new();
    for option in options {
        let score =
            scores.iter().find(|score| option.branch.starts_with(&score.branch)).map(|score| &score.value);
        match &option.value {
            Json::Null => {}
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    candidates
                        .extend(score_of(score, index, &select.path).map(|score| (item.clone(), score)));
                }
            }
            value => candidates.extend(score_of(score, 0, &select.path).map(|score| (value.clone(), score))),
        }
    }
    match select.order {
        SelectOrder::Highest => candidates.sort_by(|(_, one), (_, other)| compare(other, one)),
        SelectOrder::Lowest => candidates.sort_by(|(_, one), (_, other)| compare(one, other)),
        SelectOrder::First => candidates.retain(|(_, score)| *score == Json::Bool(true)),
    }
    let max = select.max.map_or(usize::MAX, |max| max as usize);
    candidates.into_iter().take(max).map(|(option, _)| option).collect()
}

/// The score of an item: that of its branch, or the one at its place in a list of scores.
fn score_of(value: Option<&Json>, index: usize, path: &[String]) -> Option<Json> {
    let value = match value? {
        Json::Array(scores) => scores.get(index)?,
        value => value,
    };
    let score = path.iter().try_fold(value, |value, field| value.get(field))?;
    let score = match score {
        Json::Array(scores) => scores.get(index)?,
        score => score,
    };
    (score.is_number() || score.is_boolean()).then(|| score.clone())
}

fn compare(one: &Json, other: &Json) -> Ordering {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_f64().unwrap_or_default().total_cmp(&other.as_f64().unwrap_or_default()),
    }
}

/// A read that is no gather is one branch.
pub(crate) fn one_branch(value: Json) -> Vec<BranchValue> {
    vec![BranchValue { branch: BranchPath::ROOT, value }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(order: SelectOrder, max: Option<u32>, options: &Json, scores: &Json, path: &[&str]) -> Json {
        let branches = |values: &Json| match values {
            Json::Object(branches) => branches
                .iter()
                .map(|(branch, value)| BranchValue { branch: branch.parse().unwrap(), value: value.clone() })
                .collect(),
            value => one_branch(value.clone()),
        };
        let path = path.iter().map(|field| (*field).to_owned()).collect();
        let select = SelectPlan { from: 0, by: 1, path, order, max };
        best(&select, &branches(options), &branches(scores)).into()
    }

    #[test]
    fn the_best_score_wins_and_ties_go_to_the_first() {
        let drafts = json!({"1": "a", "2": "b", "3": "c", "4": "d"});
        let verdicts = json!({"1": {"score": 7}, "2": {"score": 9}, "4": {"score": 9.0}});
        let take = |order, max| taken(order, max, &drafts, &verdicts, &["score"]);
        assert_eq!(take(SelectOrder::Highest, Some(1)), json!(["b"]));
        assert_eq!(take(SelectOrder::Highest, None), json!(["b", "d", "a"]), "`c` has no score");
        assert_eq!(take(SelectOrder::Lowest, Some(2)), json!(["a", "b"]));
        assert_eq!(
            taken(SelectOrder::First, Some(1), &drafts, &json!({"2": false, "3": true, "4": true}), &[]),
            json!(["c"])
        );
        assert_eq!(taken(SelectOrder::First, Some(1), &drafts, &json!({"1": false}), &[]), json!([]));
    }

    #[test]
    fn items_of_lists_are_options_with_the_score_of_their_branch_or_their_own() {
        let titles = json!({"1": ["a", "b"], "2": ["c", "d"]});
        assert_eq!(
            taken(SelectOrder::Highest, Some(3), &titles, &json!({"1": 1, "2": 2}), &[]),
            json!(["c", "d", "a"])
        );
        assert_eq!(
            taken(SelectOrder::Highest, Some(2), &titles, &json!({"1": [1, 5], "2": [2, 3]}), &[]),
            json!(["b", "d"])
        );
        let by_item = json!([{"score": 1}, {"score": 3}]);
        assert_eq!(
            taken(SelectOrder::Highest, None, &json!(["a", "b"]), &by_item, &["score"]),
            json!(["b", "a"])
        );
        assert_eq!(
            taken(SelectOrder::Highest, None, &json!({"2/1": "a", "2/2": "b"}), &json!({"2": 4}), &[]),
            json!(["a", "b"])
        );
    }
}
