//! Values for run inputs: `-i name=value`, `-i name=@file`, `--inputs FILE`; `-` is the standard input.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use branchline_schema_model::limits::VALUE_BYTES_MAX;
use branchline_schema_model::name::nearest;
use branchline_schema_model::plan::{Plan, PlanAttribute};
use serde_json::Value as Json;

use crate::failure::Failure;

/// A file of several values: each is bounded on its own, and all of them are held in memory.
const INPUTS_BYTES_MAX: usize = 4 * VALUE_BYTES_MAX;

/// The inputs as typed.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct InputArgs {
    /// A value: `name=text`, `name=@file`, or `name=-` for the standard input; repeat it for more.
    /// Lists and objects are given as JSON, a list of texts also one item a line
    #[arg(short = 'i', long = "input", value_name = "NAME=VALUE")]
    input: Vec<String>,
    /// A JSON or YAML file of values by name; `-` is the standard input. `-i` goes before it
    #[arg(long = "inputs", value_name = "FILE")]
    inputs: Option<PathBuf>,
}

impl InputArgs {
    /// The values by name, each of its attribute's type. Whether one is missing is the engine's question.
    pub(crate) fn read(&self, plan: &Plan) -> Result<BTreeMap<String, Json>, Failure> {
        let mut values = BTreeMap::new();
        if let Some(path) = &self.inputs {
            for (name, value) in parse_file(path)? {
                let attribute = attribute(plan, &name)?;
                attribute.value_type.check(&value).map_err(|problem| misfit(attribute, &problem))?;
                values.insert(name, value);
            }
        }
        for given in &self.input {
            let (name, text) = given.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`-i {given}` has no `=`"))
                    .fix("write `-i name=value` or `-i name=@file`")
            })?;
            let attribute = attribute(plan, name)?;
            let text = self.text(text)?;
            let value =
                attribute.value_type.from_text(&text).map_err(|problem| misfit(attribute, &problem))?;
            values.insert(name.to_owned(), value);
        }
        Ok(values)
    }

    /// The text behind `value`, `@file` or `-`.
    fn text(&self, given: &str) -> Result<String, Failure> {
        match given.strip_prefix('@') {
            Some(path) => read_bounded(Path::new(path), VALUE_BYTES_MAX),
            None if given == "-" => read_bounded(Path::new("-"), VALUE_BYTES_MAX),
            None => Ok(given.to_owned()),
        }
    }
}

fn attribute<'a>(plan: &'a Plan, name: &str) -> Result<&'a PlanAttribute, Failure> {
    let inputs: Vec<_> = plan.run_inputs().map(|(attribute, _)| attribute).collect();
    inputs.iter().find(|attribute| attribute.name == name).copied().ok_or_else(|| {
        let names: Vec<_> = inputs.iter().map(|attribute| attribute.name.as_str()).collect();
        let failure = Failure::usage(format!("`{}` has no run input `{name}`", plan.workflow));
        match nearest(name, names.iter().copied()) {
            Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
            None if names.is_empty() => failure.fix("leave it out: this workflow asks for nothing"),
            None => failure.fix(format!("its inputs are `{}`", names.join("`, `"))),
        }
    })
}

fn misfit(attribute: &PlanAttribute, problem: &impl std::fmt::Display) -> Failure {
    Failure::usage(format!(
        "the value for `{}` does not fit its type `{}`",
        attribute.name, attribute.value_type
    ))
    .cause(problem)
    .fix(if attribute.value_type.is_array {
        "give a JSON list, such as '[\"a\", \"b\"]'"
    } else {
        "give it as JSON"
    })
}

fn parse_file(path: &Path) -> Result<BTreeMap<String, Json>, Failure> {
    let text = read_bounded(path, INPUTS_BYTES_MAX)?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("`{}` is not a JSON object of values by name", path.display())).cause(error)
    })
}

/// The text of a file, or of the standard input.
pub(crate) fn read_bounded(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        Failure::usage(format!("`{}` cannot be read", path.display())).cause(cause)
    };
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    if path.as_os_str() == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    } else {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    }
    if bytes.len() > bytes_max {
        return Err(unreadable(&format!("it has more than {bytes_max} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable(&"it is not text in UTF-8"))
}
