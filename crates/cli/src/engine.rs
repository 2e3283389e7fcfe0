//! The engine of this process.

use std::sync::Arc;

use branchline_runtime::action::built_in;
use branchline_runtime::engine::{Author, Engine, EngineConfig};

use crate::context::Context;
use crate::failure::Failure;

/// Starts an engine on the database and the models that apply; `parallel` goes before the settings.
pub(crate) async fn start(context: &Context, parallel: Option<u32>) -> Result<Engine, Failure> {
    start_worker(context, parallel, EngineConfig::default().runs_max).await
}

/// The same, for that many runs at a time.
pub(crate) async fn start_worker(
    context: &Context,
    parallel: Option<u32>,
    runs_max: usize,
) -> Result<Engine, Failure> {
    let store = context.store().await?.store();
    let settings = context.settings()?;
    let parallel_calls = parallel.unwrap_or(settings.parallel_calls.value);
    let project = Some(settings.root.clone());
    let config = EngineConfig { parallel_calls, project, runs_max, ..EngineConfig::default() };
    Ok(Engine::start(config, store, built_in(Arc::new(context.catalog()?))))
}

/// Whoever sits at this machine.
pub(crate) fn author(note: Option<String>) -> Author {
    let name = ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    Author { name: name.filter(|name| !name.is_empty()), note }
}
