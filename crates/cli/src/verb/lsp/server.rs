//! The conversation: messages in, answers and problems out.

mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError};

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::diagnostics;
use super::wire::Incoming;
use super::workspace::Workspace;

/// Why a request has no answer.
type Refusal = (ErrorCode, String);

/// One editor's server.
pub(super) struct Server<W> {
    output: W,
    workspace: Workspace,
    /// Workflows to look at when nothing else is to be done.
    touched: BTreeSet<PathBuf>,
    /// The files with problems in the editor, by workflow.
    published: BTreeMap<PathBuf, BTreeMap<String, lsp::Uri>>,
    stage: Stage,
    /// Whether the editor takes versions in edits.
    takes_versions: bool,
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Running,
    ShutDown,
}

impl<W: Write> Server<W> {
    pub(super) fn new(output: W, database_flag: Option<String>) -> Self {
        Self {
            output,
            workspace: Workspace::new(database_flag),
            touched: BTreeSet::new(),
            published: BTreeMap::new(),
            stage: Stage::New,
            takes_versions: false,
        }
    }

    /// Talks until `exit` or the end of the input; whether it ended as agreed.
    pub(super) fn run(&mut self, input: &Receiver<Incoming>) -> io::Result<bool> {
        loop {
            let incoming = match input.try_recv() {
                Ok(incoming) => incoming,
                Err(TryRecvError::Disconnected) => return Ok(self.stage == Stage::ShutDown),
                // Problems are looked for when nothing is waiting, so that quick typing costs one look.
                Err(TryRecvError::Empty) => {
                    self.publish()?;
                    let Ok(incoming) = input.recv() else { return Ok(self.stage == Stage::ShutDown) };
                    incoming
                }
            };
            match incoming {
                Incoming::Garbage(reason) => self.log(&format!("skipped {reason}"))?,
                Incoming::Message(Message::Request(request)) => self.request(request)?,
                Incoming::Message(Message::Notification(one)) if one.method == "exit" => {
                    return Ok(self.stage == Stage::ShutDown);
                }
                Incoming::Message(Message::Notification(one)) => self.notification(one)?,
                // Nothing is ever asked of the editor.
                Incoming::Message(Message::Response(_)) => {}
            }
        }
    }

    fn send(&mut self, message: impl Into<Message>) -> io::Result<()> {
        message.into().write(&mut self.output)
    }

    fn notify(&mut self, method: &str, params: impl Serialize) -> io::Result<()> {
        let params = serde_json::to_value(params).map_err(io::Error::other)?;
        self.send(Notification { method: method.to_owned(), params })
    }

    fn log(&mut self, message: &str) -> io::Result<()> {
        // 2 is a warning.
        self.notify("window/logMessage", json!({ "type": 2, "message": format!("branchline: {message}") }))
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let answer = guarded(|| self.answer(&method, params)).unwrap_or_else(|| {
            Err((ErrorCode::InternalError, format!("`{method}` failed inside branchline; please report it")))
        });
        let response_result = answer.map_err(|(code, message)| lsp_server::ResponseError {
            code: code as i32,
            message,
            data: None,
        });
        self.send(Response { id, response_result })
    }

    fn answer(&mut self, method: &str, params: Json) -> Result<Json, Refusal> {
        match (self.stage, method) {
            (Stage::New, "initialize") => self.initialize(params),
            (Stage::New, _) => Err((ErrorCode::ServerNotInitialized, "`initialize` comes first".to_owned())),
            (Stage::Running, "shutdown") => {
                self.stage = Stage::ShutDown;
                Ok(Json::Null)
            }
            (Stage::Running, "textDocument/hover") => as_json(&self.hover(&parsed(params)?)),
            (Stage::Running, "textDocument/definition") => as_json(&self.definition(&parsed(params)?)),
            (Stage::Running, "textDocument/references") => as_json(&self.references(&parsed(params)?)),
            (Stage::Running, "textDocument/completion") => as_json(&self.completion(&parsed(params)?)),
            (Stage::Running, "textDocument/prepareRename") => {
                as_json(&self.prepare_rename(&parsed(params)?)?)
            }
            (Stage::Running, "textDocument/rename") => as_json(&self.rename(&parsed(params)?)?),
            (Stage::Running, _) => Err((ErrorCode::MethodNotFound, format!("`{method}` is not understood"))),
            (Stage::ShutDown, _) => {
                Err((ErrorCode::InvalidRequest, "nothing comes after `shutdown`".to_owned()))
            }
        }
    }

