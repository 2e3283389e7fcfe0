//! Steps that act outside, and what they wait for.

use branchline_schema_model::definition::OnMax;

use super::*;

#[test]
fn an_effect_starts_after_an_empty_fan_out_that_nothing_else_waits_for() {
    let mut plan = plan();
    plan.steps[4].enabled = false;
    plan.steps[5] = step(5, "send", Vec::new(), plan.steps[1].reads.clone(), 4);
    plan.steps[5].effect = true;
    let mut world = World::of(plan, 16, 0);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
    assert_eq!(world.statuses(5), [StepRunStatus::Succeeded]);
}

#[test]
fn an_effect_waits_for_the_turns_before_it() {
    let mut plan = flow::turns(2, false, OnMax::Continue);
    plan.steps[5].reads = plan.steps[1].reads.clone();
    plan.steps[5].effect = true;
    let world = World::of(plan, 16, 0).flow(|_| false);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
    let effect = &world.machine.steps[5].runs[&BranchPath::ROOT];
    let turns = world.machine.steps[4].runs.values();
    assert!(turns.filter_map(|run| run.ended_at).all(|ended_at| Some(ended_at) <= effect.started_at));
}
