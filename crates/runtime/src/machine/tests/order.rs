//! Whatever happens first, and wherever the process dies: a run ends the same.

use proptest::prelude::*;

use super::*;

proptest! {
    /// DESIGN §1.2: whatever finishes first, and with however many calls at a time, every step run reads and writes
    /// the same; retries in between make no difference.
    #[test]
    fn order_and_parallelism_do_not_change_what_is_read(
        parallel_calls in 1_u32..64,
        branches in 0_usize..6,
        order in proptest::collection::vec(0_usize..64, 200),
        failing in proptest::collection::vec(any::<bool>(), 200),
    ) {
        let mut expected = World::new(1, branches);
        expected.start();
        expected.run(|_| 0, |_| None);

        let mut world = World::new(parallel_calls, branches);
        world.start();
        let (mut order, mut failing) = (order.into_iter().cycle(), failing.into_iter());
        let mut failures: BTreeMap<String, u32> = BTreeMap::new();
        world.run(
            |_| order.next().unwrap_or(0),
            |command| {
                let Command::Execute { key, .. } = command else { return None };
                let failed = failures.entry(format!("{key:?}")).or_default();
                (failing.next() == Some(true) && *failed < 2).then(|| {
                    *failed += 1;
                    Failure::new(ErrorClass::ServerError, "oops")
                })
            },
        );
        prop_assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
        prop_assert_eq!(&world.record, &expected.record);
    }

    /// DESIGN §1.3 and §7: a process may die after any commit. Whatever was committed is enough to go on from, nothing
    /// that has ended runs again, and the record is the same as without the deaths.
    #[test]
    fn a_run_is_taken_up_from_every_state_and_ends_the_same(
        parallel_calls in 1_u32..8,
        branches in 0_usize..5,
        order in proptest::collection::vec(0_usize..64, 100),
        failing in proptest::collection::vec(any::<bool>(), 30),
        mut crashes in proptest::collection::vec(0_usize..40, 1..=3),
    ) {
        let mut expected = World::new(1, branches);
        expected.start();
        expected.run(|_| 0, |_| None);

        let mut world = World::new(parallel_calls, branches);
        world.start();
        crashes.sort_unstable();
        let (mut order, mut failing) = (order.into_iter().cycle(), failing.into_iter());
        let mut ended: BTreeMap<StepRunKey, u32> = BTreeMap::new();
        for taken in 0..1_000 {
            while crashes.first() == Some(&taken) {
                crashes.remove(0);
                world.crash(parallel_calls);
            }
            if world.pending.is_empty() {
                let Some(due_at) = world.machine.wake_at() else { break };
                world.now = world.now.max(due_at.as_micros());
                world.feed(Input::Tick);
                continue;
            }
            let command = world.pending.remove(order.next().unwrap_or(0) % world.pending.len());
            let failure = match &command {
                Command::Execute { key, attempt, .. } => {
                    let failed = failing.next() == Some(true) && *attempt < 2;
                    if !failed {
                        *ended.entry(key.clone()).or_default() += 1;
                    }
                    failed.then(|| Failure::new(ErrorClass::ServerError, "oops"))
                }
                _ => None,
            };
            world.answer(command, failure);
        }
        prop_assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded);
        prop_assert_eq!(&world.record, &expected.record);
        prop_assert!(ended.values().all(|count| *count == 1), "done twice: {:?}", ended);
        prop_assert!(world.machine.sections.iter().all(|(_, section)| section.ended_at.is_some()));
    }
}

/// Some orders without a library: each a different walk through what is pending.
fn walk(seed: usize) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9).wrapping_add(1);
    move |pending| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % pending.max(1)
    }
}

/// A final failure that depends on nothing but the step run.
fn refuses(world: &World) -> impl FnMut(&Command) -> Option<Failure> + use<> {
    let plan = Arc::clone(world.machine.plan());
    move |command| match command {
        Command::Execute { key, .. }
            if plan.step(key.step).on_error == branchline_schema_model::definition::OnError::Skip
                && key.path.numbers().first() == Some(&1) =>
        {
            Some(Failure::new(ErrorClass::Refused, "no"))
        }
        _ => None,
    }
}

#[test]
fn every_flow_reads_the_same_in_any_order() {
    for (index, mut expected) in flow::every().into_iter().enumerate() {
        let fail = refuses(&expected);
        expected.start();
        expected.run(|_| 0, fail);
        assert_eq!(expected.machine.status(), WorkflowRunStatus::Succeeded, "{}", expected.told());
        for seed in 0..40 {
            let mut world = flow::every().swap_remove(index);
            let (plan, slots) = (Arc::clone(world.machine.plan()), 1 + seed as u32 % 7);
            world.machine = RunMachine::new(Arc::clone(&plan), vec![true; plan.steps.len()], slots);
            world.start();
            let fail = refuses(&world);
            world.run(walk(seed), fail);
            assert_eq!(world.told(), expected.told(), "flow {index}, seed {seed}");
        }
    }
}

#[test]
fn every_flow_is_taken_up_from_every_state() {
    for index in 0..flow::every().len() {
        let mut expected = flow::every().swap_remove(index);
        let fail = refuses(&expected);
        expected.start();
        expected.run(|_| 0, fail);
        for crash_at in 0..60 {
            let mut world = flow::every().swap_remove(index);
            let (mut fail, mut choose) = (refuses(&world), walk(crash_at));
            world.start();
            let mut done: BTreeMap<StepRunKey, u32> = BTreeMap::new();
            for taken in 0..1_000 {
                if taken == crash_at || taken == crash_at / 2 + 3 {
                    world.crash(3);
                }
                if world.pending.is_empty() {
                    break;
                }
                let command = world.pending.remove(choose(world.pending.len()));
                let failure = fail(&command);
                if let Command::Execute { key, .. } = &command {
                    *done.entry(key.clone()).or_default() += 1;
                }
                world.answer(command, failure);
            }
            assert_eq!(world.told(), expected.told(), "flow {index}, crash at {crash_at}");
            assert_eq!(world.sections(), expected.sections(), "flow {index}, crash at {crash_at}");
            assert!(done.values().all(|count| *count == 1), "flow {index}: done twice: {done:?}");
        }
    }
}
