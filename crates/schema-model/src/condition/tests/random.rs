//! Random conditions, mostly well typed, and random values of the types the tests use.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// What the generator decides by: numbers that shrink to the simplest condition.
pub(super) fn choices() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..200)
}

/// So many cases, none of them kept in a file.
pub(super) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What an expression should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Boolean,
    Integer,
    Number,
    Text,
    Words,
    Counts,
    Verdict,
    Verdicts,
}

const WANTS: [Want; 8] = [
    Want::Boolean,
    Want::Integer,
    Want::Number,
    Want::Text,
    Want::Words,
    Want::Counts,
    Want::Verdict,
    Want::Verdicts,
];

pub(super) struct Generator<'c> {
    choices: std::slice::Iter<'c, u16>,
    /// Variables of macros around.
    locals: Vec<(String, Want)>,
    /// Once in a while, something of another type than wanted.
    pub(super) is_careless: bool,
    /// Integers and numbers are not reckoned with each other, as CEL has it.
    pub(super) is_strict: bool,
}

impl<'c> Generator<'c> {
    pub(super) fn new(choices: &'c [u16]) -> Self {
        Self { choices: choices.iter(), locals: Vec::new(), is_careless: false, is_strict: false }
    }

    fn below(&mut self, limit: u16) -> usize {
        usize::from(self.choices.next().copied().unwrap_or_default() % limit)
    }

    fn one_of<T: Copy>(&mut self, options: &[T]) -> T {
        let at = self.below(options.len() as u16);
        options[at]
    }

    /// An expression, of at most so many levels.
    pub(super) fn expression(&mut self, want: Want, levels: u32) -> String {
        if self.is_careless && self.below(40) == 39 {
            let other = self.one_of(&WANTS);
            return self.simple(other);
        }
        if levels == 0 || self.below(5) == 0 {
            return self.simple(want);
        }
        let levels = levels - 1;
        match self.below(8) {
            0 => {
                let test = self.expression(Want::Boolean, levels);
                let [then, otherwise] = [self.expression(want, levels), self.expression(want, levels)];
                format!("({test} ? {then} : {otherwise})")
            }
            _ => self.composed(want, levels),
        }
    }

    fn simple(&mut self, want: Want) -> String {
        let locals: Vec<String> =
            self.locals.iter().filter(|(_, of)| *of == want).map(|(name, _)| name.clone()).collect();
        if let Some(name) = locals.last()
            && self.below(3) != 0
        {
            return name.clone();
        }
        let options: &[&str] = match want {
            Want::Boolean => &["done", "true", "false", "verdict.kept"],
            Want::Integer => {
                &["count", "0", "1", "2", "-3", "verdict.score", "branch.number", "branch.count"]
            }
            Want::Number => &["price", "0.5", "2.0", "verdict.weight"],
            Want::Text => &["title", "''", "'a'", "'ab'", "language", "verdict.kind", "'é'"],
            Want::Words => &["words", "[]", "['a', 'b']", "verdict.tags"],
            Want::Counts => &["counts", "[]", "[0, 1, 2]"],
            Want::Verdict => &["verdict"],
            Want::Verdicts => &["verdicts"],
        };
        self.one_of(options).to_owned()
    }

    fn composed(&mut self, want: Want, levels: u32) -> String {
        match want {
            Want::Boolean => self.boolean(levels),
            Want::Integer => self.integer(levels),
            Want::Number => self.number(levels),
            Want::Text => self.text(levels),
            Want::Words | Want::Counts | Want::Verdicts => self.list(want, levels),
            Want::Verdict => {
                let [list, index] =
                    [self.expression(Want::Verdicts, levels), self.expression(Want::Integer, levels)];
                format!("{list}[{index}]")
            }
        }
    }

