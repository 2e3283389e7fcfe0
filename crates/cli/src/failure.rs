//! Why a verb ended without doing what it was asked for: one sentence, the cause, one thing to do.

use std::fmt;

use branchline_runtime::error::EngineError;
use branchline_schema_model::check::Diagnostic;
use branchline_schema_model::store::StoreError;
use serde::Serialize;

use crate::exit_code::ExitCode;

/// An error for people. It never holds a secret.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Failure {
    /// What the command ends with.
    #[serde(skip)]
    pub(crate) exit_code: ExitCode,
    /// One sentence, lower case, no full stop; names in backticks.
    pub(crate) message: String,
    /// What stands behind it, often in the words of a database, file system or provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
    /// One concrete thing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
    /// What is wrong with a definition.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) definition: Option<Box<DefinitionProblems>>,
}

/// Problems of a definition that stand in the way of something else.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DefinitionProblems {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What goes before the names of their files.
    pub(crate) folder: String,
}

impl Failure {
    pub(crate) fn new(exit_code: ExitCode, message: impl fmt::Display) -> Self {
        Self { exit_code, message: message.to_string(), cause: None, fix: None, definition: None }
    }

    /// The command line or its inputs are wrong.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(ExitCode::Usage, message)
    }

    /// Nobody foresaw this.
    pub(crate) fn unexpected(message: impl fmt::Display) -> Self {
        Self::new(ExitCode::Unexpected, message)
    }

    #[must_use]
    pub(crate) fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    #[must_use]
    pub(crate) fn diagnostics(mut self, diagnostics: Vec<Diagnostic>, folder: String) -> Self {
        self.definition = Some(Box::new(DefinitionProblems { diagnostics, folder }));
        self
    }

    #[must_use]
    pub(crate) fn fix(mut self, fix: impl fmt::Display) -> Self {
        self.fix = Some(fix.to_string());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (exit_code, fix) = match &error {
            StoreError::NotFound { what, .. } | StoreError::Ambiguous { what, .. } => {
                (ExitCode::Usage, list_hint(what))
            }
            StoreError::Fenced | StoreError::Owned { .. } => (
                ExitCode::Unexpected,
                Some("follow it with `branchline watch`, or stop the other process first"),
            ),
            StoreError::Conflict { .. } => (ExitCode::Differences, None),
            StoreError::Busy { .. } => {
                (ExitCode::Database, Some("another program holds the database; end it or try again"))
            }
            StoreError::NotWritable { .. } => (
                ExitCode::Database,
                Some("check the free space and the permissions of the file and its folder"),
            ),
            StoreError::Corrupt { .. } => (
                ExitCode::Database,
                Some("restore a copy made by `branchline db backup`, or give another file with `--db`"),
            ),
            StoreError::TooNew { .. } => {
                (ExitCode::Database, Some("update this program, or give another file with `--db`"))
            }
            // Of a server the message says what it answered.
            StoreError::Unavailable { message } if message.starts_with("postgres://") => (
                ExitCode::Database,
                Some("check that the server runs and lets you in, or give another with `--db`"),
            ),
            StoreError::Unavailable { .. } => (
                ExitCode::Database,
                Some(
                    "check that the path is a file in a folder you may write to, or give another with `--db`",
                ),
            ),
            StoreError::Unsupported { .. } => (ExitCode::Usage, None),
            StoreError::Unexpected { .. } => {
                (ExitCode::Unexpected, Some("`branchline doctor` looks at the database"))
            }
        };
        // Who owns it is an engine's id, which says nothing to a person.
        let message = match &error {
            StoreError::Owned { .. } => "another process drives the run".to_owned(),
            error => error.to_string(),
        };
        Self { fix: fix.map(str::to_owned), ..Self::new(exit_code, message) }
    }
}

fn list_hint(what: &str) -> Option<&'static str> {
    match what {
        "run" => Some(
            "`branchline runs list` shows what there is; an id may be given in full or by its last characters",
        ),
        "workflow" => Some("`branchline workflows list` shows what is stored"),
        "task" | "step run" => Some("`branchline inbox` shows what waits"),
        _ => None,
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Definition { .. } => Self::new(ExitCode::Definition, error)
                .fix("export it with `branchline workflows export`, mend it, and import it again"),
            EngineError::Inputs { .. } => {
                Self::usage(error).fix("give values with `-i name=value`, `-i name=@file` or `--inputs FILE`")
            }
            EngineError::Answer { .. } => Self::usage(error),
            EngineError::TooLate { .. } => Self::new(ExitCode::Differences, error),
            EngineError::State { .. } | EngineError::ShuttingDown => Self::unexpected(error),
        }
    }
}
