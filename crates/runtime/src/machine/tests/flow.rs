//! Every way in which a plan multiplies, leaves out or repeats its steps.

use branchline_schema_model::definition::{OnError, OnMax};
use branchline_schema_model::run::Tolerated;

use super::draft::{Draft, condition, earlier, last};
use super::*;

impl World {
    /// Runs from the start to the end; failures are decided by address.
    fn flow(mut self, fail: impl Fn(&str) -> bool) -> Self {
        self.start();
        self.go_on(fail);
        self
    }

    fn go_on(&mut self, fail: impl Fn(&str) -> bool) {
        let plan = Arc::clone(self.machine.plan());
        self.run(
            |pending| pending - 1,
            |command| match command {
                Command::Execute { key, .. } if fail(&plan.run_address(key.step, &key.path).to_string()) => {
                    Some(Failure::new(ErrorClass::Refused, "no"))
                }
                _ => None,
            },
        );
    }

    /// What was read, line by line in the order of addresses, and how the run ended.
    pub(super) fn told(&self) -> String {
        let mut lines: Vec<String> = self
            .record
            .iter()
            .map(|(address, (read, _))| format!("{address} <- {}", read.join(" | ")))
            .collect();
        lines.push(format!("{} {}", self.machine.status(), self.machine.reason().unwrap_or_default()));
        lines.join("\n").trim_end().to_owned()
    }

