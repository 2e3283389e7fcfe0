//! Fan-outs, what runs in their branches, and where somebody has to choose.
//!
//! The steps are gone through in order, as the checker does it, with the branches every value lives in. A fan-out
//! that does not fit to the others is dropped, and all is gone through again.

use std::collections::{BTreeMap, HashMap};

use super::kind::{self, Kind};
use super::{Draft, Drafts};
use crate::import::report::ImportReport;

/// What was decided about all steps, in order.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    /// Items, each with its list.
    pub(super) items: BTreeMap<String, String>,
    pub(super) steps: Vec<Decision>,
}

/// What was decided about a step.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) kind: Kind,
    /// The item of the fan-out it opens.
    pub(super) opens: Option<String>,
    /// Values of ended branches that somebody has to choose from before it.
    pub(super) choose_before: Vec<String>,
    /// Declared inputs that are only shown, and live in other branches.
    pub(super) gather_shown: Vec<String>,
    /// Declared inputs that are items of branches it does not run in.
    pub(super) lost_items: Vec<String>,
}

/// Steps that fan out, from the outermost: where a value lives.
type Scope = Vec<usize>;

/// The branches so far.
pub(super) struct Branches<'a> {
    drafts: &'a Drafts,
    items: &'a BTreeMap<String, String>,
    section: usize,
    /// The scope of the last writer of each attribute, with its section.
    written: HashMap<String, (usize, Scope)>,
    /// The scope of each item of this section.
    open: HashMap<String, Scope>,
    /// The item each fan-out binds.
    opened: HashMap<usize, String>,
}

/// Fan-outs dropped one by one, each for a further look at all steps: real files have none or one.
const CONFLICTS_MAX: u32 = 50;

/// Decides about all steps.
pub(super) fn decide(drafts: &Drafts, literal: bool, report: &mut ImportReport) -> Decisions {
    let mut items = if literal { BTreeMap::new() } else { candidates(drafts) };
    let mut rounds = CONFLICTS_MAX;
    loop {
        let mut branches = Branches {
            drafts,
            items: &items,
            section: 0,
            written: HashMap::new(),
            open: HashMap::new(),
            opened: HashMap::new(),
        };
        match branches.all(literal) {
            Ok(steps) => return Decisions { items, steps },
            Err(_) if rounds == 0 => {
                let sentence = "too many of its lists do not fit together; none of them fans out";
                report.not_understood("workflow", sentence);
                items.clear();
            }
            Err(item) => {
                rounds -= 1;
                let list = items.remove(&item).unwrap_or_default();
                report.not_understood(
                    format!("attribute {item}"),
                    format!("it could be one of `{list}`, but a step needs it together with other branches; it is an input"),
                );
            }
        }
    }
}

/// Attributes that nobody writes and that are named like one element of a list.
fn candidates(drafts: &Drafts) -> BTreeMap<String, String> {
    let mut first_write: HashMap<&str, usize> = HashMap::new();
    let mut reads: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, draft) in drafts.steps().enumerate() {
        for output in &draft.step.outputs {
            first_write.entry(output).or_insert(at);
        }
        for name in draft.needs() {
            reads.entry(name).or_default().push(at);
        }
    }
    let mut items = BTreeMap::new();
    for item in drafts.attributes.keys().map(String::as_str) {
        let (false, false, Some(read)) =
            (drafts.is_list(item), first_write.contains_key(item), reads.get(item))
        else {
            continue;
        };
        let is_list = |list: &String| drafts.is_list(list) && drafts.element(list) == drafts.element(item);
        let Some(list) = kind::plurals(item).into_iter().find(is_list) else { continue };
        let whole = reads.get(list.as_str()).map(Vec::as_slice).unwrap_or_default();
        let fits = match first_write.get(list.as_str()) {
            Some(writer) => writer < &read[0] && !read.iter().any(|at| whole.contains(at)),
            // A list that is given at the start and read only item by item.
            None => whole.is_empty(),
        };
        if fits {
            items.insert(item.to_owned(), list);
        }
    }
    items
}

