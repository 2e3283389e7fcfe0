//! A choice: numbered options, several by comma, the whole text on demand, one's own text where it is taken.

use branchline_runtime::engine::{Answer, Task, TaskOption};
use serde_json::Value as Json;

use super::{Given, Typed, again, line};
use crate::interrupt::Interrupts;
use crate::output::{Output, Text, Tone};
use crate::words::clip;

/// Options shown at a time.
const OPTIONS_SHOWN: usize = 20;

/// Options shown where nobody is asked.
const OPTIONS_LISTED: usize = 12;

/// Characters of an option in the list; `show` gives all of it.
const OPTION_CHARS: usize = 90;

/// What a line means.
#[derive(Debug, PartialEq)]
enum Meant<'a> {
    Default,
    Pick(Vec<u32>),
    All(Vec<String>),
    Show(u32),
    More,
    Note(&'a str),
    Later,
    Own(&'a str),
}

/// Shows the options; gives how many were shown.
pub(super) fn begin(output: &Output, task: &Task) -> usize {
    let shown = show_options(output, task, 0);
    help(output, task, shown);
    shown
}

/// Shows the first options, to whoever cannot type `more`.
pub(super) fn list(output: &Output, task: &Task) {
    for option in task.options.iter().take(OPTIONS_LISTED) {
        show_option(output, task, option);
    }
    let hidden = task.options.len().saturating_sub(OPTIONS_LISTED);
    if hidden > 0 {
        let words = format!("  … {hidden} more: `branchline inbox list --json` has all of them");
        output.say(Text::new().push(Tone::Dim, words));
    }
}

/// Asks until there is an answer. `shown` options have been seen; a remark goes to `note`.
pub(super) async fn choose(
    output: &Output,
    task: &Task,
    shown: &mut usize,
    note: &mut Option<String>,
    interrupts: &mut Interrupts,
) -> Given<Answer> {
    loop {
        let typed = match line(output, &prompt("> "), interrupts).await {
            Typed::Line(typed) => typed,
            Typed::End => return Given::Later,
            Typed::Interrupted => return Given::Interrupted,
        };
        match meant(&typed) {
            Meant::Default => return Given::Answer(Answer::Default),
            Meant::Pick(numbers) => return Given::Answer(Answer::Pick(numbers)),
            Meant::All(branches) => return Given::Answer(Answer::Branches(branches)),
            Meant::Later => return Given::Later,
            Meant::More => *shown = show_options(output, task, *shown),
            Meant::Note(text) => {
                *note = Some(text.to_owned());
                output.say("  Noted; it is kept with your answer.");
            }
            Meant::Show(number) => match task.options.iter().find(|option| option.number == number) {
                Some(option) => show_whole(output, option),
                None => again(output, &format!("there is no option {number}")),
            },
            Meant::Own(text) if task.own_text => {
                let question = format!("Take “{}” as your own text? [y/N] ", clip(text, 60));
                match line(output, &prompt(&question), interrupts).await {
                    Typed::Line(yes) if ["y", "yes"].contains(&yes.to_lowercase().as_str()) => {
                        return Given::Answer(Answer::Own(own_value(task, text)));
                    }
                    Typed::Line(_) => {}
                    Typed::End => return Given::Later,
                    Typed::Interrupted => return Given::Interrupted,
                }
            }
            Meant::Own(_) => again(output, &format!("type numbers from 1 to {}", task.options.len())),
        }
    }
}

fn prompt(words: &str) -> Text {
    Text::new().push(Tone::Accent, words)
}

fn meant(typed: &str) -> Meant<'_> {
    if typed.is_empty() {
        return Meant::Default;
    }
    let (word, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let rest = rest.trim();
    match (word, rest.parse()) {
        ("show", Ok(number)) => return Meant::Show(number),
        // A branch has no letters but in the name of its variant: `all 2/1`, `all @bold`; else it is a text.
        ("all", _) if !rest.is_empty() && rest.split([',', ' ']).all(is_branch) => {
            let branches = rest.split([',', ' ']).filter(|part| !part.is_empty());
            return Meant::All(branches.map(str::to_owned).collect());
        }
        ("more", _) if rest.is_empty() => return Meant::More,
        ("later", _) if rest.is_empty() => return Meant::Later,
        ("note", _) if !rest.is_empty() => return Meant::Note(rest),
        _ => {}
    }
    let numbers = typed.split([',', ' ']).filter(|part| !part.is_empty()).map(str::parse);
    match numbers.collect() {
        Ok(numbers) => Meant::Pick(numbers),
        Err(_) => Meant::Own(typed),
    }
}

fn is_branch(text: &str) -> bool {
    let numbers = text.split_once('@').map_or(text, |(numbers, _)| numbers);
    numbers.chars().all(|letter| letter.is_ascii_digit() || letter == '/')
}

/// Whether several options come from one branch, so that they stand under its name.
fn is_grouped(task: &Task) -> bool {
    let pairs = task.options.iter().zip(task.options.iter().skip(1));
    let mut same = pairs.filter(|(one, next)| one.branch == next.branch && !one.branch.is_empty());
    same.next().is_some()
}

/// Shows the options after the first so many; gives how many have been shown by now.
fn show_options(output: &Output, task: &Task, from: usize) -> usize {
    let is_grouped = is_grouped(task);
    let mut branch = None;
    for option in task.options.iter().skip(from).take(OPTIONS_SHOWN) {
        if is_grouped && branch != Some(&option.branch) {
            branch = Some(&option.branch);
            output.say(Text::new().push(Tone::Strong, format!("  {}", option.branch)));
        }
        show_option(output, task, option);
    }
    let shown = (from + OPTIONS_SHOWN).min(task.options.len());
    let hidden = task.options.len() - shown;
    if hidden > 0 {
        output.say(Text::new().push(Tone::Dim, format!("  … {hidden} more: type `more`")));
    }
    shown
}

fn show_option(output: &Output, task: &Task, option: &TaskOption) {
    let width = task.options.len().to_string().len();
    let line = Text::new()
        .push(Tone::Accent, format!("  {:>width$}  ", option.number))
        .plain(clip(&text_of(&option.value), OPTION_CHARS));
    output.say(line);
    for (name, value) in &option.show {
        let shown = format!("  {:width$}  {name}: {}", "", clip(&summary_of(value), OPTION_CHARS));
        output.say(Text::new().push(Tone::Dim, shown));
    }
}

fn help(output: &Output, task: &Task, shown: usize) {
    let several = if task.max == Some(1) { "" } else { ", several by comma" };
    let own = if task.own_text { ", or your own text" } else { "" };
    let default = match &task.default {
        Some(Json::Array(numbers)) => numbers.iter().map(Json::to_string).collect::<Vec<_>>().join(", "),
        Some(number) => number.to_string(),
        None => (1..=task.min.max(1)).map(|number| number.to_string()).collect::<Vec<_>>().join(", "),
    };
    let first = task.options.first().filter(|_| task.max != Some(1) && is_grouped(task));
    let all = first.map_or_else(String::new, |option| format!(" · `all {}`", option.branch));
    let more = if shown < task.options.len() { " · `more`" } else { "" };
    let words = format!(
        "  A number{several}{own} · Enter takes {default} · `show 2` for all of it{all}{more} · `later`"
    );
    output.say(Text::new().push(Tone::Dim, words));
}

fn show_whole(output: &Output, option: &TaskOption) {
    output.say("");
    output.say(text_of(&option.value));
    for (name, value) in &option.show {
        output.say(Text::new().push(Tone::Dim, format!("{name}: {}", text_of(value))));
    }
    output.say("");
}

fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

/// `score 9, reason …` for objects: short enough to stand beside an option.
fn summary_of(value: &Json) -> String {
    let Json::Object(fields) = value else { return text_of(value) };
    let part = |(name, value): (&String, &Json)| {
        format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let mut parts: Vec<_> = fields.iter().map(part).collect();
    // Numbers before sentences: what is cut off is the end.
    parts.sort_by_key(String::len);
    parts.join(", ")
}

/// An own text for a choice between texts is that text, else it is read as JSON where it can be.
fn own_value(task: &Task, text: &str) -> Json {
    let is_text = task.options.iter().all(|option| option.value.is_string());
    if is_text { text.into() } else { serde_json::from_str(text).unwrap_or_else(|_| text.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_understood() {
        for (typed, expected) in [
            ("", Meant::Default),
            ("2", Meant::Pick(vec![2])),
            ("1,3", Meant::Pick(vec![1, 3])),
            ("1, 3 4", Meant::Pick(vec![1, 3, 4])),
            ("show 2", Meant::Show(2)),
            ("show me", Meant::Own("show me")),
            ("all @bold", Meant::All(vec!["@bold".to_owned()])),
            ("all 2/1, 3", Meant::All(vec!["2/1".to_owned(), "3".to_owned()])),
            ("all of it", Meant::Own("all of it")),
            ("more", Meant::More),
            ("more rain", Meant::Own("more rain")),
            ("later", Meant::Later),
            ("note launch week", Meant::Note("launch week")),
            ("12 monkeys", Meant::Own("12 monkeys")),
            ("-1", Meant::Own("-1")),
        ] {
            assert_eq!(meant(typed), expected, "{typed:?}");
        }
    }
}
