//! Nodes and edges.

/// What a node stands for; decides its shape and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// What starts the flow.
    Trigger,
    /// `where`, `limit`, `serial` and the other clauses that decide whether and when.
    Gate,
    /// Something asked of the world.
    Effect,
    /// A place where the run rests until something happens.
    Wait,
    /// `if`, `match`, `else`: where the way forks.
    Branch,
    /// `parallel`, `race`, `for … parallel`: where several ways are taken at once.
    Fork,
    /// `for`, `while`, `repeat`.
    Loop,
    /// Another flow, called or started.
    Flow,
    /// A durable write.
    Set,
    /// Where the flow ends.
    End,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it stands for.
    pub kind: NodeKind,
    /// Its words, shortened for a picture.
    pub text: String,
    /// Where in the item: bytes from the item's start, for an editor that follows the cursor.
    pub range: (u32, u32),
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Index of the node it leaves.
    pub from: usize,
    /// Index of the node it enters.
    pub to: usize,
    /// `yes`, `no`, a tag, `timeout`; may be empty.
    pub text: String,
}

/// The picture of one flow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// The flow's name.
    pub name: String,
    /// Nodes; the triggers come first.
    pub nodes: Vec<Node>,
    /// Arrows.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Adds a node and gives its index.
    pub(crate) fn node(&mut self, kind: NodeKind, text: impl Into<String>, range: (u32, u32)) -> usize {
        self.nodes.push(Node { kind, text: text.into(), range });
        self.nodes.len() - 1
    }

    /// Adds an arrow, once.
    pub(crate) fn edge(&mut self, from: usize, to: usize, text: &str) {
        let edge = Edge { from, to, text: text.to_owned() };
        if !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }
}
