//! The only place that prints: results to the standard output, everything else to the standard error.

mod diagnostic;
mod live;
mod table;
mod text;
mod wrap;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use branchline_schema_model::check::Diagnostic;
use branchline_schema_model::time::Timestamp;
use serde::Serialize;
use serde_json::json;

pub(crate) use live::LiveBlock;
pub(crate) use text::{Text, Tone};

use self::table::Table;
use crate::args::{ColorChoice, Global, ProgressChoice};
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// Where the words go. Cheap to clone; all clones are the same output.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    json: bool,
    quiet: bool,
    can_ask: bool,
    progress: Progress,
    next_held: AtomicBool,
    result: Stream,
    message: Stream,
    /// The first failure to write a result.
    broken: Mutex<Option<io::Error>>,
}

/// One of the two streams.
#[derive(Debug, Clone, Copy)]
struct Stream {
    terminal: bool,
    color: bool,
    /// Columns to write into; all there are when it is no terminal, unless COLUMNS says how many.
    width: Option<usize>,
}

impl Stream {
    fn new(choice: ColorChoice, terminal: bool) -> Self {
        Self { terminal, color: wants_color(choice, terminal), width: width(terminal) }
    }
}

/// How to show what is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// A block that is drawn again and again.
    Live,
    /// One line per change.
    Lines,
    /// Nothing.
    None,
}

impl Output {
    /// Finds out what the two streams are.
    pub(crate) fn new(global: &Global) -> Self {
        let stdout = io::stdout().is_terminal();
        let stderr = io::stderr().is_terminal();
        let inner = Inner {
            json: global.json,
            quiet: global.quiet,
            can_ask: !global.no_input && stderr && io::stdin().is_terminal(),
            progress: progress(global, stderr),
            next_held: AtomicBool::new(false),
            result: Stream::new(global.color, stdout),
            message: Stream::new(global.color, stderr),
            broken: Mutex::new(None),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Whether the result is wanted as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.inner.json
    }

    /// Whether a person is there to ask.
    pub(crate) fn can_ask(&self) -> bool {
        self.inner.can_ask
    }

    /// Whether nobody reads results any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.broken().is_some()
    }

    /// How to show what is going on.
    pub(crate) fn progress(&self) -> Progress {
        self.inner.progress
    }

    /// Whether results are printed in colour.
    pub(crate) fn has_color(&self) -> bool {
        self.inner.result.color
    }

    /// A block of lines that is drawn again and again.
    pub(crate) fn live_block(&self) -> LiveBlock {
        LiveBlock::new(self.inner.message.color)
    }

    /// A line of the result.
    pub(crate) fn result(&self, text: impl Into<Text>) {
        let Stream { color, terminal, .. } = self.inner.result;
        self.write_result(&text.into().render(color, terminal));
    }

