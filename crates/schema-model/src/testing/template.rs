//! Writes random templates that mostly know what they read.

use super::{Choices, Shape};

/// Names, and the shapes behind them.
type Names<'a> = Vec<(String, &'a Shape)>;

/// What `this` is, and what has a name, inside a block.
#[derive(Clone)]
struct Around<'a> {
    /// `None` at the root.
    this: Option<&'a Shape>,
    names: Names<'a>,
}

/// Writes templates over some roots.
pub(super) struct Writer<'a> {
    roots: Names<'a>,
    partials: &'a [&'a str],
    /// Open blocks, the innermost last.
    around: Vec<Around<'a>>,
    given: usize,
}

const VALUES: [&str; 8] = ["upper", "lower", "json", "len", "lines", "join", "date", "not"];
const PAIRS: [&str; 8] = ["eq", "ne", "gt", "lte", "and", "or", "default", "lookup"];
const LITERALS: [&str; 9] = ["\"a\"", "'x y'", "3", "0", "-1.5", "true", "null", "\"title\"", "[1, 2]"];
const TEXTS: [&str; 8] = [
    "text ",
    "\n",
    "\\{{no tag}} ",
    "{ ",
    "{{! note }}",
    "{{!-- {{note}} --}}",
    "{{{{raw}}}} {{x}} {{{{/raw}}}}",
    "\\\\",
];

