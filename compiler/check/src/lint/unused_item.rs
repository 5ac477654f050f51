//! W0305: an item that nothing uses.

use crate::code;
use crate::collect::{Checker, DefId, DefKind};
use carapace_diagnostic::Diagnostic;
use carapace_syntax::ast::ItemKind;

impl Checker<'_> {
    /// Tells the items that nothing uses, in a package in which something begins: a file of functions alone is not
    /// finished, and all of it would be told.
    pub(super) fn unused_items(&mut self) {
        let begins =
            !self.program.tests.is_empty() || self.program.flows.iter().any(|f| !f.triggers.is_empty());
        if self.sources.whole || !begins {
            return;
        }
        for index in 0..self.defs.len() {
            let id = DefId(u32::try_from(index).unwrap_or(u32::MAX));
            let def = self.def(id);
            if !self.is_package(def.at.module)
                || self.seen.has_item(id)
                || super::is_silent(def.name)
                || starts_by_itself(&def.item.kind)
                || !is_used_by_name(def.kind)
            {
                continue;
            }
            let message = format!("`{}` is {} that nothing uses", def.name, def.kind.noun());
            let help = format!("take it out, or call it `_{}` for as long as nothing does", def.name);
            self.report(Diagnostic::new(code::UNUSED_ITEM, def.span(), message).help(help));
        }
    }
}

fn starts_by_itself(item: &ItemKind) -> bool {
    matches!(item, ItemKind::Flow(flow) if !flow.header.triggers.is_empty())
}

fn is_used_by_name(kind: DefKind) -> bool {
    match kind {
        DefKind::Type(_)
        | DefKind::Fn
        | DefKind::Const
        | DefKind::Setting
        | DefKind::State
        | DefKind::Channel
        | DefKind::Room
        | DefKind::Group
        | DefKind::Connection
        | DefKind::Agent
        | DefKind::Tool
        | DefKind::Flow => true,
        DefKind::Effect
        | DefKind::Trigger
        | DefKind::ChannelKind
        | DefKind::TextTag
        | DefKind::ExternFn
        | DefKind::Broken => false,
    }
}