    fn initialize(&mut self, params: Json) -> Result<Json, Refusal> {
        let params: lsp::InitializeParams = parsed(params)?;
        let edits = params.capabilities.workspace.and_then(|workspace| workspace.workspace_edit);
        self.takes_versions = edits.and_then(|edits| edits.document_changes).unwrap_or_default();
        self.stage = Stage::Running;
        as_json(&lsp::InitializeResult {
            capabilities: capabilities(),
            server_info: Some(lsp::ServerInfo {
                name: "branchline".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        if self.stage != Stage::Running {
            return Ok(());
        }
        match guarded(|| self.noted(&method, params)) {
            Some(Ok(touched)) => {
                self.touched.extend(touched);
                Ok(())
            }
            Some(Err((_, message))) => self.log(&format!("`{method}`: {message}")),
            None => self.log(&format!("`{method}` failed inside branchline; please report it")),
        }
    }

    fn noted(&mut self, method: &str, params: Json) -> Result<Vec<PathBuf>, Refusal> {
        Ok(match method {
            "textDocument/didOpen" => {
                let lsp::DidOpenTextDocumentParams { text_document: document } = parsed(params)?;
                self.workspace.put(document.uri, document.version, document.text)
            }
            "textDocument/didChange" => {
                let params: lsp::DidChangeTextDocumentParams = parsed(params)?;
                let uri = params.text_document.text_document_identifier.uri;
                match params.content_changes.into_iter().last() {
                    Some(lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(
                        whole,
                    )) => self.workspace.put(uri, params.text_document.version, whole.text),
                    Some(_) => {
                        let message = "whole texts were agreed on, not parts".to_owned();
                        return Err((ErrorCode::InvalidParams, message));
                    }
                    None => Vec::new(),
                }
            }
            "textDocument/didClose" => {
                let params: lsp::DidCloseTextDocumentParams = parsed(params)?;
                self.workspace.close(&params.text_document.uri)
            }
            // Whatever was saved may be the project file, or a file another workflow reads.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.workspace.touch_all(),
            _ => Vec::new(),
        })
    }

    /// Sends the problems of the workflows that were touched.
    fn publish(&mut self) -> io::Result<()> {
        for workflow in std::mem::take(&mut self.touched) {
            let before = self.published.remove(&workflow).unwrap_or_default();
            let found = guarded(|| self.problems(&workflow));
            if found.is_none() {
                let shown = workflow.display();
                self.notify(
                    "window/showMessage",
                    // 1 is an error.
                    json!({ "type": 1, "message": format!("branchline failed inside while checking {shown}; please report it") }),
                )?;
                self.workspace.forget(&workflow);
            }
            let mut found = found.unwrap_or_default();
            for (file, uri) in before {
                found.entry(file).or_insert((uri, None, Vec::new()));
            }
            let mut shown = BTreeMap::new();
            for (file, (uri, version, diagnostics)) in found {
                if !diagnostics.is_empty() {
                    shown.insert(file, uri.clone());
                }
                let params = lsp::PublishDiagnosticsParams { uri, version, diagnostics };
                self.notify("textDocument/publishDiagnostics", params)?;
            }
            self.published.insert(workflow, shown);
        }
        Ok(())
    }

    /// The problems by file; none when no file of the workflow is open any more.
    fn problems(&mut self, workflow: &Path) -> Problems {
        if !self.workspace.is_open(workflow) {
            self.workspace.forget(workflow);
            return Problems::new();
        }
        self.workspace.refresh(workflow);
        let Some(analysis) = self.workspace.analysis(workflow) else { return Problems::new() };
        let uri_of = |file: &str| self.workspace.uri(&analysis.folder, file);
        diagnostics::by_file(analysis, uri_of)
            .into_iter()
            .filter_map(|(file, diagnostics)| {
                let open = self.workspace.document(&analysis.folder.join(&file));
                Some((file.clone(), (uri_of(&file)?, open.map(|open| open.version), diagnostics)))
            })
            // A file that is neither open nor wrong is nothing to the editor.
            .filter(|(_, (_, version, diagnostics))| version.is_some() || !diagnostics.is_empty())
            .collect()
    }
}

/// By file: how the editor spells it, which state of it, what is wrong.
type Problems = BTreeMap<String, (lsp::Uri, Option<i32>, Vec<lsp::Diagnostic>)>;

fn capabilities() -> lsp::ServerCapabilities {
    lsp::ServerCapabilities {
        position_encoding: Some(lsp::PositionEncodingKind::UTF16),
        text_document_sync: Some(lsp::TextDocumentSync::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::Full),
            save: Some(lsp::Save::Bool(true)),
            ..lsp::TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(lsp::HoverProvider::Bool(true)),
        definition_provider: Some(lsp::DefinitionProvider::Bool(true)),
        references_provider: Some(lsp::ReferencesProvider::Bool(true)),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(["{", ".", ">", "#", "("].map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        rename_provider: Some(lsp::RenameProvider::RenameOptions(lsp::RenameOptions {
            prepare_provider: Some(true),
            ..lsp::RenameOptions::default()
        })),
        ..lsp::ServerCapabilities::default()
    }
}

/// Does something that must not end the server; `None` when it panicked, which the hook has told on standard error.
fn guarded<T>(action: impl FnOnce() -> T) -> Option<T> {
    // What a panic leaves half done is an analysis, and that is made again.
    catch_unwind(AssertUnwindSafe(action)).ok()
}

fn parsed<T: DeserializeOwned>(params: Json) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn as_json(value: &impl Serialize) -> Result<Json, Refusal> {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

fn refused(message: String) -> Refusal {
    (ErrorCode::RequestFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_end() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| -> u8 { panic!("planted") }), None);
    }
}
