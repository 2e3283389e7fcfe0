//! Random workflows that check.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Choices, Shape};
use crate::definition::{
    Action, Attribute, Choice, ForEach, Gather, Input, ModelParameters, Retry, Section, Step, TypeExpression,
    Workflow,
};

/// Texts that are easily lost or changed on the way through YAML, files and databases.
const UGLY: [&str; 10] = [
    "",
    "a: b # c",
    " spaces around ",
    "line\n  indented\n\nlast\n",
    "\"quotes\" and 'quotes'",
    "\ttab, ü, 😀, \u{2028}",
    "- no: [list]",
    "0755",
    "trailing\n\n\n",
    "null",
];

/// A random workflow of one to three sections. Nearly every one checks.
pub fn workflow(choices: &mut Choices<'_>) -> Workflow {
    let mut author = Author { choices, known: Vec::new(), attributes: BTreeMap::new(), steps: 0 };
    author.inputs();
    let sections = (0..=author.choices.below(3)).map(|number| author.section(number)).collect();
    let (attributes, choices) = (author.attributes, author.choices);
    Workflow {
        name: format!("flow {}", choices.below(100)),
        description: ugly(choices),
        model: Some("mock".to_owned()),
        parameters: parameters(choices),
        attributes,
        partials: [("house".to_owned(), format!("Plain words. {}", ugly(choices)))].into(),
        sections,
        ..Workflow::default()
    }
}

struct Known {
    name: String,
    shape: Shape,
    /// Whether there is one for each branch of the section that is being written.
    in_branch: bool,
    optional: bool,
}

struct Author<'c, 'n> {
    choices: &'c mut Choices<'n>,
    known: Vec<Known>,
    attributes: BTreeMap<String, Attribute>,
    steps: usize,
}

impl Author<'_, '_> {
    fn inputs(&mut self) {
        let list = Shape::List(Box::new(Shape::random(self.choices, 1)));
        self.input("things", flat(list), false);
        for number in 0..=self.choices.below(3) {
            let shape = Shape::random(self.choices, 2);
            let optional = self.choices.once_in(3);
            self.input(&format!("given_{number}"), shape, optional);
        }
    }

    fn input(&mut self, name: &str, shape: Shape, optional: bool) {
        let default = self.choices.once_in(3).then(|| shape.value(self.choices));
        self.declare(name, &shape, default, true, optional);
        self.known.push(Known { name: name.to_owned(), shape, in_branch: false, optional });
    }

    fn declare(&mut self, name: &str, shape: &Shape, default: Option<Json>, input: bool, optional: bool) {
        let value_type = TypeExpression::Schema(shape.schema());
        let description = ugly(self.choices);
        let attribute = Attribute { description, value_type, input, optional, default };
        self.attributes.insert(name.to_owned(), attribute);
    }

    fn section(&mut self, number: usize) -> Section {
        let steps = (0..=self.choices.below(5)).map(|_| self.step()).collect();
        // Branches end with their section.
        self.known.retain(|known| !known.in_branch);
        Section {
            name: format!("Section {number} {}", ugly(self.choices).trim()),
            description: ugly(self.choices),
            enabled: true,
            steps,
            ..Section::default()
        }
    }

    fn step(&mut self) -> Step {
        self.steps += 1;
        let mut step = Step {
            name: format!("Step {}", self.steps),
            description: ugly(self.choices),
            enabled: true,
            parameters: parameters(self.choices),
            retry: self.choices.once_in(4).then_some(Retry { attempts: 3, delay_ms: Some(1_500) }),
            timeout_ms: self.choices.once_in(4).then_some(90_000),
            ..Step::default()
        };
        let has_branches = self.known.iter().any(|known| known.in_branch);
        match (self.choices.below(6), has_branches) {
            (0 | 1, false) => self.fan_out(&mut step),
            (0, true) => self.gather(&mut step),
            (1, true) => self.choose(&mut step),
            (2, _) => self.ask(&mut step),
            _ => self.write(&mut step),
        }
        step
    }

    fn fan_out(&mut self, step: &mut Step) {
        let lists: Vec<(String, Shape)> = self.known.iter().filter_map(element).collect();
        let (list, shape) = self.choices.of(&lists).clone();
        let item = format!("item_{}", self.steps);
        step.spread.parallel = self.choices.once_in(2).then_some(4);
        step.spread.for_each = Some(ForEach { item: item.clone(), list });
        self.known.push(Known { name: item.clone(), shape, in_branch: true, optional: false });
        self.prompt(step, &format!("{{{{{item}}}}} of {{{{branch.count}}}}. "));
        self.output(step, true);
    }

