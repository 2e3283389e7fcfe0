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
    /// Where each of them begins in the text of the path, in bytes.
    pub(super) starts: Vec<usize>,
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
    while !rest.is_empty() {
        let inside = rest.strip_prefix('[');
        let (name, after) = if let Some(inside) = inside {
            inside.split_once(']').unwrap_or((inside, ""))
        } else {
            rest.find(['.', '/']).map_or((rest, ""), |end| rest.split_at(end))
        };
        if name != "this" {
            path.names.push(name.to_owned());
            path.starts.push(raw.len() - rest.len() + usize::from(inside.is_some()));
        }
        rest = after.strip_prefix(['.', '/']).unwrap_or(after);
    }
    path
}
