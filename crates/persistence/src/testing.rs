//! A small workflow and a run of it, the same each time, for tests and for the fixture databases.
//!
//! Nothing here is used by the program itself.

pub mod postgres;
mod sqlite;

pub use sqlite::query_number;

use std::path::Path;

use branchline_schema_model::definition::{AttributeType, TypeKind};
use branchline_schema_model::run::{
    AttemptOutcome, AttributeValue, BranchPath, Decision, DecisionKind, ErrorClass, EventKind, Failure,
    FanOutRecord, InputBinding, RunEvent, SectionRun, SectionRunStatus, StepAttempt, StepRun, StepRunStatus,
    Usage, ValueSource, WorkflowRunStatus,
};
use branchline_schema_model::store::{
    AttemptEnd, AttributeRow, Change, DefinitionStore as _, Fence, InputRow, MessageKind, NewRun,
    NewRunMessage, OutputRow, RunCommit, RunStore as _, SectionRow, StepRow, StepRunUpdate, StoreError,
    WorkflowVersion,
};
use branchline_schema_model::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{OpenOptions, SqliteStore};

/// The name of the newest migration, which is also that of the fixture database made with it.
pub fn newest_migration() -> Result<String, StoreError> {
    crate::migration::newest()
}

/// Writes a small database of the newest schema: two versions of a workflow, a finished run with branches, one under
/// way, and a message that waits. The file must not be there yet.
///
/// A migration that is released gets such a file of its own under `tests/fixtures/databases`, and every later program
/// has to open it.
pub async fn write_fixture_database(path: &Path) -> Result<(), StoreError> {
    // Before anything is written, so that a refusal leaves nothing beside it.
    if path.exists() {
        return Err(StoreError::Conflict {
            message: format!("there is a file `{}` already", path.display()),
        });
    }
    let ids = &mut Ids::new(7);
    let work = path.with_extension("work");
    let store = SqliteStore::open(&work, OpenOptions::default())?;
    store.workflow_save(sample_workflow(ids, "first")).await?;
    let workflow = store.workflow_save(sample_workflow(ids, "second")).await?.workflow;
    for commits in [4, 2] {
        let run = NewRun {
            id: ids.make(),
            workflow_id: workflow.id,
            label: Some(format!("{commits} commits")),
            options: json!({}),
            idempotency_key: Some(format!("fixture {commits}")),
            created_at: at(0),
        };
        let run_id = store.run_create(run).await?;
        let fence = store.run_claim(run_id, ids.make()).await?.fence;
        for commit in sample_run(ids, &workflow, fence, 3).commits.into_iter().take(commits) {
            store.run_commit(commit).await?;
        }
        let kind = MessageKind::Cancel { author: Some("Ada".to_owned()), note: Some("too dear".to_owned()) };
        let message = NewRunMessage {
            id: ids.make(),
            run_id,
            unique_key: "cancel".to_owned(),
            kind,
            created_at: at(9),
        };
        store.message_insert(message).await?;
        store.run_release(fence).await?;
    }
    store.backup(path).await?;
    drop(store);
    remove_database(&work)
}

/// Removes a closed database and the files beside it.
fn remove_database(path: &Path) -> Result<(), StoreError> {
    let failed = |error| crate::error::from_io("cannot remove the working file", &error);
    let mut locks = path.as_os_str().to_owned();
    locks.push(".locks");
    std::fs::remove_file(path).map_err(failed)?;
    std::fs::remove_dir_all(locks).map_err(failed)
}

/// Makes ids that count up, so that what is made from them is the same each time.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    space: u16,
    last: u64,
}

impl Ids {
    /// Ids of one space never equal those of another.
    pub const fn new(space: u16) -> Self {
        Self { space, last: 0 }
    }

    /// The next one, in the form of a UUIDv7.
    pub fn make<T: From<Id>>(&mut self) -> T {
        self.last += 1;
        let time = 0x0190_0000_0000_u128 + u128::from(self.last);
        let uuid = Uuid::from_u128((time << 80) | (0x7 << 76) | (0x8 << 60) | u128::from(self.space));
        Id(uuid).into()
    }
}

/// An id that is not yet one of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Id(Uuid);

macro_rules! kinds {
    ($($name:ident)*) => {$(
        impl From<Id> for branchline_schema_model::id::$name {
            fn from(id: Id) -> Self {
                Self::from_uuid(id.0)
            }
        }
    )*};
}

kinds! {
    AttributeId AttributeValueId DecisionId RunMessageId SchedulerId SectionId SectionRunId StepAttemptId StepId
    StepRunId WorkflowId WorkflowRunId
}