    /// The result as JSON, laid out for reading on a terminal.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = if self.inner.result.terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.result(text.map_err(Failure::unexpected)?);
        Ok(())
    }

    /// A document that is the result, exactly as it is when it goes to a file or a pipe.
    pub(crate) fn document(&self, text: &str) {
        self.result(text.strip_suffix('\n').unwrap_or(text));
    }

    /// A line of the result that is broken between words where it does not fit, and goes on further in.
    pub(crate) fn paragraph(&self, hang: usize, text: impl Into<Text>) {
        let text = text.into();
        match self.inner.result.width {
            Some(width) => self.result(text.harmless().wrapped(width, hang)),
            None => self.result(text),
        }
    }

    /// A line of the result that ends in the beginning of a text: cut where it does not fit.
    pub(crate) fn preview(&self, text: impl Into<Text>) {
        let text = text.into();
        match self.inner.result.width {
            Some(width) => self.result(text.harmless().cut(width)),
            None => self.result(text),
        }
    }

    /// A table without lines; `head` names its columns. What does not fit is broken.
    pub(crate) fn table(&self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let table = Table::new(head, rows);
        self.table_lines(
            self.inner.result.width.map_or_else(|| table.lines(), |width| table.lines_within(width)),
        );
    }

    /// A table whose last column has only the beginnings of texts: its lines are cut where they do not fit.
    pub(crate) fn previews(&self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let table = Table::new(head, rows);
        let width = self.inner.result.width.unwrap_or(usize::MAX);
        self.table_lines(table.previews_within(width));
    }

    fn table_lines(&self, lines: Vec<String>) {
        for (number, line) in lines.into_iter().enumerate() {
            let tone = if number == 0 { Tone::Dim } else { Tone::Plain };
            self.result(Text::new().push(tone, line));
        }
    }

    /// A line about what is going on. Hidden by `--quiet`.
    pub(crate) fn note(&self, text: impl Into<Text>) {
        if !self.inner.quiet {
            self.write_message(&text.into());
        }
    }

    /// A line that a person needs even under `--quiet`: a question, or why a run goes no further.
    pub(crate) fn say(&self, text: impl Into<Text>) {
        self.write_message(&text.into());
    }

    /// Whether the next lines are left to somebody who knows better what comes next.
    pub(crate) fn hold_next(&self, hold: bool) {
        self.inner.next_held.store(hold, Ordering::Relaxed);
    }

    /// What to do next: at most three commands with what they are for. Only for people at a terminal.
    pub(crate) fn next(&self, steps: &[(&str, &str)]) {
        let held = self.inner.next_held.load(Ordering::Relaxed);
        if held || self.inner.quiet || self.inner.json || !self.inner.message.terminal || steps.is_empty() {
            return;
        }
        self.write_message(&Text::new());
        self.write_message(&Text::new().push(Tone::Strong, "Next"));
        let width = steps.iter().map(|(purpose, _)| purpose.chars().count()).max().unwrap_or(0);
        for (purpose, command) in steps.iter().take(3) {
            self.write_message(
                &Text::new().plain(format!("  {purpose:width$}  ")).push(Tone::Accent, command),
            );
        }
    }

    /// A question; the answer is typed behind it.
    pub(crate) fn ask(&self, question: impl Into<Text>) {
        let Stream { color, terminal, .. } = self.inner.message;
        let mut stream = io::stderr().lock();
        // Whoever closed the standard error does not want to know.
        let _ = write!(stream, "{}", question.into().render(color, terminal));
        let _ = stream.flush();
    }

    /// A document that is the result, to a file or to the standard output.
    pub(crate) fn document_to(&self, path: Option<&Path>, text: &str) -> Result<(), Failure> {
        let Some(path) = path else {
            self.document(text);
            return Ok(());
        };
        std::fs::write(path, text).map_err(|error| {
            Failure::unexpected(format!("`{}` cannot be written", path.display())).cause(error)
        })?;
        self.note(Text::new().plain("Wrote ").plain(path.display()));
        Ok(())
    }

    /// A problem of a definition, with its places; `folder` goes before the names of its files.
    pub(crate) fn diagnostic(&self, diagnostic: &Diagnostic, folder: &str) {
        let Stream { color, width, .. } = self.inner.result;
        self.write_result(&diagnostic::render(diagnostic, folder, color, width));
        self.write_result("");
    }

    /// Says how it ended, and gives the code to end with.
    pub(crate) fn finish(&self, result: Result<ExitCode, Failure>) -> ExitCode {
        let result = match self.broken().take() {
            // `branchline … | head` is no failure of ours.
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                result.and(Err(Failure::unexpected("the result could not be written").cause(error)))
            }
            _ => result,
        };
        match result {
            Ok(code) => code,
            Err(failure) => {
                self.failure(&failure);
                failure.exit_code
            }
        }
    }

    fn failure(&self, failure: &Failure) {
        if self.inner.json {
            let error = json!({ "format": "branchline.error/1", "exit_code": failure.exit_code as u8, "error": failure });
            return self.write_message(&Text::from(error.to_string()));
        }
        if let Some(definition) = &failure.definition {
            for diagnostic in &definition.diagnostics {
                let Stream { color, width, .. } = self.inner.message;
                self.write_message_line(&diagnostic::render(diagnostic, &definition.folder, color, width));
                self.write_message_line("");
            }
        }
        self.write_message(
            &Text::new().push(Tone::Bad, "error").plain(": ").push(Tone::Strong, &failure.message),
        );
        if let Some(cause) = &failure.cause {
            self.write_message(&Text::new().push(Tone::Dim, "  cause: ").plain(cause));
        }
        if let Some(fix) = &failure.fix {
            self.write_message(&Text::new().push(Tone::Good, "  fix:   ").plain(fix));
        }
    }

    fn broken(&self) -> std::sync::MutexGuard<'_, Option<io::Error>> {
        self.inner.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_result(&self, line: &str) {
        let mut broken = self.broken();
        if broken.is_none() {
            *broken = writeln!(io::stdout().lock(), "{line}").err();
        }
    }

    fn write_message(&self, text: &Text) {
        let Stream { color, terminal, .. } = self.inner.message;
        self.write_message_line(&text.render(color, terminal));
    }

    #[expect(clippy::unused_self, reason = "printing goes through an output")]
    fn write_message_line(&self, line: &str) {
        // Whoever closed the standard error does not want to know.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// Writes the log to the standard error: warnings, more with `-v` and `-vv`, less with `--quiet`, or what BRANCHLINE_LOG
/// says.
pub(crate) fn start_logging(verbose: u8, quiet: bool) {
    let level = match verbose {
        0 if quiet => "error",
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("BRANCHLINE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(wants_color(ColorChoice::Auto, io::stderr().is_terminal()))
        .init();
}

/// What COLUMNS says, else what the terminal has.
fn width(terminal: bool) -> Option<usize> {
    let said =
        std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    said.or_else(|| {
        let size = terminal.then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| width.0.into())
    })
}

/// `1 step`, `2 steps`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A moment to the minute, such as `2026-11-22 09:30 UTC`.
pub(crate) fn minute(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
}

fn wants_color(choice: ColorChoice, terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        ColorChoice::Auto => is_set("CLICOLOR_FORCE") || (terminal && !is_dumb()),
    }
}

fn progress(global: &Global, terminal: bool) -> Progress {
    match global.progress {
        _ if global.quiet => Progress::None,
        ProgressChoice::Live => Progress::Live,
        ProgressChoice::Lines => Progress::Lines,
        ProgressChoice::None => Progress::None,
        ProgressChoice::Auto => {
            let plain = is_dumb() || is_set("CI") || is_set("BRANCHLINE_ACCESSIBLE");
            if terminal && !plain { Progress::Live } else { Progress::Lines }
        }
    }
}
