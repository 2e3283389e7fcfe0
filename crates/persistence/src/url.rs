//! Which database is meant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::postgres::url::PostgresUrl;

/// A database, as people name it: `path`, `sqlite:path`, `sqlite://path` or `postgres://user@host/database`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A database on a PostgreSQL server.
    Postgres(Box<PostgresUrl>),
}

impl DatabaseUrl {
    /// The file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into())
    }

    /// Where the file is, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// Whether it is a file that is not there yet.
    pub fn is_missing_file(&self) -> bool {
        self.path().is_some_and(|path| !path.exists())
    }

    /// As seen from another folder: a path that is not absolute is one below it.
    #[must_use]
    pub fn seen_from(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            Self::Postgres(_) => self,
        }
    }
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// The text does not name a database this program can use. The text itself is not shown: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDatabaseUrlError {
    /// A scheme without an implementation.
    #[error(
        "databases of the kind `{scheme}` are not supported; give a path, `sqlite:PATH` or `postgres://USER@HOST/DATABASE`"
    )]
    UnsupportedScheme {
        /// What stands before the colon.
        scheme: String,
    },
    /// A URL of PostgreSQL that cannot be read.
    #[error("this is no PostgreSQL database: {message}; give `postgres://USER@HOST/DATABASE`")]
    Postgres {
        /// Why not.
        message: String,
    },
    /// Nothing to open.
    #[error("the database has no path; give a path or `sqlite:PATH`")]
    NoPath,
    /// A database that is gone when its process ends.
    #[error("a database in memory cannot keep runs; give the path of a file")]
    InMemory,
}

impl FromStr for DatabaseUrl {
    type Err = ParseDatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseDatabaseUrlError> {
        let path = match text.split_once(':') {
            Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
            Some(("postgres" | "postgresql", rest)) => {
                let message = "it begins with `postgres://`".to_owned();
                let url = rest.starts_with("//").then(|| PostgresUrl::parse(text)).ok_or(message);
                let url = url.flatten().map_err(|message| ParseDatabaseUrlError::Postgres { message })?;
                return Ok(Self::Postgres(Box::new(url)));
            }
            // A single letter is a drive, as in `C:\runs.db`.
            Some((scheme, rest)) if is_scheme(scheme) && (rest.starts_with("//") || is_database(scheme)) => {
                return Err(ParseDatabaseUrlError::UnsupportedScheme { scheme: scheme.to_owned() });
            }
            _ => text,
        };
        match path {
            "" => Err(ParseDatabaseUrlError::NoPath),
            ":memory:" => Err(ParseDatabaseUrlError::InMemory),
            path => Ok(Self::file(path)),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
}

fn is_database(scheme: &str) -> bool {
    ["mysql", "file"].contains(&scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_sqlite_urls_are_files() {
        for (text, path) in [
            ("runs.db", "runs.db"),
            ("/var/runs.db", "/var/runs.db"),
            ("sqlite:runs.db", "runs.db"),
            ("sqlite://runs.db", "runs.db"),
            ("sqlite:///var/runs.db", "/var/runs.db"),
            (r"C:\runs.db", r"C:\runs.db"),
            ("odd:name.db", "odd:name.db"),
        ] {
            assert_eq!(text.parse(), Ok(DatabaseUrl::file(path)), "{text}");
        }
    }

    #[test]
    fn servers_are_postgresql() {
        for text in ["postgres://me:secret@host/db", "postgresql://me:secret@host:5432/db?sslmode=disable"] {
            let url = text.parse::<DatabaseUrl>().unwrap();
            assert_eq!(url.to_string(), "postgres://me@host:5432/db");
            assert_eq!(url.path(), None);
        }
    }

    #[test]
    fn other_databases_are_refused_without_showing_the_password() {
        for text in ["mysql://me:secret@host/db", "mysql:db", "http://me:secret@host/x.db"] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("not supported"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for text in
            ["postgresql:db", "postgres://me:secret@host:x/db", "postgres://me:secret@host/db?x=secret"]
        {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("no PostgreSQL database"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!("sqlite:".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::NoPath));
        assert_eq!("".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::NoPath));
        assert_eq!("sqlite::memory:".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::InMemory));
    }
}
