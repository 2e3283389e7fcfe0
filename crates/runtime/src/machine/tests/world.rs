//! What is outside of a machine: it answers commands, and remembers what was read and written.

use super::*;

/// What is outside: values get ids in the order they are written, and their texts are remembered.
pub(super) struct World {
    pub(super) machine: RunMachine,
    pub(super) texts: BTreeMap<AttributeValueId, String>,
    /// What each step run read and wrote, by address.
    pub(super) record: BTreeMap<String, (Vec<String>, String)>,
    pub(super) pending: Vec<Command>,
    pub(super) branches: usize,
    /// Which elements `where` lets through.
    pub(super) passes: fn(u32) -> bool,
    /// What conditions say, by address and what they read.
    pub(super) holds: fn(&str, Question, &[String]) -> Result<bool, Failure>,
    /// Attempts whose failure is nobody's fault, as the store counts them.
    pub(super) free_attempts: BTreeMap<StepRunKey, u32>,
    pub(super) now: i64,
    pub(super) in_flight_max: usize,
}

impl World {
    pub(super) fn new(parallel_calls: u32, branches: usize) -> Self {
        Self::of(plan(), parallel_calls, branches)
    }

    pub(super) fn of(plan: Plan, parallel_calls: u32, branches: usize) -> Self {
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
            free_attempts: BTreeMap::new(),
            now: 0,
            in_flight_max: 0,
        }
    }

    pub(super) fn write(&mut self, text: String) -> AttributeValueId {
        let id = AttributeValueId::from_uuid(Uuid::from_u128(self.texts.len() as u128 + 1));
        self.texts.insert(id, text);
        id
    }

    pub(super) fn feed(&mut self, input: Input) -> Transition {
        self.now += 1_000_000;
        let transition = self.machine.step(input, Timestamp::from_micros(self.now)).expect("a legal input");
        self.pending.extend(transition.commands.clone());
        for (key, outcome) in &transition.attempts_closed {
            if matches!(outcome, AttemptOutcome::Failed(failure) if failure.class.is_free()) {
                *self.free_attempts.entry(key.clone()).or_default() += 1;
            }
        }
        let running =
            self.pending.iter().filter(|command| matches!(command, Command::Execute { .. })).count();
        self.in_flight_max = self.in_flight_max.max(running);
        transition
    }

    pub(super) fn start(&mut self) {
        let attribute = self.machine.plan().steps[0].writes[0];
        let id = self.write("topic".into());
        self.feed(Input::Start { inputs: vec![Written { attribute, id }] });
    }

    pub(super) fn read(&self, binding: &Binding) -> Vec<String> {
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
    pub(super) fn answer(&mut self, command: Command, failure: Option<Failure>) {
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

    pub(super) fn produce(&mut self, key: &StepRunKey, binding: &Binding) -> Written {
        let read = self.read(binding);
        let address = self.machine.address(key);
        let text = format!("{address}({})", read.join(","));
        self.record.insert(address, (read, text.clone()));
        let attribute = self.machine.plan().step(key.step).writes[0];
        Written { attribute, id: self.write(text) }
    }

    /// Runs to rest, taking the pending command that `choose` says and failing what `fail` says.
    pub(super) fn run(
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

    pub(super) fn statuses(&self, step: u32) -> Vec<StepRunStatus> {
        self.machine.steps[step as usize].runs.values().map(|run| run.status).collect()
    }
}
