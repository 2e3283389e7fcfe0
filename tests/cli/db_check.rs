//! `db check`: says nothing of what is well, and names what is not.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::project::Project;
use crate::run::{project, run};

/// A change of the rows of a run that succeeded, and the one invariant it breaks.
const BREAKS: [(&str, &str); 9] = [
    ("TimesAgree", "UPDATE step_runs SET ended_at = NULL WHERE id = (SELECT min(id) FROM step_runs)"),
    (
        "StatusAgrees",
        "UPDATE section_runs SET status = 'running', ended_at = NULL WHERE id = (SELECT min(id) FROM section_runs)",
    ),
    ("OwnerHasEpoch", "UPDATE workflow_runs SET owner_id = id, claim_epoch = 0"),
    (
        "OneAttempt",
        "UPDATE step_attempts SET ended_at = NULL, outcome = NULL WHERE id = (SELECT min(id) FROM step_attempts)",
    ),
    ("RecoveryBound", "UPDATE step_runs SET recoveries = 9 WHERE id = (SELECT min(id) FROM step_runs)"),
    (
        "ResultOnce",
        "CREATE TEMP TABLE twice AS SELECT * FROM attribute_values WHERE source = 'model' LIMIT 1;
         UPDATE twice SET id = '01900000-0000-7000-8000-000000000001';
         INSERT INTO attribute_values SELECT * FROM twice",
    ),
    (
        "NoGhostValues",
        "UPDATE step_runs SET status = 'failed' WHERE id =
         (SELECT step_run_id FROM attribute_values WHERE source = 'model' LIMIT 1)",
    ),
    (
        "BindingsExist",
        "UPDATE step_runs SET inputs = '{\"tone\":[\"01900000-0000-7000-8000-000000000002\"]}' WHERE id =
         (SELECT max(id) FROM step_runs)",
    ),
    ("OutboxAtomic", "DELETE FROM run_events WHERE sequence = 3"),
];

fn violated(project: &Project) -> (i32, Vec<String>) {
    let checked = project.run(&["db", "check", "--json"]);
    let violations = checked.json()["violations"].as_array().unwrap().clone();
    let names = violations.iter().map(|one| one["invariant"].as_str().unwrap().to_owned());
    (checked.code, names.collect())
}

#[test]
fn all_is_well_with_runs_in_every_state() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    assert_eq!(run(&project, &["--no-input"]).code, 12, "it waits for a person");
    assert_eq!(run(&project, &["--detach"]).code, 0, "nobody drives it so far");
    assert_eq!(run(&project, &["--detach"]).code, 0);
    assert_eq!(project.run(&["cancel", "last"]).code, 0);
    project.write("answers.json", r#"{ "main.titles": { "titles": 7 } }"#);
    assert_eq!(run(&project, &["--unattended"]).code, 10, "no answer fits");
    assert_eq!(violated(&project), (0, vec![]));
    let checked = project.run(&["db", "check"]);
    assert_eq!((checked.code, checked.stdout.matches('✓').count()), (0, 10), "{checked:?}");
    assert!(checked.stderr.contains("5 runs looked at"), "{checked:?}");
}

#[test]
fn each_invariant_is_named_when_it_is_broken_and_no_other() {
    for (invariant, change) in BREAKS {
        let project = project("");
        assert_eq!(run(&project, &["--unattended"]).code, 0);
        let path = project.path(".branchline/branchline.db");
        let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute(change).unwrap();
        drop(connection);
        assert_eq!(violated(&project), (5, vec![invariant.to_owned()]), "{change}");
    }
}

#[test]
fn a_run_that_is_damaged_is_named_with_its_place() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let path = project.path(".branchline/branchline.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let change = "UPDATE step_runs SET recoveries = 9 WHERE id =
         (SELECT step_run_id FROM attribute_values JOIN attributes ON attributes.id = attribute_id
          WHERE attributes.name = 'titles')";
    connection.batch_execute(change).unwrap();
    drop(connection);
    let checked = project.run(&["db", "check"]);
    assert_eq!(checked.code, 5);
    assert!(
        checked.stdout.contains(":main.titles  RecoveryBound: it was taken up again 9 times"),
        "{checked:?}"
    );
    assert!(checked.stderr.contains("the database has 1 problem"), "{checked:?}");
}

#[test]
fn an_invariant_is_marked_however_many_others_are_told_before_it() {
    let project = project("");
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    assert_eq!(run(&project, &["--unattended"]).code, 0);
    let path = project.path(".branchline/branchline.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // The newest run is looked at first, and has more than are told.
    let inputs: Vec<String> =
        (0..150).map(|n| format!(r#""n{n}":["01900000-0000-7000-8000-000000000002"]"#)).collect();
    let change = format!(
        "UPDATE step_runs SET inputs = '{{{}}}' WHERE id =
         (SELECT min(id) FROM step_runs WHERE workflow_run_id = (SELECT max(id) FROM workflow_runs));
         DELETE FROM run_events
         WHERE sequence = 3 AND workflow_run_id = (SELECT min(id) FROM workflow_runs)",
        inputs.join(",")
    );
    connection.batch_execute(&change).unwrap();
    drop(connection);
    let checked = project.run(&["db", "check"]);
    assert!(checked.stdout.contains("✗ OutboxAtomic"), "{checked:?}");
    assert!(checked.stdout.contains("✗ BindingsExist"), "{checked:?}");
    assert!(checked.stdout.contains("and 51 more"), "{checked:?}");
}
