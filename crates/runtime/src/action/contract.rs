//! What a step's answer has to look like, made from the attributes it writes.

use std::collections::BTreeMap;

use branchline_schema_model::definition::AttributeType;
use branchline_schema_model::plan::{Plan, StepIndex};
use serde_json::{Map, Value as Json, json};

use super::answer;
use crate::prompt::without_blank_edges;

/// The outputs of a step by name and type, in declared order.
pub(super) struct Contract<'a> {
    outputs: Vec<(&'a str, &'a AttributeType, &'a str)>,
}

impl<'a> Contract<'a> {
    pub(super) fn of_step(plan: &'a Plan, step: StepIndex) -> Self {
        let attributes = plan.step(step).writes.iter().map(|index| plan.attribute(*index));
        let outputs = attributes.map(|one| (one.name.as_str(), &one.value_type, one.description.as_str()));
        Self { outputs: outputs.collect() }
    }

    /// Whether the answer is taken as text: there is one plain text to give, or nothing.
    fn is_plain_text(&self) -> bool {
        match self.outputs.as_slice() {
            [] => true,
            [(_, value_type, _)] => value_type.is_plain_text() && value_type.schema.is_none(),
            _ => false,
        }
    }

    /// JSON Schema of the answer: an object with every output, also for a single one, because that is what providers
    /// take. `None` asks for plain text.
    pub(super) fn schema(&self) -> Option<Json> {
        if self.is_plain_text() {
            return None;
        }
        let property = |value_type: &AttributeType, description: &str| {
            let mut schema = value_type.json_schema();
            if let Json::Object(members) = &mut schema
                && !description.is_empty()
            {
                members.entry("description").or_insert_with(|| Json::from(description));
            }
            schema
        };
        let properties: Map<String, Json> = self
            .outputs
            .iter()
            .map(|(name, kind, text)| ((*name).to_owned(), property(kind, text)))
            .collect();
        let required: Vec<&str> = self.outputs.iter().map(|(name, ..)| *name).collect();
        Some(json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false
        }))
    }

    /// The values in a model's answer.
    ///
    /// # Errors
    ///
    /// What is wrong with the answer, one sentence each, for the model to read.
    pub(super) fn parse(&self, text: &str) -> Result<BTreeMap<String, Json>, Vec<String>> {
        match self.outputs.as_slice() {
            [] => Ok(BTreeMap::new()),
            [(name, ..)] if self.is_plain_text() => {
                self.fit([(*name, Json::from(without_blank_edges(text)))].into())
            }
            _ => self.parse_structured(text),
        }
    }

    /// The first of the JSON values in the text that fits; lenient in where it stands, strict in what it is.
    fn parse_structured(&self, text: &str) -> Result<BTreeMap<String, Json>, Vec<String>> {
        let mut problems = None;
        for candidate in answer::candidates(text) {
            match self.take(candidate) {
                Ok(values) => return Ok(values),
                Err(found) => problems = problems.or(Some(found)),
            }
        }
        // An enum may come as the bare word.
        if let [(name, kind, _)] = self.outputs.as_slice()
            && kind.is_plain_text()
        {
            match self.fit([(*name, Json::from(text.trim()))].into()) {
                Ok(values) => return Ok(values),
                Err(found) => problems = problems.or(Some(found)),
            }
        }
        Err(problems.unwrap_or_else(|| vec!["the answer holds no complete JSON value".to_owned()]))
    }

    /// The outputs out of one JSON value: an object of them, or the bare value of a single one.
    fn take(&self, value: Json) -> Result<BTreeMap<String, Json>, Vec<String>> {
        let is_named = match &value {
            Json::Object(fields) => self.outputs.iter().any(|(name, ..)| fields.contains_key(*name)),
            _ => false,
        };
        let wrapped = match &value {
            Json::Object(fields) if is_named => {
                let given = |name: &'a str| Some((name, fields.get(name)?.clone()));
                self.fit(self.outputs.iter().filter_map(|(name, ..)| given(name)).collect())
            }
            Json::Object(_)
            | Json::Array(_)
            | Json::String(_)
            | Json::Number(_)
            | Json::Bool(_)
            | Json::Null => {
                let names: Vec<String> = self.outputs.iter().map(|(name, ..)| format!("`{name}`")).collect();
                Err(vec![format!("the answer is not a JSON object with {}", names.join(", "))])
            }
        };
        match (self.outputs.as_slice(), wrapped) {
            ([(name, ..)], Err(problems)) => {
                self.fit([(*name, value)].into()).map_err(|bare| if is_named { problems } else { bare })
            }
            (_, wrapped) => wrapped,
        }
    }

    /// Checks values against the types of the outputs.
    pub(super) fn fit(
        &self,
        mut given: BTreeMap<&'a str, Json>,
    ) -> Result<BTreeMap<String, Json>, Vec<String>> {
        let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
        for (name, value_type, _) in &self.outputs {
            let Some(value) = given.remove(name) else {
                problems.push(format!("`{name}` is missing"));
                continue;
            };
            match value_type.check(&value).and_then(|()| value_type.to_stored(&value)) {
                Ok(_) => {
                    values.insert((*name).to_owned(), value);
                }
                Err(error) => problems.extend(error.problems.iter().map(|one| format!("`{name}`: {one}"))),
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(problems) }
    }

    /// The values a rendered text stands for: a text as it is, anything else as JSON.
    ///
    /// # Errors
    ///
    /// Why it does not fit, one sentence each.
    pub(super) fn parse_rendered(&self, text: &str) -> Result<BTreeMap<String, Json>, Vec<String>> {
        match self.outputs.as_slice() {
            [] => Ok(BTreeMap::new()),
            [(name, value_type, _)] => {
                let value = value_type.from_text(text).map_err(|error| error.problems)?;
                self.fit([(*name, value)].into())
            }
            _ => {
                let value =
                    serde_json::from_str(text).map_err(|error| vec![format!("it is not JSON: {error}")])?;
                self.take(value)
            }
        }
    }
}

#[cfg(test)]
mod tests;
