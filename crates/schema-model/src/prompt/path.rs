//! The text of a template path, taken apart as the renderer does it.

/// `../chapter.title`, `@root/draft`, `@index`, `this`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RawPath {
    /// Leading `../`.
    pub(super) up: usize,
    /// Starts at `@root`.
    pub(super) from_root: bool,
    /// A local of a block: `@index`.
    pub(super) local: bool,
    /// Names, without `this`.
    pub(super) names: Vec<String>,
}

/// Takes a path apart that the parser has accepted.
pub(super) fn parse(raw: &str) -> RawPath {
    let mut path = RawPath::default();
    let mut rest = raw.strip_prefix("./").unwrap_or(raw);
    if let Some(after) = ["this.", "this/"].iter().find_map(|current| rest.strip_prefix(current)) {
        rest = after;
    }
    if let Some(after) = ["@root.", "@root/"].iter().find_map(|root| rest.strip_prefix(root)) {
        path.from_root = true;
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('@') {
        path.local = true;
        rest = after;
    }
    while let Some(after) = ["../", "..."].iter().find_map(|up| rest.strip_prefix(up)) {
        path.up += 1;
        rest = after;
    }
    path.names = names(rest);
    path
}

fn names(mut rest: &str) -> Vec<String> {
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (name, after) = if let Some(inside) = rest.strip_prefix('[') {
            inside.split_once(']').unwrap_or((inside, ""))
        } else {
            rest.find(['.', '/']).map_or((rest, ""), |end| rest.split_at(end))
        };
        if name != "this" {
            names.push(name.to_owned());
        }
        rest = after.strip_prefix(['.', '/']).unwrap_or(after);
    }
    names
}
