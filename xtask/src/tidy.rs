//! `cargo xtask tidy`: what the house style promises and a compiler cannot see.
//!
//! Every rule is a function from data to problems, so that it can be shown to fail on a small input.

mod arrows;
mod layout;
mod licence;
mod source;

use anyhow::{Result, bail};

use crate::workspace;

pub(crate) fn run() -> Result<()> {
    let metadata = workspace::metadata()?;
    let files = workspace::files()?;
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut problems = arrows::check(&metadata);
    problems.extend(arrows::check_lints(&files));
    problems.extend(licence::check(&metadata));
    problems.extend(layout::check(&paths));
    problems.extend(files.iter().flat_map(source::check));
    for file in files.iter().filter(|file| source::is_long_without_reason(file)) {
        println!("long: {} has {} lines and no `// long because` line", file.path, file.text.lines().count());
    }
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    if !problems.is_empty() {
        bail!(
            "{} to put right",
            if problems.len() == 1 { "1 thing".into() } else { format!("{} things", problems.len()) }
        );
    }
    println!("{} files are tidy", files.len());
    Ok(())
}
