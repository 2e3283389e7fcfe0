//! Small workflows, made from a seed, with everything that multiplies, joins, repeats, fails or asks.

use std::collections::BTreeMap;

use branchline_schema_model::check::{CheckContext, check};
use branchline_schema_model::definition::{
    Action, Attribute, Choice, ForEach, Gather, Input, OnError, Repeat, Retry, Section, Select, SourceMap,
    Spread, Step, TypeExpression, Variant, Workflow,
};
use branchline_schema_model::run::StepRunAddress;
use serde_json::json;

use super::random::{Random, hash};

/// One workflow, and how its world answers.
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) workflow: Workflow,
    pub(super) parallel_calls: u32,
    pub(super) unattended: bool,
    /// Steps that are refused in some of their branches, always: `section.step`, and how many calls are refused.
    refused: BTreeMap<String, u32>,
}

impl Scenario {
    pub(super) fn draw(seed: u64) -> Self {
        let mut random = Random::new(seed);
        for _ in 0..DRAWS_MAX {
            let scenario = Author::write(&mut random, seed);
            // A few combinations do not check, such as a missing value in a list of texts.
            if check(&scenario.workflow, &SourceMap::default(), &CheckContext::default()).plan.is_some() {
                return scenario;
            }
        }
        Author::write(&mut Random::new(0), seed)
    }

    /// How many calls of this step run are refused before one is answered.
    pub(super) fn refusals(&self, address: &str) -> u32 {
        let Ok(parsed) = address.parse::<StepRunAddress>() else { return 0 };
        let step = format!("{}.{}", parsed.section, parsed.step);
        let Some(refusals) = self.refused.get(&step) else { return 0 };
        let is_hit = hash(&[address, "refused"]).wrapping_add(self.seed).is_multiple_of(3);
        if is_hit { *refusals } else { 0 }
    }
}

/// Workflows drawn until one checks.
const DRAWS_MAX: u32 = 40;

struct Author<'r> {
    random: &'r mut Random,
    attributes: BTreeMap<String, Attribute>,
    refused: BTreeMap<String, u32>,
    /// Texts that the last step may read.
    known: Vec<&'static str>,
    section: &'static str,
}

impl<'r> Author<'r> {
    fn write(random: &'r mut Random, seed: u64) -> Scenario {
        let mut author = Author {
            random,
            attributes: BTreeMap::new(),
            refused: BTreeMap::new(),
            known: vec!["topic"],
            section: "main",
        };
        author.attributes.insert("topic".to_owned(), Attribute { input: true, ..Attribute::default() });
        let mut sections = vec![author.main()];
        if author.once_in(3) {
            sections.push(author.rounds());
        }
        if author.once_in(3) {
            sections.push(author.chapters());
        }
        if author.once_in(2) {
            sections.push(author.people());
        }
        sections.push(author.end());
        let (parallel_calls, unattended) = (author.random.between(1, 4) as u32, author.once_in(8));
        let workflow = Workflow {
            name: "simulated".to_owned(),
            model: Some("simulated/model".to_owned()),
            attributes: author.attributes,
            sections,
            ..Workflow::default()
        };
        Scenario { seed, workflow, parallel_calls, unattended, refused: author.refused }
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.random.below(times) == 0
    }

    fn declare(&mut self, name: &str, type_name: &str) {
        let value_type = TypeExpression::Name(type_name.to_owned());
        self.attributes.insert(name.to_owned(), Attribute { value_type, ..Attribute::default() });
    }

    fn step(&mut self, name: &str, prompt: &str, output: &str) -> Step {
        let retry = Retry {
            attempts: self.random.between(2, 4) as u32,
            delay_ms: Some(self.random.between(100, 3_000)),
        };
        Step {
            name: name.to_owned(),
            enabled: true,
            prompt: Some(prompt.to_owned()),
            outputs: vec![output.to_owned()],
            retry: self.once_in(2).then_some(retry),
            timeout_ms: Some(self.random.between(15, 45) * 1_000),
            ..Step::default()
        }
    }

