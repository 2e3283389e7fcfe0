//! W5: each requirement goes to the specialist of its category; people see what is risky; one answer is missing.

use std::collections::BTreeMap;

use branchline_runtime::engine::{Answer, RunRest, Task};
use branchline_schema_model::run::WorkflowRunStatus;
use expect_test::expect;
use serde_json::json;

use super::{Scenario, last_value, places};

fn draft(answer: &str, confidence: f64) -> serde_json::Value {
    let citation = json!({ "document": "handbook", "page": 7, "quote": answer });
    json!({ "draft": { "answer": answer, "citations": [citation], "confidence": confidence } })
}

fn person(task: &Task) -> Answer {
    let name = task.fields[0].name.clone();
    let value = match name.as_str() {
        "approved" => json!(true),
        _ => draft(&format!("reviewed {}", task.address), 1.0)["draft"].clone(),
    };
    Answer::Values(BTreeMap::from([(name, value)]))
}

fn requirement(id: &str, category: &str, risk: &str) -> serde_json::Value {
    json!({
        "id": id, "text": format!("Text of {id}"), "source": "p. 1", "category": category, "risk": risk, "answer_type": "text"
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn requirements_are_answered_by_specialists_and_people_see_the_risky_ones() {
    let scenario = Scenario {
        folder: "w5-proposal",
        inputs: json!({ "rfp": "What do you offer?", "library": "All we ever said." }),
        answers: json!({
            "read.find-requirements": { "requirements": [
                requirement("P1", "pricing", "low"), requirement("L1", "legal", "low"), requirement("T1", "technical", "low"),
                requirement("T2", "technical", "high"), requirement("S1", "security", "low"), requirement("R1", "reference", "low"),
            ] },
            "answer/1.pricing": draft("cheap", 0.9),
            "answer/3.technical": draft("fast", 0.9),
            "answer/4.technical": draft("maybe", 0.9),
            "answer/6.reference": draft("no idea", 0.2),
        }),
        fail: &["answer/2.legal", "answer/5.security"],
        person,
    };
    let (house, run) = scenario.run().await;
    expect![[r"
        inputs.inputs succeeded
        read.find-requirements succeeded
        answer.pricing succeeded 1: /1
        answer.legal skipped 6: /1, /2, /3, /4, /5, /6
        answer.technical skipped 4: /1, /2, /5, /6
        answer.security skipped 6: /1, /2, /3, /4, /5, /6
        answer.reference skipped 5: /1, /2, /3, /4, /5
        answer.review succeeded 4: /1, /2, /4, /6
        answer.status succeeded 6: /1, /2, /3, /4, /5, /6
        answer.pricing skipped 5: /2, /3, /4, /5, /6
        answer.technical succeeded 2: /3, /4
        answer.review skipped 2: /3, /5
        answer.reference succeeded 1: /6
        proposal.statuses succeeded
        proposal.coverage succeeded
        proposal.proposal succeeded
        proposal.approve succeeded
        proposal.upload succeeded"]]
    .assert_eq(&places(&house, run).await);
    expect![[r"
        6 requirements. Without an answer:
        - S1
    "]]
    .assert_eq(&last_value(&house, run, "coverage").await);
    expect![[r#"
        # Proposal of Example Ltd

        ## P1

        > Text of P1

        reviewed answer/1.review

        - handbook, page 7: "reviewed answer/1.review"

        ## L1

        > Text of L1

        reviewed answer/2.review

        - handbook, page 7: "reviewed answer/2.review"

        ## T1

        > Text of T1

        fast

        - handbook, page 7: "fast"

        ## T2

        > Text of T2

        reviewed answer/4.review

        - handbook, page 7: "reviewed answer/4.review"

        ## S1

        > Text of S1

        No answer yet.

        ## R1

        > Text of R1

        reviewed answer/6.review

        - handbook, page 7: "reviewed answer/6.review"

    "#]]
    .assert_eq(&last_value(&house, run, "proposal").await);
}

/// The requirement itself is there in each branch, so it must not pass for an answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_with_too_few_answers_is_not_made() {
    let scenario = Scenario {
        folder: "w5-proposal",
        inputs: json!({ "rfp": "What do you offer?", "library": "All we ever said." }),
        answers: json!({
            "read.find-requirements": { "requirements": [
                requirement("T1", "technical", "low"), requirement("T2", "technical", "low"), requirement("R1", "reference", "low"),
            ] },
            "answer/1.technical": draft("fast", 0.9),
        }),
        fail: &["answer/2.technical", "answer/3.reference"],
        person,
    };
    let (house, run, rest) = scenario.rest_of(64).await;
    assert_eq!(rest, RunRest::Ended(WorkflowRunStatus::Failed));
    let failures = house.failures(run).await;
    let failed: Vec<_> = failures.lines().filter(|line| line.contains("failed:")).collect();
    expect![[r#"proposal.proposal failed: "only 1 of 3 branches of `answer.each` gave a value, 2 are needed (missing_input)""#]].assert_eq(&failed.join("\n"));
}
