//! The picture as Mermaid text, for Markdown and pull requests.

use crate::{Graph, NodeKind};
use std::fmt::Write as _;

/// A Mermaid `flowchart` of all graphs, each a sub-graph of its flow's name.
pub fn mermaid(graphs: &[Graph]) -> String {
    let mut out = String::from("flowchart TD\n");
    for (g, graph) in graphs.iter().enumerate() {
        let _ = writeln!(out, "  subgraph f{g}[\"{}\"]", escape(&graph.name));
        for (n, node) in graph.nodes.iter().enumerate() {
            let (open, close) = brackets(node.kind);
            let _ = writeln!(out, "    f{g}n{n}{open}\"{}\"{close}", escape(&node.text));
        }
        for edge in &graph.edges {
            let label =
                if edge.text.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&edge.text)) };
            let _ = writeln!(out, "    f{g}n{} -->{label} f{g}n{}", edge.from, edge.to);
        }
        out.push_str("  end\n");
    }
    out
}

fn brackets(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Trigger => ("([", "])"),
        NodeKind::Gate => ("[/", "/]"),
        NodeKind::Effect => ("[", "]"),
        NodeKind::Wait => ("(", ")"),
        NodeKind::Branch => ("{", "}"),
        NodeKind::Fork | NodeKind::Loop => ("{{", "}}"),
        NodeKind::Flow => ("[[", "]]"),
        NodeKind::Set => ("[(", ")]"),
        NodeKind::End => ("((", "))"),
    }
}

/// Mermaid has no escapes inside quotes but entities.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