    /// Some steps may fail, and say what that means.
    fn may_fail(&mut self, step: &mut Step) {
        let slug = format!("{}.{}", self.section, step.slug());
        let (on_error, refusals) = match self.random.below(9) {
            0 | 1 => (Some(OnError::Skip), u32::MAX),
            2 | 3 => (Some(OnError::Null), u32::MAX),
            4 => (Some(OnError::Pause), 1),
            5 => (None, u32::MAX),
            _ => (None, 0),
        };
        step.on_error = on_error;
        if refusals > 0 && self.once_in(2) {
            self.refused.insert(slug, refusals);
        }
    }

    fn main(&mut self) -> Section {
        self.section = "main";
        self.declare("items", "string[]");
        let mut steps = vec![self.step("List", "List {{topic}}", "items")];
        let mut each = self.step("Each", "Do {{item}} of {{topic}}", "text");
        each.spread.for_each = Some(ForEach { item: "item".to_owned(), list: "items".to_owned() });
        each.spread.parallel = self.once_in(3).then_some(2);
        each.spread.filter = self.once_in(4).then(|| "item != 'none'".to_owned());
        self.may_fail(&mut each);
        if each.on_error.is_none() && self.once_in(3) {
            each.spread.at_least = Some(self.random.between(1, 2) as u32);
        }
        steps.push(each);
        if self.once_in(3) {
            self.nested(&mut steps);
        }
        let scored = self.once_in(2);
        if scored {
            self.declare("score", "integer");
            let mut score = self.step("Score", "Score {{text}}", "score");
            score.when = self.once_in(3).then(|| "branch.number != 2".to_owned());
            self.may_fail(&mut score);
            steps.push(score);
        }
        steps.push(self.join(scored));
        if self.once_in(3) {
            self.candidates(&mut steps);
        }
        Section { name: "Main".to_owned(), enabled: true, steps, ..Section::default() }
    }

    fn nested(&mut self, steps: &mut Vec<Step>) {
        self.declare("parts", "string[]");
        self.declare("pieces", "string[]");
        steps.push(self.step("Parts", "Parts of {{text}}", "parts"));
        let mut part = self.step("Part", "Part {{part}}", "piece");
        part.spread.for_each = Some(ForEach { item: "part".to_owned(), list: "parts".to_owned() });
        if self.once_in(3) {
            part.on_error = Some(OnError::Skip);
            self.refused.insert("main.part".to_owned(), u32::MAX);
        }
        steps.push(part);
        let mut pieces = self.step("Pieces", "", "pieces");
        pieces.prompt = None;
        pieces.action = Action::Gather;
        pieces.gather = gather("piece");
        steps.push(pieces);
    }

    fn join(&mut self, scored: bool) -> Step {
        let mut join = self.step("Join", "All of {{json text}}", "joined");
        match self.random.below(5) {
            0 if scored => {
                join.prompt = None;
                join.action = Action::Select;
                join.select = Some(Select {
                    from: "text".to_owned(),
                    by: "score".to_owned(),
                    order: branchline_schema_model::definition::SelectOrder::Highest,
                    max: None,
                });
            }
            1 => {
                join.prompt = None;
                join.action = Action::Choose;
                join.choice = Choice { from: Some("text".to_owned()), ..Choice::default() };
            }
            2 => {
                join.action = Action::Template;
                join.gather = gather("text");
            }
            _ => join.gather = gather("text"),
        }
        if join.action == Action::Prompt {
            self.may_fail(&mut join);
            // Too few branches stay too few, however often somebody resumes.
            if join.on_error == Some(OnError::Pause) {
                join.on_error = None;
                // And what is refused is refused for good: a call that is lost must not be the one.
                self.refused
                    .entry(format!("{}.{}", self.section, join.slug()))
                    .and_modify(|refusals| *refusals = u32::MAX);
            }
        }
        self.known.push("joined");
        join
    }

    fn candidates(&mut self, steps: &mut Vec<Step>) {
        self.declare("rate", "integer");
        let mut title = self.step("Title", "A title for {{topic}}", "title");
        title.variants =
            ["calm", "bold"].map(|name| Variant { name: name.to_owned(), ..Variant::default() }).into();
        title.samples = self.once_in(2).then_some(2);
        self.may_fail(&mut title);
        steps.push(title);
        steps.push(self.step("Rate", "Rate {{title}}", "rate"));
        let mut best = self.step("Best", "", "best");
        best.prompt = None;
        best.action = Action::Select;
        best.select = Some(Select {
            from: "title".to_owned(),
            by: "rate".to_owned(),
            order: branchline_schema_model::definition::SelectOrder::Lowest,
            max: None,
        });
        best.on_error = self.once_in(2).then_some(OnError::Skip);
        steps.push(best);
        self.known.push("best");
    }

