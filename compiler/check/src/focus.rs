//! A few items instead of a package: what an editor asks after a keystroke.

use crate::collect::{Checker, DefId};
use carapace_diagnostic::FileId;
use carapace_syntax::ast::Placed;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// The items that are looked at.
#[derive(Debug, Clone)]
pub struct Focus<'a> {
    /// Their file: one of the modules'.
    pub file: FileId,
    /// Where they begin in it.
    pub offsets: Vec<u32>,
    /// Paths of modules that there are and that were left out, as nothing here needs them.
    pub others: &'a [Arc<str>],
}

/// The same, as the checker looks it up.
#[derive(Debug)]
pub(crate) struct Focused<'a> {
    file: FileId,
    offsets: FxHashSet<u32>,
    pub(crate) others: &'a [Arc<str>],
}

impl<'a> Checker<'a> {
    /// Looks at these items only.
    pub(crate) fn focus_on(&mut self, focus: &Focus<'a>) {
        self.notes.only(focus.file);
        let offsets = focus.offsets.iter().copied().collect();
        self.focus = Some(Focused { file: focus.file, offsets, others: focus.others });
    }

    /// Enters the items that are looked at.
    pub(crate) fn enter_focus(&mut self) {
        for index in 0..self.defs.len() {
            let id = DefId(u32::try_from(index).unwrap_or(u32::MAX));
            if self.is_wanted(id) {
                self.enter(id);
            }
        }
    }

    /// Whether the body of an item is to be looked at, if something reaches it.
    pub(crate) fn is_wanted(&self, id: DefId) -> bool {
        let at = self.def(id).at;
        self.focus.as_ref().is_none_or(|focus| focus.file == at.file && focus.offsets.contains(&at.offset))
    }

    /// The same of an item that has no number.
    pub(crate) fn is_focused(&self, file: FileId, placed: &Placed) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.file == file && focus.offsets.contains(&placed.offset))
    }

    /// Whether anything in the file is looked at.
    pub(crate) fn is_focused_file(&self, file: FileId) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.file == file)
    }
}
