//! W1: a plan a person sends back twice, then research in turns per section, two maps over one list, one report.

use std::collections::BTreeMap;

use branchline_runtime::engine::{Answer, Task};
use expect_test::expect;
use serde_json::json;

use super::{Scenario, last_value, places};

fn person(task: &Task) -> Answer {
    let remark = match task.address.as_str() {
        "plan+1.approve-the-plan" => "say where it stops",
        "plan+2.approve-the-plan" => "and who does without",
        _ => "",
    };
    Answer::Values(BTreeMap::from([
        ("approved".to_owned(), json!(remark.is_empty())),
        ("remark".to_owned(), json!(remark)),
    ]))
}

fn scenario() -> Scenario {
    let section =
        |name: &str, research: bool| json!({ "name": name, "description": name, "research": research });
    let grade = |verdict: &str| json!({ "verdict": verdict, "follow_up_queries": ["more"] });
    Scenario {
        folder: "w1-report",
        inputs: json!({ "topic": "queues" }),
        answers: json!({
            "plan+1.plan-sections": { "plan": [section("Only", true)] },
            "plan+*.plan-sections": { "plan": [
                section("Opening", false), section("History", true), section("Uses", true),
                section("Limits", true), section("End", false),
            ] },
            "research/2+1.grade": { "grade": grade("pass") },
            "research/3+1.grade": { "grade": grade("fail") },
            "research/3+2.grade": { "grade": grade("pass") },
            "research/4+*.grade": { "grade": grade("fail") },
            "research/2+1.write": "History text", "research/3+2.write": "Uses text", "research/4+3.write": "Limits text",
            "research/*.write": "A first version",
            "frame.write-the-rest/1": "Opening text", "frame.write-the-rest/5": "End text",
        }),
        fail: &[],
        person,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_planned_with_a_person_and_researched_in_turns() {
    let (house, run) = scenario().run().await;
    expect![[r"
        inputs.inputs succeeded
        plan.ask-for-sources succeeded 3: +1, +2, +3
        plan.search-for-sources succeeded 3: +1, +2, +3
        plan.plan-sections succeeded 3: +1, +2, +3
        plan.approve-the-plan succeeded 3: +1, +2, +3
        plan.keep-the-remark succeeded 2: +1, +2
        plan.keep-the-remark skipped 1: +3
        research.queries succeeded 6: /2+1, /3+1, /3+2, /4+1, /4+2, /4+3
        research.search succeeded 6: /2+1, /3+1, /3+2, /4+1, /4+2, /4+3
        research.write succeeded 6: /2+1, /3+1, /3+2, /4+1, /4+2, /4+3
        research.grade succeeded 6: /2+1, /3+1, /3+2, /4+1, /4+2, /4+3
        frame.write-the-rest succeeded 2: /1, /5
        frame.compile succeeded"]]
    .assert_eq(&places(&house, run).await);
    assert_eq!(last_value(&house, run, "feedback").await, r#"["say where it stops","and who does without"]"#);
    let report = last_value(&house, run, "report").await;
    expect![[r"
        # queues
        ## Opening
        Opening text
        ## History
        History text
        ## Uses
        Uses text
        ## Limits
        Limits text
        ## End
        End text"]]
    .assert_eq(&report.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_reads_the_turn_before_it() {
    let (house, run) = scenario().run_with(64).await;
    let bindings = house.bindings(run).await;
    let shown: Vec<_> = bindings
        .lines()
        .filter(|line| {
            line.starts_with("research/4") && line.contains(".write") || line.contains("plan-sections")
        })
        .collect();
    expect![[r"
        plan+1.plan-sections succeeded report_structure=inputs.inputs sources=plan+1.search-for-sources topic=inputs.inputs
        plan+1.approve-the-plan succeeded plan=plan+1.plan-sections
        plan+2.plan-sections succeeded feedback=plan+1.keep-the-remark report_structure=inputs.inputs sources=plan+2.search-for-sources topic=inputs.inputs
        plan+2.approve-the-plan succeeded plan=plan+2.plan-sections
        plan+3.plan-sections succeeded feedback=plan+2.keep-the-remark report_structure=inputs.inputs sources=plan+3.search-for-sources topic=inputs.inputs
        plan+3.approve-the-plan succeeded plan=plan+3.plan-sections
        research/4+1.write succeeded section=research/4+1.each section_sources=research/4+1.search topic=inputs.inputs
        research/4+1.grade succeeded section=research/4+1.each section_text=research/4+1.write
        research/4+2.write succeeded section=research/4+1.each section_sources=research/4+2.search section_text=research/4+1.write topic=inputs.inputs
        research/4+2.grade succeeded section=research/4+1.each section_text=research/4+2.write
        research/4+3.write succeeded section=research/4+1.each section_sources=research/4+3.search section_text=research/4+2.write topic=inputs.inputs
        research/4+3.grade succeeded section=research/4+1.each section_text=research/4+3.write
        frame.write-the-rest/1 succeeded part=frame.write-the-rest/1 plan=plan+3.plan-sections researched=research/2+1.write+research/3+2.write+research/4+3.write topic=inputs.inputs
        frame.write-the-rest/5 succeeded part=frame.write-the-rest/5 plan=plan+3.plan-sections researched=research/2+1.write+research/3+2.write+research/4+3.write topic=inputs.inputs
        frame.compile succeeded framed=frame.write-the-rest/1+frame.write-the-rest/1+frame.write-the-rest/5+frame.write-the-rest/5 plan=plan+3.plan-sections researched=research/2+1.each+research/2+1.write+research/3+1.each+research/3+2.write+research/4+1.each+research/4+3.write topic=inputs.inputs"]].assert_eq(&shown.join("\n"));
    assert_eq!(house.count("SELECT count(*) FROM section_runs WHERE iteration = 3"), 2);
}