    /// A section in turns.
    fn rounds(&mut self) -> Section {
        self.section = "rounds";
        self.declare("level", "integer");
        let default = Some(json!("nothing"));
        self.attributes.insert("draft".to_owned(), Attribute { default, ..Attribute::default() });
        let mut steps = vec![self.step("Draft", "Better than {{draft}}", "draft")];
        self.may_fail(&mut steps[0]);
        steps.push(self.step("Measure", "Measure {{draft}}", "level"));
        let until = self.once_in(2).then(|| "level > 4".to_owned());
        let repeat = Repeat {
            until,
            max: self.random.between(1, 3) as u32,
            on_max: branchline_schema_model::definition::OnMax::Continue,
        };
        self.known.push("draft");
        Section {
            name: "Rounds".to_owned(),
            enabled: true,
            repeat: Some(repeat),
            steps,
            ..Section::default()
        }
    }

    /// A section for each element.
    fn chapters(&mut self) -> Section {
        self.section = "chapters";
        let mut steps = vec![self.step("Write", "Write {{chapter}} of {{topic}}", "written")];
        self.may_fail(&mut steps[0]);
        if self.once_in(3) {
            let mut ask = self.step("Approve", "", "approved");
            ask.prompt = None;
            ask.action = Action::Input;
            ask.inputs =
                vec![Input { name: "written".to_owned(), attribute: "written".to_owned(), optional: false }];
            steps.push(ask);
        }
        steps.push(self.step("Polish", "Polish {{written}}", "polished"));
        Section {
            name: "Chapters".to_owned(),
            enabled: true,
            spread: Spread {
                for_each: Some(ForEach { item: "chapter".to_owned(), list: "items".to_owned() }),
                parallel: self.once_in(3).then_some(1),
                carry: if self.once_in(4) { vec!["polished".to_owned()] } else { Vec::new() },
                at_least: self.once_in(4).then_some(1),
                ..Spread::default()
            },
            steps,
            ..Section::default()
        }
    }

    fn people(&mut self) -> Section {
        self.section = "people";
        let mut steps = Vec::new();
        if self.once_in(2) {
            let mut ask = self.step("Ask", "", "opinion");
            ask.prompt = None;
            ask.action = Action::Input;
            steps.push(ask);
            self.known.push("opinion");
        }
        if self.once_in(2) {
            let mut choose = self.step("Choose", "", "chosen");
            choose.prompt = None;
            choose.action = Action::Choose;
            choose.choice = Choice { from: Some("items".to_owned()), ..Choice::default() };
            choose.on_error = self.once_in(2).then_some(OnError::Skip);
            steps.push(choose);
            self.known.push("chosen");
        }
        let mut post = self.step("Post", "Post {{topic}}", "posted");
        post.action = Action::Note;
        post.outputs = Vec::new();
        steps.push(post);
        Section { name: "People".to_owned(), enabled: true, steps, ..Section::default() }
    }

    fn end(&mut self) -> Section {
        self.section = "end";
        let reads: Vec<String> = self.known.iter().map(|name| format!("{{{{{name}}}}}")).collect();
        let reads = reads.join(" ");
        let mut all = self.step("All", &reads, "all");
        self.may_fail(&mut all);
        if self.once_in(3) {
            all.when = Some("topic != 'nothing'".to_owned());
        }
        let mut copy = self.step("Copy", "{{all}}", "copy");
        copy.action = Action::Template;
        copy.timeout_ms = None;
        Section { name: "End".to_owned(), enabled: true, steps: vec![all, copy], ..Section::default() }
    }
}

fn gather(attribute: &str) -> Vec<Gather> {
    vec![Gather { name: attribute.to_owned(), attributes: vec![attribute.to_owned()] }]
}
