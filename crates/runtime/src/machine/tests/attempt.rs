//! Attempts that fail: repeated, given up, or a reason to pause.

use super::*;

#[test]
fn an_answer_that_was_cut_off_is_asked_for_once_more_and_not_again() {
    let mut world = World::new(16, 1);
    world.start();
    let mut calls = 0;
    world.run(
        |_| 0,
        |command| match command {
            Command::Execute { key, .. } if key.step == StepIndex(3) => {
                calls += 1;
                Some(Failure::new(ErrorClass::Truncated, "cut off"))
            }
            _ => None,
        },
    );
    assert_eq!((world.machine.status(), calls), (WorkflowRunStatus::Failed, 2));
}

#[test]
fn a_step_that_ends_its_process_again_and_again_fails_as_poison() {
    let mut world = World::new(16, 1);
    world.start();
    let mut crashes = 0;
    while world.machine.status() == WorkflowRunStatus::Running {
        world.crash(16);
        crashes += 1;
        assert!(crashes < 10, "the run is taken up for ever");
    }
    assert_eq!((world.machine.status(), crashes), (WorkflowRunStatus::Failed, 4));
    assert!(world.machine.reason().is_some_and(|reason| reason.contains("poison")));
}

#[test]
fn a_retry_repeats_one_branch_and_nothing_else() {
    let mut world = World::new(16, 3);
    world.start();
    let mut failures = 1;
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    world.run(
        |_| 0,
        |command| {
            let Command::Execute { key, .. } = command else { return None };
            *calls.entry(format!("{}/{}", key.step.0, key.path)).or_default() += 1;
            let wanted = key.step == StepIndex(3) && key.path == BranchPath::new(vec![2]) && failures > 0;
            wanted.then(|| {
                failures -= 1;
                Failure::new(ErrorClass::Overloaded, "busy")
            })
        },
    );
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
    assert_eq!(calls.remove("3/2"), Some(2));
    assert!(calls.values().all(|count| *count == 1), "{calls:?}");
}

#[test]
fn a_failure_stops_only_what_needs_the_value() {
    let mut world = World::new(16, 3);
    world.start();
    let first_check = StepRunKey { step: StepIndex(3), path: BranchPath::new(vec![1]) };
    world.run(
        |_| 0,
        |command| match command {
            Command::Execute { key, .. } if *key == first_check => {
                Some(Failure::new(ErrorClass::Refused, "no"))
            }
            _ => None,
        },
    );
    assert_eq!(world.machine.status(), WorkflowRunStatus::Failed);
    assert_eq!(
        world.statuses(3),
        [StepRunStatus::Failed, StepRunStatus::Succeeded, StepRunStatus::Succeeded]
    );
    assert_eq!(
        world.statuses(5),
        [StepRunStatus::Succeeded],
        "the person's pick does not need the failed check"
    );
    assert!(world.statuses(4).is_empty(), "the gather needs every branch");
}

#[test]
fn a_refused_key_pauses_the_run_and_resume_goes_on() {
    let mut world = World::new(2, 3);
    world.start();
    let mut bad_key = true;
    world.run(
        |_| 0,
        |command| match command {
            Command::Execute { key, .. } if bad_key && key.step == StepIndex(2) => {
                Some(Failure::new(ErrorClass::Unauthorized, "no key"))
            }
            _ => None,
        },
    );
    bad_key = false;
    assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
    assert_eq!(world.machine.reason(), Some("`main.text/1` failed: no key (unauthorized)"));
    assert_eq!(world.statuses(2), [StepRunStatus::Held; 3], "no branch fails for a missing key");
    world.feed(Input::Resume);
    world.run(|_| 0, |_| if bad_key { Some(Failure::new(ErrorClass::Unauthorized, "no key")) } else { None });
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
}

#[test]
fn a_provider_out_of_reach_pauses_the_run_and_costs_no_attempt() {
    let mut world = World::new(16, 3);
    world.start();
    let out_of_reach = |command: &Command| match command {
        Command::Execute { key, .. } if key.step == StepIndex(3) => {
            Some(Failure::new(ErrorClass::NotSent, "no route"))
        }
        _ => None,
    };
    for _ in 0..2 {
        world.run(|_| 0, out_of_reach);
        assert_eq!(world.machine.status(), WorkflowRunStatus::Paused);
        assert!(world.statuses(3).iter().all(|status| *status == StepRunStatus::Held), "no branch fails");
        world.feed(Input::Resume);
    }
    // Two failures that count leave the last of three attempts.
    let mut failures = 2;
    world.run(
        |_| 0,
        |command| match command {
            Command::Execute { key, .. } if key.step == StepIndex(3) && failures > 0 => {
                failures -= 1;
                Some(Failure::new(ErrorClass::ServerError, "oops"))
            }
            _ => None,
        },
    );
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
}

#[test]
fn a_provider_that_asks_for_no_delay_is_given_one() {
    let mut world = World::new(16, 1);
    world.start();
    let (began, mut calls) = (world.now, 0);
    world.run(
        |_| 0,
        |command| match command {
            Command::Execute { key, .. } if key.step == StepIndex(3) => {
                calls += 1;
                let failure = Failure::new(ErrorClass::RateLimited, "too many requests");
                Some(Failure { retry_after_ms: Some(0), ..failure })
            }
            _ => None,
        },
    );
    assert_eq!((world.machine.status(), calls), (WorkflowRunStatus::Failed, 61));
    let minutes = (world.now - began) / 60_000_000;
    assert!(minutes >= 10, "60 repeats were over in {minutes} minutes");
}
