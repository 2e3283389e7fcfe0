//! The names behind the ids of a run, from the definition file of the other database.

use std::collections::HashMap;

use crate::import::convert::imported_names;
use crate::import::form::{self, Form};
use crate::import::read;
use crate::import::{ImportError, ImportReport, tree};

/// Names by the ids of another database: as they are here after the import of that definition.
#[derive(Debug, Clone, Default)]
pub struct RunNames {
    /// The workflow's name.
    pub workflow: String,
    pub(super) sections: HashMap<String, String>,
    /// Each with the name of its step.
    pub(super) steps: HashMap<String, String>,
    pub(super) attributes: HashMap<String, String>,
    /// Names of attributes in the file, each with the name here.
    pub(super) renamed: HashMap<String, String>,
}

impl RunNames {
    /// Reads the definition file of a run.
    ///
    /// # Errors
    ///
    /// [`ImportError`] when it is no definition with ids.
    pub fn read(text: &str) -> Result<Self, ImportError> {
        let tree = tree::parse(text)?;
        if form::detect(&tree.root) != Some(Form::IdJson) {
            return Err(ImportError::Shape("this is no definition with ids".to_owned()));
        }
        // What is to be said about the definition is said when it is imported.
        let mut silent = ImportReport::default();
        let foreign = read::workflow(&tree, Form::IdJson, &mut silent)?;
        Ok(imported_names(&foreign))
    }

    /// Puts names together.
    pub(in crate::import) fn new(
        workflow: String,
        sections: HashMap<String, String>,
        steps: HashMap<String, String>,
        attributes: HashMap<String, String>,
        renamed: HashMap<String, String>,
    ) -> Self {
        Self { workflow, sections, steps, attributes, renamed }
    }
}
