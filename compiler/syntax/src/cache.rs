//! A file that is parsed again and again while it is written: only what changed is looked at.

use crate::Parse;
use crate::ast::Comment;
use crate::parse::{Cut, Cuts, cut, is_too_large, placed, too_large};
use crate::recover::ParsedItem;
use carapace_diagnostic::{FileId, TextRange};
use std::collections::HashMap;
use std::sync::Arc;

/// A file as it was parsed last. One per open file makes a keystroke cost the item in which it falls, and a glance at its
/// neighbours.
#[derive(Debug, Clone, Default)]
pub struct ItemCache {
    text: Arc<str>,
    cuts: Cuts,
}

/// So many items before the first one that changed are cut again. That one may end to be an item; then it belongs to the one
/// before, and whether that one begins is seen by the two tokens behind its word.
const BEFORE: usize = 3;

/// What is compared at once.
const STRIDE: usize = 32;

/// The part of a file that is cut again.
struct Window {
    /// The first item that is cut again.
    first: usize,
    /// The items behind this one are as they were; none where all to the end are cut again.
    last: Option<usize>,
    /// The first byte, in both texts.
    from: usize,
    /// The byte behind the last, in the text before and in the new one.
    until: (usize, usize),
}

impl ItemCache {
    /// Parses `text`, taking unchanged items (the same `Arc`) from the text parsed before. What comes out does not depend on
    /// that text.
    pub fn parse(&mut self, file: FileId, text: &str) -> Parse {
        if is_too_large(text) {
            *self = ItemCache::default();
            return too_large(file, text);
        }
        self.cuts = self.cut(text);
        if *self.text != *text {
            self.text = Arc::from(text);
        }
        placed(file, &self.cuts)
    }

    /// The same of a text that is only tried: the file parsed before stays what is kept.
    pub fn probe(&self, file: FileId, text: &str) -> Parse {
        if is_too_large(text) { too_large(file, text) } else { placed(file, &self.cut(text)) }
    }

    fn cut(&self, text: &str) -> Cuts {
        if *self.text == *text {
            return self.cuts.clone();
        }
        self.window(text).and_then(|window| self.cut_within(text, &window)).unwrap_or_else(|| {
            let mut known = self.known(0, self.cuts.list.len());
            cut(text, 0, &mut known)
        })
    }

    /// The items in this range, by their text.
    fn known(&self, first: usize, end: usize) -> HashMap<&str, Arc<[ParsedItem]>> {
        let list = self.cuts.list.get(first..end).unwrap_or_default();
        let text = |cut: &Cut| self.text.get(cut.start as usize..cut.end as usize);
        list.iter().filter_map(|cut| Some((text(cut)?, Arc::clone(&cut.parsed)))).collect()
    }

    /// What has to be cut again for this text; none where that is not known, and may be all of it.
    fn window(&self, text: &str) -> Option<Window> {
        let list = &self.cuts.list;
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let prefix = common_prefix(old, new);
        let suffix = common_suffix(old.get(prefix..)?, new.get(prefix..)?);
        let before = list.partition_point(|cut| (cut.start as usize) < prefix);
        let first = before.saturating_sub(BEFORE);
        let from = if first == 0 { 0 } else { list.get(first)?.start as usize };
        let changed = old.len().saturating_sub(suffix);
        let last = list.partition_point(|cut| (cut.start as usize) < changed);
        let (last, until) = match list.get(last.saturating_add(1)) {
            Some(next) => (Some(last), next.start as usize),
            None => (None, old.len()),
        };
        let until = (until, new.len().checked_sub(old.len().checked_sub(until)?)?);
        // How a text that goes over lines ends is known only to whoever read all of it.
        let is_plain =
            |text: &str, until: usize| text.get(from..until).is_some_and(|t| !t.contains("\"\"\""));
        (is_plain(&self.text, until.0) && is_plain(text, until.1)).then_some(Window {
            first,
            last,
            from,
            until,
        })
    }

    /// Cuts what is in the window, and puts it between what is not. None where what is behind begins otherwise than before.
    fn cut_within(&self, text: &str, window: &Window) -> Option<Cuts> {
        let Window { first, last, from, until } = *window;
        let end = last.map_or(self.cuts.list.len(), |last| last.saturating_add(1));
        let mut known = self.known(first, end);
        let mut inner = cut(text.get(from..until.1)?, u32::try_from(from).ok()?, &mut known);
        let moved = |at: u32| {
            let behind = self.text.len().checked_sub(at as usize)?;
            u32::try_from(text.len().checked_sub(behind)?).ok()
        };
        let mut list = self.cuts.list.get(..first)?.to_vec();
        if from > 0 {
            let begins = inner.list.first_mut().filter(|cut| cut.is_item && cut.start as usize == from)?;
            begins.comments.clone_from(&self.cuts.list.get(first)?.comments);
        }
        let docs = if from == 0 { inner.docs } else { self.cuts.docs.clone() };
        let Some(last) = last else {
            list.append(&mut inner.list);
            return Some(Cuts { list, tail: inner.tail, docs });
        };
        // Nothing that is left open before it makes this item another one, so it makes none behind it another one.
        let same = self.cuts.list.get(last).and_then(|cut| moved(cut.start))?;
        inner.list.last().filter(|cut| cut.is_item && cut.start == same)?;
        list.append(&mut inner.list);
        let shift = |all: &[Comment]| -> Option<Vec<Comment>> {
            let place = |range: TextRange| Some(TextRange::new(moved(range.start)?, moved(range.end)?));
            all.iter().map(|comment| Some(Comment { range: place(comment.range)? })).collect()
        };
        for cut in self.cuts.list.get(end..)? {
            let (start, end) = (moved(cut.start)?, moved(cut.end)?);
            let (parsed, comments) = (Arc::clone(&cut.parsed), shift(&cut.comments)?);
            list.push(Cut { start, end, is_item: cut.is_item, parsed, comments });
        }
        Some(Cuts { list, tail: shift(&self.cuts.tail)?, docs })
    }
}

/// How many bytes both begin with.
fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    let strides = one.chunks_exact(STRIDE).zip(other.chunks_exact(STRIDE));
    let same = strides.take_while(|(one, other)| one == other).count() * STRIDE;
    let bytes = one.iter().skip(same).zip(other.iter().skip(same));
    same + bytes.take_while(|(one, other)| one == other).count()
}

/// How many bytes both end with.
fn common_suffix(one: &[u8], other: &[u8]) -> usize {
    let strides = one.rchunks_exact(STRIDE).zip(other.rchunks_exact(STRIDE));
    let same = strides.take_while(|(one, other)| one == other).count() * STRIDE;
    let bytes = one.iter().rev().skip(same).zip(other.iter().rev().skip(same));
    same + bytes.take_while(|(one, other)| one == other).count()
}
