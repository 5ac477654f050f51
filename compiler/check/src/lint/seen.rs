//! What bodies use and declare, noted while they are looked at.

use crate::collect::{DefId, DefKind, ModuleId};
use crate::infer::Body;
use carapace_diagnostic::Span;
use indexmap::IndexMap;
use rustc_hash::FxHashSet;
use std::cell::RefCell;
use std::sync::Arc;

/// Uses and declarations of the package's own modules. A body may be looked at twice; what was used once is used.
#[derive(Default)]
pub(crate) struct Seen {
    /// Names are looked up through a shared checker.
    items: RefCell<FxHashSet<DefId>>,
    aliases: RefCell<FxHashSet<(ModuleId, Box<str>)>>,
    /// By where the local is declared: its name, and whether anything reads it.
    pub(super) locals: IndexMap<Span, (Arc<str>, bool)>,
    /// Cron expressions, and where they stand.
    pub(crate) schedules: Vec<(Arc<str>, Span)>,
    /// Names that hide another, in the order in which they were found.
    pub(super) hiding: Vec<Hiding>,
}

/// A local that takes the name of something that could be meant as well.
#[derive(Debug)]
pub(super) struct Hiding {
    pub(super) name: Arc<str>,
    /// Where the local is declared.
    pub(super) span: Span,
    /// What it hides, with its article.
    pub(super) what: &'static str,
    /// Whether that is an item: others may hide it, too.
    pub(super) item: bool,
    /// Where that is declared, if it is in the source.
    pub(super) hidden: Option<Span>,
}

impl Seen {
    /// Something uses the item.
    pub(crate) fn item(&self, id: DefId) {
        self.items.borrow_mut().insert(id);
    }

    /// Something goes through what a module brought in with `use`.
    pub(crate) fn alias(&self, module: ModuleId, alias: &str) {
        self.aliases.borrow_mut().insert((module, Box::from(alias)));
    }

    /// A local was declared, and its body is over.
    pub(crate) fn local(&mut self, span: Span, name: &Arc<str>, used: bool) {
        let entry = self.locals.entry(span).or_insert_with(|| (name.clone(), false));
        entry.1 |= used;
    }

    pub(super) fn has_item(&self, id: DefId) -> bool {
        self.items.borrow().contains(&id)
    }

    pub(super) fn has_alias(&self, module: ModuleId, alias: &str) -> bool {
        self.aliases.borrow().contains(&(module, Box::from(alias)))
    }
}

impl Body<'_, '_> {
    /// Notes what the new local hides: another local, a field of the event, or a value of the module.
    pub(crate) fn note_hiding(&mut self, name: &str, span: Span) {
        if super::is_silent(name) || !self.cx.is_package(self.at.module) {
            return;
        }
        let local = self.names.iter().rev().find(|(known, _)| **known == *name);
        let (what, item, hidden) = match local.and_then(|(_, id)| self.info.get(id.0 as usize)) {
            Some(info) if info.span == Some(span) => return,
            Some(info) if info.span.is_some() => ("a name", false, info.span),
            Some(_) => ("a field of the event", false, None),
            None => {
                let Some(id) = self.cx.module(self.at.module).names.get(name) else { return };
                let def = self.cx.def(*id);
                // Calling a function's name is told apart from reading a value: nobody confuses the two.
                let value = matches!(
                    def.kind,
                    DefKind::Const
                        | DefKind::Setting
                        | DefKind::State
                        | DefKind::Channel
                        | DefKind::Room
                        | DefKind::Group
                        | DefKind::Connection
                        | DefKind::Agent
                );
                if !value {
                    return;
                }
                (def.kind.noun(), true, Some(def.span()))
            }
        };
        self.cx.seen.hiding.push(Hiding { name: Arc::from(name), span, what, item, hidden });
    }
}