/// A moment, `seconds` after the start of the sample.
pub const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_339_800_000_000 + seconds * 1_000_000)
}

/// A version of the workflow `sample`: a topic, some drafts in branches, a choice among them. Two calls with different
/// `content` give different versions.
pub fn sample_workflow(ids: &mut Ids, content: &str) -> WorkflowVersion {
    let attributes = vec![
        attribute(ids, "chosen", TypeKind::String, false),
        attribute(ids, "draft", TypeKind::Object, false),
        attribute(ids, "topic", TypeKind::String, false),
        attribute(ids, "topics", TypeKind::String, true),
    ];
    let [chosen, draft, topic, topics] = [0, 1, 2, 3].map(|position: usize| attributes[position].id);
    let read = |attribute_id, position, alias: &str, mode: &str| InputRow {
        attribute_id,
        position,
        alias: alias.to_owned(),
        mode: mode.to_owned(),
        required: true,
    };
    let written = |attribute_id| vec![OutputRow { attribute_id, position: 0 }];
    let mut inputs = step(ids, 1, "inputs", "input");
    inputs.outputs = written(topics);
    let mut write = step(ids, 1, "Write Draft", "prompt");
    "Write about {{topic}}: {{topics}}.".clone_into(&mut write.prompt);
    write.options = json!({ "for_each": "topic in topics", "parallel": 2 });
    write.inputs = vec![read(topics, 0, "topics", "each"), read(topic, 1, "topic", "value")];
    write.outputs = written(draft);
    let mut choose = step(ids, 2, "Choose", "choose");
    choose.inputs = vec![read(draft, 0, "draft", "gather")];
    choose.outputs = written(chosen);
    WorkflowVersion {
        id: ids.make(),
        name: "sample".to_owned(),
        description: "Drafts about topics, and the best of them.".to_owned(),
        version: 1,
        content_hash: format!("hash of {content}"),
        document: json!({ "content": content }).to_string(),
        created_at: at(0),
        sections: vec![
            section(ids, 0, "Inputs", vec![inputs]),
            section(ids, 1, "Writing", vec![write, choose]),
        ],
        attributes,
    }
}

fn attribute(ids: &mut Ids, name: &str, kind: TypeKind, is_array: bool) -> AttributeRow {
    let is_object = kind == TypeKind::Object;
    let schema = is_object.then(|| json!({ "type": "object", "required": ["text"] }));
    AttributeRow {
        id: ids.make(),
        name: name.to_owned(),
        description: format!("What `{name}` means"),
        value_type: AttributeType::from_columns(kind, is_array, schema),
        default_value: is_array.then(|| json!(["rust", "sql"])),
    }
}

fn section(ids: &mut Ids, order: u32, name: &str, steps: Vec<StepRow>) -> SectionRow {
    let slug = branchline_schema_model::name::slug(name);
    SectionRow { id: ids.make(), name: name.to_owned(), slug, description: String::new(), order, steps }
}

fn step(ids: &mut Ids, order: u32, name: &str, action: &str) -> StepRow {
    StepRow {
        id: ids.make(),
        name: name.to_owned(),
        slug: branchline_schema_model::name::slug(name),
        description: String::new(),
        order,
        prompt: String::new(),
        action: action.to_owned(),
        enabled: true,
        options: json!({}),
        inputs: Vec::new(),
        outputs: Vec::new(),
    }
}

/// What a sample run is made of.
#[derive(Debug, Clone)]
pub struct SampleRun {
    /// Its commits, in order: inputs, fan-out with open attempts, the attempts' ends, the decision.
    pub commits: Vec<RunCommit>,
    /// Its section runs as inserted.
    pub section_runs: Vec<SectionRun>,
    /// The step run of `inputs`, of each branch of `write-draft`, and of `choose`, as inserted.
    pub step_runs: Vec<StepRun>,
    /// The values, in the order written.
    pub values: Vec<AttributeValue>,
}

/// A run of a [`sample_workflow`] with that many branches; the first one's first attempt fails.
pub fn sample_run(ids: &mut Ids, workflow: &WorkflowVersion, fence: Fence, branches: u32) -> SampleRun {
    let mut sample = Builder { ids, workflow, fence, sequence: 0, run: SampleRun::empty() };
    sample.inputs();
    let attempts = sample.fan_out(branches);
    sample.attempt_ends(&attempts);
    sample.decision();
    sample.run
}

impl SampleRun {
    const fn empty() -> Self {
        Self { commits: Vec::new(), section_runs: Vec::new(), step_runs: Vec::new(), values: Vec::new() }
    }
}

struct Builder<'a> {
    ids: &'a mut Ids,
    workflow: &'a WorkflowVersion,
    fence: Fence,
    sequence: u64,
    run: SampleRun,
}

