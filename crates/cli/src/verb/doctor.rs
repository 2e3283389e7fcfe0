//! `doctor`: whether everything that is needed is there, and where each setting came from. Never shows a secret.

use branchline_persistence::{Database, OpenOptions};
use serde::Serialize;
use serde_json::json;

use crate::context::{Context, shown as shown_database};
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::folder::{from_here, project_workflows};
use crate::output::{Progress, Text, Tone, counted};
use crate::settings::SettingsFile;
use crate::verb::db::{human_size, migrations, size};
use crate::workflow::check_file;

const EXAMPLES: &str = "\
Examples:
  branchline doctor
  branchline doctor --json

Nothing is called and nothing is changed; `branchline models test` calls a model. Of a key it says only whether it is \
set. Branchline sends nothing to anybody but the models and services that your workflows call.";

/// Look at the database, the project, the models and the settings
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Note,
    Warning,
    Error,
}

impl Finding {
    fn new(what: &'static str, state: State, message: impl Into<String>) -> Self {
        Self { what, state, message: message.into(), fix: None }
    }

    fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    fn of_failure(what: &'static str, failure: Failure) -> Self {
        let message = match failure.cause {
            Some(cause) => format!("{} ({cause})", failure.message),
            None => failure.message,
        };
        Self { what, state: State::Error, message, fix: failure.fix }
    }
}

pub(crate) async fn run(context: &Context, _args: &Args) -> Result<ExitCode, Failure> {
    let mut exit_code = ExitCode::Ok;
    let mut findings =
        vec![Finding::new("program", State::Ok, concat!("branchline ", env!("CARGO_PKG_VERSION")))];
    let database = database(context).await.unwrap_or_else(|failure| {
        exit_code = failure.exit_code;
        Finding::of_failure("database", failure)
    });
    findings.push(database);
    let project = project(context)?;
    if project.state == State::Error && exit_code == ExitCode::Ok {
        exit_code = ExitCode::Definition;
    }
    findings.push(project);
    findings.extend(models(context)?);
    findings.extend(settings(context)?);
    findings.push(terminal(context));
    if context.output.is_json() {
        let result =
            json!({ "format": "branchline.doctor/1", "exit_code": exit_code as u8, "findings": findings });
        context.output.json(&result)?;
    } else {
        for finding in &findings {
            show(context, finding);
        }
    }
    Ok(exit_code)
}

fn show(context: &Context, finding: &Finding) {
    let (mark, tone) = match finding.state {
        State::Ok => ("✓", Tone::Good),
        State::Note => ("-", Tone::Dim),
        State::Warning => ("!", Tone::Warn),
        State::Error => ("✗", Tone::Bad),
    };
    let line = Text::new().push(tone, mark).push(Tone::Dim, format!(" {:<10} ", finding.what));
    context.output.paragraph(13, line.plain(&finding.message));
    if let Some(fix) = &finding.fix {
        context.output.paragraph(18, Text::new().plain("             ").push(Tone::Good, "fix: ").plain(fix));
    }
}

async fn database(context: &Context) -> Result<Finding, Failure> {
    let database = &context.settings()?.database;
    let path = shown_database(&database.value);
    let Some(bytes) = size(context).await? else {
        return Ok(Finding::new(
            "database",
            State::Note,
            format!("{path}, not made yet: the first run makes it"),
        ));
    };
    let status = migrations(context).await?;
    let (applied, known) = (status.applied.len(), status.applied.len() + status.pending.len());
    let about = format!("{path}, {}, migration {applied} of {known}", human_size(bytes));
    if !status.pending.is_empty() {
        let fix = "`branchline db migrate`, or let the next run do it";
        return Ok(Finding::new(
            "database",
            State::Warning,
            format!("{about}: it is older than this program"),
        )
        .fix(fix));
    }
    let opened = Database::open(&database.value, OpenOptions { create: false, migrate: false }).await;
    let store = opened.map_err(|error| context.about_database(error))?;
    let problems = store.integrity_check().await.map_err(|error| context.about_database(error))?;
    match problems.first() {
        None if database.value.path().is_none() => Ok(Finding::new("database", State::Ok, about)),
        None => Ok(Finding::new("database", State::Ok, format!("{about}, integrity ok"))),
        Some(problem) => {
            Err(Failure::new(ExitCode::Database, format!("{about}: damaged, {} problems", problems.len()))
                .cause(problem)
                .fix("restore a copy made by `branchline db backup`"))
        }
    }
}

