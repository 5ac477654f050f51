//! Which proposals are sent, and which of them first.

use super::cursor::Cursor;
use super::proposal::Completion;
use std::collections::HashSet;

/// So many proposals at most. Nobody looks through more, and what is not among them is found by its first letter: an editor asks
/// again with each. Reading more than this takes both sides longer than finding out what stands at the cursor.
pub const MOST: usize = 100;

/// The best proposals of those that have the letters that are written.
pub(super) fn best(mut found: Vec<Completion>, cursor: &Cursor<'_>) -> Vec<Completion> {
    found.retain(|c| holds(name(c), written(c, cursor)));
    let key = |c: &Completion| (!begins(name(c), written(c, cursor)), c.rank);
    found.sort_by(|one, other| key(one).cmp(&key(other)).then_with(|| one.label.cmp(&other.label)));
    let mut seen = HashSet::new();
    let mut is_new = |c| seen.len() < MOST && seen.insert(c);
    let keep: Vec<bool> = found.iter().map(|c| is_new((&c.label, &c.insert))).collect();
    let mut keep = keep.into_iter();
    found.retain(|_| keep.next().unwrap_or_default());
    found
}

fn name(c: &Completion) -> &str {
    c.filter.as_ref().unwrap_or(&c.label)
}

fn written<'t>(c: &Completion, cursor: &Cursor<'t>) -> &'t str {
    cursor.text.get(c.replace.start as usize..cursor.offset as usize).unwrap_or_default()
}

/// Whether the letters stand in the name in their order, large or small: an editor shows nothing else, and would only have to
/// read it.
pub(super) fn holds(name: &str, letters: &str) -> bool {
    let mut name = lower(name);
    lower(letters).all(|letter| name.any(|c| c == letter))
}

/// Whether the name begins with them.
fn begins(name: &str, letters: &str) -> bool {
    let mut name = lower(name);
    lower(letters).all(|letter| name.next() == Some(letter))
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}