impl Builder<'_> {
    fn inputs(&mut self) {
        let mut changes = vec![run_change(WorkflowRunStatus::Running, None)];
        for section in &self.workflow.sections {
            let section_run = SectionRun {
                id: self.ids.make(),
                workflow_run_id: self.fence.run_id,
                section_id: section.id,
                item_index: None,
                iteration: None,
                label: None,
                status: SectionRunStatus::Pending,
                started_at: None,
                ended_at: None,
            };
            self.run.section_runs.push(section_run.clone());
            changes.push(Change::SectionRunInsert(section_run));
        }
        changes.push(self.section_change(0, SectionRunStatus::Running));
        let inputs = self.step_run(0, 0, BranchPath::ROOT, StepRunStatus::Succeeded);
        changes.push(Change::StepRunInsert(inputs.clone()));
        changes.push(self.value(inputs.id, 3, r#"["rust","sql"]"#, Some(2), ValueSource::Input));
        changes.push(self.section_change(0, SectionRunStatus::Succeeded));
        self.commit(changes, vec![EventKind::RunStatus { status: WorkflowRunStatus::Running, reason: None }]);
    }

    fn fan_out(&mut self, branches: u32) -> Vec<StepAttempt> {
        let fan_out = FanOutRecord {
            workflow_run_id: self.fence.run_id,
            step_id: self.workflow.sections[1].steps[0].id,
            parent_path: BranchPath::ROOT,
            branch_count: branches,
            numbers: None,
        };
        let mut changes = vec![self.section_change(1, SectionRunStatus::Running), Change::FannedOut(fan_out)];
        let mut attempts = Vec::new();
        let mut events = vec![EventKind::FannedOut { step: "writing.write-draft".to_owned(), branches }];
        for number in 1..=branches {
            let mut step_run = self.step_run(1, 0, BranchPath::ROOT.child(number), StepRunStatus::Running);
            step_run.inputs = InputBinding::from([("topics".to_owned(), vec![self.run.values[0].id])]);
            step_run.attempts = 1;
            step_run.started_at = Some(at(2));
            let attempt = self.attempt(&step_run);
            events.push(EventKind::StepStarted {
                step: format!("writing.write-draft/{number}"),
                label: None,
                attempt: 1,
            });
            changes.push(Change::StepRunInsert(step_run.clone()));
            changes.push(self.value(step_run.id, 2, &format!("topic {number}"), None, ValueSource::Item));
            changes.push(Change::AttemptInsert(attempt.clone()));
            if let Some(last) = self.run.step_runs.last_mut() {
                *last = step_run;
            }
            attempts.push(attempt);
        }
        self.commit(changes, events);
        attempts
    }

    fn attempt_ends(&mut self, attempts: &[StepAttempt]) {
        let mut changes = Vec::new();
        let mut events = Vec::new();
        for (branch, attempt) in attempts.iter().enumerate() {
            let address = format!("writing.write-draft/{}", branch + 1);
            let mut end = attempt_end(attempt);
            if branch == 0 {
                let failure = Failure {
                    retry_after_ms: Some(20),
                    ..Failure::new(ErrorClass::RateLimited, "429: slow down")
                };
                end.outcome = AttemptOutcome::Failed(failure.clone());
                changes.push(Change::AttemptUpdate(Box::new(end)));
                events.push(EventKind::StepRetrying {
                    step: address.clone(),
                    attempt: 1,
                    failure,
                    delay_ms: 20,
                });
                let second = StepAttempt { id: self.ids.make(), number: 2, ..attempt.clone() };
                changes.push(Change::AttemptInsert(second.clone()));
                end = attempt_end(&second);
            }
            changes.push(Change::AttemptUpdate(Box::new(end)));
            let step_run = self.run.step_runs[branch + 1].clone();
            let draft = format!(r#"{{"text":"draft {}"}}"#, branch + 1);
            changes.push(self.value(step_run.id, 1, &draft, None, ValueSource::Model));
            changes.push(Change::StepRunUpdate(ended(&step_run, StepRunStatus::Succeeded)));
            events.push(EventKind::StepSucceeded {
                step: address,
                outputs: vec!["draft".to_owned()],
                input_tokens: 100,
                output_tokens: 40,
                duration_ms: 1000,
            });
        }
        self.commit(changes, events);
    }

    fn decision(&mut self) {
        let step_run = self.step_run(1, 1, BranchPath::ROOT, StepRunStatus::Waiting);
        let decision = Decision {
            id: self.ids.make(),
            step_run_id: step_run.id,
            kind: DecisionKind::Human,
            picked: vec![2],
            option_count: 2,
            author: Some("Ada".to_owned()),
            note: Some("the clearest".to_owned()),
            created_at: at(9),
        };
        let changes = vec![
            Change::StepRunInsert(step_run.clone()),
            Change::DecisionInsert(decision),
            self.value(step_run.id, 0, "draft 2", None, ValueSource::Human),
            Change::StepRunUpdate(ended(&step_run, StepRunStatus::Succeeded)),
            self.section_change(1, SectionRunStatus::Succeeded),
            run_change(WorkflowRunStatus::Succeeded, Some(at(9))),
        ];
        self.commit(
            changes,
            vec![EventKind::RunStatus { status: WorkflowRunStatus::Succeeded, reason: None }],
        );
    }

    fn commit(&mut self, changes: Vec<Change>, events: Vec<EventKind>) {
        let events = events.into_iter().map(|kind| {
            self.sequence += 1;
            RunEvent {
                run_id: self.fence.run_id,
                sequence: self.sequence,
                at: at(self.sequence as i64),
                kind,
            }
        });
        let events = events.collect();
        self.run.commits.push(RunCommit { fence: self.fence, changes, events, messages_applied: Vec::new() });
    }

    fn section_change(&self, section: usize, status: SectionRunStatus) -> Change {
        let ended_at = (status == SectionRunStatus::Succeeded).then(|| at(9));
        Change::SectionRunUpdate {
            id: self.run.section_runs[section].id,
            status,
            started_at: Some(at(1)),
            ended_at,
        }
    }

    fn step_run(&mut self, section: usize, step: usize, path: BranchPath, status: StepRunStatus) -> StepRun {
        let step_run = StepRun {
            id: self.ids.make(),
            section_run_id: self.run.section_runs[section].id,
            step_id: self.workflow.sections[section].steps[step].id,
            branch_number: path.branch_number(),
            branch_path: path,
            variant: None,
            sample: None,
            label: None,
            status,
            tolerated: None,
            inputs: InputBinding::new(),
            attempts: 0,
            recoveries: 0,
            renewed_attempts: 0,
            available_at: None,
            error: None,
            prompt_hash: None,
            created_at: at(1),
            started_at: None,
            ended_at: None,
        };
        self.run.step_runs.push(step_run.clone());
        step_run
    }

    fn attempt(&mut self, step_run: &StepRun) -> StepAttempt {
        StepAttempt {
            id: self.ids.make(),
            step_run_id: step_run.id,
            number: 1,
            started_at: at(2),
            ended_at: None,
            outcome: None,
            model: None,
            request: None,
            response: None,
            provider_request_id: None,
            usage: Usage::default(),
            calls: 0,
        }
    }

    fn value(
        &mut self,
        step_run_id: branchline_schema_model::id::StepRunId,
        attribute: usize,
        text: &str,
        list_length: Option<u32>,
        source: ValueSource,
    ) -> Change {
        let value = AttributeValue {
            id: self.ids.make(),
            attribute_id: self.workflow.attributes[attribute].id,
            step_run_id,
            value: text.to_owned(),
            list_length,
            source,
            author: (source == ValueSource::Human).then(|| "Ada".to_owned()),
            hash: format!("hash of {text}"),
            created_at: at(3),
        };
        self.run.values.push(value.clone());
        Change::ValueInsert(value)
    }
}

fn attempt_end(attempt: &StepAttempt) -> AttemptEnd {
    AttemptEnd {
        id: attempt.id,
        ended_at: at(4),
        outcome: AttemptOutcome::Succeeded,
        model: Some("mock/small".to_owned()),
        request: Some(json!({ "messages": [{ "role": "user", "content": "Write." }] })),
        response: Some("{\"text\": \"…\"}".to_owned()),
        provider_request_id: Some("req-1".to_owned()),
        usage: Usage { input_tokens: 100, cached_tokens: 10, output_tokens: 40, reasoning_tokens: 5 },
        calls: 1,
    }
}

fn ended(step_run: &StepRun, status: StepRunStatus) -> StepRunUpdate {
    StepRunUpdate {
        id: step_run.id,
        status,
        tolerated: None,
        inputs: None,
        attempts: step_run.attempts,
        recoveries: step_run.recoveries,
        renewed_attempts: step_run.renewed_attempts,
        available_at: None,
        error: None,
        prompt_hash: Some("hash of the prompt".to_owned()),
        started_at: step_run.started_at,
        ended_at: Some(at(4)),
    }
}

fn run_change(status: WorkflowRunStatus, ended_at: Option<Timestamp>) -> Change {
    Change::Run { status, waiting: false, reason: None, started_at: Some(at(1)), ended_at }
}
