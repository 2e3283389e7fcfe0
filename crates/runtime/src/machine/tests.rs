//! The machine driven by a small world of its own: answers are a function of what a step reads, and everything that
//! may happen in another order does.

mod crash;
mod draft;
mod flow;
mod order;
mod tolerance;

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::definition::{Action, AttributeType};
use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{
    AttributeIndex, FanOut, GatherField, LevelIndex, LevelKind, Plan, PlanAttribute, PlanLevel, PlanRead,
    PlanSection, PlanStep, ReadRole, ReadSource, RunInput, SectionIndex, StepIndex, TaskPlan, Writer,
};
use branchline_schema_model::run::{BranchPath, ErrorClass, Failure, StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;
use uuid::Uuid;

use super::*;

/// `topic` in; `list` of it; one `text` per element, then `check` in the branch; `all` gathers; a person picks `one`.
fn plan() -> Plan {
    let value = |attribute: u32, writer: u32| ReadSource::Value {
        attribute: AttributeIndex(attribute),
        writers: vec![Writer::here(StepIndex(writer))],
    };
    let gather = |attribute: u32, writer: u32| ReadSource::Gather {
        fields: vec![GatherField { attribute: AttributeIndex(attribute), writers: vec![StepIndex(writer)] }],
        depth: 0,
    };
    let read = |name: &str, role, source| PlanRead { name: name.into(), role, source, optional: false };
    let names = ["all", "check", "item", "list", "one", "text", "topic"];
    let attributes = names.map(|name| PlanAttribute {
        name: name.into(),
        description: String::new(),
        value_type: AttributeType::STRING,
        declared: true,
        default: None,
        run_input: (name == "topic").then_some(RunInput { required: true }),
    });
    let branch = vec![LevelIndex(0)];
    let item = ReadSource::Item { attribute: AttributeIndex(2), level: LevelIndex(0) };
    let mut split = step(
        2,
        "text",
        branch.clone(),
        vec![read("list", ReadRole::ForEach, value(3, 1)), read("item", ReadRole::Prompt, item)],
        5,
    );
    split.opens = branch.clone();
    let fan_out = FanOut {
        list_read: 0,
        path: Vec::new(),
        item: AttributeIndex(2),
        filter: None,
        parallel: Some(2),
        carry: Vec::new(),
        at_least: None,
        label: None,
    };
    let mut pick = step(5, "pick", Vec::new(), vec![read("text", ReadRole::ChooseFrom, gather(5, 2))], 4);
    pick.action = Action::Choose;
    pick.task = Some(TaskPlan {
        from: Some(0),
        show: Vec::new(),
        min: 1,
        max: Some(1),
        own_text: true,
        default: None,
    });
    Plan {
        workflow: "test".into(),
        attributes: attributes.to_vec(),
        sections: vec![section("Inputs", 0, 1), section("Main", 1, 5)],
        steps: vec![
            step(0, "inputs", Vec::new(), Vec::new(), 6),
            step(1, "list", Vec::new(), vec![read("topic", ReadRole::Prompt, value(6, 0))], 3),
            split,
            step(3, "check", branch, vec![read("text", ReadRole::Prompt, value(5, 2))], 1),
            step(4, "all", Vec::new(), vec![read("check", ReadRole::Prompt, gather(1, 3))], 0),
            pick,
        ],
        levels: vec![PlanLevel { opener: StepIndex(2), kind: LevelKind::Each(fan_out) }],
        outputs: Vec::new(),
        partials: BTreeMap::new(),
    }
}

fn section(name: &str, first_step: u32, step_count: u32) -> PlanSection {
    let slug = name.to_lowercase();
    PlanSection {
        name: name.into(),
        slug,
        description: String::new(),
        first_step: StepIndex(first_step),
        step_count,
        levels: Vec::new(),
    }
}

fn step(index: u32, slug: &str, scope: Vec<LevelIndex>, reads: Vec<PlanRead>, writes: u32) -> PlanStep {
    PlanStep {
        index: StepIndex(index),
        section: SectionIndex(u32::from(index > 0)),
        name: slug.into(),
        slug: slug.into(),
        description: String::new(),
        action: if index == 0 { Action::Input } else { Action::Prompt },
        effect: false,
        enabled: true,
        scope,
        opens: Vec::new(),
        when: Vec::new(),
        after: Vec::new(),
        select: None,
        asserts: Vec::new(),
        on_error: branchline_schema_model::definition::OnError::Fail,
        reads,
        writes: vec![AttributeIndex(writes)],
        prompt: None,
        model: None,
        parameters: branchline_schema_model::definition::ModelParameters::default(),
        task: None,
        retry: None,
        timeout_ms: None,
        with: BTreeMap::new(),
    }
}

/// What is outside: values get ids in the order they are written, and their texts are remembered.
struct World {
    machine: RunMachine,
    texts: BTreeMap<AttributeValueId, String>,
    /// What each step run read and wrote, by address.
    record: BTreeMap<String, (Vec<String>, String)>,
    pending: Vec<Command>,
    branches: usize,
    /// Which elements `where` lets through.
    passes: fn(u32) -> bool,
    /// What conditions say, by address and what they read.
    holds: fn(&str, Question, &[String]) -> Result<bool, Failure>,
    now: i64,
    in_flight_max: usize,
}

impl World {
    fn new(parallel_calls: u32, branches: usize) -> Self {
        Self::of(plan(), parallel_calls, branches)
    }

    fn of(plan: Plan, parallel_calls: u32, branches: usize) -> Self {
        let plan = Arc::new(plan);
        let takes_slot = vec![true; plan.steps.len()];
        let machine = RunMachine::new(plan, takes_slot, parallel_calls);
        let (texts, record) = (BTreeMap::new(), BTreeMap::new());
        Self {
            machine,
            texts,
            record,
            pending: Vec::new(),
            branches,
            passes: |_| true,
            holds: |_, _, _| Ok(true),
            now: 0,
            in_flight_max: 0,
        }
    }

    fn write(&mut self, text: String) -> AttributeValueId {
        let id = AttributeValueId::from_uuid(Uuid::from_u128(self.texts.len() as u128 + 1));
        self.texts.insert(id, text);
        id
    }

    fn feed(&mut self, input: Input) -> Transition {
        self.now += 1_000_000;
        let transition = self.machine.step(input, Timestamp::from_micros(self.now)).expect("a legal input");
        self.pending.extend(transition.commands.clone());
        let running =
            self.pending.iter().filter(|command| matches!(command, Command::Execute { .. })).count();
        self.in_flight_max = self.in_flight_max.max(running);
        transition
    }

    fn start(&mut self) {
        let attribute = self.machine.plan().steps[0].writes[0];
        let id = self.write("topic".into());
        self.feed(Input::Start { inputs: vec![Written { attribute, id }] });
    }

    fn read(&self, binding: &Binding) -> Vec<String> {
        binding
            .iter()
            .map(|bound| match bound {
                Bound::Rows(rows) => {
                    let ids = rows.iter().flat_map(|row| &row.values);
                    ids.map(|id| id.map_or("-", |id| self.texts[&id].as_str())).collect::<Vec<_>>().join("+")
                }
                bound => bound.ids().iter().map(|id| self.texts[id].clone()).collect(),
            })
            .collect()
    }

    /// Answers one command; failures are decided by the caller.
    fn answer(&mut self, command: Command, failure: Option<Failure>) {
        match command {
            Command::Expand { step, parent, list, .. } => {
                let list = self.read(&vec![list]).remove(0);
                let numbers = (1..=self.branches as u32).filter(|number| (self.passes)(*number));
                let items = numbers.collect::<Vec<_>>().into_iter().map(|number| NewBranch {
                    number,
                    item: self.write(format!("{list}#{number}")),
                    label: Some(format!("label {number}")),
                });
                let items = Ok(items.collect());
                self.feed(Input::Expanded { step, parent, items });
            }
            Command::Evaluate { key, question, bindings } => {
                let read = bindings.iter().flat_map(|binding| self.read(binding)).collect::<Vec<_>>();
                let result = (self.holds)(&self.machine.address(&key), question, &read);
                self.feed(Input::Evaluated { key, question, result });
            }
            Command::Execute { key, attempt, binding } => {
                let tokens = (0, 0);
                let result = match failure {
                    Some(failure) => Err(failure),
                    None => Ok(vec![self.produce(&key, &binding)]),
                };
                self.feed(Input::Ended { key, attempt, result, tokens, prompt_hash: None });
            }
            Command::Ask { key, binding } => {
                let written = vec![self.produce(&key, &binding)];
                self.feed(Input::Answered { key, written, author: None, picked: vec![1] });
            }
            Command::Abort { .. } => {}
        }
    }

    fn produce(&mut self, key: &StepRunKey, binding: &Binding) -> Written {
        let read = self.read(binding);
        let address = self.machine.address(key);
        let text = format!("{address}({})", read.join(","));
        self.record.insert(address, (read, text.clone()));
        let attribute = self.machine.plan().step(key.step).writes[0];
        Written { attribute, id: self.write(text) }
    }

    /// Runs to rest, taking the pending command that `choose` says and failing what `fail` says.
    fn run(
        &mut self,
        mut choose: impl FnMut(usize) -> usize,
        mut fail: impl FnMut(&Command) -> Option<Failure>,
    ) {
        for _ in 0..10_000 {
            if self.pending.is_empty() {
                let Some(due_at) = self.machine.wake_at() else { return };
                self.now = self.now.max(due_at.as_micros());
                self.feed(Input::Tick);
                continue;
            }
            let command = self.pending.remove(choose(self.pending.len()) % self.pending.len());
            let failure = fail(&command);
            self.answer(command, failure);
        }
        panic!("the run does not come to rest");
    }

    fn statuses(&self, step: u32) -> Vec<StepRunStatus> {
        self.machine.steps[step as usize].runs.values().map(|run| run.status).collect()
    }
}

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
fn an_effect_starts_after_an_empty_fan_out_that_nothing_else_waits_for() {
    let mut plan = plan();
    plan.steps[4].enabled = false;
    plan.steps[5] = step(5, "send", Vec::new(), plan.steps[1].reads.clone(), 4);
    plan.steps[5].effect = true;
    let mut world = World::of(plan, 16, 0);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.machine.status(), WorkflowRunStatus::Succeeded, "{:?}", world.machine.reason());
    assert_eq!(world.statuses(5), [StepRunStatus::Succeeded]);
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
fn parallel_bounds_the_branches_in_flight() {
    let mut world = World::new(64, 20);
    world.start();
    world.run(|_| 0, |_| None);
    assert_eq!(world.in_flight_max, 2);
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
fn starting_twice_is_illegal() {
    let mut world = World::new(16, 1);
    world.start();
    assert!(world.machine.step(Input::Start { inputs: Vec::new() }, Timestamp::default()).is_err());
}
