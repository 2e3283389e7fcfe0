//! The parent: starts a child for a target, and makes something readable of its death.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::Budget;
use crate::child::CURRENT;
use crate::ending::{Ending, run_child};
use crate::minimise::minimise;
use crate::target::Target;

/// One search in one target.
pub(crate) struct Hunt<'a> {
    pub(crate) target: &'a Target,
    pub(crate) budget: Budget,
    pub(crate) seed: u64,
    pub(crate) plant: bool,
    pub(crate) folder: &'a Path,
}

impl Hunt<'_> {
    /// Searches until the time is over or something is found; whether something was.
    pub(crate) fn run(&self) -> Result<bool> {
        let name = self.target.name;
        // Several searches may go on at one time.
        let folder = self.folder.join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let (option, budget) = match self.budget {
            Budget::Inputs(inputs) => ("--inputs", inputs.to_string()),
            Budget::Seconds(seconds) => ("--seconds", seconds.to_string()),
        };
        let seed = self.seed.to_string();
        let start = Instant::now();
        let arguments =
            [(option, Path::new(&budget)), ("--seed", Path::new(&seed)), ("--folder", folder.as_path())];
        let ending = run_child(name, self.plant, &arguments)?;
        println!("{name}: {ending} ({:.0} s)", start.elapsed().as_secs_f64());
        let is_found = !matches!(ending, Ending::Well(_));
        if is_found {
            let input =
                std::fs::read(folder.join(CURRENT)).context("the child died before its first input")?;
            self.tell(&input, &ending, &folder)?;
        }
        std::fs::remove_dir_all(&folder)?;
        Ok(is_found)
    }

    /// Makes the input smaller, keeps it, and says how to see its effect again.
    fn tell(&self, input: &[u8], ending: &Ending, folder: &Path) -> Result<()> {
        let name = self.target.name;
        let trial = folder.join("trial");
        let small = minimise(input, &mut |candidate| {
            std::fs::write(&trial, candidate)?;
            Ok(ending.is_same(&run_child(name, self.plant, &[("--input", &trial)])?))
        })?;
        let path = self.keep(&small)?;
        println!("  {} bytes, from {}", small.len(), input.len());
        let plant = if self.plant { " --plant" } else { "" };
        println!("  again with: cargo xtask fuzz {name} --input {}{plant}", shown(&path));
        Ok(())
    }

    fn keep(&self, input: &[u8]) -> Result<PathBuf> {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let path = self.folder.join(format!("{}-{:016x}", self.target.name, hasher.finish()));
        std::fs::write(&path, input)?;
        Ok(path)
    }
}

/// As short as it can be written from where this was started.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Gives one file to a target and says how that ends.
pub(crate) fn try_input(target: &Target, input: &Path, plant: bool) -> Result<()> {
    match run_child(target.name, plant, &[("--input", input)])? {
        Ending::Well(_) => {
            println!("{}: `{}` goes through", target.name, input.display());
            Ok(())
        }
        ending => bail!("{}: {ending}", target.name),
    }
}