impl Branches<'_> {
    /// Whether the value exists once per branch, seen from the current section.
    pub(super) fn is_branched(&self, attribute: &str) -> bool {
        self.written.get(attribute).is_some_and(|(_, scope)| !scope.is_empty())
    }

    /// Goes through all steps; the item of a fan-out that does not fit is the error.
    fn all(&mut self, literal: bool) -> Result<Vec<Decision>, String> {
        let mut decisions = Vec::new();
        for (section, draft) in self.drafts.sections.iter().enumerate() {
            self.section = section;
            self.open.clear();
            for step in &draft.steps {
                decisions.push(self.step(decisions.len(), step, literal)?);
            }
        }
        Ok(decisions)
    }

    fn step(&mut self, at: usize, draft: &Draft, literal: bool) -> Result<Decision, String> {
        let kind = kind::of(draft, self.drafts, self, literal);
        let mut decision = Decision {
            kind,
            opens: None,
            choose_before: Vec::new(),
            gather_shown: Vec::new(),
            lost_items: Vec::new(),
        };
        let scope = match &decision.kind {
            Kind::Choose { from: joined } | Kind::Gather { of: joined } => self.joined(joined),
            Kind::Prompt { gather } => {
                let gather = gather.clone();
                let needs: Vec<&str> =
                    draft.needs().into_iter().filter(|name| !gather.iter().any(|of| of == name)).collect();
                let mut scope = self.read(at, &needs, &mut decision)?;
                for of in &gather {
                    scope = self.deepest(scope, self.joined(of))?;
                }
                scope
            }
            Kind::Paste | Kind::Note => self.read(at, &draft.needs(), &mut decision)?,
        };
        if draft.has_prompt() {
            self.shown(draft, &scope, &mut decision);
        }
        for output in &draft.step.outputs {
            self.written.insert(output.clone(), (self.section, scope.clone()));
        }
        Ok(decision)
    }

    /// The scope of a step that brings the innermost branches of a value together.
    fn joined(&self, attribute: &str) -> Scope {
        match self.written.get(attribute) {
            Some((section, scope)) if *section == self.section => {
                scope.split_last().map_or_else(Vec::new, |(_, around)| around.to_vec())
            }
            _ => Vec::new(),
        }
    }

    /// The scope a step gets by what it reads.
    fn read(&mut self, at: usize, needs: &[&str], decision: &mut Decision) -> Result<Scope, String> {
        let mut scope = Scope::new();
        for name in needs {
            if let Some(list) = self.items.get(*name) {
                if let Some(open) = self.open.get(*name).cloned() {
                    scope = self.deepest(scope, open)?;
                } else if decision.opens.is_some() {
                    return Err((*name).to_owned());
                } else {
                    decision.opens = Some((*name).to_owned());
                    let outside = self.value(list, decision);
                    scope = self.deepest(scope, outside)?;
                }
            } else {
                let around = self.value(name, decision);
                scope = self.deepest(scope, around)?;
            }
        }
        if let Some(item) = &decision.opens {
            scope.push(at);
            self.open.insert(item.clone(), scope.clone());
            self.opened.insert(at, item.clone());
        }
        Ok(scope)
    }

    /// The scope of one value; branches that have ended are left by a choice.
    fn value(&mut self, name: &str, decision: &mut Decision) -> Scope {
        match self.written.get(name) {
            Some((section, scope)) if *section == self.section => scope.clone(),
            Some((_, scope)) if !scope.is_empty() => {
                decision.choose_before.push(name.to_owned());
                self.written.insert(name.to_owned(), (self.section, Scope::new()));
                Scope::new()
            }
            _ => Scope::new(),
        }
    }

    /// The inner one of two scopes that lie in each other.
    fn deepest(&self, one: Scope, other: Scope) -> Result<Scope, String> {
        let (outer, inner) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        if inner.starts_with(&outer) {
            return Ok(inner);
        }
        let stray = outer.last().and_then(|step| self.opened.get(step));
        Err(stray.or_else(|| self.opened.values().next()).cloned().unwrap_or_default())
    }

    /// Declared inputs that the prompt does not mention have to follow the branches of the step.
    fn shown(&self, draft: &Draft, scope: &Scope, decision: &mut Decision) {
        for port in draft.ports.iter().filter(|port| !draft.mentions.contains(&port.attribute)) {
            let name = &port.attribute;
            if self.items.contains_key(name) {
                let is_open = self.open.get(name).is_some_and(|open| scope.starts_with(open));
                if !is_open {
                    decision.lost_items.push(name.clone());
                }
            } else if let Some((section, written)) = self.written.get(name)
                && !written.is_empty()
                && !(*section == self.section && scope.starts_with(written))
            {
                decision.gather_shown.push(name.clone());
            }
        }
    }
}
