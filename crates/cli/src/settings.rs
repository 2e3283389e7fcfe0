//! What applies: flag, else environment, else project file, else user file, else default; and where it came from.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use branchline_persistence::DatabaseUrl;
use branchline_runtime::config::{PROJECT_FILE_NAME, ProjectConfig};
use branchline_schema_model::check::CheckContext;
use branchline_schema_model::limits::{PARALLEL_CALLS_DEFAULT, PARALLEL_CALLS_MAX};
use etcetera::BaseStrategy as _;

use crate::failure::Failure;

/// Where the default database is, seen from the project.
const DATABASE_DEFAULT: &str = ".branchline/branchline.db";

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File(PathBuf),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// A settings file that was found. The user's own has the form of a project file.
#[derive(Debug, Clone)]
pub(crate) struct SettingsFile {
    pub(crate) path: PathBuf,
    pub(crate) config: ProjectConfig,
}

/// Everything that applies to this call, whatever the verb.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The folder of the project file; the current directory without one.
    pub(crate) root: PathBuf,
    /// The project file.
    pub(crate) project: Option<SettingsFile>,
    /// The user's own file.
    pub(crate) user: Option<SettingsFile>,
    /// The models of both files; the project's win.
    pub(crate) models: ProjectConfig,
    /// The SQLite file or PostgreSQL database.
    pub(crate) database: Setting<DatabaseUrl>,
    /// A model that replaces the one of every step, unless `--model` says another.
    pub(crate) model: Option<Setting<String>>,
    /// Model calls in flight.
    pub(crate) parallel_calls: Setting<u32>,
}

impl Settings {
    /// Looks everywhere, from the current directory.
    pub(crate) fn resolve(database_flag: Option<&str>) -> Result<Self, Failure> {
        let here = env::current_dir()
            .map_err(|error| Failure::usage("the current directory cannot be read").cause(error))?;
        Self::resolve_in(&here, database_flag)
    }

    /// Looks everywhere, from another folder.
    pub(crate) fn resolve_in(here: &Path, database_flag: Option<&str>) -> Result<Self, Failure> {
        let project = find_project(here).map(read_file).transpose()?;
        let user = user_file().filter(|path| path.is_file()).map(read_file).transpose()?;
        let root = project.as_ref().and_then(|file| file.path.parent()).unwrap_or(here).to_owned();
        let files = [project.as_ref(), user.as_ref()];
        Ok(Self {
            database: database(database_flag, &root, &files)?,
            model: variable("BRANCHLINE_MODEL").map(|(model, origin)| Setting { value: model, origin }),
            parallel_calls: parallel_calls(&files)?,
            models: models(&files),
            root,
            project,
            user,
        })
    }

    /// What the checker has to know of the project.
    pub(crate) fn check_context(&self) -> CheckContext {
        let aliases = self.models.models.keys().cloned().chain(["mock".to_owned()]).collect();
        CheckContext {
            model_aliases: Some(aliases),
            context_tokens: self.models.contexts_by_name(),
            ..CheckContext::default()
        }
    }
}

/// The nearest project file, upwards.
fn find_project(here: &Path) -> Option<PathBuf> {
    here.ancestors().map(|folder| folder.join(PROJECT_FILE_NAME)).find(|path| path.is_file())
}

fn user_file() -> Option<PathBuf> {
    let directories = etcetera::choose_base_strategy().ok()?;
    Some(directories.config_dir().join("branchline").join("config.toml"))
}

fn read_file(path: PathBuf) -> Result<SettingsFile, Failure> {
    let config = ProjectConfig::load(&path).map_err(|error| {
        let failure = Failure::usage(&error);
        match error.hint {
            Some(hint) => failure.fix(hint),
            None => {
                failure.fix("mend the file; `branchline init` in an empty directory writes one that works")
            }
        }
    })?;
    Ok(SettingsFile { path, config })
}

/// A variable of the environment that is set to something.
fn variable(name: &'static str) -> Option<(String, Origin)> {
    let value = env::var(name).ok().filter(|value| !value.is_empty())?;
    Some((value, Origin::Environment(name)))
}

/// The first file that says it, with what it says.
fn in_files<'a, T>(
    files: &[Option<&'a SettingsFile>],
    find: impl Fn(&'a ProjectConfig) -> Option<T>,
) -> Option<(T, &'a Path)> {
    files.iter().flatten().find_map(|file| Some((find(&file.config)?, file.path.as_path())))
}

fn database(
    flag: Option<&str>,
    root: &Path,
    files: &[Option<&SettingsFile>],
) -> Result<Setting<DatabaseUrl>, Failure> {
    let named = flag
        .map(|text| (text.to_owned(), Origin::Flag("--db")))
        .or_else(|| variable("BRANCHLINE_DB"))
        .or_else(|| variable("DATABASE_URL"));
    if let Some((text, origin)) = named {
        return Ok(Setting { value: parse_database(&text, &origin)?, origin });
    }
    if let Some((text, path)) = in_files(files, |config| config.database.as_deref()) {
        let origin = Origin::File(path.to_owned());
        let written = parse_database(text, &origin)?;
        let folder = path.parent().unwrap_or(root);
        return Ok(Setting { value: written.seen_from(folder), origin });
    }
    Ok(Setting { value: DatabaseUrl::file(root.join(DATABASE_DEFAULT)), origin: Origin::Default })
}

fn parse_database(text: &str, origin: &Origin) -> Result<DatabaseUrl, Failure> {
    DatabaseUrl::from_str(text)
        .map_err(|error| Failure::usage(error).cause(format!("it is named by {origin}")))
}

fn parallel_calls(files: &[Option<&SettingsFile>]) -> Result<Setting<u32>, Failure> {
    if let Some((text, origin)) = variable("BRANCHLINE_PARALLEL") {
        let number = text.parse().ok().filter(|number| (1..=PARALLEL_CALLS_MAX).contains(number));
        let value = number.ok_or_else(|| {
            Failure::usage(format!("BRANCHLINE_PARALLEL is not a number from 1 to {PARALLEL_CALLS_MAX}"))
        })?;
        return Ok(Setting { value, origin });
    }
    let found = in_files(files, |config| config.limits.parallel_calls);
    Ok(found.map_or(Setting { value: PARALLEL_CALLS_DEFAULT, origin: Origin::Default }, |(value, path)| {
        Setting { value, origin: Origin::File(path.to_owned()) }
    }))
}

/// The project's models, then those of the user's own file that it does not have.
fn models(files: &[Option<&SettingsFile>]) -> ProjectConfig {
    let mut merged = ProjectConfig::default();
    for file in files.iter().flatten().rev() {
        let ProjectConfig { models, providers, mock, prices, context_tokens, .. } = file.config.clone();
        merged.prices.extend(prices);
        merged.context_tokens.extend(context_tokens);
        merged.models.extend(models);
        merged.providers.extend(providers);
        merged.mock = mock;
    }
    merged
}