    fn boolean(&mut self, levels: u32) -> String {
        match self.below(9) {
            0 => format!("!({})", self.expression(Want::Boolean, levels)),
            1 | 2 => {
                let sign = self.one_of(&["&&", "||"]);
                let [left, right] =
                    [self.expression(Want::Boolean, levels), self.expression(Want::Boolean, levels)];
                format!("({left} {sign} {right})")
            }
            3 => self.comparison(levels),
            4 => self.quantified(levels),
            5 => {
                let (item, list) = self.one_of(&[(Want::Text, Want::Words), (Want::Integer, Want::Counts)]);
                format!("({} in {})", self.expression(item, levels), self.expression(list, levels))
            }
            6 => {
                let name = self.one_of(&["contains", "startsWith", "endsWith"]);
                let [left, right] =
                    [self.expression(Want::Text, levels), self.expression(Want::Text, levels)];
                format!("{left}.{name}({right})")
            }
            7 => {
                // Where CEL fails on the way to a field, `has` is false here.
                let verdict = if self.is_strict {
                    self.simple(Want::Verdict)
                } else {
                    self.expression(Want::Verdict, levels)
                };
                let right = self.expression(Want::Text, levels);
                match self.below(3) {
                    0 => format!("(has({verdict}.note) && {verdict}.note == {right})"),
                    1 => format!("(!has({verdict}.note) || {verdict}.note != {right})"),
                    _ => format!("has({verdict}.note)"),
                }
            }
            _ => {
                let pattern = self.one_of(&["^a", "b$", "[é]", "a.*b", "", "(x|ab)+"]);
                format!("{}.matches('{pattern}')", self.expression(Want::Text, levels))
            }
        }
    }

    fn comparison(&mut self, levels: u32) -> String {
        let numeric = [Want::Integer, Want::Number];
        let (signs, wants): (&[&str], [Want; 2]) = match self.below(3) {
            0 => (&["==", "!=", "<", "<=", ">", ">="], [self.one_of(&numeric), self.one_of(&numeric)]),
            1 => (&["==", "!=", "<", "<=", ">", ">="], [Want::Text, Want::Text]),
            _ => {
                let want =
                    self.one_of(&[Want::Boolean, Want::Words, Want::Counts, Want::Verdict, Want::Verdicts]);
                (&["==", "!="], [want, want])
            }
        };
        let sign = self.one_of(signs);
        let [left, right] = wants.map(|want| self.expression(want, levels));
        format!("({left} {sign} {right})")
    }

    /// A list and what its items are.
    fn source(&mut self, levels: u32) -> (String, Want) {
        let (list, item) = self.one_of(&[
            (Want::Words, Want::Text),
            (Want::Counts, Want::Integer),
            (Want::Verdicts, Want::Verdict),
        ]);
        (self.expression(list, levels), item)
    }

    fn quantified(&mut self, levels: u32) -> String {
        let name = self.one_of(&["exists", "all", "exists_one"]);
        let (list, item) = self.source(levels);
        let (variable, body) = self.inside(item, Want::Boolean, levels);
        format!("{list}.{name}({variable}, {body})")
    }

    fn inside(&mut self, item: Want, body: Want, levels: u32) -> (String, String) {
        // Now and then a name that hides an attribute.
        let variable = self.one_of(&["x", "y", "z", "count", "verdict"]).to_owned();
        let hidden = std::mem::take(&mut self.locals);
        self.locals = hidden.iter().filter(|(name, _)| *name != variable).cloned().collect();
        self.locals.push((variable.clone(), item));
        let body = self.expression(body, levels);
        self.locals = hidden;
        (variable, body)
    }

