//! The walk from inputs to the end, and what ends it early.

use super::*;

#[test]
fn a_run_goes_from_inputs_to_its_end() {
    let mut world = World::new(16, 3);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
    let shown: Vec<String> = world
        .record
        .iter()
        .map(|(address, (read, _))| format!("{address} <- {}", read.join(" | ")))
        .collect();
    expect_test::expect![[r"
        main.all <- main.check/1(main.text/1(main.list(topic),main.list(topic)#1))+main.check/2(main.text/2(main.list(topic),main.list(topic)#2))+main.check/3(main.text/3(main.list(topic),main.list(topic)#3))
        main.check/1 <- main.text/1(main.list(topic),main.list(topic)#1)
        main.check/2 <- main.text/2(main.list(topic),main.list(topic)#2)
        main.check/3 <- main.text/3(main.list(topic),main.list(topic)#3)
        main.list <- topic
        main.pick <- main.text/1(main.list(topic),main.list(topic)#1)+main.text/2(main.list(topic),main.list(topic)#2)+main.text/3(main.list(topic),main.list(topic)#3)
        main.text/1 <- main.list(topic) | main.list(topic)#1
        main.text/2 <- main.list(topic) | main.list(topic)#2
        main.text/3 <- main.list(topic) | main.list(topic)#3"]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn an_empty_list_has_no_branches_and_gathers_nothing() {
    let mut world = World::new(16, 0);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
    assert_eq!(world.record["main.all"].0, vec![String::new()]);
    assert!(world.statuses(2).is_empty() && world.statuses(3).is_empty());
}

#[test]
fn a_gather_waits_for_a_value_from_above_its_branches() {
    let mut plan = plan();
    // `all` gathers `check` of the branches together with `text` of `pick`, which stands outside of them and ends last.
    let field = |attribute, writer| GatherField {
        attribute: AttributeIndex(attribute),
        writers: vec![StepIndex(writer)],
    };
    plan.steps.swap(4, 5);
    for (index, step) in (0..).zip(&mut plan.steps) {
        step.index = StepIndex(index);
    }
    plan.steps[5].reads[0].source = ReadSource::Gather { fields: vec![field(1, 3), field(4, 4)], depth: 0 };
    let mut world = World::of(plan, 16, 2);
    world.start();
    world.run(|pending| pending - 1, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
}

#[test]
fn parallel_bounds_the_branches_in_flight() {
    let mut world = World::new(64, 20);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.in_flight_max, 2);
}

#[test]
fn nothing_changes_after_a_cancel() {
    let mut world = World::new(16, 3);
    world.start();
    let late = world.pending.remove(0);
    let transition = world.feed(Input::Cancel { reason: None });
    assert!(transition.commands.iter().any(|command| matches!(command, Command::Abort { .. })));
    assert_eq!(world.machine.status(), WorkflowRunStatus::Cancelled);
    let before = format!("{:?}", world.machine.steps);
    world.answer(late, None);
    assert_eq!(format!("{:?}", world.machine.steps), before);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Cancelled);
}

#[test]
fn a_person_can_pause_at_any_moment_and_the_end_is_the_same() {
    let mut straight = World::new(2, 3);
    straight.start();
    straight.run(|_| 0, |_| None);
    for after in 0..30 {
        let mut world = World::new(2, 3);
        world.start();
        for _ in 0..after {
            if !world.pending.is_empty() {
                let next = world.pending.remove(0);
                world.answer(next, None);
            }
        }
        let ends = world.machine.status() == WorkflowRunStatus::Succeeded;
        world.feed(Input::Pause { reason: "paused by hand".to_owned() });
        if ends {
            assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "an ended run stays as it is");
            continue;
        }
        let is_work = |command: &&Command| matches!(command, Command::Execute { .. } | Command::Ask { .. });
        let at_most = world.record.len() + world.pending.iter().filter(is_work).count();
        world.run(|_| 0, |_| None);
        assert!(
            world.record.len() <= at_most,
            "something started while it was paused, after {after} answers"
        );
        assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
        assert_eq!(world.machine.reason(), Some("paused by hand"));
        world.feed(Input::Resume);
        world.run(|_| 0, |_| None);
        assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
        assert_eq!(world.record, straight.record, "paused after {after} answers");
    }
}

#[test]
fn starting_twice_is_illegal() {
    let mut world = World::new(16, 1);
    world.start();
    assert!(world.machine.step(Input::Start { inputs: Vec::new() }, Timestamp::default()).is_err());
}
