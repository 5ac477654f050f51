//! The order of the items of a file.

use super::ActionKind::Organize;
use super::catalog::{Offer, anywhere};
use super::change::Change;
use super::{ActionKind, Here};
use crate::features::formatting::Replacement;
use carapace_diagnostic::TextRange;
use carapace_syntax::ast::{Item, ItemKind};

pub(super) const OFFERS: &[Offer] = &[
    anywhere(
        "sort-uses",
        Organize,
        "brings the `use` lines to the top, by their paths, without those that nothing needs",
        sort_uses,
    ),
    anywhere(
        "sort-items",
        ActionKind::Source,
        "brings the items into order: modules, places and people, settings, types, constants, states, agents, then what happens",
        sort_items,
    ),
];

/// An item with the comments directly above it.
struct Chunk<'a> {
    text: &'a str,
    item: &'a Item,
    /// Whether a blank line stands before it.
    apart: bool,
}

/// The file in pieces: what stands above all items, and each item.
fn chunks<'a>(here: Here<'a>) -> Option<(TextRange, Vec<Chunk<'a>>)> {
    let text = here.snapshot.text(here.file);
    let mut from: Option<usize> = None;
    let mut start = 0;
    let mut found = Vec::new();
    for (offset, item) in here.snapshot.items(here.file) {
        let (own, end) = (offset as usize, item.range.shift(offset).end as usize);
        let gap = text.get(from.unwrap_or(0)..own)?;
        // Comments up to the last blank line belong to what is above them.
        let lead = match gap.rfind("\n\n") {
            Some(at) => at.saturating_add(2),
            None if from.is_none() => 0,
            None => gap.find('\n').map_or(0, |at| at.saturating_add(1)),
        };
        let begin = from.unwrap_or(0).saturating_add(lead);
        if from.is_none() {
            start = begin;
        } else if !text.get(from?..begin)?.trim().is_empty() {
            // A comment that belongs to nothing: it would lose its place.
            return None;
        }
        if matches!(item.kind, ItemKind::Error) {
            return None;
        }
        found.push(Chunk { text: text.get(begin..end)?, item, apart: gap.contains("\n\n") });
        from = Some(end);
    }
    let range = TextRange::new(u32::try_from(start).ok()?, u32::try_from(from?).ok()?);
    Some((range, found))
}

fn rank(item: &Item) -> u8 {
    match item.kind {
        ItemKind::Use(_) => 0,
        ItemKind::Channel(_) | ItemKind::Room(_) | ItemKind::Group(_) | ItemKind::Connection(_) => 1,
        ItemKind::Setting(_) => 2,
        ItemKind::Type(_) => 3,
        ItemKind::Const(_) => 4,
        ItemKind::State(_) => 5,
        ItemKind::Agent(_) => 6,
        _ => 7,
    }
}

fn path(item: &Item) -> String {
    match &item.kind {
        ItemKind::Use(used) => used.path.names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("/"),
        _ => String::new(),
    }
}

fn sort_items(here: Here<'_>) -> Vec<Change> {
    let Some((range, mut chunks)) = chunks(here) else { return Vec::new() };
    let before: Vec<*const Item> = chunks.iter().map(|c| std::ptr::from_ref(c.item)).collect();
    chunks.sort_by_key(|chunk| (rank(chunk.item), path(chunk.item)));
    let after: Vec<*const Item> = chunks.iter().map(|c| std::ptr::from_ref(c.item)).collect();
    if before == after {
        return Vec::new();
    }
    vec![joined(here, "bring the items into order", range, &chunks)]
}

fn sort_uses(here: Here<'_>) -> Vec<Change> {
    let Some((range, mut chunks)) = chunks(here) else { return Vec::new() };
    let idle = |chunk: &Chunk<'_>| {
        matches!(chunk.item.kind, ItemKind::Use(_))
            && here.snapshot.checked.diagnostics.iter().any(|told| {
                let at = told.primary.span;
                told.code.0 == "W0306"
                    && at.file == here.file
                    && here
                        .snapshot
                        .item_at(here.file, at.range.start)
                        .is_some_and(|p| std::ptr::eq(&*p.item, chunk.item))
            })
    };
    let before: Vec<&str> = chunks.iter().map(|c| c.text).collect();
    chunks.retain(|chunk| !idle(chunk));
    chunks.sort_by_key(|chunk| (rank(chunk.item) > 0, path(chunk.item)));
    let after: Vec<&str> = chunks.iter().map(|c| c.text).collect();
    if before == after {
        return Vec::new();
    }
    vec![joined(here, "bring the `use` lines into order", range, &chunks)]
}

/// The pieces again, with a blank line where one stood or where another kind of item begins.
fn joined(here: Here<'_>, title: &str, range: TextRange, chunks: &[Chunk<'_>]) -> Change {
    let mut text = String::new();
    let mut last: Option<&Chunk<'_>> = None;
    for chunk in chunks {
        if let Some(last) = last {
            let uses = rank(last.item) == 0 && rank(chunk.item) == 0;
            let close = !chunk.apart && rank(last.item) == rank(chunk.item) && !last.text.contains('\n');
            text.push_str(if uses || close { "\n" } else { "\n\n" });
        }
        text.push_str(chunk.text.trim_end());
        last = Some(chunk);
    }
    Change::of(here.file, title, vec![Replacement { range, text }])
}
