//! As many branches as there may be: what one of them costs must not grow with the number of the others.

use branchline_schema_model::limits::BRANCHES_MAX;

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
