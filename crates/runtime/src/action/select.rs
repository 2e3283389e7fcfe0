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
    let is_own = select.by == select.from;
    let mut candidates: Vec<(Json, Json)> = Vec::new();
    for option in options {
        // That of its branch, or of a branch around it.
        let score = scores.iter().find(|score| option.branch.starts_with(&score.branch));
        let items = match &option.value {
            Json::Null => &[],
            Json::Array(items) => items.as_slice(),
            value => std::slice::from_ref(value),
        };
        for item in items {
            let judged = if is_own { Some(item) } else { score.map(|score| &score.value) };
            candidates.extend(score_of(judged, &select.path).map(|score| (item.clone(), score)));
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

/// The score in a value.
fn score_of(value: Option<&Json>, path: &[String]) -> Option<Json> {
    let score = path.iter().try_fold(value?, |value, field| value.get(field))?;
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
        let by = usize::from(options != scores);
        let select = SelectPlan { from: 0, by, path, order, max };
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
        let talks = json!([{"title": "a", "score": 1}, {"title": "b", "score": 3}, {"title": "c"}]);
        assert_eq!(
            taken(SelectOrder::Highest, None, &talks, &talks, &["score"]),
            json!([{"title": "b", "score": 3}, {"title": "a", "score": 1}])
        );
        let numbers = json!({"1": [3, 5], "2": [4]});
        assert_eq!(taken(SelectOrder::Lowest, Some(2), &numbers, &numbers, &[]), json!([3, 4]));
        assert_eq!(
            taken(SelectOrder::Highest, None, &json!({"2/1": "a", "2/2": "b"}), &json!({"2": 4}), &[]),
            json!(["a", "b"])
        );
    }
}
