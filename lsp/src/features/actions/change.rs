//! What an action would replace, and how that becomes edits that leave the file in its style.

use super::{Action, ActionKind, Known};
use crate::features::formatting::{Replacement, apply, differences};
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::TokenKind;
use std::collections::HashMap;

/// What an action would replace.
pub(super) struct Change {
    title: String,
    edits: Vec<(FileId, Vec<Replacement>)>,
    mends: Vec<&'static str>,
    drops_comments: bool,
}

/// What was found to have the one style, for the actions of one place.
#[derive(Default)]
pub(super) struct Styled(HashMap<(FileId, TextRange), bool>);

impl Change {
    /// A change of one file; the places count from its first byte.
    pub(super) fn of(file: FileId, title: impl Into<String>, edits: Vec<Replacement>) -> Change {
        Change { title: title.into(), edits: vec![(file, edits)], mends: Vec::new(), drops_comments: false }
    }

    /// The same, with more in that file or another.
    pub(super) fn and(mut self, file: FileId, edits: Vec<Replacement>) -> Change {
        match self.edits.iter_mut().find(|(known, _)| *known == file) {
            Some((_, list)) => list.extend(edits),
            None => self.edits.push((file, edits)),
        }
        self
    }

    /// The same, which mends mistakes of these codes.
    pub(super) fn mending(mut self, codes: Vec<&'static str>) -> Change {
        self.mends = codes;
        self
    }

    /// The same, which may take comments out.
    pub(super) fn dropping_comments(mut self) -> Change {
        self.drops_comments = true;
        self
    }

    /// The action. None where nothing would change, edits get in each other's way, or a comment would be lost.
    pub(super) fn finish(self, snapshot: &Snapshot, known: Known, styled: &mut Styled) -> Option<Action> {
        let mut edits = Vec::new();
        for (file, mut list) in self.edits {
            list.sort_by_key(|r| (r.range.start, r.range.end));
            let apart = list.windows(2).all(|pair| match pair {
                [a, b] => a.range.end <= b.range.start,
                _ => true,
            });
            let text = snapshot.text(file);
            if !apart || !self.drops_comments && loses_comments(text, &list) {
                return None;
            }
            let fixes =
                matches!(known.kind, ActionKind::Fix | ActionKind::FixAll) && known.id.starts_with("fix");
            let list = if fixes { list } else { in_style(snapshot, file, text, list, styled) };
            if !list.is_empty() {
                edits.push((file, list));
            }
        }
        let Known { id, kind, .. } = known;
        let mut letters = self.title.chars();
        let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        (!edits.is_empty()).then_some(Action { id, title, kind, mends: self.mends, edits })
    }
}

/// Whether a comment stands in what is replaced, and not in what comes instead.
fn loses_comments(text: &str, list: &[Replacement]) -> bool {
    let touched = |start: u32| list.iter().any(|r| r.range.start <= start && start < r.range.end);
    let comment = |kind| matches!(kind, TokenKind::Comment | TokenKind::Doc);
    let mut old =
        carapace_syntax::tokens(text).into_iter().filter(|t| comment(t.kind) && touched(t.start)).peekable();
    old.peek().is_some() && old.any(|t| !list.iter().any(|r| r.text.contains(t.text(text).trim_end())))
}

/// The edits that lead to the one style, where the items that they touch were in it before; else the edits as they are.
fn in_style(
    snapshot: &Snapshot,
    file: FileId,
    text: &str,
    list: Vec<Replacement>,
    known: &mut Styled,
) -> Vec<Replacement> {
    let Some(region) = region(snapshot, file, &list) else { return list };
    let old = text.get(region.start as usize..region.end as usize).unwrap_or_default();
    let is_styled = || carapace_syntax::format(old).trim_end() == old.trim_end();
    if !*known.0.entry((file, region)).or_insert_with(is_styled) {
        return list;
    }
    let back = |r: &Replacement| Replacement {
        range: TextRange::new(
            r.range.start.saturating_sub(region.start),
            r.range.end.saturating_sub(region.start),
        ),
        text: r.text.clone(),
    };
    let inner: Vec<Replacement> = list.iter().map(back).collect();
    let new = apply(old, &inner);
    let mut styled = carapace_syntax::format(&new).trim_end().to_owned();
    // Blank lines around the region are none of the formatter's business here.
    let lead = &new[..new.len() - new.trim_start_matches('\n').len()];
    let tail = &new[new.trim_end().len()..];
    styled.insert_str(0, lead);
    styled.push_str(tail);
    differences(old, &styled)
        .into_iter()
        .map(|r| Replacement { range: r.range.shift(region.start), text: r.text })
        .collect()
}

/// From the first item that is touched to the end of the last, whole lines; what is only inserted between items is empty.
fn region(snapshot: &Snapshot, file: FileId, list: &[Replacement]) -> Option<TextRange> {
    let (first, last) = (list.first()?, list.last()?);
    let mut region =
        TextRange::new(first.range.start, list.iter().map(|r| r.range.end).max().unwrap_or(last.range.end));
    for (offset, item) in snapshot.items(file) {
        let own = item.range.shift(offset);
        if own.start < region.end && region.start < own.end || own.touches(region.start) && region.is_empty()
        {
            region = region.cover(own);
        }
    }
    let text = snapshot.text(file);
    let start = text.get(..region.start as usize)?.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let end = text
        .get(region.end as usize..)?
        .find('\n')
        .map_or(text.len(), |at| at.saturating_add(region.end as usize).saturating_add(1));
    Some(TextRange::new(u32::try_from(start).ok()?, u32::try_from(end).ok()?))
}
