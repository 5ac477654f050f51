//! Where each node goes: in layers, longest path first, centred; arrows that lead back up are drawn beside.

use crate::Graph;

/// Width of a character of the drawing's font, in pixels: an average, with some air.
const CHARACTER: f64 = 7.2;
/// Smallest width of a node.
const NARROWEST: f64 = 64.0;
/// Height of a node.
pub(crate) const HEIGHT: f64 = 36.0;
/// Space between layers; an arrow's label has to fit.
const LAYER_GAP: f64 = 44.0;
/// Space between nodes of a layer.
const NODE_GAP: f64 = 28.0;
/// Space around everything.
pub(crate) const MARGIN: f64 = 24.0;

/// A node's place: the left upper corner and the width, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
}

/// All places, and the size of the drawing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) places: Vec<Place>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Lays `graph` out. Nodes are created in source order, so an edge to a smaller index leads back (a loop).
pub(crate) fn layout(graph: &Graph) -> Layout {
    let mut layer = vec![0usize; graph.nodes.len()];
    let mut forward: Vec<_> = graph.edges.iter().filter(|e| e.from < e.to).collect();
    forward.sort_by_key(|e| (e.to, e.from));
    for edge in forward {
        let below = layer.get(edge.from).copied().unwrap_or(0) + 1;
        if let Some(l) = layer.get_mut(edge.to) {
            *l = (*l).max(below);
        }
    }
    let widths: Vec<f64> = graph.nodes.iter().map(|n| width(&n.text)).collect();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layer.iter().max().map_or(0, |l| l + 1)];
    for (node, l) in layer.iter().enumerate() {
        if let Some(row) = rows.get_mut(*l) {
            row.push(node);
        }
    }
    let row_width = |row: &[usize]| {
        let total: f64 = row.iter().filter_map(|n| widths.get(*n)).sum();
        total + NODE_GAP * row.len().saturating_sub(1) as f64
    };
    let widest = rows.iter().map(|row| row_width(row)).fold(0.0, f64::max);
    let mut places = vec![Place { x: 0.0, y: 0.0, width: 0.0 }; graph.nodes.len()];
    for (l, row) in rows.iter().enumerate() {
        let mut x = MARGIN + (widest - row_width(row)) / 2.0;
        for n in row.iter().copied() {
            let width = widths.get(n).copied().unwrap_or(NARROWEST);
            if let Some(place) = places.get_mut(n) {
                *place = Place { x, y: MARGIN + l as f64 * (HEIGHT + LAYER_GAP), width };
            }
            x += width + NODE_GAP;
        }
    }
    let height = MARGIN * 2.0 + rows.len() as f64 * HEIGHT + rows.len().saturating_sub(1) as f64 * LAYER_GAP;
    Layout { places, width: widest + MARGIN * 2.0, height }
}

fn width(text: &str) -> f64 {
    (text.chars().count() as f64 * CHARACTER + 28.0).max(NARROWEST)
}
