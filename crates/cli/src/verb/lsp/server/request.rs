//! Answers to what the editor asks.

use std::collections::HashMap;

use branchline_schema_model::occurrence::Occurrence;
use gen_lsp_types as lsp;
use serde_json::{Value as Json, json};

use super::{Refusal, Server, refused};
use crate::verb::lsp::analysis::Analysis;
use crate::verb::lsp::completion::{self, Here};
use crate::verb::lsp::workspace::{Workspace, path_of};
use crate::verb::lsp::{hover, navigation, position};

/// What is known of a document and of its workflow.
struct Known<'a> {
    workspace: &'a Workspace,
    analysis: &'a Analysis,
    /// The document as the definition names it.
    file: String,
}

impl Known<'_> {
    fn named_at(&self, at: lsp::Position) -> Option<&Occurrence> {
        let line = at.line.checked_add(1)?;
        let column = position::column(self.analysis.line(&self.file, line), at.character);
        self.analysis.named_at(&self.file, line, column)
    }

    fn uri_of(&self, file: &str) -> Option<lsp::Uri> {
        self.workspace.uri(&self.analysis.folder, file)
    }
}

impl<W> Server<W> {
    fn known(&mut self, document: &lsp::TextDocumentIdentifier) -> Option<Known<'_>> {
        let path = path_of(&document.uri)?;
        let workflow = self.workspace.workflow_of(&path)?;
        self.workspace.refresh(&workflow);
        let workspace = &self.workspace;
        let analysis = workspace.analysis(&workflow)?;
        Some(Known { workspace, analysis, file: analysis.file_name(&path)? })
    }

    pub(super) fn hover(&mut self, params: &lsp::HoverParams) -> Option<lsp::Hover> {
        let at = &params.text_document_position_params;
        let known = self.known(&at.text_document)?;
        let one = known.named_at(at.position)?;
        let value = hover::describe(&one.subject, known.analysis)?;
        let content = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value };
        let range = Some(navigation::range(one, known.analysis));
        Some(lsp::Hover { contents: lsp::Contents::MarkupContent(content), range })
    }

    pub(super) fn definition(&mut self, params: &lsp::DefinitionParams) -> Option<Vec<lsp::Location>> {
        let at = &params.text_document_position_params;
        let known = self.known(&at.text_document)?;
        let one = known.named_at(at.position)?;
        Some(navigation::origins(one, known.analysis, |file| known.uri_of(file)))
    }

    pub(super) fn references(&mut self, params: &lsp::ReferenceParams) -> Option<Vec<lsp::Location>> {
        let at = &params.text_document_position_params;
        let known = self.known(&at.text_document)?;
        let one = known.named_at(at.position)?;
        let with_declaration = params.context.include_declaration;
        Some(navigation::places(&one.subject, with_declaration, known.analysis, |file| known.uri_of(file)))
    }

    pub(super) fn completion(&mut self, params: &lsp::CompletionParams) -> Option<Vec<lsp::CompletionItem>> {
        let at = &params.text_document_position_params;
        let known = self.known(&at.text_document)?;
        let document = known.workspace.document(&known.analysis.folder.join(&known.file))?;
        let here = Here { file: &known.file, text: &document.text, position: at.position };
        Some(completion::items(here, known.analysis))
    }

    pub(super) fn prepare_rename(&mut self, params: &lsp::PrepareRenameParams) -> Result<Json, Refusal> {
        let at = &params.text_document_position_params;
        let Some(known) = self.known(&at.text_document) else { return Ok(Json::Null) };
        let (name, one) = navigation::renamed_at(known.named_at(at.position)).map_err(refused)?;
        Ok(json!({ "range": navigation::range(one, known.analysis), "placeholder": name }))
    }

    pub(super) fn rename(&mut self, params: &lsp::RenameParams) -> Result<lsp::WorkspaceEdit, Refusal> {
        // Files that are not open may have changed on disk since they were read.
        self.workspace.touch_all();
        let takes_versions = self.takes_versions;
        let at = &params.text_document_position_params;
        let Some(known) = self.known(&at.text_document) else {
            return Err(refused("this file belongs to no workflow".to_owned()));
        };
        let (from, _) = navigation::renamed_at(known.named_at(at.position)).map_err(refused)?;
        let edits = navigation::rename(from, &params.new_name, known.analysis);
        let edits = edits.map_err(|problem| refused(problem.to_string()))?;
        let files = edits.into_iter().filter_map(|(file, edits)| Some((known.uri_of(&file)?, file, edits)));
        if !takes_versions {
            let changes: HashMap<_, _> = files.map(|(uri, _, edits)| (uri, edits)).collect();
            return Ok(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() });
        }
        let changes = files.map(|(uri, file, edits)| {
            let open = known.workspace.document(&known.analysis.folder.join(file));
            let text_document = lsp::OptionalVersionedTextDocumentIdentifier {
                version: open.map(|open| open.version),
                text_document_identifier: lsp::TextDocumentIdentifier { uri },
            };
            let edits = edits.into_iter().map(lsp::Edit::TextEdit).collect();
            lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit { text_document, edits })
        });
        Ok(lsp::WorkspaceEdit { document_changes: Some(changes.collect()), ..lsp::WorkspaceEdit::default() })
    }
}
