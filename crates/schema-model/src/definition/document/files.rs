//! Where the texts of a workflow come from. This crate never touches a file system: whoever can, implements [`Files`].

use std::collections::BTreeMap;

/// The files of one workflow folder.
///
/// Paths are relative to the folder, with `/` between their parts; callers in this crate only ask for paths without
/// `..`, without an absolute start and without empty parts. An implementation over a real folder
///
/// - opens below the folder only: it resolves symbolic links and refuses what ends up outside;
/// - looks at the size before it reads, and reads no more than [`crate::limits::DEFINITION_BYTES_MAX`] bytes;
/// - refuses what is not a regular file, and what is not UTF-8 (a byte order mark and CRLF are fine, they are
///   removed here).
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &str) -> Result<String, FileProblem>;

    /// The paths of the regular files directly in `folder` (`""` is the workflow folder itself), in any order; empty
    /// when there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// It has more bytes than may be read.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It is not text.
    #[error("the file is not text in UTF-8")]
    NotText,
    /// It ends up outside the workflow folder, or is no regular file.
    #[error("the file is outside the workflow folder or no regular file")]
    Refused,
    /// The system refused to open or read it.
    #[error("{0}")]
    Unreadable(String),
}

/// Files held in memory, for a workflow that came as texts (and for tests).
impl Files for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Result<String, FileProblem> {
        self.get(path).cloned().ok_or(FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.keys()
            .filter(|path| path.rsplit_once('/').map_or("", |(parent, _)| parent) == folder)
            .cloned()
            .collect()
    }
}

/// The path if it stays below the folder: parts between `/`, none of them empty, `.` or `..`, no backslash, drive or
/// NUL.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A text as the language sees it: no byte order mark, lines end with LF.
pub(super) fn normalise(text: String) -> String {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if text.contains("\r\n") { text.replace("\r\n", "\n") } else { text }
}
