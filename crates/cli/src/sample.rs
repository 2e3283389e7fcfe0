//! The projects that `init` and `demo` write.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::verb;

/// Which project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    /// One workflow with one prompt file.
    Hello,
    /// Every part of the language once, with the answers of its models.
    Demo,
}

/// Path in the project, and text.
type SampleFile = (&'static str, &'static str);

const GITIGNORE: &str = include_str!("sample/init/gitignore");

const HELLO: &[SampleFile] = &[
    ("branchline.toml", include_str!("sample/init/branchline.toml")),
    (".gitignore", GITIGNORE),
    ("workflows/hello/workflow.yaml", include_str!("sample/init/workflow.yaml")),
    ("workflows/hello/prompts/write.md", include_str!("sample/init/prompts/write.md")),
];

const DEMO: &[SampleFile] = &[
    ("branchline.toml", include_str!("sample/demo/branchline.toml")),
    (".gitignore", GITIGNORE),
    ("talk.txt", include_str!("sample/demo/talk.txt")),
    ("mock-answers.json", include_str!("sample/demo/mock-answers.json")),
    ("workflows/talk-to-article/workflow.yaml", include_str!("sample/demo/workflow.yaml")),
    ("workflows/talk-to-article/prompts/outline.md", include_str!("sample/demo/prompts/outline.md")),
    ("workflows/talk-to-article/prompts/first-draft.md", include_str!("sample/demo/prompts/first-draft.md")),
    ("workflows/talk-to-article/prompts/rewrite.md", include_str!("sample/demo/prompts/rewrite.md")),
    ("workflows/talk-to-article/prompts/judge.md", include_str!("sample/demo/prompts/judge.md")),
    ("workflows/talk-to-article/prompts/compare.md", include_str!("sample/demo/prompts/compare.md")),
    ("workflows/talk-to-article/prompts/page.md", include_str!("sample/demo/prompts/page.md")),
];

impl Sample {
    fn files(self) -> &'static [SampleFile] {
        match self {
            Self::Hello => HELLO,
            Self::Demo => DEMO,
        }
    }
}

/// The schema that the first line of a sample's workflow file names; kept out of version control with the database.
const SCHEMA: &str = ".branchline/workflow.schema.json";

/// Writes a project and returns the files that were made. Whether one of them would overwrite something is looked at
/// before the first is written; a `.gitignore` that is there stays as it is. The schema is this program's own and is
/// always written.
pub(crate) fn create(sample: Sample, directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let files = sample.files().iter().map(|(path, text)| (directory.join(path), *text));
    let files: Vec<_> = files.filter(|(path, _)| !(path.ends_with(".gitignore") && path.exists())).collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(Failure::usage(format!("`{}` is there already; nothing was written", path.display()))
            .fix("give another directory"));
    }
    for (path, text) in &files {
        write_new(path, text)?;
    }
    let schema = directory.join(SCHEMA);
    write_schema(&schema).map_err(|error| {
        Failure::unexpected(format!("`{}` cannot be written", schema.display())).cause(error)
    })?;
    Ok(files.into_iter().map(|(path, _)| path).chain([schema]).collect())
}

/// Its folder is the one of the database, which is nobody else's business.
fn write_schema(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path.parent().unwrap_or(path))?;
    fs::write(path, verb::schema::text())
}

/// Writes a file that is not there yet, with the folders above it.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let written = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    };
    written().map_err(|error: std::io::Error| {
        Failure::unexpected(format!("`{}` cannot be written", path.display())).cause(error)
    })
}