fn project(context: &Context) -> Result<Finding, Failure> {
    let settings = context.settings()?;
    let Some(file) = &settings.project else {
        let message = "no branchline.toml here or above; this directory is the project";
        return Ok(Finding::new("project", State::Note, message).fix("`branchline init`"));
    };
    let check_context = context.check_context()?;
    let (mut errors, mut workflows) = (0, 0);
    for file in project_workflows(&settings.root)? {
        errors += check_file(file, &check_context)?.errors();
        workflows += 1;
    }
    let message =
        format!("{}, {}, {}", shown(file), counted(workflows, "workflow"), counted(errors, "error"));
    match errors {
        0 => Ok(Finding::new("project", State::Ok, message)),
        _ => Ok(Finding::new("project", State::Error, message).fix("`branchline check` shows them")),
    }
}

/// Every alias with its chain; other providers only when their key is set.
fn models(context: &Context) -> Result<Vec<Finding>, Failure> {
    let entries = context.catalog()?.list();
    let mut findings: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let message = format!("{} → {}", entry.alias.as_ref()?, entry.target);
            Some(match (&entry.kind, &entry.key_env, entry.is_ready) {
                (None, ..) => Finding::new(
                    "model",
                    State::Error,
                    format!("{message}: the project has no such provider"),
                )
                .fix("write a `[providers.…]` entry, or name another in `[models]`"),
                (_, Some(variable), true) => {
                    Finding::new("model", State::Ok, format!("{message}, {variable} is set"))
                }
                (_, Some(variable), false) => {
                    Finding::new("model", State::Warning, format!("{message}, {variable} is not set"))
                        .fix(format!("set {variable} in the environment"))
                }
                (_, None, _) => Finding::new("model", State::Ok, format!("{message}, needs no key")),
            })
        })
        .collect();
    let ready = entries.iter().filter(|entry| entry.alias.is_none() && entry.is_ready);
    let ready: Vec<_> = ready.map(|entry| entry.target.as_str()).collect();
    findings.push(Finding::new(
        "models",
        State::Note,
        format!("ready without an alias: {}", ready.join(", ")),
    ));
    Ok(findings)
}

fn settings(context: &Context) -> Result<Vec<Finding>, Failure> {
    let settings = context.settings()?;
    let note = |message: String| Finding::new("setting", State::Note, message);
    let mut findings = vec![
        note(format!("database from {}", settings.database.origin)),
        note(format!(
            "parallel calls {} from {}",
            settings.parallel_calls.value, settings.parallel_calls.origin
        )),
    ];
    if let Some(model) = &settings.model {
        findings.push(note(format!("every step asks `{}`, from {}", model.value, model.origin)));
    }
    if let Some(user) = &settings.user {
        findings.push(note(format!("your own file {}", shown(user))));
    }
    Ok(findings)
}

fn terminal(context: &Context) -> Finding {
    let output = &context.output;
    let progress = match output.progress() {
        Progress::Live => "live progress",
        Progress::Lines => "progress as lines",
        Progress::None => "no progress",
    };
    let asks = if output.can_ask() { "a person to ask" } else { "nobody to ask" };
    let color = if output.has_color() { "colours" } else { "no colours" };
    Finding::new("terminal", State::Note, format!("{asks}, {progress}, {color}"))
}

fn shown(file: &SettingsFile) -> String {
    from_here(&file.path).display().to_string()
}
