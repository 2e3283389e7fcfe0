//! Conditions, failures and edges: what leaves step runs out, and what the others make of it.
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use branchline_schema_model::definition::OnError;
use branchline_schema_model::run::Tolerated;

use super::draft::{Draft, condition};
use super::*;

/// A list, a text per element under a condition, a check of each, all of the checks.
pub(super) fn conditional() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "item");
    let list = draft.list("list", 1);
    let (item, seen) = (draft.item("item", each), draft.item("item", each));
    let text = draft.step("text", &[each], vec![list, item]);
    text.opens = vec![each];
    text.when = vec![condition(vec![seen])];
    let text = draft.here("text", 2);
    draft.step("check", &[each], vec![text]);
    let checks = draft.gather("check", 3, 0);
    draft.step("all", &[], vec![checks]);
    draft.plan
}

#[test]
fn a_condition_leaves_branches_out() {
    let mut world = World::of(conditional(), 16, 3);
    world.holds = |address, _, read| Ok(address != "main.text/2" && !read.is_empty());
    let world = world.flow(|_| false);
    expect_test::expect![[r#"
        main.all <- main.check/1(main.text/1(main.list(topic),main.list(topic)#1))+main.check/3(main.text/3(main.list(topic),main.list(topic)#3))
        main.check/1 <- main.text/1(main.list(topic),main.list(topic)#1)
        main.check/3 <- main.text/3(main.list(topic),main.list(topic)#3)
        main.list <- topic
        main.text/1 <- main.list(topic) | main.list(topic)#1
        main.text/3 <- main.list(topic) | main.list(topic)#3
        succeeded"#]].assert_eq(&world.told());
}

#[test]
fn a_condition_without_a_result_fails_its_step() {
    let broken: fn(&str, Question, &[String]) -> Result<bool, Failure> = |address, _, _| match address {
        "main.text/2" => Err(Failure::new(ErrorClass::MissingInput, "divided by zero")),
        _ => Ok(true),
    };
    let mut world = World::of(conditional(), 16, 3);
    world.holds = broken;
    expect_test::expect!["failed `main.text/2` failed: divided by zero (missing_input)"]
        .assert_eq(world.flow(|_| false).told().lines().last().unwrap());
    let mut plan = conditional();
    plan.steps[2].on_error = OnError::Pause;
    let mut world = World::of(plan, 16, 3);
    world.holds = broken;
    let mut world = world.flow(|_| false);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
    world.holds = |_, _, _| Ok(true);
    world.feed(Input::Resume);
    world.go_on(|_| false);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
}

#[test]
fn elements_that_were_filtered_keep_their_numbers() {
    let mut world = World::of(conditional(), 16, 5);
    world.passes = |number| number % 2 == 0;
    let world = world.flow(|_| false);
    expect_test::expect![[r#"
        main.all <- main.check/2(main.text/2(main.list(topic),main.list(topic)#2))+main.check/4(main.text/4(main.list(topic),main.list(topic)#4))
        main.check/2 <- main.text/2(main.list(topic),main.list(topic)#2)
        main.check/4 <- main.text/4(main.list(topic),main.list(topic)#4)
        main.list <- topic
        main.text/2 <- main.list(topic) | main.list(topic)#2
        main.text/4 <- main.list(topic) | main.list(topic)#4
        succeeded"#]].assert_eq(&world.told());
}

#[test]
fn a_tolerated_failure_is_passed_over_or_counts_as_missing() {
    for (on_error, tolerated, expected) in [
        (
            OnError::Skip,
            Tolerated::Skip,
            expect_test::expect![
                "main.all <- main.check/1(main.text/1(main.list(topic),main.list(topic)#1))+main.check/3(main.text/3(main.list(topic),main.list(topic)#3))"
            ],
        ),
        (
            OnError::Null,
            Tolerated::Null,
            expect_test::expect![
                "main.all <- main.check/1(main.text/1(main.list(topic),main.list(topic)#1))+-+main.check/3(main.text/3(main.list(topic),main.list(topic)#3))"
            ],
        ),
    ] {
        let mut plan = conditional();
        plan.steps[3].on_error = on_error;
        let world = World::of(plan, 16, 3).flow(|address| address == "main.check/2");
        expected.assert_eq(world.told().lines().next().unwrap());
        let failed = &world.machine.steps[3].runs[&BranchPath::new(vec![2])];
        assert_eq!((failed.status, failed.tolerated), (StepRunStatus::Skipped, Some(tolerated)));
        assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
    }
}

#[test]
fn a_missing_value_of_the_nearest_writer_is_not_passed_over() {
    let run = |on_error, optional| {
        let mut draft = Draft::new();
        draft.section("Main", &[]);
        let topic = draft.here("topic", 0);
        draft.step("text", &[], vec![topic]);
        let first = draft.here("text", 1);
        let rewrite = draft.step("rewrite", &[], vec![first]);
        rewrite.writes = vec![AttributeIndex(1)];
        rewrite.on_error = on_error;
        let writers = [Writer::here(StepIndex(2)), Writer::here(StepIndex(1))];
        let mut text = draft.value("text", &writers);
        text.optional = optional;
        draft.step("end", &[], vec![text]);
        let world = World::of(draft.plan, 16, 0).flow(|address| address == "main.rewrite");
        (world.statuses(3)[0], world.record.get("main.end").map(|(read, _)| read.join("|")))
    };
    let succeeded = |read: &str| (StepRunStatus::Succeeded, Some(read.to_owned()));
    assert_eq!(run(OnError::Skip, false), succeeded("main.text(topic)"));
    assert_eq!(run(OnError::Null, true), succeeded(""));
    assert_eq!(run(OnError::Null, false), (StepRunStatus::Skipped, None));
}

#[test]
fn a_pause_after_a_failure_gives_all_attempts_again() {
    let mut plan = conditional();
    plan.steps[3].on_error = OnError::Pause;
    let mut world = World::of(plan, 16, 1);
    world.start();
    let calls = std::cell::Cell::new(0);
    let broken = |command: &Command| match command {
        Command::Execute { key, .. } if key.step == StepIndex(3) => {
            calls.set(calls.get() + 1);
            Some(Failure::new(ErrorClass::ServerError, "oops"))
        }
        _ => None,
    };
    world.run(|_| 0, broken);
    for attempts in [6, 9] {
        world.crash(16);
        assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
        world.feed(Input::Resume);
        // Whoever resumed is not asked again because a process died.
        world.crash(16);
        world.run(|_| 0, broken);
        assert_eq!((world.machine.status(), calls.get()), (WorkflowRunStatus::Paused, attempts));
    }
    world.feed(Input::Resume);
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
}

/// At least two of the branches have to give a check.
pub(super) fn at_least() -> Plan {
    let mut plan = conditional();
    let LevelKind::Each(fan_out) = &mut plan.levels[0].kind else { panic!("no fan-out") };
    fan_out.at_least = Some(2);
    plan.steps[2].on_error = OnError::Skip;
    plan.steps[3].on_error = OnError::Skip;
    plan
}

#[test]
fn a_join_asks_for_enough_branches() {
    let world = World::of(at_least(), 16, 3).flow(|address| address == "main.text/1");
    expect_test::expect![[r#"
        main.all <- main.check/2(main.text/2(main.list(topic),main.list(topic)#2))+main.check/3(main.text/3(main.list(topic),main.list(topic)#3))
        main.check/2 <- main.text/2(main.list(topic),main.list(topic)#2)
        main.check/3 <- main.text/3(main.list(topic),main.list(topic)#3)
        main.list <- topic
        main.text/2 <- main.list(topic) | main.list(topic)#2
        main.text/3 <- main.list(topic) | main.list(topic)#3
        succeeded"#]].assert_eq(&world.told());
    let fails = |address: &str| address == "main.text/1" || address == "main.check/2";
    let world = World::of(at_least(), 16, 3).flow(fails);
    expect_test::expect!["failed `main.all` failed: only 1 of 3 branches of `main.text` gave a value, 2 are needed (missing_input)"].assert_eq(world.told().lines().last().unwrap());
}

#[test]
fn a_list_that_cannot_be_taken_apart_is_tolerated_too() {
    for (on_error, status) in
        [(OnError::Fail, WorkflowRunStatus::Failed), (OnError::Skip, WorkflowRunStatus::Succeeded)]
    {
        let mut plan = flow::section_for_each();
        plan.steps[2].on_error = on_error;
        let mut world = World::of(plan, 16, 3);
        world.start();
        while let Some(command) = world.pending.pop() {
            match command {
                Command::Expand { step, parent, .. } => {
                    let items = Err(Failure::new(ErrorClass::MissingInput, "no list"));
                    world.feed(Input::Expanded { step, parent, items });
                    world.crash(16);
                }
                command => world.answer(command, None),
            }
        }
        assert_eq!(world.machine.status(), status, "{:?}", world.machine.reason());
    }
}

/// `second` waits for `first`, from which it reads nothing, in its own branch only.
pub(super) fn after() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "item");
    let (list, item) = (draft.list("list", 1), draft.item("item", each));
    draft.step("first", &[each], vec![list, item]).opens = vec![each];
    let item = draft.item("item", each);
    draft.step("second", &[each], vec![item]).after = vec![StepIndex(2)];
    let topic = draft.here("topic", 0);
    draft.step("third", &[], vec![topic]).after = vec![StepIndex(3)];
    draft.plan
}

#[test]
fn a_step_waits_for_those_it_stands_after() {
    let mut world = World::of(after(), 16, 2);
    world.start();
    let mut order = Vec::new();
    let plan = Arc::clone(world.machine.plan());
    world.run(
        |pending| pending - 1,
        |command| {
            if let Command::Execute { key, .. } = command {
                order.push(plan.run_address(key.step, &key.path).to_string());
            }
            None
        },
    );
    expect_test::expect!["main.list main.first/2 main.second/2 main.first/1 main.second/1 main.third"]
        .assert_eq(&order.join(" "));
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
}

#[test]
fn a_label_names_the_branch_of_whatever_runs_in_it() {
    let world = World::of(conditional(), 16, 2).flow(|_| false);
    let label = |step: usize| world.machine.steps[step].runs[&BranchPath::new(vec![2])].label.clone();
    assert_eq!((label(2), label(3)), (Some("label 2".into()), Some("label 2".into())));
    let world = World::of(flow::section_for_each(), 16, 2).flow(|_| false);
    let labels = world.machine.sections.iter().filter_map(|(_, section)| section.label.clone());
    assert_eq!(labels.collect::<Vec<_>>(), ["label 1", "label 2"]);
}
