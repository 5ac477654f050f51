//! W0307: a name that hides another.

use super::seen::Hiding;
use crate::code;
use crate::collect::Checker;
use carapace_diagnostic::{Diagnostic, Span};
use rustc_hash::FxHashSet;

impl Checker<'_> {
    /// Tells the locals that take the name of another, or of a field of the event.
    pub(super) fn hidden_names(&mut self) {
        let (items, names): (Vec<Hiding>, Vec<Hiding>) =
            std::mem::take(&mut self.seen.hiding).into_iter().partition(|hiding| hiding.item);
        self.seen.hiding = items;
        names.into_iter().for_each(|hiding| self.hides(hiding));
    }

    /// Tells those that take the name of an item.
    pub(super) fn hidden_items(&mut self) {
        let mut items = std::mem::take(&mut self.seen.hiding);
        items.sort_by_key(|hiding| (hiding.span.file, hiding.span.range.start));
        items.into_iter().for_each(|hiding| self.hides(hiding));
    }

    /// Keeps the first of those that hide the same item: one other name repairs them all. It comes behind what is allowed, so that
    /// each that an author allowed is one that is needed.
    pub(super) fn hidden_items_once(&mut self) {
        let own = |span: Span| self.defs.iter().any(|def| def.span() == span);
        let mut known: FxHashSet<Span> = FxHashSet::default();
        let again = |told: &Diagnostic, known: &mut FxHashSet<Span>| match told.secondary.as_slice() {
            [hidden] if told.code == code::HIDING && own(hidden.span) => !known.insert(hidden.span),
            _ => false,
        };
        let all = std::mem::take(&mut self.diagnostics);
        let kept = all.into_iter().filter(|told| !again(told, &mut known)).collect();
        self.diagnostics = kept;
    }

    fn hides(&mut self, hiding: Hiding) {
        let name = &hiding.name;
        let message = format!("`{name}` hides {} that is called the same", hiding.what);
        let mut told = Diagnostic::new(code::HIDING, hiding.span, message)
            .help("give one of them another name: from here on the first cannot be reached");
        if let Some(hidden) = hiding.hidden {
            told = told.also(hidden, "declared here first");
        }
        self.report(told);
    }
}
