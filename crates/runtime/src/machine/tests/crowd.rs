//! As many branches as there may be: what one of them costs must not grow with the number of the others.

use branchline_schema_model::definition::OnMax;
use branchline_schema_model::limits::{BRANCHES_MAX, SLOTLESS_ATTEMPTS_MAX, STEP_RUNS_MAX};

use super::draft::Draft;
use super::*;

/// A list, a text per element, an effect per element that reads it, and an effect behind all of them.
fn effects() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "item");
    let (list, item) = (draft.list("list", 1), draft.item("item", each));
    draft.step("text", &[each], vec![list, item]).opens = vec![each];
    let text = draft.here("text", 2);
    draft.step("send", &[each], vec![text]).effect = true;
    let topic = draft.here("topic", 0);
    draft.step("tell", &[], vec![topic]).effect = true;
    draft.plan
}

#[test]
fn effects_do_not_look_at_every_branch_whenever_one_ends() {
    let mut world = World::of(effects(), 64, BRANCHES_MAX);
    world.start();
    while let Some(command) = world.pending.pop() {
        world.answer(command, None);
    }
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
    assert_eq!(world.record.len(), 2 * BRANCHES_MAX + 2);
}

#[test]
fn a_run_has_a_bound_and_says_so_before_the_first_call() {
    let mut plan = effects();
    let more = STEP_RUNS_MAX / BRANCHES_MAX as u64;
    for index in 0..more as u32 {
        let mut step = plan.steps[3].clone();
        step.index = StepIndex(5 + index);
        plan.sections[1].step_count += 1;
        plan.steps.push(step);
    }
    let mut world = World::of(plan, 64, BRANCHES_MAX);
    world.start();
    world.run(|_| 0, |_| None);
    expect_test::expect!["`main.text` failed: the run would come to 270003 step runs, at most 250000 are possible (missing_input)"]
        .assert_eq(world.machine.reason().unwrap_or_default());
    assert_eq!(world.record.len(), 1, "only the list is there");
}

#[test]
fn a_turn_too_many_ends_the_turns() {
    let mut world = World::of(flow::turns(4, false, OnMax::Continue), 64, 0);
    world.start();
    world.machine.amount.fill_up();
    world.go_on(|_| false);
    let reason = world.machine.reason().unwrap_or_default();
    assert!(reason.starts_with("`loop+1.until` failed: the run would come to "), "{reason}");
}

#[test]
fn candidates_of_candidates_are_refused_when_the_run_begins() {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let mut scope = Vec::new();
    for step in 1..=3 {
        scope.push(draft.candidates(step, &[], 100));
        let topic = draft.here("topic", 0);
        draft.step(&format!("step {step}"), &scope, vec![topic]).opens = scope[scope.len() - 1..].to_vec();
    }
    let mut world = World::of(draft.plan, 64, 0);
    world.start();
    assert_eq!((world.machine.status(), world.pending.len()), (WorkflowRunStatus::Failed, 0));
    assert!(world.machine.reason().is_some_and(|reason| reason.contains("1010101 step runs")));
}

#[test]
fn attempts_that_take_no_slot_are_bounded_too() {
    let mut world = World::of(effects(), 64, 3 * SLOTLESS_ATTEMPTS_MAX);
    let plan = Arc::clone(world.machine.plan());
    world.machine = RunMachine::new(Arc::clone(&plan), vec![false; plan.steps.len()], 64);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
    assert_eq!(world.in_flight_max, SLOTLESS_ATTEMPTS_MAX);
}
