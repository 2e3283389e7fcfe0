//! What applies: flag, else environment, else project file, else user file, else default; and where it came from.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use branchline_schema_model::limits::{DEFINITION_BYTES_MAX, PARALLEL_CALLS_DEFAULT, PARALLEL_CALLS_MAX};
use etcetera::BaseStrategy as _;

use crate::args::Global;
use crate::failure::Failure;

/// The name of the project file.
pub(crate) const PROJECT_FILE: &str = "branchline.toml";

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

impl<T> Setting<T> {
    fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// A settings file that was found.
#[derive(Debug, Clone)]
pub(crate) struct SettingsFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) text: String,
    table: toml::Table,
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
    /// The SQLite file.
    pub(crate) database: Setting<PathBuf>,
    /// A model that replaces the one of every step, unless `--model` says another.
    pub(crate) model: Option<Setting<String>>,
    /// Model calls in flight.
    pub(crate) parallel_calls: Setting<u32>,
}

impl Settings {
    /// Looks everywhere.
    pub(crate) fn resolve(global: &Global) -> Result<Self, Failure> {
        let here = env::current_dir()
            .map_err(|error| Failure::usage("the current directory cannot be read").cause(error))?;
        let project = find_project(&here).map(read_file).transpose()?;
        let user = user_file().filter(|path| path.is_file()).map(read_file).transpose()?;
        let root = project.as_ref().and_then(|file| file.path.parent()).unwrap_or(&here).to_owned();
        let files = [project.as_ref(), user.as_ref()];
        Ok(Self {
            database: database(global, &root, &files)?,
            model: variable("BRANCHLINE_MODEL").map(|(model, origin)| Setting::new(model, origin)),
            parallel_calls: parallel_calls(&files)?,
            root,
            project,
            user,
        })
    }
}

/// The nearest project file, upwards.
fn find_project(here: &Path) -> Option<PathBuf> {
    here.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|path| path.is_file())
}

fn user_file() -> Option<PathBuf> {
    let directories = etcetera::choose_base_strategy().ok()?;
    Some(directories.config_dir().join("branchline").join("config.toml"))
}

fn read_file(path: PathBuf) -> Result<SettingsFile, Failure> {
    let unreadable = |cause: &dyn fmt::Display| {
        Failure::usage(format!("the settings file `{}` cannot be read", path.display())).cause(cause)
    };
    let size = fs::metadata(&path).map_err(|error| unreadable(&error))?.len();
    if size > DEFINITION_BYTES_MAX as u64 {
        return Err(unreadable(&format!("it has {size} bytes, at most {DEFINITION_BYTES_MAX}")));
    }
    let text = fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
    let table = text.parse::<toml::Table>().map_err(|error| unreadable(&error.to_string().trim_end()))?;
    Ok(SettingsFile { path, text, table })
}

/// A variable of the environment that is set to something.
fn variable(name: &'static str) -> Option<(String, Origin)> {
    let value = env::var(name).ok().filter(|value| !value.is_empty())?;
    Some((value, Origin::Environment(name)))
}

/// The first file that has the key, with the value.
fn in_files<'a>(
    files: &[Option<&'a SettingsFile>],
    key: &str,
) -> Option<(&'a toml::Value, &'a SettingsFile)> {
    files.iter().flatten().find_map(|file| Some((file.table.get(key)?, *file)))
}

fn database(
    global: &Global,
    root: &Path,
    files: &[Option<&SettingsFile>],
) -> Result<Setting<PathBuf>, Failure> {
    let named = match &global.database {
        Some(text) => Some((text.clone(), Origin::Flag("--db"))),
        None => variable("BRANCHLINE_DB"),
    };
    if let Some((text, origin)) = named {
        return Ok(Setting::new(database_path(&text)?, origin));
    }
    if let Some((value, file)) = in_files(files, "database") {
        let text = value.as_str().ok_or_else(|| wrong_kind(file, "database", "a path in quotes"))?;
        let folder = file.path.parent().unwrap_or(root);
        return Ok(Setting::new(folder.join(database_path(text)?), Origin::File(file.path.clone())));
    }
    Ok(Setting::new(root.join(DATABASE_DEFAULT), Origin::Default))
}

/// The file behind `FILE`, `sqlite:FILE` or `sqlite://FILE`.
fn database_path(text: &str) -> Result<PathBuf, Failure> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(Failure::usage("this version keeps everything in SQLite, PostgreSQL comes later")
            .fix("give the path of a file, such as `--db branchline.db`"));
    }
    let path = text.strip_prefix("sqlite:").map_or(text, |path| path.strip_prefix("//").unwrap_or(path));
    if path.is_empty() {
        return Err(Failure::usage("the path of the database is empty")
            .fix("give a file, such as `--db branchline.db`"));
    }
    Ok(PathBuf::from(path))
}

fn parallel_calls(files: &[Option<&SettingsFile>]) -> Result<Setting<u32>, Failure> {
    let range = format!("a number from 1 to {PARALLEL_CALLS_MAX}");
    let valid =
        |number: i64| u32::try_from(number).ok().filter(|number| (1..=PARALLEL_CALLS_MAX).contains(number));
    if let Some((text, origin)) = variable("BRANCHLINE_PARALLEL") {
        let number = text.parse().ok().and_then(valid);
        let number = number.ok_or_else(|| Failure::usage(format!("BRANCHLINE_PARALLEL is not {range}")))?;
        return Ok(Setting::new(number, origin));
    }
    if let Some((value, file)) = in_files(files, "parallel") {
        let number =
            value.as_integer().and_then(valid).ok_or_else(|| wrong_kind(file, "parallel", &range))?;
        return Ok(Setting::new(number, Origin::File(file.path.clone())));
    }
    Ok(Setting::new(PARALLEL_CALLS_DEFAULT, Origin::Default))
}

fn wrong_kind(file: &SettingsFile, key: &str, wanted: &str) -> Failure {
    Failure::usage(format!("`{key}` in `{}` is not {wanted}", file.path.display()))
}