    pub(super) fn sections(&self) -> String {
        let plan = self.machine.plan();
        let told =
            self.machine.sections.iter().map(|(key, state)| {
                format!("{} {}", plan.section_address(key.section, &key.path), state.status)
            });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Titles of two variants with two samples each, a grade for each, and all of them.
pub(super) fn candidates() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let level = draft.candidates(1, &["calm", "bold"], 2);
    let topic = draft.here("topic", 0);
    draft.step("title", &[level], vec![topic]).opens = vec![level];
    let title = draft.here("title", 1);
    draft.step("grade", &[level], vec![title]);
    let titles = draft.gather("title", 1, 0);
    let grades = draft.gather("grade", 2, 0);
    draft.step("all", &[], vec![titles, grades]);
    draft.plan
}

#[test]
fn candidates_are_branches_of_one_step() {
    let world = World::of(candidates(), 16, 0).flow(|_| false);
    expect_test::expect![[r#"
        main.all <- main.title@calm.1(topic)+main.title@calm.2(topic)+main.title@bold.1(topic)+main.title@bold.2(topic) | main.grade/1(main.title@calm.1(topic))+main.grade/2(main.title@calm.2(topic))+main.grade/3(main.title@bold.1(topic))+main.grade/4(main.title@bold.2(topic))
        main.grade/1 <- main.title@calm.1(topic)
        main.grade/2 <- main.title@calm.2(topic)
        main.grade/3 <- main.title@bold.1(topic)
        main.grade/4 <- main.title@bold.2(topic)
        main.title@bold.1 <- topic
        main.title@bold.2 <- topic
        main.title@calm.1 <- topic
        main.title@calm.2 <- topic
        succeeded"#]].assert_eq(&world.told());
}

/// One title of each of two samples for each element.
pub(super) fn elements_and_candidates() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "item");
    let samples = draft.candidates(2, &[], 2);
    let (list, item) = (draft.list("list", 1), draft.item("item", each));
    draft.step("title", &[each, samples], vec![list, item]).opens = vec![each, samples];
    let item = draft.item("item", each);
    let titles = draft.gather("title", 2, 1);
    draft.step("best", &[each], vec![item, titles]);
    let all = draft.gather("best", 3, 0);
    draft.step("all", &[], vec![all]);
    draft.plan
}

#[test]
fn candidates_stand_below_elements() {
    let world = World::of(elements_and_candidates(), 16, 2).flow(|_| false);
    expect_test::expect![[r#"
        main.all <- main.best/1(main.list(topic)#1,main.title/1@1(main.list(topic),main.list(topic)#1)+main.title/1@2(main.list(topic),main.list(topic)#1))+main.best/2(main.list(topic)#2,main.title/2@1(main.list(topic),main.list(topic)#2)+main.title/2@2(main.list(topic),main.list(topic)#2))
        main.best/1 <- main.list(topic)#1 | main.title/1@1(main.list(topic),main.list(topic)#1)+main.title/1@2(main.list(topic),main.list(topic)#1)
        main.best/2 <- main.list(topic)#2 | main.title/2@1(main.list(topic),main.list(topic)#2)+main.title/2@2(main.list(topic),main.list(topic)#2)
        main.list <- topic
        main.title/1@1 <- main.list(topic) | main.list(topic)#1
        main.title/1@2 <- main.list(topic) | main.list(topic)#1
        main.title/2@1 <- main.list(topic) | main.list(topic)#2
        main.title/2@2 <- main.list(topic) | main.list(topic)#2
        succeeded"#]].assert_eq(&world.told());
}

/// A section for each element, with two steps, and what all of them wrote.
pub(super) fn section_for_each() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "part");
    draft.section("Write", &[each]);
    let list = draft.list("list", 1);
    draft.each_step(each, list);
    let part = draft.item("part", each);
    draft.step("text", &[each], vec![part]);
    let text = draft.here("text", 3);
    draft.step("check", &[each], vec![text]);
    draft.section("End", &[]);
    let checks = draft.gather("check", 4, 0);
    draft.step("all", &[], vec![checks]);
    draft.plan
}

#[test]
fn a_section_runs_for_each_element() {
    let world = World::of(section_for_each(), 16, 2).flow(|_| false);
    expect_test::expect![[r#"
        end.all <- write/1.check(write/1.text(main.list(topic)#1))+write/2.check(write/2.text(main.list(topic)#2))
        main.list <- topic
        write/1.check <- write/1.text(main.list(topic)#1)
        write/1.text <- main.list(topic)#1
        write/2.check <- write/2.text(main.list(topic)#2)
        write/2.text <- main.list(topic)#2
        succeeded"#]].assert_eq(&world.told());
    expect_test::expect![
        "inputs succeeded, main succeeded, write/1 succeeded, write/2 succeeded, end succeeded"
    ]
    .assert_eq(&world.sections());
    let empty = World::of(section_for_each(), 16, 0).flow(|_| false);
    expect_test::expect![[r#"
        end.all <- 
        main.list <- topic
        succeeded"#]]
    .assert_eq(&empty.told());
}

/// Turns of a draft and its critique, in which the draft reads both of the turn before.
pub(super) fn turns(max: u32, until: bool, on_max: OnMax) -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let (topic, first) = (draft.here("topic", 0), draft.attribute("text"));
    draft.step("start", &[], vec![topic]).writes = vec![first];
    let turns = draft.turns(4, until, max, on_max);
    draft.section("Loop", &[turns]);
    let before = draft.value("text", &[earlier(2, turns), Writer::here(StepIndex(1))]);
    let mut remark = draft.value("remark", &[earlier(3, turns)]);
    remark.optional = true;
    draft.step("text", &[turns], vec![before, remark]);
    let text = draft.here("text", 2);
    draft.step("remark", &[turns], vec![text]);
    let remark = draft.here("remark", 3);
    draft.until_step(&[turns], if until { vec![remark] } else { Vec::new() });
    draft.section("End", &[]);
    let (text, remarks) = (draft.value("text", &[last(2, turns)]), draft.gather("remark", 3, 0));
    draft.step("all", &[], vec![text, remarks]);
    draft.plan
}

#[test]
fn turns_go_on_until_the_condition_holds() {
    let mut world = World::of(turns(5, true, OnMax::Fail), 16, 0);
    world.holds = |address, _, _| Ok(address.starts_with("loop+2."));
    let world = world.flow(|_| false);
    expect_test::expect![[r#"
        end.all <- loop+2.text(loop+1.text(main.start(topic),),loop+1.remark(loop+1.text(main.start(topic),))) | loop+2.remark(loop+2.text(loop+1.text(main.start(topic),),loop+1.remark(loop+1.text(main.start(topic),))))
        loop+1.remark <- loop+1.text(main.start(topic),)
        loop+1.text <- main.start(topic) | 
        loop+2.remark <- loop+2.text(loop+1.text(main.start(topic),),loop+1.remark(loop+1.text(main.start(topic),)))
        loop+2.text <- loop+1.text(main.start(topic),) | loop+1.remark(loop+1.text(main.start(topic),))
        main.start <- topic
        succeeded"#]].assert_eq(&world.told());
    expect_test::expect![
        "inputs succeeded, main succeeded, loop+1 succeeded, loop+2 succeeded, end succeeded"
    ]
    .assert_eq(&world.sections());
}

#[test]
fn turns_end_at_the_most_there_may_be() {
    for (until, on_max, expected) in [
        (false, OnMax::Continue, expect_test::expect!["succeeded"]),
        (true, OnMax::Continue, expect_test::expect!["succeeded"]),
        (
            true,
            OnMax::Fail,
            expect_test::expect![
                "failed `loop+2.until` failed: after 2 turns, the most there may be, `good` does not hold (invalid_output)"
            ],
        ),
    ] {
        let mut world = World::of(turns(2, until, on_max), 16, 0);
        world.holds = |_, _, _| Ok(false);
        expected.assert_eq(world.flow(|_| false).told().lines().last().unwrap());
    }
}

#[test]
fn a_turn_without_a_value_leaves_that_of_the_turn_before() {
    let mut plan = turns(3, false, OnMax::Continue);
    plan.steps[2].on_error = OnError::Skip;
    plan.steps[3].on_error = OnError::Skip;
    let world = World::of(plan, 16, 0).flow(|address| address == "loop+3.text" || address == "loop+3.remark");
    expect_test::expect![[r#"
        end.all <- loop+2.text(loop+1.text(main.start(topic),),loop+1.remark(loop+1.text(main.start(topic),))) | 
        loop+1.remark <- loop+1.text(main.start(topic),)
        loop+1.text <- main.start(topic) | 
        loop+2.remark <- loop+2.text(loop+1.text(main.start(topic),),loop+1.remark(loop+1.text(main.start(topic),)))
        loop+2.text <- loop+1.text(main.start(topic),) | loop+1.remark(loop+1.text(main.start(topic),))
        main.start <- topic
        succeeded"#]].assert_eq(&world.told());
}

/// Turns inside of the elements of a section; outside all that the last turns wrote.
pub(super) fn elements_and_turns() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let each = draft.each(2, "part");
    let turns = draft.turns(4, true, 3, OnMax::Continue);
    draft.section("Write", &[each, turns]);
    let list = draft.list("list", 1);
    draft.each_step(each, list);
    let mut before = draft.value("text", &[earlier(3, turns)]);
    before.optional = true;
    let part = draft.item("part", each);
    draft.step("text", &[each, turns], vec![part, before]);
    let text = draft.here("text", 3);
    draft.until_step(&[each, turns], vec![text]);
    draft.section("End", &[]);
    let texts = draft.gather("text", 3, 0);
    draft.step("all", &[], vec![texts]);
    draft.plan
}

fn second_element_at_once(address: &str, _: Question, _: &[String]) -> Result<bool, Failure> {
    Ok(address.starts_with("write/2"))
}

#[test]
fn turns_stand_below_elements() {
    let mut world = World::of(elements_and_turns(), 16, 2);
    world.holds = second_element_at_once;
    let world = world.flow(|_| false);
    expect_test::expect![[r#"
        end.all <- write/1+3.text(main.list(topic)#1,write/1+2.text(main.list(topic)#1,write/1+1.text(main.list(topic)#1,)))+write/2+1.text(main.list(topic)#2,)
        main.list <- topic
        write/1+1.text <- main.list(topic)#1 | 
        write/1+2.text <- main.list(topic)#1 | write/1+1.text(main.list(topic)#1,)
        write/1+3.text <- main.list(topic)#1 | write/1+2.text(main.list(topic)#1,write/1+1.text(main.list(topic)#1,))
        write/2+1.text <- main.list(topic)#2 | 
        succeeded"#]].assert_eq(&world.told());
    expect_test::expect!["inputs succeeded, main succeeded, write/1+1 succeeded, write/1+2 succeeded, write/1+3 succeeded, write/2+1 succeeded, end succeeded"].assert_eq(&world.sections());
}

/// Each branch reads the summary of the branch before it, or a first one.
pub(super) fn carried() -> Plan {
    let mut draft = Draft::new();
    draft.section("Main", &[]);
    let topic = draft.here("topic", 0);
    draft.step("list", &[], vec![topic]);
    let (topic, first) = (draft.here("topic", 0), draft.attribute("summary"));
    draft.step("start", &[], vec![topic]).writes = vec![first];
    let each = draft.each(3, "item");
    let list = draft.list("list", 1);
    let item = draft.item("item", each);
    let before = draft.value("summary", &[earlier(4, each), Writer::here(StepIndex(2))]);
    draft.step("text", &[each], vec![list, item, before]).opens = vec![each];
    let text = draft.here("text", 3);
    draft.step("summary", &[each], vec![text]).on_error = OnError::Skip;
    let all = draft.gather("summary", 4, 0);
    draft.step("all", &[], vec![all]);
    draft.plan
}

#[test]
fn a_branch_reads_what_the_branch_before_it_carries_on() {
    let mut world = World::of(carried(), 16, 5);
    world.passes = |number| number != 2;
    let world = world.flow(|address| address == "main.summary/3");
    expect_test::expect![[r#"
        main.all <- main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))+main.summary/4(main.text/4(main.list(topic),main.list(topic)#4,main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))))+main.summary/5(main.text/5(main.list(topic),main.list(topic)#5,main.summary/4(main.text/4(main.list(topic),main.list(topic)#4,main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))))))
        main.list <- topic
        main.start <- topic
        main.summary/1 <- main.text/1(main.list(topic),main.list(topic)#1,main.start(topic))
        main.summary/4 <- main.text/4(main.list(topic),main.list(topic)#4,main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic))))
        main.summary/5 <- main.text/5(main.list(topic),main.list(topic)#5,main.summary/4(main.text/4(main.list(topic),main.list(topic)#4,main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic))))))
        main.text/1 <- main.list(topic) | main.list(topic)#1 | main.start(topic)
        main.text/3 <- main.list(topic) | main.list(topic)#3 | main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))
        main.text/4 <- main.list(topic) | main.list(topic)#4 | main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))
        main.text/5 <- main.list(topic) | main.list(topic)#5 | main.summary/4(main.text/4(main.list(topic),main.list(topic)#4,main.summary/1(main.text/1(main.list(topic),main.list(topic)#1,main.start(topic)))))
        succeeded"#]].assert_eq(&world.told());
}

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
    let mut calls = 0;
    let mut broken = |command: &Command| match command {
        Command::Execute { key, .. } if key.step == StepIndex(3) => {
            calls += 1;
            Some(Failure::new(ErrorClass::ServerError, "oops"))
        }
        _ => None,
    };
    world.run(|_| 0, &mut broken);
    world.crash(16);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
    world.feed(Input::Resume);
    world.run(|_| 0, &mut broken);
    assert_eq!((world.machine.status(), calls), (WorkflowRunStatus::Paused, 6));
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
        let mut plan = section_for_each();
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
fn an_effect_waits_for_the_turns_before_it() {
    let mut plan = turns(2, false, OnMax::Continue);
    plan.steps[5].reads = plan.steps[1].reads.clone();
    plan.steps[5].effect = true;
    let world = World::of(plan, 16, 0).flow(|_| false);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
    let effect = &world.machine.steps[5].runs[&BranchPath::ROOT];
    let turns = world.machine.steps[4].runs.values();
    assert!(turns.filter_map(|run| run.ended_at).all(|ended_at| Some(ended_at) <= effect.started_at));
}

#[test]
fn a_label_names_the_branch_of_whatever_runs_in_it() {
    let world = World::of(conditional(), 16, 2).flow(|_| false);
    let label = |step: usize| world.machine.steps[step].runs[&BranchPath::new(vec![2])].label.clone();
    assert_eq!((label(2), label(3)), (Some("label 2".into()), Some("label 2".into())));
    let world = World::of(section_for_each(), 16, 2).flow(|_| false);
    let labels = world.machine.sections.iter().filter_map(|(_, section)| section.label.clone());
    assert_eq!(labels.collect::<Vec<_>>(), ["label 1", "label 2"]);
}

/// Every plan of this file, with what its conditions say.
pub(super) fn every() -> Vec<World> {
    let mut half = World::of(conditional(), 1, 3);
    half.holds = |address, _, _| Ok(address != "main.text/2");
    let mut filtered = World::of(carried(), 1, 4);
    filtered.passes = |number| number != 2;
    let mut repeated = World::of(turns(4, true, OnMax::Fail), 1, 0);
    repeated.holds = |address, _, _| Ok(address.starts_with("loop+3."));
    let mut nested = World::of(elements_and_turns(), 1, 3);
    nested.holds = second_element_at_once;
    vec![
        World::of(candidates(), 1, 0),
        World::of(elements_and_candidates(), 1, 2),
        World::of(section_for_each(), 1, 3),
        repeated,
        nested,
        filtered,
        half,
        World::of(at_least(), 1, 3),
        World::of(after(), 1, 3),
    ]
}