impl<'a> Writer<'a> {
    pub(super) fn new(roots: &'a [(&'a str, Shape)], partials: &'a [&'a str]) -> Self {
        let roots: Names<'a> = roots.iter().map(|(name, shape)| ((*name).to_owned(), shape)).collect();
        let around = vec![Around { this: None, names: Vec::new() }];
        Self { roots, partials, around, given: 0 }
    }

    /// A few elements.
    pub(super) fn body(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        (0..=choices.below(4)).map(|_| self.element(choices, depth)).collect()
    }

    fn element(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        match choices.below(if depth == 0 { 6 } else { 14 }) {
            0 => (*choices.of(&TEXTS)).to_owned(),
            1 | 2 => {
                let (open, close) =
                    choices.of(&[("{{", "}}"), ("{{{", "}}}"), ("{{~", "~}}"), ("{{&", "}}")]);
                format!("{open}{}{close}", self.path(choices).0)
            }
            3 | 4 => format!("{{{{{}}}}}", self.call(choices, 2)),
            5 => self.partial(choices),
            6..=8 => self.each(choices, depth - 1),
            9 | 10 => self.with(choices, depth - 1),
            11 => self.value_block(choices, depth - 1),
            _ => self.condition(choices, depth - 1),
        }
    }

    /// A path and the shape at its end, if that is known.
    fn path(&mut self, choices: &mut Choices<'_>) -> (String, Option<&'a Shape>) {
        if choices.once_in(40) {
            let odd = ["nothing", "title.x", "this", "../x", "branch.number", "@index", "tags.[0]", "@key"];
            return ((*choices.of(&odd)).to_owned(), None);
        }
        let around = &self.around[self.around.len() - 1];
        let (mut text, mut shape) = match (choices.below(4), around.this) {
            (0, _) if !around.names.is_empty() => {
                let (name, shape) = choices.of(&around.names);
                (name.clone(), *shape)
            }
            (0 | 1, Some(this)) => ("this".to_owned(), this),
            (2, Some(Shape::Object(fields))) => {
                let (name, shape, _) = choices.of(fields);
                (segment(name), shape)
            }
            (_, this) => {
                let (name, shape) = choices.of(&self.roots);
                let from = if this.is_none() { "" } else { "@root." };
                (format!("{from}{name}"), *shape)
            }
        };
        while choices.below(3) > 0 {
            let (next, inner) = match shape {
                Shape::Object(fields) => {
                    let (name, inner, _) = choices.of(fields);
                    (segment(name), inner)
                }
                Shape::List(item) => ((*choices.of(&["0", "[1]", "[7]"])).to_owned(), &**item),
                Shape::Open => ((*choices.of(&["title", "tags", "inner", "[0]"])).to_owned(), shape),
                _ => break,
            };
            let separator = *choices.of(&[".", "/"]);
            text = format!("{text}{separator}{next}");
            shape = inner;
            if *shape == Shape::Open && choices.below(2) == 0 {
                break;
            }
        }
        (text, Some(shape))
    }

    /// A path to something for which `wanted` holds, if one is found in a few tries.
    fn path_to(
        &mut self,
        choices: &mut Choices<'_>,
        wanted: fn(&Shape) -> bool,
    ) -> (String, Option<&'a Shape>) {
        for _ in 0..6 {
            let found = self.path(choices);
            if found.1.is_none_or(wanted) {
                return found;
            }
        }
        self.path(choices)
    }

    /// A helper with its arguments.
    fn call(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        match choices.below(4) {
            0 => format!("{} {}", choices.of(&PAIRS), self.arguments(choices, depth, 2)),
            1 => {
                let number = match choices.below(3) {
                    0 => "5".to_owned(),
                    1 => self.path_to(choices, |shape| matches!(shape, Shape::Integer | Shape::Number)).0,
                    _ => format!("(len {})", self.path(choices).0),
                };
                format!("truncate {} {number}", self.argument(choices, depth))
            }
            2 => format!("join {} \", \"", self.argument(choices, depth)),
            _ => format!("{} {}", choices.of(&VALUES), self.argument(choices, depth)),
        }
    }

    fn arguments(&mut self, choices: &mut Choices<'_>, depth: usize, count: usize) -> String {
        let all: Vec<String> = (0..count).map(|_| self.argument(choices, depth)).collect();
        all.join(" ")
    }

    fn argument(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        match choices.below(if depth == 0 { 4 } else { 5 }) {
            0 => (*choices.of(&LITERALS)).to_owned(),
            1..=3 => self.path(choices).0,
            _ => format!("({})", self.call(choices, depth - 1)),
        }
    }

    fn condition(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        let name = *choices.of(&["if", "unless"]);
        let condition = self.argument(choices, 2);
        let body = self.body(choices, depth);
        let chain = if choices.once_in(3) {
            format!("{{{{else if {}}}}}{}", self.argument(choices, 1), self.body(choices, depth))
        } else {
            String::new()
        };
        let otherwise = self.otherwise(choices, depth);
        format!("{{{{#{name} {condition}}}}}{body}{chain}{otherwise}{{{{/{name}}}}}")
    }

    fn otherwise(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        if choices.below(2) == 0 {
            String::new()
        } else {
            format!("{{{{else}}}}{}", self.body(choices, depth))
        }
    }

    /// `{{#eq a b}}`.
    fn value_block(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        let name = *choices.of(&PAIRS);
        let arguments = self.arguments(choices, 1, 2);
        let (body, otherwise) = (self.body(choices, depth), self.otherwise(choices, depth));
        format!("{{{{#{name} {arguments}}}}}{body}{otherwise}{{{{/{name}}}}}")
    }

    fn each(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        let walks = |shape: &Shape| matches!(shape, Shape::List(_) | Shape::Object(_) | Shape::Open);
        let (list, shape) = if choices.once_in(12) {
            (format!("({})", self.call(choices, 1)), None)
        } else {
            self.path_to(choices, walks)
        };
        let item = match shape {
            Some(Shape::List(item)) => Some(&**item),
            _ => None,
        };
        self.scoped(choices, depth, "each", &list, item)
    }

    fn with(&mut self, choices: &mut Choices<'_>, depth: usize) -> String {
        let (object, shape) = if choices.once_in(12) {
            (format!("({})", self.call(choices, 1)), None)
        } else {
            self.path_to(choices, |shape| matches!(shape, Shape::Object(_) | Shape::Open))
        };
        self.scoped(choices, depth, "with", &object, shape)
    }

    fn scoped(
        &mut self,
        choices: &mut Choices<'_>,
        depth: usize,
        name: &str,
        of: &str,
        this: Option<&'a Shape>,
    ) -> String {
        // Something of which nothing is known is anything with fields.
        let this = this.unwrap_or(&Shape::Open);
        let mut inner = Around { this: Some(this), ..self.around[self.around.len() - 1].clone() };
        let mut given = String::new();
        if choices.once_in(3) {
            self.given += 1;
            let item = format!("item{}", self.given);
            given = if name == "each" && choices.below(2) == 1 {
                format!(" as |{item} at|")
            } else {
                format!(" as |{item}|")
            };
            inner.names.push((item, this));
        }
        self.around.push(inner);
        let mut body = self.body(choices, depth);
        if name == "each" {
            let ends = ["", "{{@index}}", "{{#if @last}}.{{/if}}", "{{../title}}"];
            body.push_str(choices.of::<&str>(&ends));
        }
        self.around.pop();
        let otherwise = self.otherwise(choices, depth);
        format!("{{{{#{name} {of}{given}}}}}{body}{otherwise}{{{{/{name}}}}}")
    }

    fn partial(&mut self, choices: &mut Choices<'_>) -> String {
        if self.partials.is_empty() {
            return "plain ".to_owned();
        }
        let name = *choices.of(self.partials);
        match choices.below(6) {
            0..=2 => format!("{{{{> {name}}}}}"),
            3 => format!("{{{{> {name} {}}}}}", self.path(choices).0),
            4 => format!("{{{{> {name} note={}}}}}", self.argument(choices, 1)),
            _ => format!("{{{{> {name} {} title={}}}}}", self.path(choices).0, self.argument(choices, 1)),
        }
    }
}

/// A name as a part of a path.
fn segment(name: &str) -> String {
    if name.contains(' ') { format!("[{name}]") } else { name.to_owned() }
}
