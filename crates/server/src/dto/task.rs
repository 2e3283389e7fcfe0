//! Tasks, answers and decisions on the wire.

use std::collections::BTreeMap;

use branchline_runtime::engine::{Answer, Author, Task};
use branchline_schema_model::id::{StepRunId, WorkflowRunId};
use branchline_schema_model::limits::NAME_CHARS_MAX;
use branchline_schema_model::run::{Decision, DecisionKind};
use branchline_schema_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Problem;
use crate::limits::NOTE_CHARS_MAX;

/// A task that waits for a person.
#[derive(Debug, Serialize)]
pub struct TaskBody {
    /// The step run that asks; names the task.
    pub step_run_id: StepRunId,
    /// The run.
    pub run_id: WorkflowRunId,
    /// Address of the step run.
    pub address: String,
    /// `choose`, `input` or `note`.
    pub action: String,
    /// What is asked.
    pub question: String,
    /// The rendered prompt of a `note`: what is to be copied or done.
    pub text: Option<String>,
    /// What an `input` or a `note` shows beside the question, by attribute name.
    pub show: BTreeMap<String, Json>,
    /// What can be picked, in order.
    pub options: Vec<TaskOptionBody>,
    /// The values an `input` asks for, or the one a `choose` writes.
    pub fields: Vec<TaskFieldBody>,
    /// Fewest picks.
    pub min: u32,
    /// Most picks; `null` for no bound.
    pub max: Option<u32>,
    /// Whether a text of one's own is taken.
    pub own_text: bool,
    /// What `default: true` takes, where it is not the first option.
    pub default: Option<Json>,
    /// Since when it waits.
    pub waiting_since: Option<Timestamp>,
}

/// One option.
#[derive(Debug, Serialize)]
pub struct TaskOptionBody {
    /// From 1.
    pub number: u32,
    /// The branch it comes from; empty for items of one list.
    pub branch: String,
    /// The value.
    pub value: Json,
    /// What else is shown, by attribute name.
    pub show: BTreeMap<String, Json>,
}

/// One value asked for.
#[derive(Debug, Serialize)]
pub struct TaskFieldBody {
    /// Attribute name.
    pub name: String,
    /// What it means.
    pub description: String,
    /// Its type, for people.
    pub r#type: String,
    /// Its JSON Schema.
    pub schema: Json,
    /// Whether an answer needs it.
    pub required: bool,
}

impl From<Task> for TaskBody {
    fn from(task: Task) -> Self {
        let options = task.options.into_iter().map(|option| TaskOptionBody {
            number: option.number,
            branch: option.branch,
            value: option.value,
            show: option.show,
        });
        let fields = task.fields.into_iter().map(|field| TaskFieldBody {
            name: field.name,
            description: field.description,
            r#type: field.type_name,
            schema: field.schema,
            required: field.required,
        });
        Self {
            step_run_id: task.step_run.id,
            run_id: task.run_id,
            address: task.address,
            action: task.action,
            question: task.question,
            text: task.text,
            show: task.show,
            options: options.collect(),
            fields: fields.collect(),
            min: task.min,
            max: task.max,
            own_text: task.own_text,
            default: task.default,
            waiting_since: task.step_run.started_at,
        }
    }
}

/// The answer to a task: exactly one of `pick`, `branches`, `own`, `values` and `default`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskAnswer {
    /// Option numbers from 1, in the order wanted.
    pub pick: Option<Vec<u32>>,
    /// Branches of options: everything they gave.
    pub branches: Option<Vec<String>>,
    /// A text (or value) of one's own.
    pub own: Option<Json>,
    /// Values by attribute name.
    pub values: Option<BTreeMap<String, Json>>,
    /// `true`: the task's default, or its first option.
    pub default: Option<bool>,
    /// Who.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
}

impl TaskAnswer {
    /// What the engine is told, or everything that is wrong with it.
    pub fn into_answer(self) -> Result<(Answer, Author), Problem> {
        let answers = [
            self.pick.map(Answer::Pick),
            self.branches.map(Answer::Branches),
            self.own.map(Answer::Own),
            self.values.map(Answer::Values),
            self.default.filter(|wanted| *wanted).map(|_| Answer::Default),
        ];
        let mut answers = answers.into_iter().flatten();
        let author = checked_author(self.author, self.note)?;
        match (answers.next(), answers.next()) {
            (Some(answer), None) => Ok((answer, author)),
            _ => Err(Problem::invalid(
                "the answer does not fit",
                ["give exactly one of `pick`, `branches`, `own`, `values` and `default: true`".to_owned()],
            )),
        }
    }
}

/// Who and why, within bounds.
pub(crate) fn checked_author(name: Option<String>, note: Option<String>) -> Result<Author, Problem> {
    let too_long =
        |text: &Option<String>, max: usize| text.as_ref().is_some_and(|text| text.chars().count() > max);
    let mut problems = Vec::new();
    if too_long(&name, NAME_CHARS_MAX) {
        problems.push(format!("`author` has at most {NAME_CHARS_MAX} characters"));
    }
    if too_long(&note, NOTE_CHARS_MAX) {
        problems.push(format!("`note` has at most {NOTE_CHARS_MAX} characters"));
    }
    if problems.is_empty() {
        Ok(Author { name, note })
    } else {
        Err(Problem::invalid("the text is too long", problems))
    }
}

/// What became of an answer.
#[derive(Debug, Serialize)]
pub struct TaskAnswered {
    /// The run.
    pub run_id: WorkflowRunId,
    /// The recorded decision; `null` while the answer lies ready for the process that drives the run.
    pub decision: Option<DecisionBody>,
}

/// A recorded decision.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionBody {
    /// The step run that asked.
    pub step_run_id: StepRunId,
    /// `human` or `automatic`.
    pub kind: DecisionKind,
    /// Numbers of the picked options; empty with an own text or a plain input.
    pub picked: Vec<u32>,
    /// How many options there were.
    pub option_count: u32,
    /// Who.
    pub author: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl From<Decision> for DecisionBody {
    fn from(decision: Decision) -> Self {
        Self {
            step_run_id: decision.step_run_id,
            kind: decision.kind,
            picked: decision.picked,
            option_count: decision.option_count,
            author: decision.author,
            note: decision.note,
            created_at: decision.created_at,
        }
    }
}
