//! A picture before it is drawn: nodes in sections, and edges between them. All formats draw the same one.

use serde::Serialize;

use super::traffic::{Mark, TransferKind};

/// Names longer than this are cut where room is short.
const TITLE_CHARS_MAX: usize = 40;

/// Nodes and edges. An edge goes from a node to a later one, unless it comes from an earlier turn or branch.
pub(super) struct Flow {
    /// The name of the workflow.
    pub(super) title: String,
    pub(super) nodes: Vec<Node>,
    /// Without doubles.
    pub(super) edges: Vec<Edge>,
    /// Names of the sections, the one of the results included.
    pub(super) sections: Vec<String>,
}

/// A step, an attribute, or the results.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Node {
    /// Unlike that of every other node: `analysis.judge` for a step, `verdict (1.5)` for an attribute.
    pub(super) id: String,
    pub(super) kind: NodeKind,
    /// `2.3` for a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    pub(super) name: String,
    /// What it does, one remark a line.
    pub(super) details: Vec<String>,
    pub(super) section: usize,
    /// How often it runs when not once, such as `×n×6`; else empty.
    pub(super) times: String,
    pub(super) enabled: bool,
    pub(super) mark: Mark,
}

impl Node {
    /// Mark, number and name.
    pub(super) fn heading(&self) -> String {
        let parts = [self.mark.sign(), self.number.as_deref().unwrap_or_default(), &self.name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The heading, cut to what a picture has room for.
    pub(super) fn title(&self) -> String {
        let heading = self.heading();
        if heading.chars().count() <= TITLE_CHARS_MAX {
            return heading;
        }
        heading.chars().take(TITLE_CHARS_MAX - 1).chain(['…']).collect()
    }
}

/// How a node looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NodeKind {
    /// Calls a model.
    Model,
    /// Waits for a person.
    Person,
    /// Renders text.
    Template,
    /// Brings branches together.
    Join,
    /// Begins the branches of a section, or ends its turns.
    Level,
    /// An action of the embedding program.
    Custom,
    /// A value: one generation of an attribute.
    Attribute,
    /// Run inputs and results.
    Boundary,
}

/// A connection of two nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What goes along it; empty where the nodes say it.
    pub(super) label: String,
    pub(super) kind: EdgeKind,
    pub(super) mark: Mark,
}

/// What an edge means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EdgeKind {
    /// A value is read.
    Value,
    /// A list is read, and the reader runs once per element.
    FanOut,
    /// The values of all branches become one list.
    Gather,
    /// A step writes a value.
    Write,
    /// A condition looks at a value.
    Condition,
    /// A step waits for another without reading from it.
    Order,
    /// A value is read from the turn or the branch before.
    Earlier,
}

impl EdgeKind {
    pub(super) const ALL: [Self; 7] =
        [Self::Value, Self::FanOut, Self::Gather, Self::Write, Self::Condition, Self::Order, Self::Earlier];

    /// The text at the edge, around what goes along it.
    pub(super) fn words(self, label: &str) -> String {
        match (self, label) {
            (Self::Value | Self::Write | Self::Order, label) => label.to_owned(),
            (Self::FanOut, "") => "each".to_owned(),
            (Self::FanOut, label) => format!("each of {label}"),
            (Self::Gather, "") => "all".to_owned(),
            (Self::Gather, label) => format!("all {label}"),
            (Self::Condition, "") => "if".to_owned(),
            (Self::Condition, label) => format!("if {label}"),
            (Self::Earlier, "") => "earlier".to_owned(),
            (Self::Earlier, label) => format!("earlier {label}"),
        }
    }
}

impl From<TransferKind> for EdgeKind {
    fn from(kind: TransferKind) -> Self {
        match kind {
            TransferKind::Value => Self::Value,
            TransferKind::FanOut => Self::FanOut,
            TransferKind::Gather => Self::Gather,
            TransferKind::Condition => Self::Condition,
            TransferKind::Earlier => Self::Earlier,
        }
    }
}

impl Flow {
    /// Adds a node and gives its position.
    pub(super) fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Whether an attribute is highlighted.
    pub(super) fn is_marked(&self) -> bool {
        self.nodes.iter().any(|node| node.mark != Mark::None)
    }

    /// Adds an edge that is not there yet.
    pub(super) fn connect(&mut self, edge: Edge) {
        if edge.from != edge.to && !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }
}
