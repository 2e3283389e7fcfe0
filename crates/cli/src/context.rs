//! What a verb works with: the settings that apply, and the output. The store and the engine are opened on demand.

use crate::args::Global;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// What a verb works with.
#[derive(Debug)]
pub(crate) struct Context {
    /// The only way to print.
    pub(crate) output: Output,
    /// What applies.
    pub(crate) settings: Settings,
    /// Every "are you sure" is answered already.
    pub(crate) yes: bool,
}

impl Context {
    /// Resolves the settings.
    pub(crate) fn new(global: Global, output: Output) -> Result<Self, Failure> {
        Ok(Self { output, settings: Settings::resolve(&global)?, yes: global.yes })
    }
}