    fn gather(&mut self, step: &mut Step) {
        let branched = self.branched();
        let name = self.choices.of(&branched).clone();
        step.gather = vec![Gather { name: name.clone(), attributes: vec![name.clone()] }];
        if self.choices.below(2) == 0 {
            step.action = Action::Gather;
            let shape = self.known.iter().find(|known| known.name == name).map(|known| known.shape.clone());
            let list = flat(Shape::List(Box::new(shape.unwrap_or(Shape::Text))));
            self.output_of(step, list, false);
        } else {
            // Nothing else of the branches: it runs once.
            step.prompt =
                Some(format!("{}{{{{#each {name}}}}}{{{{this}}}}\n{{{{/each}}}}", ugly(self.choices)));
            self.output(step, false);
        }
    }

    fn choose(&mut self, step: &mut Step) {
        let branched = self.branched();
        let from = self.choices.of(&branched).clone();
        let shape = self.known.iter().find(|known| known.name == from).map(|known| known.shape.clone());
        let Some(shape) = shape else { return };
        step.action = Action::Choose;
        step.choice = Choice { from: Some(from), ..Choice::default() };
        let one = match shape {
            Shape::List(item) => *item,
            other => other,
        };
        self.output_of(step, one, false);
    }

    fn branched(&self) -> Vec<String> {
        self.known.iter().filter(|known| known.in_branch).map(|known| known.name.clone()).collect()
    }

    fn ask(&mut self, step: &mut Step) {
        step.action = Action::Input;
        let shown = self.known.iter().filter(|known| !known.in_branch).map(|known| known.name.clone());
        let shown: Vec<String> = shown.collect();
        let attribute = self.choices.of(&shown).clone();
        step.inputs = vec![Input { name: attribute.clone(), attribute, optional: self.choices.once_in(2) }];
        self.output(step, false);
    }

    fn write(&mut self, step: &mut Step) {
        let is_template = self.choices.once_in(3);
        let in_branch = self.prompt(step, "");
        if is_template {
            step.action = Action::Template;
            self.output_of(step, Shape::Text, in_branch);
        } else {
            self.output(step, in_branch);
        }
    }

    /// A prompt that reads up to three values; whether one of them lives in branches.
    fn prompt(&mut self, step: &mut Step, begin: &str) -> bool {
        let mut prompt = format!("{begin}{}{{{{> house}}}}", ugly(self.choices));
        let mut in_branch = false;
        for _ in 0..=self.choices.below(3) {
            let known = self.choices.of(&self.known);
            let name = &known.name;
            in_branch |= known.in_branch;
            let mention = match (known.optional, &known.shape) {
                (true, _) => format!("{{{{#if {name}}}}}{{{{{name}}}}}{{{{else}}}}none{{{{/if}}}}"),
                (_, Shape::List(_)) => format!("{{{{#each {name}}}}}- {{{{this}}}}\n{{{{/each}}}}"),
                (_, Shape::Object(fields)) => {
                    let fields = fields.iter().map(|(field, ..)| format!("{{{{{name}.[{field}]}}}} "));
                    fields.collect::<Vec<_>>().concat()
                }
                _ => format!("{{{{{name}}}}}"),
            };
            prompt.push_str(&mention);
        }
        step.prompt = Some(prompt);
        step.prompt_file = self.choices.once_in(3).then(|| format!("prompts/step {}.md", self.steps));
        in_branch
    }

    fn output(&mut self, step: &mut Step, in_branch: bool) {
        let shape = Shape::random(self.choices, 2);
        self.output_of(step, shape, in_branch);
    }

    fn output_of(&mut self, step: &mut Step, shape: Shape, in_branch: bool) {
        let name = format!("made_{}", self.steps);
        self.declare(&name, &shape, None, false, false);
        step.outputs = vec![name.clone()];
        self.known.push(Known { name, shape, in_branch, optional: false });
    }
}

/// The element shape of a list that is always there.
fn element(known: &Known) -> Option<(String, Shape)> {
    match &known.shape {
        Shape::List(item) if !known.optional => Some((known.name.clone(), (**item).clone())),
        _ => None,
    }
}

/// There are no lists of lists.
fn flat(shape: Shape) -> Shape {
    match shape {
        Shape::List(item) => match *item {
            Shape::List(inner) => flat(Shape::List(inner)),
            item => Shape::List(Box::new(item)),
        },
        other => other,
    }
}

fn ugly(choices: &mut Choices<'_>) -> String {
    (*choices.of(&UGLY)).to_owned()
}

fn parameters(choices: &mut Choices<'_>) -> ModelParameters {
    ModelParameters {
        temperature: choices.once_in(3).then_some(0.1),
        max_tokens: choices.once_in(3).then_some(2_000),
        stop: if choices.once_in(4) { vec!["\n\n".to_owned(), "END".to_owned()] } else { Vec::new() },
        ..ModelParameters::default()
    }
}
