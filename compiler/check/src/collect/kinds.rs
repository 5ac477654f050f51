//! Channel kinds and what they can do, from their declarations. `any` can what all can.

use super::{Checker, DefId, DefKind};
use carapace_syntax::ast::{ChannelKindLine, Expr, ExprKind, ItemKind};
use rustc_hash::FxHashSet;

/// Index into [`Checker::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct KindId(pub(crate) u32);

/// A channel kind.
#[derive(Debug, Clone)]
pub(crate) struct KindDecl<'a> {
    pub(crate) name: &'a str,
    pub(crate) can: FxHashSet<&'a str>,
    /// The longest text of one message, in characters.
    pub(crate) max_text: Option<usize>,
    /// The most buttons under one message.
    pub(crate) max_buttons: Option<usize>,
}

impl<'a> Checker<'a> {
    /// Reads the declarations, and makes `any` of them.
    pub(crate) fn collect_kinds(&mut self) {
        for index in 0..self.defs.len() {
            let Some(def) = self.defs.get(index).copied() else { continue };
            let (DefKind::ChannelKind, ItemKind::ChannelKind(kind)) = (def.kind, &def.item.kind) else {
                continue;
            };
            let mut made =
                KindDecl { name: def.name, can: FxHashSet::default(), max_text: None, max_buttons: None };
            for line in &kind.lines {
                match line {
                    ChannelKindLine::Can(names) => made.can.extend(names.iter().map(|n| n.text.as_str())),
                    ChannelKindLine::Max(what, most) if what.text == "text" => made.max_text = number(most),
                    ChannelKindLine::Max(what, most) if what.text == "buttons" => {
                        made.max_buttons = number(most);
                    }
                    _ => {}
                }
            }
            self.add_kind(made);
        }
        if !self.kind_by_name.contains_key("any") {
            let mut all = self.kinds.iter().map(|k| &k.can);
            let can = match all.next() {
                Some(first) => all.fold(first.clone(), |a, b| a.intersection(b).copied().collect()),
                None => FxHashSet::default(),
            };
            // What fits everywhere fits into the narrowest. Where there are no buttons at all there are numbered lines, so
            // that no number of them is too large for all.
            let max_text = self.kinds.iter().filter_map(|k| k.max_text).min();
            self.add_kind(KindDecl { name: "any", can, max_text, max_buttons: None });
        }
    }

    fn add_kind(&mut self, kind: KindDecl<'a>) {
        let id = KindId(u32::try_from(self.kinds.len()).unwrap_or(u32::MAX));
        self.kind_by_name.entry(kind.name).or_insert(id);
        self.kinds.push(kind);
    }

    /// Whether that kind of channel has that capability.
    pub(crate) fn kind_can(&self, kind: KindId, capability: &str) -> bool {
        self.kinds.get(kind.0 as usize).is_some_and(|k| k.can.contains(capability))
    }

    /// The names of the kinds that have it, sorted.
    pub(crate) fn kinds_that_can(&self, capability: &str) -> Vec<&'a str> {
        let mut names: Vec<&str> = self
            .kinds
            .iter()
            .filter(|k| k.can.contains(capability) && k.name != "any")
            .map(|k| k.name)
            .collect();
        names.sort_unstable();
        names
    }

    /// The kind of a channel or room, where it is declared.
    pub(crate) fn kind_of_slot(&self, slot: DefId) -> Option<KindId> {
        let def = self.def(slot);
        let name = match &def.item.kind {
            ItemKind::Channel(c) => &c.kind.text,
            ItemKind::Room(r) => &r.kind.text,
            _ => return None,
        };
        self.kind_by_name.get(name.as_str()).copied()
    }
}

fn number(expr: &Expr) -> Option<usize> {
    match expr.kind {
        ExprKind::Int(n) => usize::try_from(n).ok(),
        _ => None,
    }
}
