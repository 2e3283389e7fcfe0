//! Which database is meant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A database, as people name it: `path`, `sqlite:path` or `sqlite://path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    path: PathBuf,
}

impl DatabaseUrl {
    /// The file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Without credentials, which a file has none of.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path.display())
    }
}

/// The text does not name a database this program can use. The text itself is not shown: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDatabaseUrlError {
    /// A scheme without an implementation.
    #[error(
        "databases of the kind `{scheme}` are not supported by this version; give a path or `sqlite:PATH`"
    )]
    UnsupportedScheme {
        /// What stands before the colon.
        scheme: String,
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
    ["postgres", "postgresql", "mysql", "file"].contains(&scheme)
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
    fn other_databases_are_refused_without_showing_the_password() {
        for text in ["postgres://me:secret@host/db", "postgresql:db", "mysql://host/db", "http://host/x.db"] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("not supported by this version"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!("sqlite:".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::NoPath));
        assert_eq!("".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::NoPath));
        assert_eq!("sqlite::memory:".parse::<DatabaseUrl>(), Err(ParseDatabaseUrlError::InMemory));
    }
}
