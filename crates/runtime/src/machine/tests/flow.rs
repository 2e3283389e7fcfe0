//! Every way in which a plan multiplies, leaves out or repeats its steps.
#![expect(clippy::needless_raw_string_hashes, reason = "the form expect-test writes")]

use branchline_schema_model::definition::{OnError, OnMax};

use super::draft::{Draft, earlier, last};
use super::*;

impl World {
    /// Runs from the start to the end; failures are decided by address.
    pub(super) fn flow(mut self, fail: impl Fn(&str) -> bool) -> Self {
        self.start();
        self.go_on(fail);
        self
    }

    pub(super) fn go_on(&mut self, fail: impl Fn(&str) -> bool) {
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

#[expect(clippy::unnecessary_wraps, reason = "one of the answers a condition may have")]
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

/// Every plan of these tests, with what its conditions say.
pub(super) fn every() -> Vec<World> {
    let mut half = World::of(tolerance::conditional(), 1, 3);
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
        World::of(tolerance::at_least(), 1, 3),
        World::of(enough::alone(), 1, 3),
        World::of(enough::nested(Some(2), Some(2), false), 1, 3),
        World::of(enough::nested(Some(2), Some(2), true), 1, 3),
        World::of(tolerance::after(), 1, 3),
    ]
}
