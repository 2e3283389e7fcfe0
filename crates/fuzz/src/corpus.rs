//! The files that inputs are made from: those of the tests and of the corpus, and what turned out to be interesting.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fastrand::Rng;

use crate::seen::Seen;
use crate::target::Target;

/// Inputs kept; behind that, new ones take the places of old ones.
const INPUTS_MAX: usize = 4_096;

/// Larger inputs are tried once and not built upon: they make everything slow.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Inputs worth building upon, and everything they met.
pub(crate) struct Corpus {
    inputs: Vec<Vec<u8>>,
    things: BTreeSet<u64>,
}

impl Corpus {
    /// The first inputs of a target: `tests/fixtures/fuzz/TARGET/*`, and every file of the fixtures and samples that
    /// is of its kind. In the order of their names, so that a seed makes the same inputs everywhere.
    pub(crate) fn first(target: &Target) -> Result<Vec<Vec<u8>>> {
        let fixtures = root().join("tests/fixtures");
        let mut paths = Vec::new();
        list(&fixtures.join("fuzz").join(target.name), &|_| true, &mut paths)?;
        let is_of_its_kind = |path: &Path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| target.extensions.contains(&extension))
                && !path.starts_with(fixtures.join("fuzz"))
        };
        list(&fixtures, &is_of_its_kind, &mut paths)?;
        list(&root().join("crates/cli/src/sample"), &is_of_its_kind, &mut paths)?;
        paths
            .iter()
            .map(|path| std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display())))
            .collect()
    }

    /// A corpus without inputs.
    pub(crate) fn new() -> Self {
        Self { inputs: Vec::new(), things: BTreeSet::new() }
    }

    /// Takes an input in if it met something new.
    pub(crate) fn offer(&mut self, input: Vec<u8>, seen: Seen, random: &mut Rng) {
        let before = self.things.len();
        self.things.extend(seen.into_things());
        if self.things.len() == before || input.len() > INPUT_BYTES_MAX {
            return;
        }
        if self.inputs.len() < INPUTS_MAX {
            self.inputs.push(input);
        } else {
            let place = random.usize(..INPUTS_MAX);
            self.inputs[place] = input;
        }
    }

    /// One of the inputs, the younger ones more often; nothing when there is none.
    pub(crate) fn pick(&self, random: &mut Rng) -> &[u8] {
        let Some(last) = self.inputs.len().checked_sub(1) else { return &[] };
        let place = random.usize(..=last);
        let place = if random.bool() { place.max(random.usize(..=last)) } else { place };
        &self.inputs[place]
    }

    /// How many inputs there are, and how many things they met.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.inputs.len(), self.things.len())
    }
}

fn list(folder: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let entries: std::io::Result<Vec<_>> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let mut entries = entries?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            list(&path, wanted, found)?;
        } else if wanted(&path) {
            found.push(path);
        }
    }
    Ok(())
}
