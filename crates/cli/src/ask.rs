//! Questions at the terminal: plain numbered lines that a screen reader can read, nothing is drawn twice.

mod choice;
mod field;

use std::io::{self, BufRead as _};

use branchline_runtime::engine::{Answer, Engine, Task};
use branchline_runtime::error::EngineError;
use branchline_schema_model::definition::Action;
use branchline_schema_model::id::WorkflowRunId;
use branchline_schema_model::plan::Plan;
use branchline_schema_model::run::StepRunAddress;
use tokio::sync::oneshot;

pub(crate) use self::field::run_inputs;
use crate::context::Context;
use crate::engine::author;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::output::{Output, Text, Tone};

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Every question has its answer.
    Answered,
    /// The person will answer later.
    Left,
    /// Ctrl-C.
    Interrupted,
}

/// What was typed.
enum Typed {
    Line(String),
    /// The end of the input (Ctrl-D).
    End,
    Interrupted,
}

/// What a question came to.
enum Given<T> {
    Answer(T),
    Later,
    Interrupted,
}

/// Asks every open task of a run.
pub(crate) async fn open_tasks(
    context: &Context,
    engine: &Engine,
    run: WorkflowRunId,
    plan: &Plan,
    interrupts: &mut Interrupts,
) -> Result<Asked, Failure> {
    for task in engine.task_list(Some(run)).await? {
        let asked = one_task(context, engine, &task, plan, interrupts).await?;
        if asked != Asked::Answered {
            return Ok(asked);
        }
    }
    Ok(Asked::Answered)
}

/// Asks one task until it is answered or left.
pub(crate) async fn one_task(
    context: &Context,
    engine: &Engine,
    task: &Task,
    plan: &Plan,
    interrupts: &mut Interrupts,
) -> Result<Asked, Failure> {
    let output = &context.output;
    head(output, task);
    let mut shown = if task.options.is_empty() { 0 } else { choice::begin(output, task) };
    let mut note = None;
    loop {
        let given = if task.action == Action::Note.name() {
            done(output, interrupts).await
        } else if task.options.is_empty() {
            field::values(output, task, plan, interrupts).await
        } else {
            choice::choose(output, task, &mut shown, &mut note, interrupts).await
        };
        let answer = match given {
            Given::Answer(answer) => answer,
            Given::Later => return Ok(Asked::Left),
            Given::Interrupted => return Ok(Asked::Interrupted),
        };
        match engine.task_answer(task.step_run.id, answer, author(note.clone())).await {
            Ok(_) => return Ok(Asked::Answered),
            Err(EngineError::Answer { message }) => again(output, &message),
            Err(EngineError::TooLate { message }) => {
                output.say(Text::new().push(Tone::Warn, message));
                return Ok(Asked::Answered);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Shows a task to somebody who answers it with another command.
pub(crate) fn show(output: &Output, task: &Task) {
    head(output, task);
    choice::list(output, task);
}

/// Waits until somebody says that something is done.
async fn done(output: &Output, interrupts: &mut Interrupts) -> Given<Answer> {
    let question = Text::new().push(Tone::Accent, "Enter when it is done · `later` ");
    match line(output, &question, interrupts).await {
        Typed::Line(typed) if typed == "later" => Given::Later,
        Typed::Line(_) => Given::Answer(Answer::Default),
        Typed::End => Given::Later,
        Typed::Interrupted => Given::Interrupted,
    }
}

fn head(output: &Output, task: &Task) {
    let wanted = match (task.options.is_empty(), task.min, task.max) {
        (true, ..) => String::new(),
        (false, min, Some(max)) if min == max => format!(" · choose {max}"),
        (false, 0, Some(max)) => format!(" · choose up to {max}"),
        (false, min, Some(max)) => format!(" · choose {min} to {max}"),
        (false, 0 | 1, None) => " · choose one or several".to_owned(),
        (false, min, None) => format!(" · choose {min} or more"),
    };
    output.say("");
    output.say(
        Text::new()
            .push(Tone::Strong, &task.question)
            .push(Tone::Dim, format!("   {}{wanted}", task.address)),
    );
    if let Some(text) = &task.text {
        output.say("");
        output.say(text);
    }
    for (name, value) in &task.show {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        output.say(Text::new().push(Tone::Dim, format!("  {name}: ")).plain(value));
    }
}

fn again(output: &Output, message: &str) {
    output.say(Text::new().push(Tone::Bad, "  ✗ ").plain(message));
}

/// Waits for a line, or for a request to stop.
async fn line(output: &Output, question: &Text, interrupts: &mut Interrupts) -> Typed {
    output.ask(question.clone());
    let (send, receive) = oneshot::channel();
    // A thread of its own: a read of the terminal cannot be called off, and must not hold up the end of the program.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = send.send(read.ok().filter(|bytes| *bytes > 0).map(|_| line));
    });
    tokio::select! {
        typed = receive => {
            if let Ok(Some(line)) = typed {
                return Typed::Line(line.trim().to_owned());
            }
            output.say("");
            Typed::End
        }
        _ = interrupts.next() => {
            output.say("");
            Typed::Interrupted
        }
    }
}

/// The attributes a task writes, with their types.
fn outputs_of<'a>(
    plan: &'a Plan,
    task: &Task,
) -> impl Iterator<Item = &'a branchline_schema_model::plan::PlanAttribute> {
    let address: Option<StepRunAddress> = task.address.parse().ok();
    let step = address.and_then(|address| plan.step_at(&address.section, &address.step));
    step.into_iter().flat_map(|step| &plan.step(step).writes).map(|index| plan.attribute(*index))
}

/// The answer in which a text stands for the value of a task's only attribute.
pub(crate) fn text_answer(plan: &Plan, task: &Task, text: &str) -> Result<Answer, Failure> {
    let attribute = outputs_of(plan, task).next();
    let value = match attribute {
        // An own text of a list is an element of it.
        Some(attribute) if !task.options.is_empty() => attribute.value_type.element().from_text(text),
        Some(attribute) => attribute.value_type.from_text(text),
        None => return Err(Failure::usage(format!("`{}` asks for nothing", task.address))),
    };
    value
        .map(Answer::Own)
        .map_err(|problem| Failure::usage("the text does not fit the type of the answer").cause(problem))
}

/// The answer with values by name, from texts.
pub(crate) fn values_answer(
    plan: &Plan,
    task: &Task,
    texts: impl IntoIterator<Item = (String, String)>,
) -> Result<Answer, Failure> {
    let mut values = std::collections::BTreeMap::new();
    for (name, text) in texts {
        let attribute = outputs_of(plan, task).find(|attribute| attribute.name == name).ok_or_else(|| {
            let names: Vec<_> = task.fields.iter().map(|field| field.name.as_str()).collect();
            Failure::usage(format!("`{}` does not ask for `{name}`", task.address))
                .fix(format!("it asks for `{}`", names.join("`, `")))
        })?;
        let value = attribute.value_type.from_text(&text).map_err(|problem| {
            Failure::usage(format!("the value for `{name}` does not fit its type")).cause(problem)
        })?;
        values.insert(name, value);
    }
    Ok(Answer::Values(values))
}
