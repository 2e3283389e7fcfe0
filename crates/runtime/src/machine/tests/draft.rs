//! Plans by hand: each step writes the attribute of its name, and `topic` comes in.

use branchline_schema_model::definition::{ModelParameters, OnMax};
use branchline_schema_model::plan::{Candidates, PlanCondition, PlanVariant, Turns, WriterAt};

use super::*;

pub(super) struct Draft {
    pub(super) plan: Plan,
}

impl Draft {
    pub(super) fn new() -> Self {
        let mut draft = Self {
            plan: Plan {
                workflow: "test".into(),
                attributes: Vec::new(),
                sections: vec![section("Inputs", 0, 1)],
                steps: Vec::new(),
                levels: Vec::new(),
                outputs: Vec::new(),
                partials: BTreeMap::new(),
            },
        };
        let topic = draft.attribute("topic");
        let mut inputs = step(0, "inputs", Vec::new(), Vec::new(), 0);
        inputs.writes = vec![topic];
        draft.plan.steps.push(inputs);
        draft
    }

    /// The attribute of a name, made at its first mention.
    pub(super) fn attribute(&mut self, name: &str) -> AttributeIndex {
        let found = self.plan.attributes.iter().position(|attribute| attribute.name == name);
        let index = found.unwrap_or_else(|| {
            self.plan.attributes.push(PlanAttribute {
                name: name.into(),
                description: String::new(),
                value_type: AttributeType::STRING,
                declared: true,
                optional: false,
                default: None,
                run_input: None,
            });
            self.plan.attributes.len() - 1
        });
        AttributeIndex(index as u32)
    }

    pub(super) fn section(&mut self, name: &str, levels: &[LevelIndex]) {
        let first = self.plan.steps.len() as u32;
        self.plan.sections.push(PlanSection { levels: levels.to_vec(), ..section(name, first, 0) });
    }

    /// A step that writes the attribute of its name.
    pub(super) fn step(&mut self, slug: &str, scope: &[LevelIndex], reads: Vec<PlanRead>) -> &mut PlanStep {
        let index = self.plan.steps.len() as u32;
        let writes = self.attribute(slug);
        let mut made = step(index, slug, scope.to_vec(), reads, writes.0);
        made.section = SectionIndex(self.plan.sections.len() as u32 - 1);
        if let Some(section) = self.plan.sections.last_mut() {
            section.step_count += 1;
        }
        self.plan.steps.push(made);
        self.plan.steps.last_mut().unwrap()
    }

    fn level(&mut self, opener: u32, kind: LevelKind) -> LevelIndex {
        self.plan.levels.push(PlanLevel { opener: StepIndex(opener), kind });
        LevelIndex(self.plan.levels.len() as u32 - 1)
    }

    /// Elements of the first read of a step to come, as the attribute `item`.
    pub(super) fn each(&mut self, opener: u32, item: &str) -> LevelIndex {
        let item = self.attribute(item);
        let fan_out = FanOut {
            list_read: 0,
            path: Vec::new(),
            item,
            filter: None,
            parallel: None,
            carry: Vec::new(),
            at_least: None,
            label: None,
        };
        self.level(opener, LevelKind::Each(fan_out))
    }

    pub(super) fn candidates(&mut self, opener: u32, variants: &[&str], samples: u32) -> LevelIndex {
        let variant = |name: &&str| PlanVariant {
            name: (*name).into(),
            model: None,
            parameters: ModelParameters::default(),
        };
        let variants = variants.iter().map(variant).collect();
        self.level(opener, LevelKind::Candidates(Candidates { variants, samples }))
    }

    pub(super) fn turns(&mut self, opener: u32, until: bool, max: u32, on_max: OnMax) -> LevelIndex {
        let until = until.then(|| "good".to_owned());
        self.level(opener, LevelKind::Turns(Turns { until, max, on_max }))
    }

    /// The implicit step that opens the branches of a section.
    pub(super) fn each_step(&mut self, level: LevelIndex, list: PlanRead) {
        let made = self.step("each", &[level], vec![list]);
        made.action = Action::Each;
        made.opens = vec![level];
        made.writes = Vec::new();
    }

    /// The implicit step that decides about further turns.
    pub(super) fn until_step(&mut self, scope: &[LevelIndex], reads: Vec<PlanRead>) {
        let made = self.step("until", scope, reads);
        made.action = Action::Until;
        made.opens = vec![scope[scope.len() - 1]];
        made.writes = Vec::new();
    }

    pub(super) fn value(&mut self, name: &str, writers: &[Writer]) -> PlanRead {
        let attribute = self.attribute(name);
        read(name, ReadRole::Prompt, ReadSource::Value { attribute, writers: writers.to_vec() })
    }

    pub(super) fn here(&mut self, name: &str, writer: u32) -> PlanRead {
        self.value(name, &[Writer::here(StepIndex(writer))])
    }

    pub(super) fn list(&mut self, name: &str, writer: u32) -> PlanRead {
        PlanRead { role: ReadRole::ForEach, ..self.here(name, writer) }
    }

    pub(super) fn item(&mut self, name: &str, level: LevelIndex) -> PlanRead {
        let attribute = self.attribute(name);
        read(name, ReadRole::Prompt, ReadSource::Item { attribute, level })
    }

    pub(super) fn gather(&mut self, name: &str, writer: u32, depth: u32) -> PlanRead {
        let attribute = self.attribute(name);
        let fields = vec![GatherField { attribute, writers: vec![StepIndex(writer)] }];
        read(name, ReadRole::Prompt, ReadSource::Gather { fields, depth })
    }
}

pub(super) fn read(name: &str, role: ReadRole, source: ReadSource) -> PlanRead {
    PlanRead { name: name.into(), role, source, optional: false }
}

pub(super) fn earlier(step: u32, level: LevelIndex) -> Writer {
    Writer { step: StepIndex(step), at: WriterAt::Earlier(level) }
}

pub(super) fn last(step: u32, level: LevelIndex) -> Writer {
    Writer { step: StepIndex(step), at: WriterAt::Last(level) }
}

pub(super) fn condition(reads: Vec<PlanRead>) -> PlanCondition {
    PlanCondition { text: "good".into(), reads }
}
