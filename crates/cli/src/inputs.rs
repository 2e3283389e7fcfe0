//! Values for run inputs: `-i name=value`, `-i name=@file`, `--inputs FILE`; `-` is the standard input.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use branchline_schema_model::definition::{AttributeType, TypeKind, document};
use branchline_schema_model::limits::VALUE_BYTES_MAX;
use branchline_schema_model::name::nearest;
use branchline_schema_model::plan::Plan;
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::words::{clip, type_words};

/// A file of several values: each is bounded on its own, and all of them are held in memory.
const INPUTS_BYTES_MAX: usize = 4 * VALUE_BYTES_MAX;

/// Characters of what is wrong with a value.
const PROBLEM_CHARS: usize = 200;

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
    /// The values of run inputs by name, each of its attribute's type. Whether one is missing is the engine's question.
    pub(crate) fn read(&self, plan: &Plan) -> Result<BTreeMap<String, Json>, Failure> {
        let types =
            plan.run_inputs().map(|(attribute, _)| (attribute.name.clone(), attribute.value_type.clone()));
        self.read_typed(&types.collect(), &plan.workflow)
    }

    /// The values by name, of these types; `whose` has them as its inputs.
    pub(crate) fn read_typed(
        &self,
        types: &BTreeMap<String, AttributeType>,
        whose: &str,
    ) -> Result<BTreeMap<String, Json>, Failure> {
        let type_of = |name: &str| types.get(name).ok_or_else(|| unknown(types, name, whose));
        let mut values = BTreeMap::new();
        if let Some(path) = &self.inputs {
            for (name, value) in parse_file(path)? {
                let value_type = type_of(&name)?;
                value_type.check(&value).map_err(|problem| misfit(&name, value_type, &problem))?;
                values.insert(name, value);
            }
        }
        for given in &self.input {
            let (name, text) = given.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`-i {given}` has no `=`"))
                    .fix("write `-i name=value` or `-i name=@file`")
            })?;
            let value_type = type_of(name)?;
            let text = text_of(text)?;
            let value = value_type.from_text(&text).map_err(|problem| misfit(name, value_type, &problem))?;
            values.insert(name.to_owned(), value);
        }
        for (name, value) in &mut values {
            if type_of(name)?.kind == TypeKind::File {
                from_here(value);
            }
        }
        Ok(values)
    }
}

/// A path that is typed starts at the current directory, which is not always that of the project.
fn from_here(value: &mut Json) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(from_here),
        Json::String(path) => {
            if let Ok(absolute) = std::path::absolute(&*path) {
                *path = absolute.display().to_string();
            }
        }
        _ => {}
    }
}

/// The text behind `value`, `@file` or `-`.
fn text_of(given: &str) -> Result<String, Failure> {
    match given.strip_prefix('@') {
        Some(path) => read_bounded(Path::new(path), VALUE_BYTES_MAX),
        None if given == "-" => read_bounded(Path::new("-"), VALUE_BYTES_MAX),
        None => Ok(given.to_owned()),
    }
}

fn unknown(types: &BTreeMap<String, AttributeType>, name: &str, whose: &str) -> Failure {
    let failure = Failure::usage(format!("`{whose}` has no input `{name}`"));
    let names: Vec<_> = types.keys().map(String::as_str).collect();
    match nearest(name, names.iter().copied()) {
        Some(meant) => failure.fix(format!("did you mean `{meant}`?")),
        None if names.is_empty() => failure.fix("leave it out: nothing is asked for"),
        None => failure.fix(format!("its inputs are `{}`", names.join("`, `"))),
    }
}

fn misfit(name: &str, value_type: &AttributeType, problem: &impl std::fmt::Display) -> Failure {
    let wanted = type_words(value_type);
    let fix = if value_type.is_array && value_type.kind == TypeKind::Object {
        "give a JSON list of such objects, as in '[{\"name\": \"value\"}]'".to_owned()
    } else if value_type.is_array {
        "give a JSON list, such as '[\"a\", \"b\"]'".to_owned()
    } else if value_type.kind == TypeKind::Object {
        "give a JSON object, such as '{\"name\": \"value\"}'".to_owned()
    } else {
        format!("give a value that is `{wanted}`")
    };
    // It quotes the value, which may be a whole file.
    let problem = clip(&problem.to_string(), PROBLEM_CHARS);
    Failure::usage(format!("the value for `{name}` does not fit its type `{wanted}`")).cause(problem).fix(fix)
}

fn parse_file(path: &Path) -> Result<BTreeMap<String, Json>, Failure> {
    let text = read_bounded(path, INPUTS_BYTES_MAX)?;
    let name = path.display().to_string();
    let not_values = || Failure::usage(format!("`{name}` does not hold values by name"));
    // JSON has no limit on its size other than that of the file; YAML has those of a definition.
    let value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) if path.extension().is_some_and(|extension| extension == "json") => {
            return Err(not_values().cause(error));
        }
        Err(_) => document::read_value(&name, &text).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            not_values().cause(problems.join("; "))
        })?,
    };
    match value {
        Json::Object(fields) => Ok(fields.into_iter().collect()),
        _ => Err(not_values().fix("write an object, such as `{ \"topic\": \"rain\" }`")),
    }
}

/// The text of a file, or of the standard input.
pub(crate) fn read_bounded(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let unreadable = |cause: &dyn std::fmt::Display| {
        Failure::usage(format!("`{}` cannot be read", path.display()))
            .cause(cause)
            .fix("give a text file that is there")
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
