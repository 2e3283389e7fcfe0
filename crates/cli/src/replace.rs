//! Writing over a file: the old text or the new one is there at any moment, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts a new text into a file that is there, with the permissions it has. A symbolic link stays one.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = fs::metadata(&path)?.permissions();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = write(file, text, permissions).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // What is left of it is of no use; the first error says more than one about this.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(mut file: File, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}
