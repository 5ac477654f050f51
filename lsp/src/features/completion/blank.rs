//! A name that nobody has, put where the cursor stands, so that what is half written is whole for a moment.

use super::cursor::Cursor;
use crate::features::brackets::closing;
use crate::workspace::Snapshot;
use carapace_diagnostic::FileId;
use carapace_syntax::ast::{File, Placed};
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
    tails(cursor, close).into_iter().find_map(|tail| {
        let filled = format!("{before}{BLANK}{tail}{after}");
        snapshot.tried(file, &filled, cursor.start, |tree| holds_blank(tree, cursor.start))
    })
}

/// What may have to stand behind the name, in the order in which it is tried.
fn tails(cursor: &Cursor<'_>, close: String) -> Vec<String> {
    let given = format!("{close} = 1");
    let more =
        [" => 1".to_owned(), format!("{close} {{ }}"), format!("{close} -> Int = 1"), ": 1".to_owned()];
    let mut tails = vec![String::new()];
    if !close.is_empty() {
        tails.push(close);
    }
    // What is named here has to be given a value.
    let at = if matches!(cursor.back(0), "let" | "var" | "const") { 0 } else { tails.len() + 1 };
    tails.extend(more);
    tails.insert(at, given);
    tails
}

/// Whether the name stands at a byte of the file, as a name of its own.
fn holds_blank(tree: &File, at: u32) -> bool {
    let placed = tree.items.iter().rfind(|placed| placed.offset <= at);
    placed.is_some_and(|placed| {
        let path = path_at(&placed.item, at.saturating_sub(placed.offset).saturating_add(1));
        path.last().is_some_and(|node| matches!(node, Node::Name(name) if name.text == BLANK))
    })
}

/// A place within the name, from the item's start.
pub(super) fn inside(placed: &Placed, cursor: &Cursor<'_>) -> u32 {
    cursor.start.saturating_sub(placed.offset).saturating_add(1)
}
