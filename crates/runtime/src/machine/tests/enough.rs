//! `at_least`: where a join asks for enough branches, where a fan-out does, and what a nested one costs.

use branchline_schema_model::definition::OnError;

use super::draft::Draft;
use super::tolerance::at_least;
use super::*;

/// Two of the branches have to come through, nothing joins them, and `tell` acts outside after them.
pub(super) fn alone() -> Plan {
    let mut plan = at_least();
    plan.steps[4] = step(4, "tell", Vec::new(), plan.steps[1].reads.clone(), plan.steps[4].writes[0].0);
    plan.steps[4].effect = true;
    plan
}

fn end(world: &World) -> String {
    world.told().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_fan_out_that_no_join_collapses_asks_for_enough_branches_itself() {
    let world = World::of(alone(), 16, 3).flow(|address| address == "main.check/1");
    assert_eq!((end(&world).as_str(), world.statuses(4)), ("succeeded", vec![StepRunStatus::Succeeded]));
    let world = World::of(alone(), 16, 3).flow(|at| at == "main.text/1" || at == "main.check/3");
    expect_test::expect!["failed `main.text` failed: only 1 of 3 branches of `main.text` came through, 2 are needed (missing_input)"].assert_eq(&end(&world));
    assert!(world.statuses(4).is_empty(), "what acts outside does not start after it");
}

#[test]
fn a_failure_that_an_earlier_value_stands_in_for_does_not_cost_the_branch() {
    let mut plan = alone();
    plan.steps[3].writes = plan.steps[2].writes.clone();
    let fails = |address: &str| address.starts_with("main.check/");
    assert_eq!(end(&World::of(plan.clone(), 16, 3).flow(fails)), "succeeded");
    plan.steps[3].on_error = OnError::Null;
    assert!(end(&World::of(plan, 16, 3).flow(fails)).starts_with("failed `main.text` failed: only 0 of 3"));
}

#[test]
fn an_empty_list_has_too_few_branches_and_one_that_is_not_there_has_none_to_ask_for() {
    assert!(end(&World::of(alone(), 16, 0).flow(|_| false)).contains("only 0 of 0 branches"));
    let mut plan = alone();
    plan.steps[1].on_error = OnError::Skip;
    assert_eq!(end(&World::of(plan, 16, 3).flow(|address| address == "main.list")), "succeeded");
}

/// An outline for each part, and a text for each of its items; `outer` and `inner` say how many there have to be.
pub(super) fn nested(outer: Option<u32>, inner: Option<u32>, joined: bool) -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let parts = draft.each(2, "part");
    let items = draft.each(3, "item");
    let (list, part) = (draft.list("list", 1), draft.item("part", parts));
    draft.step("outline", &[parts], vec![list, part]).opens = vec![parts];
    let (outline, item) = (draft.list("outline", 2), draft.item("item", items));
    draft.step("text", &[parts, items], vec![outline, item]).opens = vec![items];
    let (texts, topic) = (draft.gather("text", 3, 0), draft.here("topic", 0));
    draft.step("all", &[], vec![if joined { texts } else { topic }]);
    for (level, at_least) in [(0, outer), (1, inner)] {
        let LevelKind::Each(fan_out) = &mut draft.plan.levels[level].kind else { panic!("no fan-out") };
        fan_out.at_least = at_least;
    }
    for step in [2, 3] {
        draft.plan.steps[step].on_error = OnError::Skip;
    }
    draft.plan
}

#[test]
fn a_nested_fan_out_that_falls_short_costs_the_branch_it_is_in() {
    let one_part = |address: &str| address == "main.text/1/1" || address == "main.text/1/2";
    let world = World::of(nested(Some(2), Some(2), false), 16, 3).flow(one_part);
    assert_eq!(end(&world), "succeeded");
    let short = &world.machine.steps[3].runs[&BranchPath::new(vec![1])];
    assert_eq!((short.status, short.tolerated.is_some()), (StepRunStatus::Skipped, true));
    let two_parts = |address: &str| one_part(address) || address == "main.outline/3";
    let world = World::of(nested(Some(2), Some(2), false), 16, 3).flow(two_parts);
    expect_test::expect!["failed `main.outline` failed: only 1 of 3 branches of `main.outline` came through, 2 are needed (missing_input)"].assert_eq(&end(&world));
    let world = World::of(nested(None, Some(2), false), 16, 3).flow(one_part);
    expect_test::expect!["failed `main.text/1` failed: only 1 of 3 branches of `main.text` came through, 2 are needed (missing_input)"].assert_eq(&end(&world));
}

#[test]
fn a_join_leaves_out_the_elements_in_which_a_nested_fan_out_falls_short() {
    let one_part = |address: &str| address == "main.text/1/1" || address == "main.text/1/2";
    let gathered = |world: &World| {
        let texts = world.record["main.all"].0[0].split('+');
        texts.map(|text| text.split('(').next().unwrap_or_default().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let world = World::of(nested(Some(2), Some(2), true), 16, 3).flow(one_part);
    expect_test::expect![
        "main.text/2/1 main.text/2/2 main.text/2/3 main.text/3/1 main.text/3/2 main.text/3/3"
    ]
    .assert_eq(&gathered(&world));
    let two_parts = |address: &str| one_part(address) || address.starts_with("main.text/2");
    let world = World::of(nested(Some(2), Some(2), true), 16, 3).flow(two_parts);
    expect_test::expect!["failed `main.all` failed: only 1 of 3 branches of `main.outline` gave a value, 2 are needed (missing_input)"].assert_eq(&end(&world));
    let world = World::of(nested(None, Some(2), true), 16, 3).flow(one_part);
    expect_test::expect!["failed `main.all` failed: only 1 of 3 branches of `main.text` gave a value, 2 are needed (missing_input)"].assert_eq(&end(&world));
}

#[test]
fn an_element_that_was_passed_over_is_asked_for_no_inner_branches() {
    let world = World::of(nested(None, Some(2), true), 16, 3).flow(|address| address == "main.outline/2");
    assert_eq!(end(&world), "succeeded");
    let world = World::of(nested(None, Some(2), false), 16, 3).flow(|address| address == "main.outline/2");
    assert_eq!(end(&world), "succeeded");
}
