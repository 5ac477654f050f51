//! What only a whole check says, until the next one: it stays with its items.

use super::memo::{Trees, moved, places};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::ast::{File, Item};
use std::sync::Arc;

/// A diagnostic of a whole check, whose places count from the items that they were in or before.
#[derive(Debug)]
pub(super) struct Carried {
    diagnostic: Diagnostic,
    /// Beside its places; none in the library.
    items: Vec<Option<Arc<Item>>>,
}

impl Carried {
    /// The diagnostic as said about these trees.
    pub(super) fn new<'t>(
        mut diagnostic: Diagnostic,
        tree: impl Fn(FileId) -> Option<&'t Arc<File>>,
    ) -> Carried {
        let mut items = Vec::new();
        for span in places(&mut diagnostic) {
            let placed = tree(span.file).and_then(|tree| {
                let next = tree.items.partition_point(|placed| placed.offset <= span.range.start);
                // What stands above the first item goes with it.
                tree.items.get(next.saturating_sub(1))
            });
            if let Some(placed) = placed {
                *span = moved(*span, 0_u32.wrapping_sub(placed.offset));
            }
            items.push(placed.map(|placed| Arc::clone(&placed.item)));
        }
        Carried { diagnostic, items }
    }

    /// The file that it is about.
    pub(super) fn file(&self) -> FileId {
        self.diagnostic.primary.span.file
    }

    /// Whether it keeps the package from being compiled.
    pub(super) fn is_error(&self) -> bool {
        self.diagnostic.is_error()
    }

    /// The diagnostic with places as they are now: none where what it is about has changed, and without what it says of
    /// others that have.
    pub(super) fn at(&self, tree: Trees<'_>) -> Option<Diagnostic> {
        let mut told = self.diagnostic.clone();
        let mut there = places(&mut told).into_iter().zip(&self.items).map(|(span, item)| {
            let Some(item) = item else { return true };
            let Some(tree) = tree(span.file) else { return false };
            let now = tree.items.iter().find(|placed| Arc::ptr_eq(&placed.item, item));
            *span = now.map_or(*span, |placed| moved(*span, placed.offset));
            now.is_some()
        });
        if !there.next()? {
            return None;
        }
        let labels: Vec<bool> = there.by_ref().take(self.diagnostic.secondary.len()).collect();
        let fixed = there.all(|there| there);
        let mut labels = labels.into_iter();
        told.secondary.retain(|_| labels.next().unwrap_or(false));
        told.fix = told.fix.filter(|_| fixed);
        Some(told)
    }
}
