//! What a verb works with: the output, and, each found or opened when it is asked for, the settings that apply, the
//! models and the store.

use std::sync::OnceLock;

use branchline_persistence::{Database, DatabaseUrl, OpenOptions};
use branchline_runtime::provider::ModelCatalog;
use branchline_schema_model::check::CheckContext;
use branchline_schema_model::store::StoreError;
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::failure::Failure;
use crate::folder::from_here;
use crate::output::Output;
use crate::settings::Settings;

/// What a verb works with.
#[derive(Debug)]
pub(crate) struct Context {
    /// The only way to print.
    pub(crate) output: Output,
    database_flag: Option<String>,
    settings: OnceLock<Result<Settings, Failure>>,
    store: OnceCell<Database>,
}

impl Context {
    pub(crate) fn new(global: Global, output: Output) -> Self {
        Self { output, database_flag: global.database, settings: OnceLock::new(), store: OnceCell::new() }
    }

    /// What `--db` says.
    pub(crate) fn database_flag(&self) -> Option<&str> {
        self.database_flag.as_deref()
    }

    /// What applies.
    pub(crate) fn settings(&self) -> Result<&Settings, Failure> {
        self.settings
            .get_or_init(|| Settings::resolve(self.database_flag.as_deref()))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The models of the project, with the keys of the environment.
    pub(crate) fn catalog(&self) -> Result<ModelCatalog, Failure> {
        Ok(ModelCatalog::new(&self.settings()?.models, |name| std::env::var(name).ok()))
    }

    /// The database, made and brought up to date when it has to be.
    pub(crate) async fn store(&self) -> Result<&Database, Failure> {
        let database = &self.settings()?.database;
        let open = async || {
            let opened = Database::open(&database.value, OpenOptions::default()).await;
            opened.map_err(|error| self.about_database(error))
        };
        self.store.get_or_try_init(open).await
    }

    /// A failure of the database that says which one it is.
    pub(crate) fn about_database(&self, error: StoreError) -> Failure {
        let failure = Failure::from(error);
        match self.settings() {
            Ok(Settings { database, .. }) => {
                failure.cause(format!("the database is `{}` ({})", shown(&database.value), database.origin))
            }
            Err(_) => failure,
        }
    }

    /// What the checker has to know of the project.
    pub(crate) fn check_context(&self) -> Result<CheckContext, Failure> {
        Ok(self.settings()?.check_context())
    }
}

/// A database as people know it: a file as seen from here, or a server without its password.
pub(crate) fn shown(database: &DatabaseUrl) -> String {
    database.path().map_or_else(|| database.to_string(), |path| from_here(path).display().to_string())
}
