//! A template with the types of everything it may read.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::template::Writer;
use super::{Choices, Shape};
use crate::definition::{Action, Attribute, Section, Step, TypeExpression, Workflow};

/// Names of attributes; some are names of helpers, of fields and of partials too.
const NAMES: [&str; 6] = ["title", "tags", "verdict", "chapters", "note", "len"];

/// A template, its partials, and its world.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The template.
    pub prompt: String,
    /// What it may include.
    pub partials: BTreeMap<String, String>,
    /// Every attribute by name: its shape, and whether it is optional.
    pub attributes: BTreeMap<&'static str, (Shape, bool)>,
}

/// A random scene.
pub fn scene(choices: &mut Choices<'_>) -> Scene {
    let count = 2 + choices.below(NAMES.len() - 1);
    let attributes: BTreeMap<&'static str, (Shape, bool)> =
        NAMES[..count].iter().map(|name| (*name, (Shape::random(choices, 3), choices.once_in(4)))).collect();
    let roots: Vec<(&str, Shape)> =
        attributes.iter().map(|(name, (shape, _))| (*name, shape.clone())).collect();
    // The prompt first: it is to have its share of the choices.
    let prompt = Writer::new(&roots, &["p1", "p2"]).body(choices, 4);
    let p1 = Writer::new(&roots, &[]).body(choices, 2);
    let p2 = Writer::new(&roots, &["p1"]).body(choices, 2);
    let partials = [("p1", p1), ("p2", p2)].map(|(name, text)| (name.to_owned(), text));
    Scene { prompt, partials: partials.into(), attributes }
}

impl Scene {
    /// A workflow of one step with the template, whose inputs are the attributes.
    pub fn workflow(&self) -> Workflow {
        let attribute = |(name, (shape, optional)): (&&'static str, &(Shape, bool))| {
            let value_type = TypeExpression::Schema(shape.schema());
            let attribute =
                Attribute { value_type, input: true, optional: *optional, ..Attribute::default() };
            ((*name).to_owned(), attribute)
        };
        let step = Step {
            name: "Step".to_owned(),
            action: Action::Prompt,
            enabled: true,
            prompt: Some(self.prompt.clone()),
            ..Step::default()
        };
        let section =
            Section { name: "Section".to_owned(), enabled: true, steps: vec![step], ..Section::default() };
        Workflow {
            name: "scene".to_owned(),
            model: Some("mock".to_owned()),
            attributes: self.attributes.iter().map(attribute).collect(),
            partials: self.partials.clone(),
            sections: vec![section],
            ..Workflow::default()
        }
    }

    /// Values of the right types; optional ones are sometimes left out.
    pub fn values(&self, choices: &mut Choices<'_>) -> BTreeMap<String, Json> {
        let given = self.attributes.iter().filter_map(|(name, (shape, optional))| {
            let is_given = !optional || choices.below(2) == 1;
            is_given.then(|| ((*name).to_owned(), shape.value(choices)))
        });
        given.collect()
    }

    /// The scene as a text, for messages.
    pub fn shown(&self) -> String {
        let types: BTreeMap<&str, Json> =
            self.attributes.iter().map(|(name, (shape, _))| (*name, shape.schema())).collect();
        format!("{}\npartials {}\ntypes {}", self.prompt, json!(self.partials), json!(types))
    }
}
