//! The picture as SVG: one file, no script, no font to fetch, readable in light and dark.

use crate::layout::{HEIGHT, Layout, MARGIN, Place, layout};
use crate::{Graph, NodeKind};
use std::fmt::Write as _;

/// Space for a flow's name above its picture.
const TITLE: f64 = 28.0;
/// Colours by kind, and for both schemes.
const STYLE: &str = "\
svg{font:13px system-ui,sans-serif;background:#fff;color:#1d2733}\
text{fill:currentColor}.t{font-weight:600;font-size:15px}.l{font-size:11px;opacity:.75}\
.n{stroke:#8795a5;fill:#f4f6f8}.trigger{fill:#dff3e4;stroke:#5fa777}.gate{fill:#fdf3d7;stroke:#c9a23a}\
.wait{fill:#e3ecfb;stroke:#5b86cf}.branch,.fork,.loop{fill:#f1e6fa;stroke:#9a6fc4}.end{fill:#e8eaed}\
.set{fill:#fbe9df;stroke:#cf8355}.e{stroke:#8795a5;fill:none}.a{fill:#8795a5}\
@media(prefers-color-scheme:dark){svg{background:#14191f;color:#e4e9ee}.n{fill:#232b34}.trigger{fill:#1d3a28}\
.gate{fill:#3d3413}.wait{fill:#1e2f4d}.branch,.fork,.loop{fill:#33234a}.set{fill:#43291a}.end{fill:#2b3138}}";

/// An SVG document with all graphs, one below the other.
pub fn svg(graphs: &[Graph]) -> String {
    let layouts: Vec<Layout> = graphs.iter().map(layout).collect();
    let width = layouts.iter().map(|l| l.width).fold(240.0, f64::max);
    let height: f64 = layouts.iter().map(|l| l.height + TITLE).sum();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         role=\"img\">\n<style>{STYLE}</style>\n<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto-start-reverse\"><path class=\"a\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n"
    );
    let mut top = 0.0;
    for (graph, layout) in graphs.iter().zip(&layouts) {
        let _ = writeln!(out, "<g transform=\"translate(0 {top:.0})\">");
        let _ = writeln!(out, "<text class=\"t\" x=\"{MARGIN}\" y=\"20\">{}</text>", escape(&graph.name));
        let _ = writeln!(out, "<g transform=\"translate(0 {TITLE})\">");
        for edge in &graph.edges {
            if let (Some(from), Some(to)) = (layout.places.get(edge.from), layout.places.get(edge.to)) {
                arrow(&mut out, *from, *to, &edge.text);
            }
        }
        for (node, place) in graph.nodes.iter().zip(&layout.places) {
            shape(&mut out, node.kind, *place, &node.text);
        }
        out.push_str("</g>\n</g>\n");
        top += layout.height + TITLE;
    }
    out.push_str("</svg>\n");
    out
}

fn arrow(out: &mut String, from: Place, to: Place, label: &str) {
    let (x1, y1) = (from.x + from.width / 2.0, from.y + HEIGHT);
    let (x2, y2) = (to.x + to.width / 2.0, to.y);
    if y2 > y1 {
        let bend = (y2 - y1) / 2.0;
        let _ = writeln!(
            out,
            "<path class=\"e\" marker-end=\"url(#a)\" d=\"M{x1:.1} {y1:.1}C{x1:.1} {:.1} {x2:.1} {:.1} {x2:.1} {y2:.1}\"/>",
            y1 + bend,
            y2 - bend
        );
        write_label(out, x2 + (x1 - x2) * 0.3, y2 - bend * 0.55, label);
    } else {
        let (x1, y1) = (from.x, from.y + HEIGHT / 2.0);
        let (x2, y2) = (to.x, to.y + HEIGHT / 2.0);
        let left = (x1.min(x2) - 22.0).max(4.0);
        let _ = writeln!(
            out,
            "<path class=\"e\" marker-end=\"url(#a)\" stroke-dasharray=\"4 3\" d=\"M{x1:.1} {y1:.1}C{left:.1} {y1:.1} {left:.1} {y2:.1} {x2:.1} {y2:.1}\"/>"
        );
        write_label(out, left + 4.0, (y1 + y2) / 2.0, label);
    }
}

fn write_label(out: &mut String, x: f64, y: f64, label: &str) {
    if !label.is_empty() {
        let _ = writeln!(
            out,
            "<text class=\"l\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            escape(label)
        );
    }
}

fn shape(out: &mut String, kind: NodeKind, place: Place, text: &str) {
    let (class, radius) = match kind {
        NodeKind::Trigger => ("trigger", 18.0),
        NodeKind::Gate => ("gate", 4.0),
        NodeKind::Effect => ("effect", 4.0),
        NodeKind::Wait => ("wait", 12.0),
        NodeKind::Branch => ("branch", 4.0),
        NodeKind::Fork => ("fork", 4.0),
        NodeKind::Loop => ("loop", 4.0),
        NodeKind::Flow => ("flow", 4.0),
        NodeKind::Set => ("set", 4.0),
        NodeKind::End => ("end", 18.0),
    };
    let Place { x, y, width } = place;
    let _ = writeln!(
        out,
        "<g><title>{0}</title><rect class=\"n {class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" rx=\"{radius}\"/>\
         <text text-anchor=\"middle\" x=\"{1:.1}\" y=\"{2:.1}\">{0}</text></g>",
        escape(text),
        x + width / 2.0,
        y + HEIGHT / 2.0 + 4.5
    );
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