    fn integer(&mut self, levels: u32) -> String {
        match self.below(6) {
            0 => {
                let of = self.one_of(&[Want::Text, Want::Words, Want::Counts, Want::Verdicts, Want::Verdict]);
                format!("size({})", self.expression(of, levels))
            }
            1 => format!("{}[{}]", self.expression(Want::Counts, levels), self.simple(Want::Integer)),
            2 => format!("{}.score", self.expression(Want::Verdict, levels)),
            3 => format!("int({})", self.expression(Want::Number, levels)),
            _ => {
                let sign = self.one_of(&["+", "-", "*", "/", "%"]);
                let [left, right] =
                    [self.expression(Want::Integer, levels), self.expression(Want::Integer, levels)];
                format!("({left} {sign} {right})")
            }
        }
    }

    fn number(&mut self, levels: u32) -> String {
        match self.below(4) {
            0 => format!("{}.weight", self.expression(Want::Verdict, levels)),
            1 => format!("double({})", self.expression(Want::Integer, levels)),
            _ => {
                let sign = self.one_of(&["+", "-", "*", "/"]);
                let other =
                    if self.is_strict { Want::Number } else { self.one_of(&[Want::Number, Want::Integer]) };
                let [left, right] = [self.expression(Want::Number, levels), self.expression(other, levels)];
                format!("({left} {sign} {right})")
            }
        }
    }

    fn text(&mut self, levels: u32) -> String {
        match self.below(4) {
            0 => format!("{}[{}]", self.expression(Want::Words, levels), self.simple(Want::Integer)),
            1 => format!("{}.kind", self.expression(Want::Verdict, levels)),
            2 => format!("string({})", self.expression(Want::Integer, levels)),
            _ => {
                format!("({} + {})", self.expression(Want::Text, levels), self.expression(Want::Text, levels))
            }
        }
    }

    fn list(&mut self, want: Want, levels: u32) -> String {
        let item = match want {
            Want::Words => Want::Text,
            Want::Counts => Want::Integer,
            _ => Want::Verdict,
        };
        match self.below(4) {
            0 => {
                let list = self.expression(want, levels);
                let (variable, body) = self.inside(item, Want::Boolean, levels);
                format!("{list}.filter({variable}, {body})")
            }
            1 => {
                let (list, from) = self.source(levels);
                let (variable, body) = self.inside(from, item, levels);
                format!("{list}.map({variable}, {body})")
            }
            2 => format!("[{}, {}]", self.expression(item, levels), self.expression(item, levels)),
            _ => format!("({} + {})", self.expression(want, levels), self.expression(want, levels)),
        }
    }

    /// Values of all types the tests use; the optional ones are there or not.
    pub(super) fn values(&mut self) -> Json {
        let words: Vec<&str> = (0..self.below(4)).map(|_| self.one_of(&["a", "ab", "", "éa"])).collect();
        let counts: Vec<Json> = (0..self.below(4)).map(|_| self.integer_value()).collect();
        let verdicts: Vec<Json> = (0..self.below(4)).map(|_| self.verdict_value()).collect();
        json!({
            "title": self.one_of(&["a", "ab", "", "12", "b é"]),
            "language": self.one_of(&["en", "de"]),
            "count": self.integer_value(),
            "price": self.one_of(&[0.0, 0.5, -2.0, 1e300]),
            "done": self.below(2) == 0,
            "words": words,
            "counts": counts,
            "verdict": self.verdict_value(),
            "verdicts": verdicts,
        })
    }

    /// JSON Schema takes `2.0` for an integer, and so do models.
    fn integer_value(&mut self) -> Json {
        match self.below(6) {
            0 => json!(2.0),
            1 => json!(i64::MAX),
            number => json!(number as i64 - 3),
        }
    }

    fn verdict_value(&mut self) -> Json {
        let weight = if self.below(2) == 0 { json!(3) } else { json!(0.5) };
        let mut verdict = json!({
            "score": self.integer_value(),
            "weight": weight,
            "kind": self.one_of(&["good", "bad"]),
            "kept": self.below(2) == 0,
            "tags": ["a", "b"],
        });
        if self.below(2) == 0 {
            verdict["note"] = json!(self.one_of(&["a", "", "good"]));
        }
        verdict
    }
}
