//! What stands at a place.

use super::Node;
use crate::ast::Item;

/// The nodes at `offset` (bytes from the item's start), the item first and the innermost last. A place between two nodes
/// that touch belongs to the second; one behind a node belongs to it.
pub fn path_at(item: &Item, offset: u32) -> Vec<Node<'_>> {
    let mut path = Vec::new();
    let mut next = Some(Node::Item(item)).filter(|node| node.range().touches(offset));
    while let Some(node) = next {
        path.push(node);
        next = child_at(node, offset);
    }
    path
}

fn child_at(node: Node<'_>, offset: u32) -> Option<Node<'_>> {
    let (mut inside, mut behind) = (None, None);
    node.children(&mut |child| {
        let range = child.range();
        if !range.touches(offset) {
            return;
        }
        if offset < range.end || range.is_empty() {
            inside.get_or_insert(child);
        } else {
            behind = Some(child);
        }
    });
    inside.or(behind)
}
