//! From a project folder to a running server: configuration, database, engine, listener, and the way back down.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use branchline_persistence::{Database, DatabaseUrl, OpenOptions};
use branchline_runtime::action::built_in;
use branchline_runtime::config::{ConfigError, PROJECT_FILE_NAME, ProjectConfig};
use branchline_runtime::engine::{Engine, EngineConfig, WorkNews};
use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::store::StoreError;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::limits::CALL_DRAIN;
use crate::{AppState, ListenAddress, serve};

/// Where the database is when nothing is said, seen from the project folder.
const DATABASE_DEFAULT: &str = ".branchline/branchline.db";

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct BootOptions {
    /// The folder of `branchline.toml`; the file may be missing.
    pub project: PathBuf,
    /// The database; the project's own when `None`. It is created when missing.
    pub database: Option<DatabaseUrl>,
    /// Where to listen.
    pub listen: ListenAddress,
    /// Runs driven at a time; with 0, all are left to workers.
    pub runs_max: usize,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// `branchline.toml` cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// `branchline.toml` names a database that cannot be used.
    #[error("`database` in {PROJECT_FILE_NAME}: {message}")]
    DatabaseName {
        /// Why not.
        message: String,
    },
    /// The database cannot be opened or read.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// The address is taken, or the operating system refuses.
    #[error("cannot serve on `{address}`: {error}")]
    Serve {
        /// What was asked for.
        address: ListenAddress,
        /// The system's own words.
        error: io::Error,
    },
    /// Signals cannot be watched, or standard output is closed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until SIGINT or SIGTERM. The first line on standard output is `listening http://ADDRESS:PORT`.
///
/// Runs that want an engine and have none are taken up while it serves. At the end nothing new is started, and calls in
/// flight have [`CALL_DRAIN`] to end; a second signal does not wait for them.
pub async fn run(options: BootOptions) -> Result<(), BootError> {
    let config = project_config(&options.project)?;
    let database = database_url(&options, &config)?;
    let store = Database::open(&database, OpenOptions::default()).await?.store();
    let actions = built_in(Arc::new(ModelCatalog::new(&config, |name| std::env::var(name).ok())));
    let defaults = EngineConfig::default();
    let parallel_calls = config.limits.parallel_calls.unwrap_or(defaults.parallel_calls);
    let project = Some(options.project.clone());
    let engine = Engine::start(
        EngineConfig { parallel_calls, project, runs_max: options.runs_max, ..defaults },
        store.clone(),
        actions,
    );

    let refused = |error| BootError::Serve { address: options.listen, error };
    let listener = TcpListener::bind(options.listen.socket_address()).await.map_err(refused)?;
    let mut signals = Signals::watch()?;
    let working = engine.clone();
    tokio::spawn(async move {
        // Without an idle end it fails never: it looks again.
        let _ = working.work(false, tell).await;
    });
    writeln!(io::stdout(), "listening http://{}", listener.local_addr()?)?;

    let shutdown = CancellationToken::new();
    let mut serving = pin!(serve(listener, AppState::new(engine.clone(), store), shutdown.clone()));
    tokio::select! {
        served = &mut serving => return served.map_err(refused),
        () = signals.next() => {}
    }
    tracing::info!("stopping; calls in flight may end, a second signal does not wait for them");
    shutdown.cancel();
    tokio::select! {
        (served, ()) = async { tokio::join!(serving, engine.shutdown(CALL_DRAIN)) } => served.map_err(refused),
        () = signals.next() => {
            tracing::warn!("stopped at once; calls in flight are repeated on the next start");
            Ok(())
        }
    }
}

/// The project file's settings; the defaults when there is none.
fn project_config(folder: &Path) -> Result<ProjectConfig, ConfigError> {
    let path = folder.join(PROJECT_FILE_NAME);
    if path.exists() { ProjectConfig::load(&path) } else { Ok(ProjectConfig::default()) }
}

/// The given database, else the project's; a path is seen from the project folder.
fn database_url(options: &BootOptions, config: &ProjectConfig) -> Result<DatabaseUrl, BootError> {
    if let Some(database) = &options.database {
        return Ok(database.clone());
    }
    let named = config.database.as_deref().unwrap_or(DATABASE_DEFAULT).parse::<DatabaseUrl>();
    let named = named.map_err(|error| BootError::DatabaseName { message: error.to_string() })?;
    Ok(named.seen_from(&options.project))
}

fn tell(news: WorkNews) {
    match news {
        WorkNews::TookUp(run) => tracing::info!(%run, "took the run up"),
        WorkNews::Rested(run, rest) => tracing::debug!(%run, ?rest, "the run came to rest"),
        WorkNews::Blind(error) => tracing::warn!(%error, "could not look for runs that nobody drives"),
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
