//! A name that nobody has, put where the cursor stands, so that what is half written is whole for a moment.

use super::cursor::Cursor;
use crate::features::brackets::closing;
use crate::workspace::Snapshot;
use carapace_diagnostic::FileId;
use carapace_syntax::ast::Placed;
use carapace_syntax::walk::{Node, path_at};

/// The name.
pub(super) const BLANK: &str = "zzblankzz";

/// The package with the name at the cursor: where it parses, with whatever has to stand behind it for that.
pub(super) fn filled(snapshot: &Snapshot, file: FileId, cursor: &Cursor<'_>) -> Option<Snapshot> {
    let before = cursor.text.get(..cursor.start as usize)?;
    let after = cursor.text.get(cursor.offset as usize..)?;
    // The rest of a word in which the cursor stands belongs to it.
    let after = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let close = closing(&cursor.before, after.split('\n').next().unwrap_or_default());
    let tails = [
        String::new(),
        close.clone(),
        " => 1".to_owned(),
        format!("{close} = 1"),
        format!("{close} {{ }}"),
        format!("{close} -> Int = 1"),
        ": 1".to_owned(),
    ];
    tails.iter().find_map(|tail| {
        let text = format!("{before}{BLANK}{tail}{after}");
        let parsed = snapshot.tree_with(file, &text);
        let placed = parsed.items.iter().rfind(|placed| placed.offset <= cursor.start)?;
        holds_blank(placed, cursor).then(|| snapshot.tried(file, &text, cursor.start))?
    })
}

fn holds_blank(placed: &Placed, cursor: &Cursor<'_>) -> bool {
    let path = path_at(&placed.item, inside(placed, cursor));
    path.last().is_some_and(|node| matches!(node, Node::Name(name) if name.text == BLANK))
}

/// A place within the name, from the item's start.
pub(super) fn inside(placed: &Placed, cursor: &Cursor<'_>) -> u32 {
    cursor.start.saturating_sub(placed.offset).saturating_add(1)
}
