//! What a step without a prompt is, by its name and what it reads and writes.

use super::branches::Branches;
use super::{Draft, Drafts};

/// What a step turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has a prompt. The lists are gathered for it.
    Prompt { gather: Vec<String> },
    /// A person picks.
    Choose { from: String },
    /// The values of all branches as a list.
    Gather { of: String },
    /// A person gives the outputs.
    Paste,
    /// A person does something elsewhere, or looks at values.
    Note,
}

/// The kind of a step, given the branches its section has so far.
pub(super) fn of(draft: &Draft, drafts: &Drafts, branches: &Branches<'_>, literal: bool) -> Kind {
    if draft.has_prompt() {
        let gather = if literal { None } else { gathered_by_prompt(draft, drafts, branches) };
        return Kind::Prompt { gather: Vec::from_iter(gather) };
    }
    if draft.step.outputs.is_empty() {
        return Kind::Note;
    }
    if literal {
        return Kind::Paste;
    }
    let gather = gathered(draft, drafts, branches).map(|of| Kind::Gather { of });
    gather.or_else(|| choose(draft, drafts, branches)).unwrap_or(Kind::Paste)
}

/// `combine_intros`, `intros_combined`, `all_intros`: what is brought together, by the name of the output.
fn base_of(output: &str) -> Option<&str> {
    let prefixes = ["combine_", "combined_", "all_", "merged_", "merge_"];
    let suffixes = ["_combined", "_merged", "_all"];
    prefixes
        .iter()
        .find_map(|prefix| output.strip_prefix(prefix))
        .or_else(|| suffixes.iter().find_map(|suffix| output.strip_suffix(suffix)))
}

fn gathered(draft: &Draft, drafts: &Drafts, branches: &Branches<'_>) -> Option<String> {
    let [output] = draft.step.outputs.as_slice() else { return None };
    let named = named_by_output(output, drafts, branches);
    if draft.ports.is_empty() {
        return named.or_else(|| named_by_step(draft, drafts, branches));
    }
    let [port] = draft.ports.as_slice() else { return None };
    let is_own =
        named.as_ref() == Some(&port.attribute) || says(&draft.step.name, &["combine", "merge", "collect"]);
    (is_own && branches.is_branched(&port.attribute)).then(|| port.attribute.clone())
}

fn named_by_output(output: &str, drafts: &Drafts, branches: &Branches<'_>) -> Option<String> {
    let base = base_of(output)?;
    first_branched(base, drafts, branches)
}

/// `Combine Intro Analysis` brings `intro_analysis` together.
fn named_by_step(draft: &Draft, drafts: &Drafts, branches: &Branches<'_>) -> Option<String> {
    if !says(&draft.step.name, &["combine", "merge", "collect"]) {
        return None;
    }
    let rest = crate::name::slug(&draft.step.name).split_once('-')?.1.replace('-', "_");
    first_branched(&rest, drafts, branches)
}

/// A prompt that reads a branched value, and writes the combination of just this value.
fn gathered_by_prompt(draft: &Draft, drafts: &Drafts, branches: &Branches<'_>) -> Option<String> {
    let named = draft.step.outputs.iter().find_map(|output| named_by_output(output, drafts, branches));
    named.filter(|name| draft.mentions.contains(name))
}

fn choose(draft: &Draft, drafts: &Drafts, branches: &Branches<'_>) -> Option<Kind> {
    let [output] = draft.step.outputs.as_slice() else { return None };
    let is_option = |name: &&str| {
        drafts.element(name) == drafts.element(output) && (drafts.is_list(name) || branches.is_branched(name))
    };
    let options: Vec<&str> = draft.needs().into_iter().filter(is_option).collect();
    let lists: Vec<&str> = draft.needs().into_iter().filter(|name| drafts.is_list(name)).collect();
    let is_named = says(&draft.step.name, &["select", "choose", "pick"]);
    let is_one_of_list = lists.len() == 1 && draft.ports.len() == 1 && !drafts.is_list(output);
    if !is_named && !is_one_of_list {
        return None;
    }
    let of_output = options.iter().find(|name| is_plural(name, output));
    of_output.or(options.first()).map(|from| Kind::Choose { from: (*from).to_owned() })
}

/// Whether the first word of a name is one of these.
fn says(name: &str, words: &[&str]) -> bool {
    let slug = crate::name::slug(name);
    words.contains(&slug.split('-').next().unwrap_or_default())
}

/// The attribute of that name, or the one it is the plural of, that exists once per branch.
fn first_branched(name: &str, drafts: &Drafts, branches: &Branches<'_>) -> Option<String> {
    let names = std::iter::once(name.to_owned()).chain(singulars(name));
    names.into_iter().find(|name| drafts.attributes.contains_key(name) && branches.is_branched(name))
}

/// Whether one name is the plural of the other.
pub(super) fn is_plural(list: &str, item: &str) -> bool {
    plurals(item).contains(&list.to_owned())
}

/// `intro_variations` of `intro_variation`, `queries` of `query`.
pub(super) fn plurals(item: &str) -> Vec<String> {
    let regular = [format!("{item}s"), format!("{item}es")];
    let of_y = item.strip_suffix('y').map(|stem| format!("{stem}ies"));
    regular.into_iter().chain(of_y).collect()
}

fn singulars(list: &str) -> Vec<String> {
    let of_y = list.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let regular = ["s", "es"].iter().filter_map(|ending| list.strip_suffix(ending)).map(str::to_owned);
    regular.chain(of_y).collect()
}
