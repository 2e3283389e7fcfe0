//! `lsp`: a language server over the standard input and output, for editors.
//!
//! Thin on purpose: what a workflow names, where, and what is wrong with it is known by `schema-model`. Here are the
//! protocol, the texts that are open in the editor, and words for people.

mod analysis;
mod completion;
mod cursor;
mod diagnostics;
mod hover;
mod navigation;
mod position;
mod server;
mod wire;
mod workspace;

use std::io::{self, BufReader};
use std::sync::mpsc;
use std::thread;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

use server::Server;
use wire::Incoming;

/// Messages read ahead. Reading waits beyond that, and so does the editor.
const MESSAGES_AHEAD_MAX: usize = 256;

const SETUP: &str = "\
It gives: problems while you type, also of unsaved files · what an attribute is, who writes and \
reads it · going to where it comes from · all its places · completion of attributes, fields, helpers \
and partials in prompts, and of attributes in the keys of steps · renaming an attribute in the \
workflow and all its prompt files at once.

Editors start it themselves. Tell yours to run it for YAML, JSON and Markdown files:
  Neovim    vim.lsp.config('branchline', { cmd = { 'branchline', 'lsp' },
              filetypes = { 'yaml', 'json', 'markdown' }, root_markers = { 'branchline.toml' } })
            vim.lsp.enable('branchline')
  Helix     [language-server.branchline]        in languages.toml, and its name in the
            command = \"branchline\"              `language-servers` of yaml, json and markdown
            args = [\"lsp\"]
  VS Code   any extension that starts a given language server, with the command `branchline lsp`

A workflow is a file `workflow.yaml`, `workflow.yml` or `workflow.json`, or another YAML file with \
`sections:`; its prompt files lie below it.";

/// Serve an editor: problems, completion, hover, rename (language server over stdio)
#[derive(Debug, clap::Args)]
#[command(after_help = SETUP)]
pub(crate) struct Args {
    /// What many editors say; it is always so
    #[arg(long)]
    stdio: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    // The flag says what is done in any case.
    let _ = args.stdio;
    let (sender, receiver) = mpsc::sync_channel::<Incoming>(MESSAGES_AHEAD_MAX);
    // Nothing but the end of the input ends this thread, and the process does not wait for it.
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(incoming)) = wire::read(&mut input) {
            if sender.send(incoming).is_err() {
                break;
            }
        }
    });
    let database_flag = context.database_flag().map(str::to_owned);
    // The protocol owns the standard output; nothing else of this verb is printed.
    let ended = Server::new(io::stdout(), database_flag).run(&receiver);
    match ended {
        Ok(true) => Ok(ExitCode::Ok),
        // The editor is gone, so there is nobody to tell.
        Ok(false) => Ok(ExitCode::Unexpected),
        Err(error) => Err(Failure::unexpected("the editor cannot be written to").cause(error)),
    }
}
